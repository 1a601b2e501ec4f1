// SPDX-License-Identifier: Apache-2.0
// dragoman connect
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/url.hpp>
#include <cctype>
#include <cmath>
#include <memory>

#include "cli/commands.hpp"
#include "cli/settings.hpp"
#include "cli/websocket_client.hpp"
#include "codec/utf8.hpp"

namespace dragoman::cli {
namespace {

struct Options {
  WebSocketOptions session;
  std::string url, origin;
  std::string binary = "base64";
  std::vector<std::string> headers;
  double timeout = 0, wait = 0;
};

// The URL is not repeated: a token may be in it.
void read_url(const std::string& url, WebSocketOptions& out) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || (parsed->scheme() != "ws" && parsed->scheme() != "wss") || parsed->host_address().empty())
    throw WrongUsage("the URL must be ws://HOST:PORT/PATH or wss://HOST:PORT/PATH");
  if (!parsed->port().empty() && !is_port(parsed->port())) throw WrongUsage("the port of the URL is 1 to 65535");
  if (parsed->has_userinfo()) throw WrongUsage("the URL must not hold a user; send an Authorization header with -H");
  if (parsed->has_fragment()) throw WrongUsage("the URL of a WebSocket has no fragment");
  out.encrypted = parsed->scheme() == "wss";
  out.host = parsed->host_address();
  out.port = parsed->port().empty() ? (out.encrypted ? "443" : "80") : std::string(parsed->port());
  out.host_header = std::string(parsed->encoded_host_and_port());
  const std::string target(parsed->encoded_target());
  out.target = parsed->encoded_path().empty() ? "/" + target : target;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

std::pair<std::string, std::string> read_header(const std::string& text) {
  const auto colon = text.find(':');
  std::string name = text.substr(0, colon);
  // Not repeated either: it may be a credential.
  if (colon == std::string::npos || !is_token(name)) throw WrongUsage("-H wants \"Name: value\"");
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (lower == "sec-websocket-protocol") throw WrongUsage("use --subprotocol for the header " + name);
  if (lower == "upgrade" || lower == "connection" || lower == "content-length" || lower == "transfer-encoding" ||
      lower.compare(0, 14, "sec-websocket-") == 0)
    throw WrongUsage(fmt::format("the header {} belongs to the handshake itself", name));
  const auto from = std::min(text.find_first_not_of(" \t", colon + 1), text.size());
  std::string value = text.substr(from);
  if (!is_field_value(value)) throw WrongUsage(fmt::format("the header {} has control characters", name));
  return {std::move(name), std::move(value)};
}

std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

int connect(Options& options) {
  WebSocketOptions& session = options.session;
  read_url(options.url, session);
  for (const auto& text : options.headers) session.headers.push_back(read_header(text));
  if (!is_field_value(options.origin)) throw WrongUsage("--origin has control characters");
  if (!options.origin.empty()) session.headers.emplace_back("Origin", options.origin);
  for (const auto& name : session.subprotocols)
    if (!is_token(name)) throw WrongUsage(fmt::format("--subprotocol wants a name, not \"{}\"", name));
  for (const auto& text : session.send)
    if (!codec::valid_utf8(text)) throw WrongUsage("--send wants UTF-8");
  session.hexadecimal = options.binary == "hex";
  return run_websocket(session);
}

}  // namespace

void add_connect(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("connect", "Open a WebSocket and talk to it from the terminal");
  const auto options = std::make_shared<Options>();
  WebSocketOptions& session = options->session;
  command->add_option("URL", options->url, "ws://HOST:PORT/PATH or wss://HOST:PORT/PATH")->required();
  command->add_option("-H,--header", options->headers, "Header of the handshake; may be given several times")
      ->type_name("'NAME: VALUE'")
      ->allow_extra_args(false);
  command->add_option("--subprotocol", session.subprotocols, "Subprotocol to offer; may be given several times")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_option("--origin", options->origin, "Origin to claim, as a browser does");
  command->add_flag("--insecure", session.insecure, "Accept any certificate, such as a self-signed one");
  command->add_option("--send", session.send, "Message to send once connected; may be given several times")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  command->add_option("--count", session.count, "End after so many messages")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000'000));
  const CLI::Range seconds(0.0, 1e7);
  auto* timeout = command->add_option("--timeout", options->timeout, "End after this time; a failure with --count")
                      ->type_name("SECONDS")
                      ->check(seconds);
  auto* wait = command->add_option("--wait", options->wait, "How long to go on receiving after standard input ends")
                   ->type_name("SECONDS")
                   ->check(seconds);
  command->add_option("--binary", options->binary, "How to print binary messages")
      ->check(CLI::IsMember({"base64", "hex"}))
      ->capture_default_str();
  command->footer(
      "Sends each line of standard input as a message and prints each message on a line.\n"
      "Example, for the demo configuration:\n"
      "  dragoman connect --insecure 'wss://localhost:9502/?version=2&token=some-token-id'");
  command->callback([options, timeout, wait, &code] {
    if (timeout->count()) options->session.timeout = milliseconds_of(options->timeout);
    if (wait->count()) options->session.wait = milliseconds_of(options->wait);
    code = connect(*options);
  });
}

}  // namespace dragoman::cli
