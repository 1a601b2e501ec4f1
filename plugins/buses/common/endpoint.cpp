// SPDX-License-Identifier: Apache-2.0
#include "common/endpoint.hpp"

#include <sys/un.h>

#include <boost/json.hpp>
#include <charconv>

#include "common/settings.hpp"
#include "common/text.hpp"

namespace buses {
namespace {

constexpr std::string_view unix_prefix = "unix:///";
constexpr std::size_t local_path_limit = sizeof(sockaddr_un::sun_path) - 1;

// The URL is no part of a sentence: who put a password into it has made a mistake, but it is a password.
Endpoint parse_url(std::string_view url, const UrlForm& form) {
  const std::string plain = std::string(form.plain) + "://", tls = std::string(form.tls) + "://";
  Endpoint out;
  if (form.local && url.starts_with(unix_prefix)) {
    out.scheme = "unix";
    out.path = url.substr(unix_prefix.size() - 1);
    if (!is_text(out.path) || out.path.size() > local_path_limit) refuse("url", "has no path of a Unix socket");
    return out;
  }
  out.tls = url.starts_with(tls);
  if (!out.tls && !url.starts_with(plain))
    refuse("url", "must begin with " + plain + (form.local ? ", " : " or ") + tls + (form.local ? " or unix:///" : ""));
  out.scheme = out.tls ? form.tls : form.plain;
  std::string_view rest = url.substr(out.tls ? tls.size() : plain.size());
  if (rest.find('@') != std::string_view::npos)
    refuse("url", "must not hold credentials; they go to settings.username and settings.password");
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    out.path = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
  }
  if (rest.find_first_of("?#") != std::string_view::npos || out.path.find_first_of("/?#") != std::string::npos ||
      (!form.path && !out.path.empty()))
    refuse("url", form.path ? "has more than one name after the host and port" : "must end after the host and port");
  std::string_view port;
  bool has_port = false;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) refuse("url", "has an IPv6 address without its closing bracket");
    out.host = rest.substr(1, end - 1);
    port = rest.substr(end + 1);
    has_port = port.starts_with(':');
    if (!has_port && !port.empty()) refuse("url", "has something between the address and the port");
    if (has_port) port.remove_prefix(1);
  } else {
    const std::size_t colon = rest.find(':');
    out.host = rest.substr(0, colon);
    has_port = colon != std::string_view::npos;
    if (has_port) port = rest.substr(colon + 1);
  }
  if (out.host.empty() || out.host.size() > 253 || out.host.find_first_of(" \t\\\"%") != std::string::npos ||
      !is_text(out.host))
    refuse("url", "names no host");
  out.port = out.tls ? form.tls_port : form.plain_port;
  if (has_port) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc() || end != port.data() + port.size() || out.port == 0)
      refuse("url", "has a port that is no number from 1 to 65535");
  }
  return out;
}

}  // namespace

std::string Endpoint::text() const {
  if (local()) return scheme + "://" + path;
  const bool v6 = host.find(':') != std::string::npos;
  return scheme + "://" + (v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

std::vector<Endpoint> parse_urls(const boost::json::value& url, const UrlForm& form) {
  std::vector<Endpoint> out;
  const auto add = [&](const boost::json::string& one) { out.push_back(parse_url({one.data(), one.size()}, form)); };
  if (url.is_string())
    add(url.as_string());
  else
    for (const boost::json::value& one : url.as_array()) add(one.as_string());
  return out;
}

}  // namespace buses
