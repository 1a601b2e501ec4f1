// SPDX-License-Identifier: Apache-2.0
#include "service/identity_reading.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

namespace dragoman::service {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_text = 256, longest_grant = 1024;  // bytes, as in the configuration

std::string checked(std::string text, std::size_t most) {
  if (text.size() > most ||
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    throw MalformedIdentity();
  return text;
}

const json::value* at(const json::value& document, const std::string& pointer) {
  json::error_code error;
  return document.find_pointer(pointer, error);
}

std::string text_at(const json::value& document, const config::ClaimPointers& pointers) {
  for (const auto& pointer : pointers) {
    const json::value* value = at(document, pointer);
    if (!value) continue;
    if (value->is_string() && !value->get_string().empty())
      return checked(std::string(value->get_string()), longest_text);
    if (value->is_number()) return json::serialize(*value);
  }
  return {};
}

std::vector<std::string> words_of(const json::string& text) {
  std::vector<std::string> out;
  std::string_view rest(text.data(), text.size());
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (end) out.push_back(checked(std::string(rest.substr(0, end)), longest_grant));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::vector<std::string> grants_at(const json::value& document, const config::ClaimPointers& pointers) {
  for (const auto& pointer : pointers) {
    const json::value* value = at(document, pointer);
    if (!value) continue;
    if (value->is_string()) return words_of(value->get_string());
    if (!value->is_array()) continue;
    std::vector<std::string> out;
    for (const auto& grant : value->get_array()) {
      if (!grant.is_string() || grant.get_string().empty()) throw MalformedIdentity();
      out.push_back(checked(std::string(grant.get_string()), longest_grant));
    }
    return out;
  }
  return {};
}

}  // namespace

const json::value* value_at(const json::value& document, const config::ClaimPointers& pointers) {
  for (const auto& pointer : pointers)
    if (const json::value* value = at(document, pointer); value && !value->is_null()) return value;
  return nullptr;
}

Identity read_identity(const json::value& document, const config::IdentityPointers& pointers) {
  Identity out;
  out.id = text_at(document, pointers.id);
  out.user = text_at(document, pointers.user);
  out.tenant = text_at(document, pointers.tenant);
  out.account = text_at(document, pointers.account);
  out.session = text_at(document, pointers.session);
  out.grants = grants_at(document, pointers.grants);
  return out;
}

}  // namespace dragoman::service
