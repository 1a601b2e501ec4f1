// SPDX-License-Identifier: Apache-2.0
// One configured authenticator.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "gateway/mount_upstreams.hpp"
#include "service/http_authenticator.hpp"
#include "service/jwt_authenticator.hpp"
#include "service/static_authenticator.hpp"

namespace dragoman::gateway {

class ConfiguredAuthenticator {
 public:
  using Watch = std::function<void(const service::Authenticator*, const service::CredentialChange&)>;

  // What is wrong is added to `errors`.
  ConfiguredAuthenticator(const config::AuthenticatorConfig& config, const config::Configuration& configuration,
                          std::vector<std::string>& errors);
  void watch(const Watch& watch);
  // For each shard, before the first credential. Loop and upstreams outlive this object.
  void attach(net::Loop& loop, const Upstreams& upstreams);
  // On the loop, after attach(). The same.
  void start(net::Loop& loop, const Upstreams& upstreams);
  // While what credentials lead to is still there. Afterwards it is unavailable.
  void stop();
  // On the loop of start(), once nobody will ask any more: it can be destroyed, there, when over() says so on any
  // thread.
  void end();
  bool over() const;

  // What keeps tokens from being verified. Any thread.
  std::vector<std::string> troubles() const;
  // The tokens of the file as they are now in the place of those before; what the admin API has changed stays as it is.
  // Live sessions of a token that has changed or is gone are told. Only if it is static.
  void update_tokens(const std::vector<config::StaticToken>& before, const std::vector<config::StaticToken>& now);

  service::Authenticator& service() const { return *service_; }
  // Null if it is of another type.
  service::StaticAuthenticator* as_static() const { return static_; }
  service::JwtAuthenticator* as_jwt() const { return jwt_; }
  service::HttpAuthenticator* as_http() const { return http_; }

 private:
  void make_jwt(const config::AuthenticatorConfig& config, const config::Configuration& configuration,
                std::vector<std::string>& errors);
  void make_http(const config::AuthenticatorConfig& config, const config::Configuration& configuration,
                 std::vector<std::string>& errors);

  std::shared_ptr<const void> life_ = std::make_shared<char>();  // whoever may still call back holds it
  std::unique_ptr<service::Authenticator> service_;
  service::StaticAuthenticator* static_ = nullptr;
  service::JwtAuthenticator* jwt_ = nullptr;
  service::HttpAuthenticator* http_ = nullptr;
};

}  // namespace dragoman::gateway
