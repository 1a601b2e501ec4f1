// SPDX-License-Identifier: Apache-2.0
#include "service/http/question.hpp"

#include <algorithm>

namespace dragoman::service::http {
namespace {

constexpr std::string_view placeholder = "{token}";

std::string filled(std::string_view text, std::string_view with) {
  std::string out;
  for (std::size_t found; (found = text.find(placeholder)) != text.npos;) {
    out.append(text.substr(0, found)).append(with);
    text.remove_prefix(found + placeholder.size());
  }
  return out.append(text);
}

bool among(const std::vector<unsigned>& statuses, unsigned status) {
  return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
}

bool climbs(std::string_view path) {
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t end = std::min(path.find('/', from), path.size());
    const std::string_view segment = path.substr(from, end - from);
    if (segment == "." || segment == "..") return true;
    from = end + 1;
  }
  return false;
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
  }
  return out;
}

std::optional<net::HttpFetch> Question::request(std::string_view credential) const {
  if (credential.empty()) return std::nullopt;
  const std::string encoded = percent_encoded(credential);
  net::HttpFetch out;
  out.method = config_.method;
  out.timeout_ms = timeout_ms_;
  out.target = filled(config_.path, encoded);
  if (climbs(out.target)) return std::nullopt;
  char before = '?';
  for (const auto& [name, value] : config_.query) {
    out.target.append(1, before).append(percent_encoded(name)).append("=");
    out.target.append(percent_encoded(filled(value, credential)));
    before = '&';
  }
  for (const auto& [name, value] : config_.headers) {
    out.headers.emplace_back(name, filled(value, credential));
    if (!net::is_field_value(out.headers.back().second)) return std::nullopt;
  }
  return out;
}

Answer Question::meaning(unsigned status) const {
  return among(config_.accepted, status) ? Answer::accepted
         : among(config_.denied, status) ? Answer::denied
                                         : Answer::neither;
}

}  // namespace dragoman::service::http
