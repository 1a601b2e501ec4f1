// SPDX-License-Identifier: Apache-2.0
#include "protocol.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

#include "common/json_check.hpp"
#include "common/json_string.hpp"
#include "record.hpp"

namespace honeytrap {

namespace json = boost::json;

Request parse_request(std::string_view bytes, bool lenient) {
  if (bytes.size() > largest_request) return {std::nullopt, 0, "The request is too large"};
  unsigned char memory[4096];
  json::monotonic_resource resource(memory);
  json::parse_options options;
  options.max_depth = dialects::deepest_json;
  options.allow_trailing_commas = lenient;
  json::error_code failure;
  const json::value value = json::parse({bytes.data(), bytes.size()}, failure, &resource, options);
  if (failure) return {std::nullopt, 0, "The request is not valid JSON"};
  const json::object* root = value.if_object();
  if (!root) return {std::nullopt, 0, "The request is not a JSON object"};
  const json::value* type = root->if_contains("type");
  if (type && !type->is_int64()) return {std::nullopt, 0, "The type of the request is not an integer"};
  const std::int64_t number = type ? type->get_int64() : 0;
  if (number == 1 || number == 3) return {static_cast<MessageType>(number), number, {}};
  return {std::nullopt, number, "Unknown Request Type"};
}

void append_error_response(std::string& out, std::int64_t request, std::string_view text, ErrorPayload form) {
  out += R"({"type":7,"payload":)";
  if (form == ErrorPayload::object) {
    out += R"({"request":)";
    out += std::to_string(request);
    out += R"(,"error":)";
  }
  dialects::append_json_string(out, text);
  out += form == ErrorPayload::object ? "}}" : "}";
}

MessageType reply_type(MessageType fetch) {
  return fetch == MessageType::fetch_sessions ? MessageType::fetch_sessions_reply : MessageType::fetch_events_reply;
}

MessageType push_type(EventClass kind, bool swap_new_codes) {
  return (kind == EventClass::session) != swap_new_codes ? MessageType::new_sessions : MessageType::new_events;
}

void PayloadWriter::begin(std::string& out) const {
  out += R"({"type":)";
  out += std::to_string(static_cast<int>(type_));
  out += R"(,"payload":)";
}

bool PayloadWriter::add(std::string& out, std::string_view stored) {
  const std::size_t before = out.size();
  out += any_ ? ',' : '[';
  if (append_event(out, stored, keys_)) return any_ = true;
  out.resize(before);
  return false;
}

void PayloadWriter::end(std::string& out) const {
  out += any_ ? "]}" : empty_ == EmptyPayload::null ? "null}" : "[]}";
}

}  // namespace honeytrap
