// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include <algorithm>

#include "common/clock.hpp"
#include "common/json_text.hpp"
#include "socket_listing.hpp"

namespace kazoo {
namespace {

using Verdict = AccountAccess::Verdict;

bool keeps_token(const Settings& settings) {
  return settings.accounts_at_crossbar || settings.crossbar_tunnel;
}

}  // namespace

Session::~Session() {
  if (shard_) shard_->sessions.erase(this);
}

void Session::open(sdk::Client client, Shard& shard, const sdk::Open& open) {
  client_ = client;
  shard_ = &shard;
  std::tie(source_, id_) = socket_names(open.peer(), client.id());
  connected_s_ = gregorian_now();
  shard.sessions.insert(this);
  expect_more();
}

void Session::expect_more() {
  if (const auto idle = shard_->settings.idle_timeout.count())
    client_->expect_message(static_cast<std::uint32_t>(idle), 1000, "idle");
}

void Session::message(sdk::Opcode opcode, std::string_view text) {
  expect_more();
  if (opcode == sdk::Opcode::binary) return;
  const Settings& settings = shard_->settings;
  auto message = parse_message(text, settings);
  work_ = std::make_unique<Work>();
  if (message)
    work_->message = std::move(*message);
  else
    work_->message.request_id = make_request_id();
  if (!bucket_.take(dialects::steady_ms(), settings.max_bucket_tokens, settings.tokens_fill_rate))
    return fail("rate limiting threshold hit for " + id_ + "!");
  if (message) return authenticate();
  fail("invalid message");
  if (settings.close_on_bad_json) client_->close(1007, "invalid message");
}

void Session::limited() {
  client_->send(error_reply(make_request_id(), "rate limiting threshold hit for " + id_ + "!"));
}

void Session::identity_changed(const sdk::Identity& identity, sdk::IdentityChange why) {
  if (account_.empty()) return;
  if (why == sdk::IdentityChange::renewed && account_of(identity) != account_)
    client_->close(1008, "the token is for another account now");
  if (why == sdk::IdentityChange::revoked)
    client_->close(1008, "the token has been revoked");
  else if (why == sdk::IdentityChange::expired && shard_->settings.enforce_token_expiry)
    client_->close(1008, "the token has expired");
}

void Session::authenticate() {
  const ClientMessage& message = work_->message;
  if (!account_.empty()) {
    work_->account = account_;
    return validate();
  }
  if (message.token_malformed) return fail("invalid authentication token format");
  if (!message.token) {
    if (message.action == "ping" && !shard_->settings.ping_requires_auth) return validate();
    return fail("authentication token required");
  }
  wait();
  shard_->access.authenticate(client_->id(), *message.token, [this](Verdict verdict, const std::string& account) {
    if (verdict == Verdict::no) return fail("failed to authenticate token " + *work_->message.token);
    if (verdict == Verdict::unavailable) return fail("tokens cannot be authenticated now");
    work_->account = account;
    validate();
  });
}

void Session::validate() {
  const Settings& settings = shard_->settings;
  const std::string& action = work_->message.action;
  if (action == "ping") return succeed(pong_data());
  if (action == "subscribe") {
    if (!read_bindings()) return;
    const std::string& wanted = *work_->message.account_id;
    const bool needs_realm = std::any_of(work_->bindings.begin(), work_->bindings.end(), kazoo::needs_realm);
    const std::string& token = account_.empty() ? work_->message.token.value_or("") : token_;
    wait();
    return shard_->access.authorize(
        client_->id(), {token, work_->account, wanted, needs_realm}, [this](Verdict verdict, const std::string& realm) {
          if (verdict == Verdict::unavailable) return fail("accounts cannot be authorized now");
          if (verdict == Verdict::no)
            return fail(*work_->message.account_id == "*" ? "unauthorized wildcard account id"
                                                          : "unauthorized account id");
          subscribe(realm);
        });
  }
  if (action == "unsubscribe") {
    if (!settings.unsubscribe_all || work_->message.has_data)
      if (!read_bindings()) return;
    return unsubscribe();
  }
  if (action == "api" && settings.crossbar_tunnel) return tunnel();
  switch (settings.unknown_action) {
    case UnknownAction::error:
      return fail("unknown action " + action);
    case UnknownAction::success:
      return succeed(last_data_.empty() ? "{}" : last_data_);
    case UnknownAction::silent:
      return finish();
  }
}

void Session::tunnel() {
  const ClientMessage& message = work_->message;
  if (!message.endpoint) return fail("missing required keys : endpoint");
  sdk::Fetch fetch;
  fetch.upstream = shard_->settings.crossbar;
  fetch.method = message.verb.value_or("GET");
  std::transform(fetch.method.begin(), fetch.method.end(), fetch.method.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  fetch.path = "/v2/" + message.endpoint->substr(message.endpoint->starts_with('/') ? 1 : 0);
  fetch.headers = {{"X-Auth-Token", account_.empty() ? message.token.value_or("") : token_},
                   {"Accept", "application/json"}};
  if (message.body) {
    fetch.body = *message.body;
    fetch.headers.emplace_back("Content-Type", "application/json");
  }
  fetch.timeout_ms = static_cast<std::uint32_t>(shard_->settings.request_timeout.count());
  wait();
  const dgm_status status = shard_->crossbar.fetch(
      client_->id(), fetch, [this](dgm_status result, const sdk::Fetched* answer, std::string_view) {
        if (result == DGM_E_CANCELED) return;
        const bool json = answer && dialects::parse_json(answer->body()).has_value();
        if (!json) return fail("no answer to the api request");
        succeed(std::string(answer->body()));
      });
  if (status < 0 && status != DGM_E_GONE) fail("the api request is not allowed");
}

void Session::wait() {
  if (std::exchange(work_->waited, true)) return;
  client_->pause();
}

void Session::succeed(const std::string& data) {
  ClientMessage& message = work_->message;
  if (account_.empty()) {
    account_ = work_->account;
    if (message.token && keeps_token(shard_->settings)) token_ = *message.token;
  }
  if (message.name) name_ = std::move(message.name);
  if (message.metadata) metadata_ = std::move(message.metadata);
  if (shard_->settings.unknown_action == UnknownAction::success) last_data_ = data;
  client_->send(success_reply(message.request_id, data));
  if (!account_.empty()) register_socket();
  finish();
}

void Session::fail(std::string_view error) {
  client_->send(error_reply(work_->message.request_id, error));
  finish();
}

void Session::finish() {
  const std::unique_ptr<Work> done = std::move(work_);
  if (done->waited) client_->resume();
}

void Session::register_socket() {
  const std::string data =
      socket_json({id_, source_, shard_->settings.node, connected_s_, subscribed(), name_, metadata_});
  if (data == listed_) return;
  listed_ = data;
  if (shard_->registry.put(client_->id(), id_, account_, data) < 0)
    client_->log(sdk::LogLevel::warn, "the socket cannot be listed");
}

}  // namespace kazoo
