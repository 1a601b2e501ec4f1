// SPDX-License-Identifier: Apache-2.0
// The configured authenticators.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "gateway/mount_upstreams.hpp"
#include "service/http_authenticator.hpp"
#include "service/jwt_authenticator.hpp"
#include "service/static_authenticator.hpp"

namespace dragoman::gateway {

class Authenticators {
 public:
  using Watch = std::function<void(const service::Authenticator*, const service::CredentialChange&)>;

  // Once. Returns what is wrong.
  std::vector<std::string> make(const config::Configuration& configuration);
  void watch(const Watch& watch);
  // For each shard, while none runs yet. The loop outlives this object; the upstreams are the loop's.
  void attach(net::Loop& loop, const Upstreams& upstreams);
  // On the loop, before the first credential. The loop outlives this object; the upstreams are the loop's.
  void start(net::Loop& loop, const Upstreams& upstreams);
  // While what credentials lead to is still there. Afterwards all are unavailable.
  void stop();

  // The rest: any thread, after make(). Null: there is none.
  service::Authenticator* find(const std::string& name) const;
  service::StaticAuthenticator* find_static(const std::string& name) const;
  const std::map<std::string, std::unique_ptr<service::Authenticator>>& all() const { return all_; }
  const std::vector<service::JwtAuthenticator*>& jwt() const { return jwt_; }
  const std::vector<service::HttpAuthenticator*>& http() const { return http_; }
  // What keeps tokens from being verified.
  std::vector<std::string> troubles() const;

 private:
  void make_jwt(const config::AuthenticatorConfig& config, const config::Configuration& configuration,
                std::vector<std::string>& errors);
  void make_http(const config::AuthenticatorConfig& config, const config::Configuration& configuration,
                 std::vector<std::string>& errors);

  std::map<std::string, std::unique_ptr<service::Authenticator>> all_;
  std::map<std::string, service::StaticAuthenticator*> static_;
  std::vector<service::JwtAuthenticator*> jwt_;
  std::vector<service::HttpAuthenticator*> http_;
};

}  // namespace dragoman::gateway
