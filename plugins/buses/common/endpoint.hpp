// SPDX-License-Identifier: Apache-2.0
// Where a broker listens. Any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace buses {

// How the URLs of a kind of broker look.
struct UrlForm {
  std::string_view plain, tls;  // schemes
  std::uint16_t plain_port, tls_port;
  bool path = false;   // one may follow the host and port
  bool local = false;  // unix:///path is one, too
};

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
  std::string path;    // after the slash, as it was given; of a Unix socket its file
  std::string scheme;  // of the URL
  // The URL without its path unless that is all it has, for a sentence.
  std::string text() const;
  bool local() const { return host.empty(); }
};

// settings.url: one URL or an array of them. Throws dragoman::sdk::ConfigError; a URL is no part of its sentence.
std::vector<Endpoint> parse_urls(const boost::json::value& url, const UrlForm& form);

}  // namespace buses
