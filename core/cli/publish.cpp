// SPDX-License-Identifier: Apache-2.0
// dragoman publish
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <iterator>
#include <memory>

#include "cli/admin_access.hpp"
#include "cli/commands.hpp"
#include "cli/publish_file.hpp"
#include "cli/refusal.hpp"
#include "cli/settings.hpp"
#include "event/publish_rules.hpp"

namespace dragoman::cli {
namespace {

namespace json = boost::json;

struct Options {
  AdminAccess admin;
  std::string bus, channel, key, id, content_type, body;
  std::vector<std::string> attributes;
  bool body_given = false;
  std::string file;
  std::string format = "events";
  bool skip_bad = false;
  unsigned retry_seconds = PublishFileOptions().retry_seconds;
};

std::vector<std::pair<std::string, std::string>> attributes_of(const Options& options) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& text : options.attributes) out.push_back(split_pair(text, "--attribute"));
  return out;
}

std::string target_of(const Options& options) {
  return options.bus.empty() ? "/publish" : "/publish?bus=" + name_for_url(options.bus, "bus");
}

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
  for (const auto& [name, value] : attributes_of(options)) attributes[name] = value;
  if (!attributes.empty()) event["attributes"] = std::move(attributes);
  // As a string the body arrives with exactly these bytes.
  event["body"] = body;
  return json::serialize(event);
}

int publish(const Options& options) {
  const std::string body = options.body_given ? options.body : read_standard_input();
  if (!event::valid_utf8(body))
    throw Failure("the body is not UTF-8; other bytes are published as a CloudEvent (docs/publishing.md)");
  if (options.content_type.empty()) require_json(body);
  const HttpAnswer answer = HttpClient(options.admin.url, options.admin.secret())
                                .post(target_of(options), "application/json", request_body(options, body));
  if (answer.status != 200) throw Failure(sentence_of(answer));
  json::error_code error;
  const json::value parsed = json::parse(answer.body, error);
  const auto* id = !error && parsed.is_object() ? parsed.get_object().if_contains("id") : nullptr;
  if (!id || !id->is_string()) throw Failure(sentence_of(answer));
  fmt::print("{}\n", std::string(id->get_string()));
  return exit_ok;
}

int publish_lines(const Options& options) {
  PublishFileOptions out;
  out.url = options.admin.url;
  out.token = options.admin.secret();
  out.target = target_of(options);
  out.file = options.file;
  out.bodies = options.format == "bodies";
  out.channel = options.channel;
  out.key = options.key;
  out.attributes = attributes_of(options);
  out.skip_bad = options.skip_bad;
  out.retry_seconds = options.retry_seconds;
  return publish_file(out);
}

}  // namespace

void add_publish(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("publish", "Send one event, or those of a file, to a running gateway");
  const auto options = std::make_shared<Options>();
  options->admin.add_options(*command);
  command->add_option("--bus", options->bus, "Bus, when there are several");
  auto* channel =
      command->add_option("--channel", options->channel, "Where to publish: exchange (AMQP); default: none");
  auto* key = command->add_option("--key", options->key, "Under which key: routing key, subject or topic");
  auto* attribute =
      command->add_option("--attribute", options->attributes, "Attribute of the event; may be given several times")
          ->type_name("NAME=VALUE")
          ->allow_extra_args(false);
  auto* id = command->add_option("--id", options->id, "Id of the event; default: one is made");
  auto* content_type =
      command->add_option("--content-type", options->content_type, "Type of the body; default: application/json");
  auto* body =
      command->add_option("--body", options->body, "The body; default: read from standard input")->type_name("TEXT");
  auto* file =
      command->add_option("--file", options->file, "Send an event for each line of this file; -: of standard input")
          ->type_name("FILE")
          ->excludes(id)
          ->excludes(content_type)
          ->excludes(body);
  command
      ->add_option("--format", options->format,
                   "What a line of the file is: an event as JSON (CloudEvent or plain), or the body of one")
      ->check(CLI::IsMember({"events", "bodies"}))
      ->capture_default_str()
      ->needs(file);
  command->add_flag("--skip-bad", options->skip_bad, "Report bad lines of the file and go on")->needs(file);
  command->add_option("--retry-for", options->retry_seconds, "Try again when the gateway is overloaded or lost")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, 86400))
      ->capture_default_str()
      ->needs(file);
  command->footer(
      "Prints the id of the event, or for a file how many were accepted. Examples, for the\n"
      "demo configuration:\n"
      "  dragoman publish --token demo --channel xivo --key calls.call.created \\\n"
      "    --body '{\"name\":\"call_created\",\"data\":{\"call_id\":\"1\"}}'\n"
      "  dragoman publish --token demo --file events.jsonl");
  command->callback([options, body, file, channel, key, attribute, &code] {
    if (file->count() && options->format == "events")
      for (const auto* option : {channel, key, attribute})
        if (option->count()) throw CLI::ValidationError(option->get_name(), "the events of a file have their own");
    options->body_given = body->count() > 0;
    code = file->count() ? publish_lines(*options) : publish(*options);
  });
}

}  // namespace dragoman::cli
