// SPDX-License-Identifier: Apache-2.0
// dragoman publish
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <iterator>
#include <memory>

#include "base/log.hpp"
#include "cli/commands.hpp"
#include "cli/http_client.hpp"
#include "cli/settings.hpp"
#include "event/publish_rules.hpp"

namespace dragoman::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string url = "http://127.0.0.1:9600";
  std::string token, token_file, bus, channel, key, id, content_type, body;
  std::vector<std::string> attributes;
  bool body_given = false;
};

std::string read_standard_input() {
  if (::isatty(STDIN_FILENO)) fmt::print(stderr, "Type the body of the event, then Ctrl-D:\n");
  std::string out{std::istreambuf_iterator<char>(std::cin), {}};
  if (std::cin.bad()) throw Failure("cannot read the body from standard input");
  return out;
}

// A body that is called JSON without being it would be dropped somewhere behind the gateway without a word.
void require_json(const std::string& body) {
  json::error_code error;
  json::parse(body, error);
  if (error)
    throw Failure(
        fmt::format("the body is not JSON ({}); if it is meant to be something else, say what with --content-type",
                    error.message()));
}

std::string request_body(const Options& options, const std::string& body) {
  json::object event;
  if (!options.id.empty()) event["id"] = options.id;
  event["channel"] = options.channel;
  event["key"] = options.key;
  if (!options.content_type.empty()) event["content_type"] = options.content_type;
  json::object attributes;
  for (const auto& text : options.attributes) {
    const auto pair = split_pair(text, "--attribute");
    attributes[pair.first] = pair.second;
  }
  if (!attributes.empty()) event["attributes"] = std::move(attributes);
  // As a string the body arrives with exactly these bytes.
  event["body"] = body;
  return json::serialize(event);
}

std::string sentence_of(const HttpAnswer& answer) {
  json::error_code error;
  const json::value parsed = json::parse(answer.body, error);
  std::string text;
  if (!error && parsed.is_object()) {
    for (const char* member : {"path", "header"})
      if (const auto* value = parsed.get_object().if_contains(member); value && value->is_string())
        text += std::string(value->get_string()) + ": ";
    if (const auto* value = parsed.get_object().if_contains("error"); value && value->is_string())
      text += std::string(value->get_string());
  }
  // Refusals of the HTTP layer are a line of text; whatever else answers may send anything.
  if (text.empty())
    base::append_log_value(text, answer.body.substr(0, std::min<std::size_t>(answer.body.find('\n'), 200)));
  return fmt::format("the gateway answered {}: {}", answer.status, text);
}

int publish(const Options& options) {
  const std::string body = options.body_given ? options.body : read_standard_input();
  if (!event::valid_utf8(body))
    throw Failure("the body is not UTF-8; other bytes are published as a CloudEvent (docs/publishing.md)");
  if (options.content_type.empty()) require_json(body);
  const std::string token =
      options.token_file.empty() ? options.token : read_secret_file(options.token_file, "the token");
  const std::string target = options.bus.empty() ? "/publish" : "/publish?bus=" + options.bus;
  const HttpAnswer answer = post_json(options.url, target, token, request_body(options, body));
  if (answer.status != 200) throw Failure(sentence_of(answer));
  json::error_code error;
  const json::value parsed = json::parse(answer.body, error);
  const auto* id = !error && parsed.is_object() ? parsed.get_object().if_contains("id") : nullptr;
  if (!id || !id->is_string()) throw Failure(sentence_of(answer));
  fmt::print("{}\n", std::string(id->get_string()));
  return exit_ok;
}

}  // namespace

void add_publish(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("publish", "Send one event to a running gateway");
  const auto options = std::make_shared<Options>();
  command->add_option("--url", options->url, "Admin address of the gateway: http://HOST:PORT or unix:/PATH")
      ->capture_default_str();
  auto* token =
      command->add_option("--token", options->token, "Admin token (other users can see it in the list of processes)")
          ->envname("DRAGOMAN_TOKEN");
  command->add_option("--token-file", options->token_file, "File that holds the admin token")
      ->type_name("FILE")
      ->excludes(token);
  command->add_option("--bus", options->bus, "Bus, when there are several");
  command->add_option("--channel", options->channel, "Where to publish: exchange (AMQP); default: none");
  command->add_option("--key", options->key, "Under which key: routing key, subject or topic");
  command->add_option("--attribute", options->attributes, "Attribute of the event; may be given several times")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command->add_option("--id", options->id, "Id of the event; default: one is made");
  command->add_option("--content-type", options->content_type, "Type of the body; default: application/json");
  auto* body =
      command->add_option("--body", options->body, "The body; default: read from standard input")->type_name("TEXT");
  command->footer(
      "Prints the id of the event. Example, for the demo configuration:\n"
      "  dragoman publish --token demo --channel xivo --key calls.call.created \\\n"
      "    --body '{\"name\":\"call_created\",\"data\":{\"call_id\":\"1\"}}'");
  command->callback([options, body, &code] {
    options->body_given = body->count() > 0;
    code = publish(*options);
  });
}

}  // namespace dragoman::cli
