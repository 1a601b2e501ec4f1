// SPDX-License-Identifier: Apache-2.0
#include "protocol.hpp"

#include <algorithm>

#include "common/json_check.hpp"
#include "common/json_items.hpp"
#include "common/json_string.hpp"
#include "header_rules.hpp"
#include "request_path.hpp"

namespace lavaboom {

using dialects::check_object;
using dialects::Items;
using dialects::read_string;

namespace {

// The members that mean something, as JSON; empty: absent.
struct Members {
  std::string_view type, id, method, path, headers, body, token;
};

Members read(std::string_view object) {
  Members members;
  for (Items items(object); items.next();) {
    const std::string_view key = items.key();
    std::string_view* place = key == "type"      ? &members.type
                              : key == "id"      ? &members.id
                              : key == "method"  ? &members.method
                              : key == "path"    ? &members.path
                              : key == "headers" ? &members.headers
                              : key == "body"    ? &members.body
                              : key == "token"   ? &members.token
                                                 : nullptr;
    if (place) *place = items.value();
  }
  return members;
}

bool absent(std::string_view value) {
  return value.empty() || value == "null";
}

// Empty when absent; nothing when it is no string.
std::optional<std::string> optional_text(std::string_view value) {
  return absent(value) ? std::string() : read_string(value);
}

// Nothing: a value that stands for no text. Numbers stay as they were written.
std::optional<std::string> header_text(std::string_view value) {
  if (value.starts_with('"')) return read_string(value);
  if (absent(value) || value.starts_with('{') || value.starts_with('[')) return std::nullopt;
  return std::string(value);
}

// False: too many or too large.
bool read_headers(std::string_view object, Headers& headers) {
  std::size_t members = 0, bytes = 0;
  const auto add = [&](const std::string& name, std::string_view value) {
    auto text = header_text(value);
    if (!text || !is_header_value(*text)) return true;
    bytes += name.size() + text->size();
    headers.emplace_back(name, std::move(*text));
    return headers.size() <= most_header_lines && bytes <= most_header_bytes && name.size() <= longest_header_name;
  };
  for (Items items(object); items.next();) {
    if (++members > most_header_lines) return false;
    const std::string name(items.key());
    if (!may_forward(name)) continue;
    // Each pair sets the header, so the last of a name counts.
    std::erase_if(headers, [&](const auto& header) { return same_name(header.first, name); });
    if (!items.value().starts_with('[')) {
      if (!add(name, items.value())) return false;
      continue;
    }
    for (Items elements(items.value()); elements.next();)
      if (!add(name, elements.value())) return false;
  }
  return true;
}

bool allowed(const std::string& method, const Settings& settings) {
  const auto& list = settings.allowed_methods;
  // After CONNECT the connection to the upstream would no longer speak HTTP.
  return is_token(method) && method.size() <= longest_method && method != "CONNECT" &&
         (list.empty() || std::find(list.begin(), list.end(), method) != list.end());
}

Message read_request(const Members& members, const Settings& settings) {
  Request request;
  request.id = members.id.empty() ? R"("")" : std::string(members.id);
  const auto refuse = [&](std::string_view why, int status = 400) {
    return Refused{std::move(request.id), status, std::string(why)};
  };
  auto method = optional_text(members.method), path = optional_text(members.path), body = optional_text(members.body);
  if (!method) return refuse("The method must be a string");
  if (!path) return refuse("The path must be a string");
  if (!body) return refuse("The body must be a string");
  if (!absent(members.headers) && !members.headers.starts_with('{')) return refuse("The headers must be an object");

  request.method = method->empty() ? "GET" : std::move(*method);
  for (char& c : request.method)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c & ~0x20);
  if (!allowed(request.method, settings)) return refuse("The method is not allowed");

  std::string_view why;
  auto checked = check_path(*path, settings.sockjs_prefix, why);
  if (!checked) return refuse(why);
  if (checked->size() > longest_path) return refuse("The path is too long", 413);
  request.path = std::move(*checked);

  if (!read_headers(members.headers, request.headers)) return refuse("The headers are too large", 413);

  const bool bodiless = request.method == "GET" || request.method == "HEAD" || request.method == "DELETE";
  if (!bodiless || *body != "null" || settings.forward_get_body) request.body = std::move(*body);
  return request;
}

std::string read_token(std::string_view value) {
  auto token = optional_text(value).value_or(std::string());
  // It goes into a header. Blanks are taken because the document's own example has one.
  return is_header_value(token) && token.size() <= longest_token ? token : std::string();
}

bool bears(const Headers& headers, std::string_view token) {
  static constexpr std::string_view scheme = "Bearer ";
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
    const std::string_view value = header.second;
    return same_name(header.first, "Authorization") && same_name(value.substr(0, scheme.size()), scheme) &&
           value.substr(scheme.size()) == token;
  });
}

}  // namespace

Message parse_message(std::string_view text, const Settings& settings) {
  const auto object = check_object(text);
  if (!object) return Invalid{};
  const Members members = read(*object);
  const auto type = optional_text(members.type);
  if (!type) return Invalid{};
  if (*type == "request") return read_request(members, settings);
  if (*type == "subscribe") return Subscribe{read_token(members.token)};
  if (*type == "unsubscribe") return Unsubscribe{};
  return Unknown{std::string(members.id)};
}

bool ends_token(const Request& request, int status, std::string_view token) {
  if (request.method != "DELETE" || status < 200 || status > 299 || token.empty()) return false;
  const std::string_view path = std::string_view(request.path).substr(0, request.path.find('?'));
  if (path == "/tokens") return bears(request.headers, token);
  const auto segment = path_segment(token);
  return segment && path == "/tokens/" + *segment;
}

}  // namespace lavaboom
