// SPDX-License-Identifier: Apache-2.0
#include "gateway/authenticators.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <thread>

#include "base/log.hpp"

namespace dragoman::gateway {
namespace {

// What the admin API may add to a static authenticator.
constexpr std::size_t added_tokens = 100'000;

service::Identity identity_of(const config::StaticToken& token) {
  return {token.id,
          token.user,
          token.tenant,
          token.account,
          token.session,
          token.grants,
          boost::json::serialize(token.claims),
          token.expires_ms};
}

net::HttpFetch fetch_of(const std::string& path) {
  net::HttpFetch request;
  request.method = "GET";
  request.target = path;
  request.headers.emplace_back("Accept", "application/jwk-set+json, application/json");
  return request;
}

service::jwt::KeyStore::Answer answer_of(net::FetchStatus status, net::HttpAnswer answer, const std::string& why) {
  if (status != net::FetchStatus::ok) return {false, why};
  if (answer.status != 200) return {false, "the server answered with status " + std::to_string(answer.status)};
  return {true, std::move(answer.body)};
}

void fetch_keys(net::Loop& loop, service::Upstream& upstream, const std::string& path,
                const std::function<void(service::jwt::KeyStore::Answer)>& done) {
  std::uint64_t number = 0;
  const auto started = upstream.start(
      fetch_of(path),
      [done](net::FetchStatus status, net::HttpAnswer answer, const std::string& why) {
        done(answer_of(status, std::move(answer), why));
      },
      number);
  if (started != service::Upstream::Started::ok)
    loop.post([done] { done({false, "the upstream takes no more requests"}); });
}

}  // namespace

ConfiguredAuthenticator::ConfiguredAuthenticator(const config::AuthenticatorConfig& config,
                                                 const config::Configuration& configuration,
                                                 std::vector<std::string>& errors) {
  if (config.type == "jwt") {
    make_jwt(config, configuration, errors);
    return;
  }
  if (config.type == "http") {
    make_http(config, configuration, errors);
    return;
  }
  auto made = std::make_unique<service::StaticAuthenticator>(config.tokens.size() + added_tokens);
  for (const auto& token : config.tokens) made->put(token.token, identity_of(token));
  static_ = made.get();
  service_ = std::move(made);
}

void ConfiguredAuthenticator::update_tokens(const std::vector<config::StaticToken>& before,
                                            const std::vector<config::StaticToken>& now) {
  for (const auto& token : before)
    if (std::none_of(now.begin(), now.end(), [&](const auto& other) { return other.token == token.token; }))
      static_->revoke(token.token);
  for (const auto& token : now)
    if (std::find(before.begin(), before.end(), token) == before.end() &&
        !static_->put(token.token, identity_of(token)))
      base::log(base::LogLevel::error, "a token of the configuration is not known: there are too many",
                {{"id", token.id}});
}

void ConfiguredAuthenticator::make_jwt(const config::AuthenticatorConfig& config,
                                       const config::Configuration& configuration, std::vector<std::string>& errors) {
  const std::string path = config::child_path(config::child_path("authenticators", config.name), "keys");
  const auto wrong = [&](std::size_t number, const std::string& why) {
    const std::string key_path = config::child_path(path, number);
    errors.push_back(config::Error{configuration.locations.value(key_path), key_path, why}.text());
  };
  auto made = std::make_unique<service::JwtAuthenticator>(config.name, config.jwt);
  for (const auto& [number, why] : made->load()) wrong(number, why);
  for (std::size_t i = 0; i < config.jwt.keys.size(); ++i)
    for (const auto& upstream : configuration.upstreams)
      if (upstream.name == config.jwt.keys[i].upstream &&
          service::UpstreamRules(upstream).judge("GET", config.jwt.keys[i].path) != service::UpstreamVerdict::allowed)
        wrong(i, "the upstream " + upstream.name + " does not allow a GET of this path");
  jwt_ = made.get();
  service_ = std::move(made);
}

void ConfiguredAuthenticator::make_http(const config::AuthenticatorConfig& config,
                                        const config::Configuration& configuration, std::vector<std::string>& errors) {
  const std::string path = config::child_path("authenticators", config.name);
  const auto check = [&](const config::UpstreamConfig& upstream, const config::HttpQuestion& question,
                         const std::string& question_path) {
    const auto request = service::http::Question(question, 0).request("token");
    if (request &&
        service::UpstreamRules(upstream).judge(request->method, request->target) == service::UpstreamVerdict::allowed)
      return;
    errors.push_back(config::Error{configuration.locations.value(question_path), question_path,
                                   "the upstream " + upstream.name + " does not allow such a request"}
                         .text());
  };
  for (const auto& upstream : configuration.upstreams) {
    if (upstream.name != config.http.upstream) continue;
    check(upstream, config.http.question, config::child_path(path, "request"));
    if (config.http.recheck.question)
      check(upstream, *config.http.recheck.question,
            config::child_path(config::child_path(path, "recheck"), "request"));
  }
  auto made = std::make_unique<service::HttpAuthenticator>(config.name, config.http);
  http_ = made.get();
  service_ = std::move(made);
}

void ConfiguredAuthenticator::attach(net::Loop& loop, const Upstreams& upstreams) {
  if (!http_) return;
  if (const auto found = upstreams.find(http_->upstream()); found != upstreams.end())
    http_->attach(loop, *found->second, found->second->most_requests());
}

void ConfiguredAuthenticator::watch(const Watch& watch) {
  service_->watch([watch, self = service_.get()](const service::CredentialChange& change) { watch(self, change); });
}

void ConfiguredAuthenticator::start(net::Loop& loop, const Upstreams& upstreams) {
  if (!jwt_) return;
  const unsigned threads = std::clamp(std::thread::hardware_concurrency() / 2, 1u, 4u);
  jwt_->start(
      loop,
      [&loop, upstreams, life = std::weak_ptr(life_)](const config::JwtKeyConfig& key,
                                                      std::function<void(service::jwt::KeyStore::Answer)> done) {
        fetch_keys(loop, *upstreams.find(key.upstream)->second, key.path,
                   [done = std::move(done), alive = life.lock()](service::jwt::KeyStore::Answer answer) {
                     done(std::move(answer));
                   });
      },
      threads);
}

void ConfiguredAuthenticator::stop() {
  if (jwt_) jwt_->stop();
  if (http_) http_->stop();
}

void ConfiguredAuthenticator::end() {
  if (jwt_) jwt_->stop();
}

bool ConfiguredAuthenticator::over() const {
  // Tokens of an HTTP server are asked about as long as somebody has their identity.
  return life_.use_count() == 1 && (!http_ || http_->figures().tokens == 0);
}

std::vector<std::string> ConfiguredAuthenticator::troubles() const {
  std::vector<std::string> out;
  if (jwt_)
    for (const auto& source : jwt_->key_figures())
      if (source.age_ms < 0)
        out.push_back("authenticator " + jwt_->name() + " has no keys from " + source.source + " yet");
  if (http_)
    if (const auto why = http_->trouble())
      out.push_back("authenticator " + http_->name() + " cannot check tokens: " + *why);
  return out;
}

}  // namespace dragoman::gateway
