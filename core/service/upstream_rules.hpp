// SPDX-License-Identifier: Apache-2.0
// What an upstream's configuration says about a request and its answer. Immutable: any thread.
#pragma once
#include <string>
#include <string_view>

#include "config/configuration.hpp"
#include "net/http_answer.hpp"
#include "net/http_fields.hpp"

namespace dragoman::service {

enum class UpstreamVerdict { allowed, invalid, denied };

class UpstreamRules {
 public:
  explicit UpstreamRules(config::UpstreamConfig config) : config_(std::move(config)) {}

  const config::UpstreamConfig& config() const { return config_; }
  // path: with the query, below the upstream's own. Anything may be in these: they may come from a client.
  UpstreamVerdict judge(std::string_view method, std::string_view path) const;
  static bool valid_headers(const net::HttpFields& headers);
  void prepare_request(net::HttpFields& headers) const;
  void clean_answer(net::HttpFields& headers) const;
  // For an upstream without a server.
  net::HttpAnswer static_answer(std::string_view method, std::string_view path) const;

 private:
  config::UpstreamConfig config_;
};

}  // namespace dragoman::service
