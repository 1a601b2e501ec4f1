// SPDX-License-Identifier: Apache-2.0
// What a client of the kazoo dialect sends, what the bus brings it, and paths of its HTTP API: no key reaches beyond an
// account, and all that is written is JSON.
#include <cstdint>
#include <cstdlib>

#include "api_path.hpp"
#include "bindings.hpp"
#include "common/json_text.hpp"
#include "common/utf8.hpp"
#include "event_body.hpp"
#include "key_encoding.hpp"
#include "protocol.hpp"
#include "socket_listing.hpp"
#include "socket_question.hpp"

using namespace kazoo;

namespace {

const std::string account(32, 'a');
const std::string months[] = {"202403", "202404"};

void check(bool good) {
  if (!good) std::abort();
}

bool has_segment(std::string_view key, std::string_view wanted) {
  for (std::size_t end = 0; end != key.npos; key.remove_prefix(end == key.npos ? 0 : end + 1)) {
    end = key.find('.');
    if (key.substr(0, end) == wanted) return true;
  }
  return false;
}

void binding(std::string_view text) {
  static const BindingOptions options{{"call", "conference", "fax", "object", "presence"}};
  const auto parsed = parse_binding(text, options);
  const auto* good = std::get_if<Binding>(&parsed);
  if (!good) return check(!std::get<std::string>(parsed).empty());
  check(good->text == text);
  const auto interests = interests_of(*good, {account, "realm", months});
  check(!interests.empty());
  for (const Interest& interest : interests) {
    check(interest.key.size() <= 255);
    const bool named = has_segment(interest.key, account) || has_segment(interest.key, account_database(account)) ||
                       has_segment(interest.key, month_database(account, months[0])) ||
                       has_segment(interest.key, month_database(account, months[1])) ||
                       (interest.exchange == "presence" && has_segment(interest.key, "realm"));
    check(named || interest.check != Check::none);
    // A conference is known by its name alone.
    if (interest.check == Check::conference_command)
      check(!has_segment(interest.key, "*") && !has_segment(interest.key, "#"));
  }
}

void message(const std::string& text) {
  const auto sent = parse_message(text, {});
  if (!sent) return;
  check(!sent->request_id.empty());
  check(dialects::parse_json(error_reply(sent->request_id, "unknown action " + sent->action)).has_value());
  const std::string listed = socket_json({"i", "s", "d", 1, sent->bindings, sent->name, sent->metadata});
  check(listed.size() <= 60 << 10 && dialects::parse_json(listed));
  for (const std::string& one : sent->bindings) binding(one);
}

// Names as clients get them, and nothing that is null.
void normal(const dialects::Json& value) {
  for (const auto& element : value.elements) normal(element);
  for (const auto& [name, member] : value.members) {
    for (const char c : name) check((c < 'A' || c > 'Z') && c != '-');
    check(!member.is(dialects::Json::Kind::null));
    normal(member);
  }
}

void event(const std::string& text) {
  const auto facts = read_event(text);
  if (!facts) return;
  const auto written = dialects::parse_json(event_head("s", text) + event_tail(*facts, call_routing_key(*facts)));
  // The tree of a body that is as deep as may be is one level too deep here.
  const auto data = dialects::parse_json(facts->data);
  check(data.has_value() && facts->call.find('.') == std::string::npos);
  normal(*data);
  if (written) check(written->find("data") != nullptr);
}

void question(const std::string& text) {
  const auto asked = parse_socket_question(text);
  if (!asked) return;
  check(!asked->queue.empty() && asked->queue.size() <= 255);
  check(dialects::parse_json(socket_answer(*asked, "[]")).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  message(text);
  event(text);
  question(text);
  binding(text);
  const std::string once = encode_key_once(text);
  check(encode_key_once(once) == once && encode_key(text).find('.') == std::string::npos);
  if (const auto path = parse_api_path(text); path && dialects::valid_utf8(text))
    check(dialects::valid_utf8(path->account) && dialects::valid_utf8(path->socket));
  return 0;
}
