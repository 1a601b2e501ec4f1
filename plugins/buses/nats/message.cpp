// SPDX-License-Identifier: Apache-2.0
#include "message.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cstdlib>
#include <dragoman/sdk/host.hpp>
#include <new>

#include "common/text.hpp"
#include "subject.hpp"

namespace nats {
namespace {

using dragoman::sdk::view;

constexpr const char* id_header = "Nats-Msg-Id";
constexpr const char* type_header = "Content-Type";
constexpr std::size_t text_limit = 65535;
constexpr std::string_view own_names[] = {"nats-msg-id", "content-type"};

bool is_own(const std::string& lower_name) {
  return std::find(std::begin(own_names), std::end(own_names), lower_name) != std::end(own_names);
}

bool is_header_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
}

void read_header(natsMsg* message, const char* name, buses::Incoming& into) {
  const char* value = nullptr;
  if (!name || natsMsgHeader_Get(message, name, &value) != NATS_OK || !value) return;
  const std::string lower = buses::lower(name);
  if (lower == own_names[0])
    into.add_property("id", value);
  else if (lower == own_names[1])
    into.content_type = value;
  else
    into.add_attribute(name, value);
}

void read_headers(natsMsg* message, buses::Incoming& into) {
  const char** names = nullptr;
  int n = 0;
  if (natsMsgHeader_Keys(message, &names, &n) != NATS_OK) return;
  const std::unique_ptr<const char*, decltype([](const char** p) { std::free(p); })> held(names);
  // The library keeps them in no order; which of too many are left out is to be always the same.
  std::sort(names, names + n, [](const char* a, const char* b) { return std::string_view(a) < b; });
  for (int i = 0; i < n; ++i) read_header(message, names[i], into);
}

}  // namespace

std::optional<Arrival> read_message(natsMsg* message, const std::string& channel, bool of_stream) {
  const char* subject = natsMsg_GetSubject(message);
  const int bytes = natsMsg_GetDataLength(message);
  Arrival out;
  if (!subject || bytes < 0 || static_cast<std::size_t>(bytes) > buses::body_limit) return std::nullopt;
  buses::Incoming& event = out.message;
  event.channel = channel;
  event.key = subject;
  if (event.key.size() > buses::key_limit || !buses::is_text(event.key)) return std::nullopt;
  if (bytes > 0) event.body.assign(natsMsg_GetData(message), static_cast<std::size_t>(bytes));
  read_headers(message, event);
  if (of_stream) {
    const char* reply = natsMsg_GetReply(message);
    out.acknowledge = reply ? reply : "";
    if (const auto origin = origin_of(out.acknowledge)) {
      out.sequence = origin->sequence;
      event.time_ms = origin->time_ms;
      if (event.id.empty()) event.id = std::to_string(out.sequence) + '-' + std::to_string(event.time_ms);
    }
  }
  event.complete();
  return out;
}

std::optional<Outgoing> read_event(const dgm_event& event, const std::string& channel) {
  if (view(event.channel) != channel || !is_subject(view(event.key))) return std::nullopt;
  auto out = buses::outgoing(event, text_limit);
  if (!out) return std::nullopt;
  std::erase_if(out->attributes, [](const auto& a) { return is_own(buses::lower(a.first)); });
  if (!std::all_of(out->attributes.begin(), out->attributes.end(),
                   [](const auto& a) { return is_header_name(a.first); }))
    return std::nullopt;
  return out;
}

MessagePtr make_message(const Outgoing& message, const char* reply, bool headers) {
  natsMsg* made = nullptr;
  if (natsMsg_Create(&made, message.key.c_str(), reply, message.body.data(), static_cast<int>(message.body.size())) !=
      NATS_OK)
    throw std::bad_alloc();
  MessagePtr out(made);
  const auto add = [&](const char* name, const std::string& value) {
    if (natsMsgHeader_Add(made, name, value.c_str()) != NATS_OK) throw std::bad_alloc();
  };
  if (!headers) return out;
  if (!message.id.empty()) add(id_header, message.id);
  if (!message.content_type.empty()) add(type_header, message.content_type);
  for (const auto& [name, value] : message.attributes) add(name.c_str(), value);
  return out;
}

std::optional<Origin> origin_of(std::string_view acknowledge) {
  // $JS.ACK, stream, consumer, deliveries, number in the stream, in the consumer, nanoseconds, left; newer servers say
  // a domain and an account before the stream, and something random at the end.
  std::vector<std::string_view> tokens;
  for (std::string_view rest = acknowledge;;) {
    const std::size_t end = rest.find('.');
    tokens.push_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (tokens[0] != "$JS" || (tokens.size() != 9 && tokens.size() < 11)) return std::nullopt;
  const std::size_t at = tokens.size() == 9 ? 5 : 7;
  const auto number = [](std::string_view text, auto& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
  };
  Origin out{};
  if (!number(tokens[at], out.sequence) || !number(tokens[at + 2], out.time_ms) || out.time_ms < 0) return std::nullopt;
  out.time_ms /= 1'000'000;
  return out;
}

std::optional<Confirmation> read_confirmation(natsMsg* message) {
  const char* text = natsMsg_GetSubject(message);
  const std::string_view subject = text ? text : "";
  Confirmation out{};
  const char* const end = subject.data() + subject.size();
  const auto [at, error] = std::from_chars(subject.data() + subject.rfind('.') + 1, end, out.number);
  if (error != std::errc() || at != end) return std::nullopt;
  if (natsMsg_IsNoResponders(message))
    out.refusal = "no stream takes its subject";
  else
    out.refusal = refusal_in({natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))});
  return out;
}

std::string refusal_in(std::string_view answer) {
  boost::json::error_code failed;
  const boost::json::value value = boost::json::parse({answer.data(), answer.size()}, failed);
  const auto* object = failed ? nullptr : value.if_object();
  if (object && object->contains("stream") && !object->contains("error")) return {};
  const auto* error = object ? object->if_contains("error") : nullptr;
  const auto* details = error ? error->if_object() : nullptr;
  const auto* said = details ? details->if_contains("description") : nullptr;
  if (said && said->is_string()) return buses::shown({said->as_string().data(), said->as_string().size()});
  return "its answer is not understood";
}

}  // namespace nats
