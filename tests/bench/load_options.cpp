// SPDX-License-Identifier: Apache-2.0
#include "load_options.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>

namespace dragoman::bench {
namespace {

constexpr const char* kUsage =
    "usage: bench_load --url ws[s]://ADDRESS:PORT/PATH [--sockjs] | --url http://ADDRESS:PORT/PATH/xhr_streaming "
    "--sockjs\n"
    "                  [--connections N] [--send TEXT | --expect TEXT]... [--deflate]\n"
    "                  [--publish ws://ADDRESS:PORT/PATH | --publish http://ADDRESS:PORT/PATH --bearer TOKEN]\n"
    "                  [--events M] [--warm-up M] [--burst B] [--bytes SIZE] [--pid PID] [--idle SECONDS]\n"
    "                  [--patience SECONDS] [--tokens FILE]\n"
    "                  [--publish mqtt://ADDRESS:PORT] [--devices D --groups G]\n";

[[noreturn]] void refuse(const std::string& sentence) {
  std::fprintf(stderr, "bench_load: %s\n%s", sentence.c_str(), kUsage);
  std::exit(2);
}

double number(const std::string& option, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 0) || value > 1e9) refuse(option + " wants a number, not " + text);
  return value;
}

Url parse_url(const std::string& text) {
  Url url;
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string::npos) refuse("not a URL: " + text);
  url.scheme = text.substr(0, scheme_end);
  if (url.scheme != "ws" && url.scheme != "wss" && url.scheme != "http" && url.scheme != "mqtt")
    refuse("unknown scheme: " + text);
  const std::size_t host = scheme_end + 3;
  std::size_t path = text.find('/', host);
  if (path == std::string::npos) path = text.size();
  const std::size_t colon = text.find(':', host);
  if (colon == std::string::npos || colon > path) refuse("the URL has no port: " + text);
  url.host = text.substr(host, colon - host);
  url.port = static_cast<std::uint16_t>(number("port", text.substr(colon + 1, path - colon - 1)));
  url.target = path == text.size() ? "/" : text.substr(path);
  return url;
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--deflate" || option == "--sockjs") {
      (option == "--deflate" ? options.deflate : options.sockjs) = true;
      continue;
    }
    if (i + 1 == argc) refuse(option + " is unknown or wants a value");
    const std::string value = argv[++i];
    if (option == "--url") {
      options.url = parse_url(value);
    } else if (option == "--connections") {
      options.connections = static_cast<std::size_t>(number(option, value));
    } else if (option == "--send" || option == "--expect") {
      options.script.push_back(Step{option == "--send", value});
    } else if (option == "--publish") {
      options.publish = parse_url(value);
    } else if (option == "--bearer") {
      options.bearer = value;
    } else if (option == "--events") {
      options.events = static_cast<std::uint32_t>(number(option, value));
    } else if (option == "--warm-up") {
      options.warm_up = static_cast<std::uint32_t>(number(option, value));
    } else if (option == "--burst") {
      options.burst = static_cast<std::uint32_t>(number(option, value));
    } else if (option == "--bytes") {
      options.bytes = static_cast<std::size_t>(number(option, value));
    } else if (option == "--pid") {
      options.process = static_cast<pid_t>(number(option, value));
    } else if (option == "--idle") {
      options.idle = number(option, value);
    } else if (option == "--devices") {
      options.devices = static_cast<std::uint32_t>(number(option, value));
    } else if (option == "--groups") {
      options.groups = static_cast<std::uint32_t>(number(option, value));
    } else if (option == "--tokens") {
      std::ifstream file(value);
      for (std::string line; std::getline(file, line);) options.tokens.push_back(line);
    } else if (option == "--patience") {
      options.patience = number(option, value);
    } else {
      refuse("unknown option " + option);
    }
  }
  if (options.url.scheme.empty()) refuse("--url is missing");
  if (options.url.scheme == "http" && !options.sockjs) refuse("--url wants ws:// or wss:// unless there is --sockjs");
  if (options.deflate && options.sockjs) refuse("--deflate does not go with --sockjs");
  if (options.connections == 0 || options.burst == 0) refuse("--connections and --burst are at least 1");
  if (options.bytes < 96 || options.bytes > 60000) refuse("--bytes is from 96 to 60000");
  if (options.publish.scheme == "wss") refuse("--publish wants ws:// or http://");
  if (options.idle >= 0 && options.process == 0) refuse("--idle wants --pid");
  if (options.idle >= 0 && options.events > 0) refuse("--idle does not go with --events");
  if (options.deflate && options.idle < 0) refuse("--deflate goes with --idle only");
  if (options.groups == 0 || options.connections % options.groups || options.devices % options.groups)
    refuse("--connections and --devices are multiples of --groups");
  if ((options.groups > 1 || options.publish.scheme == "mqtt") && options.devices == 0)
    refuse("--groups and mqtt:// want --devices");
  if (!options.tokens.empty() && options.tokens.size() < options.connections) refuse("--tokens has too few lines");
  if (options.events > 0 && options.publish.scheme.empty()) refuse("--events wants --publish");
  return options;
}

}  // namespace dragoman::bench
