// SPDX-License-Identifier: Apache-2.0
// dragoman explain
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "cli/commands.hpp"
#include "cli/explanation_text.hpp"
#include "cli/refusal.hpp"
#include "cli/settings.hpp"
#include "event/publish_door.hpp"
#include "gateway/gateway.hpp"
#include "gateway/settings_check.hpp"

namespace dragoman::cli {
namespace {

constexpr std::size_t largest_event = 4 << 20;

struct Options {
  std::string config, event, bus, state;
  std::vector<std::string> plugins;
  bool json = false;
};

std::string read_event_file(const std::string& path) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) throw Failure(fmt::format("cannot read the event from {}: {}", path, std::strerror(errno)));
  }
  std::istream& from = path == "-" ? std::cin : file;
  std::string text(largest_event + 1, '\0');
  from.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(from.gcount()));
  if (from.bad()) throw Failure(fmt::format("cannot read the event from {}: {}", path, std::strerror(errno)));
  if (text.size() > largest_event) throw Failure("the event is larger than 4 MiB");
  return text;
}

// A CloudEvent has a specversion; the publish door is told by the Content-Type.
event::EventPtr parse_event(const std::string& text) {
  boost::system::error_code failure;
  const boost::json::value value = boost::json::parse(text, failure);
  const bool cloud = !failure && value.is_object() && value.get_object().contains("specversion");
  const auto parsed =
      event::parse_publish({{"Content-Type", cloud ? "application/cloudevents+json" : "application/json"}}, text);
  if (const auto* error = std::get_if<event::PublishError>(&parsed))
    throw Failure("the event: " + refusal_sentence(error->body));
  return std::get<event::PublishInput>(parsed).events.front();
}

int explain(const Options& options) {
  gateway::GatewayOptions gateway_options;
  gateway_options.plugin_directories = options.plugins;
  const config::Configuration configuration =
      load_configuration(options.config, options.state, gateway::settings_check(gateway_options));
  const event::EventPtr event = parse_event(read_event_file(options.event));
  const gateway::Explanation explanation =
      gateway::Gateway::explain(configuration, gateway_options, options.bus, event);
  fmt::print("{}", options.json ? boost::json::serialize(to_json(explanation)) + "\n" : to_text(explanation));
  return exit_ok;
}

}  // namespace

void add_explain(CLI::App& app, int& code) {
  auto* command =
      app.add_subcommand("explain", "Say what would become of an event: translations, mounts, subscriptions");
  const auto options = std::make_shared<Options>();
  command->add_option("--config", options->config, "The configuration; conf.d/*.yaml beside it belongs to it")
      ->required();
  command->add_option("--event", options->event, "File with one event, a CloudEvent or a plain one; -: standard input")
      ->type_name("FILE")
      ->required();
  command->add_option("--bus", options->bus, "Bus that it comes from, when there are several");
  command->add_option("--state", options->state, "Directory for state instead of the configured one");
  command->add_option("--plugins", options->plugins, "Directory with plugins; may be given several times")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "The plugins are loaded and given their settings; no socket is opened, nothing is stored or\n"
      "published. Exit code 0 also when no translation matches.");
  command->callback([options, &code] { code = explain(*options); });
}

}  // namespace dragoman::cli
