// SPDX-License-Identifier: Apache-2.0
#include "topic.hpp"

#include <mosquitto.h>

#include <algorithm>

#include "common/text.hpp"

namespace mqtt {
namespace {

constexpr std::size_t topic_limit = 65535;
// Brokers end the connection for the sake of more; Mosquitto allows 200. No client may bring that about.
constexpr std::ptrdiff_t level_limit = 128;

bool fits(std::string_view topic) {
  return !topic.empty() && topic.size() <= topic_limit && buses::is_text(topic) &&
         std::count(topic.begin(), topic.end(), '/') < level_limit;
}

// Without `lenient` only what key_of() writes is understood.
bool decode(std::string_view token, bool lenient, std::string& out) {
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '%') {
      out += token[i];
      continue;
    }
    const std::string_view escape = token.substr(i, 3);
    if (escape == "%25" || escape == "%2E" || (lenient && escape == "%2e")) {
      out += escape == "%25" ? '%' : '.';
      i += 2;
    } else if (lenient) {
      out += '%';
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string key_of(std::string_view topic) {
  std::string key;
  key.reserve(topic.size());
  for (const char c : topic) {
    if (c == '/')
      key += '.';
    else if (c == '.')
      key += "%2E";
    else if (c == '%')
      key += "%25";
    else
      key += c;
  }
  return key;
}

std::optional<std::string> topic_of(std::string_view key) {
  std::string topic;
  for (std::size_t from = 0;;) {
    const std::size_t end = std::min(key.find_first_of("./", from), key.size());
    decode(key.substr(from, end - from), true, topic);
    if (end == key.size()) break;
    topic += '/';
    from = end + 1;
  }
  if (!fits(topic) || mosquitto_pub_topic_check2(topic.data(), topic.size()) != MOSQ_ERR_SUCCESS) return std::nullopt;
  return topic;
}

std::optional<std::string> filter_of(std::string_view key, bool literal) {
  std::string filter;
  for (std::size_t from = 0;;) {
    const std::size_t end = std::min(key.find('.', from), key.size());
    const std::string_view token = key.substr(from, end - from);
    if (!literal && token == "#") {
      filter += '#';
      break;
    }
    if (!literal && token == "*")
      filter += '+';
    else if (token.find_first_of("+#/") != std::string_view::npos || !decode(token, false, filter))
      return std::nullopt;
    if (end == key.size()) break;
    filter += '/';
    from = end + 1;
  }
  if (filter.starts_with('$') && filter != "$SYS" && !filter.starts_with("$SYS/")) return std::nullopt;
  if (!valid_filter(filter)) return std::nullopt;
  return filter;
}

bool valid_filter(std::string_view filter) {
  return fits(filter) && mosquitto_sub_topic_check2(filter.data(), filter.size()) == MOSQ_ERR_SUCCESS;
}

}  // namespace mqtt
