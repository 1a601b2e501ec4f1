// SPDX-License-Identifier: Apache-2.0
#include "service/upstream_rules.hpp"

#include <algorithm>
#include <optional>

namespace dragoman::service {
namespace {

constexpr std::size_t longest_method = 64;

std::optional<unsigned char> hex(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned char>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned char>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned char>(c - 'A' + 10);
  return std::nullopt;
}

// Nothing for a broken encoding.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex(text[i + 1]), low = hex(text[i + 2]);
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(*high << 4 | *low);
    i += 2;
  }
  return out;
}

// As the most lenient of servers could read it: with encoded slashes, backslashes, and parameters behind a semicolon.
bool leads_upwards(std::string_view decoded) {
  for (std::size_t from = 0; from <= decoded.size();) {
    const std::size_t end = std::min(decoded.find_first_of("/\\", from), decoded.size());
    const std::string_view segment = decoded.substr(from, end - from);
    const std::string_view name = segment.substr(0, segment.find(';'));
    if (name == "." || name == "..") return true;
    from = end + 1;
  }
  return false;
}

bool valid_path(std::string_view path) {
  if (!path.starts_with('/')) return false;
  if (std::any_of(path.begin(), path.end(),
                  [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '#'; }))
    return false;
  const auto decoded = percent_decoded(path.substr(0, path.find('?')));
  return decoded && !leads_upwards(*decoded) && decoded->find('\0') == decoded->npos;
}

bool below(std::string_view path, std::string_view allowed) {
  if (!path.starts_with(allowed)) return false;
  return allowed.ends_with('/') || path.size() == allowed.size() || path[allowed.size()] == '/';
}

}  // namespace

UpstreamVerdict UpstreamRules::judge(std::string_view method, std::string_view path) const {
  if (method.size() > longest_method || !net::is_token(method) || !valid_path(path)) return UpstreamVerdict::invalid;
  // It asks a proxy for a tunnel and has no path.
  if (method == "CONNECT") return UpstreamVerdict::denied;
  const auto& methods = config_.methods;
  const bool named = std::find(methods.begin(), methods.end(), method) != methods.end();
  // The answer to TRACE shows the headers that were added here.
  if (!named && (!methods.empty() || method == "TRACE")) return UpstreamVerdict::denied;
  const std::string_view bare = path.substr(0, path.find('?'));
  const bool allowed = std::any_of(config_.paths.begin(), config_.paths.end(),
                                   [&](const std::string& prefix) { return below(bare, prefix); });
  return allowed ? UpstreamVerdict::allowed : UpstreamVerdict::denied;
}

bool UpstreamRules::valid_headers(const net::HttpFields& headers) {
  return std::all_of(headers.begin(), headers.end(), [](const auto& header) {
    return net::is_token(header.first) && net::is_field_value(header.second);
  });
}

void UpstreamRules::prepare_request(net::HttpFields& headers) const {
  // First: what Connection names must not reach what is added here.
  net::drop_connection_fields(headers);
  for (const auto& name : config_.removed_headers) net::drop_field(headers, name);
  for (const auto& added : config_.added_headers) net::drop_field(headers, added.first);
  headers.insert(headers.end(), config_.added_headers.begin(), config_.added_headers.end());
}

void UpstreamRules::clean_answer(net::HttpFields& headers) const {
  for (const auto& name : config_.removed_answer_headers) net::drop_field(headers, name);
}

net::HttpAnswer UpstreamRules::static_answer(std::string_view method, std::string_view path) const {
  const std::string_view bare = path.substr(0, path.find('?'));
  const auto fits = [&](const config::StaticAnswer& answer) {
    const bool asked = answer.method.empty() || answer.method == method || (answer.method == "GET" && method == "HEAD");
    return asked && (answer.prefix ? bare.starts_with(answer.path) : bare == answer.path);
  };
  const auto found = std::find_if(config_.answers.begin(), config_.answers.end(), fits);
  if (found == config_.answers.end()) return {404, {}, {}};
  return {found->status, found->headers, method == "HEAD" ? std::string() : found->body};
}

}  // namespace dragoman::service
