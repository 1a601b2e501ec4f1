// SPDX-License-Identifier: Apache-2.0
// The request that asks a server about a credential, and what the status of the answer means. Immutable: any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "config/configuration.hpp"
#include "net/http_client.hpp"

namespace dragoman::service::http {

enum class Answer { accepted, denied, neither };

class Question {
 public:
  Question(config::HttpQuestion config, std::uint32_t timeout_ms)
      : config_(std::move(config)), timeout_ms_(timeout_ms) {}

  // The credential is one segment of the path at most, one value of the query, and a value of a header if a header can
  // carry it. Nothing: it cannot be asked about.
  std::optional<net::HttpFetch> request(std::string_view credential) const;
  Answer meaning(unsigned status) const;

 private:
  const config::HttpQuestion config_;
  const std::uint32_t timeout_ms_;
};

// RFC 3986: everything but unreserved characters percent-encoded.
std::string percent_encoded(std::string_view text);

}  // namespace dragoman::service::http
