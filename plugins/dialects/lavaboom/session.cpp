// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include <algorithm>

#include "common/clock.hpp"
#include "events.hpp"
#include "header_rules.hpp"
#include "writer.hpp"

namespace lavaboom {
namespace {

// The status of an answer that the gateway makes (digest section 5, what the gateway does).
int status_of(dgm_status status) {
  switch (status) {
    case DGM_E_INVALID:
    case DGM_E_DENIED:
      return 400;
    case DGM_E_DROPPED:
      return 503;
    case DGM_E_TIMEOUT:
      return 504;
    default:
      return 502;
  }
}

std::string_view message_of(int status) {
  switch (status) {
    case 400:
      return "The request is not allowed";
    case 503:
      return "Too many requests are waiting";
    case 504:
      return "The server did not answer in time";
    default:
      return "The server cannot be reached or its answer is broken";
  }
}

}  // namespace

void Subscribers::remove(const std::string& owner, Session& session) {
  const auto found = by_owner_.find(owner);
  if (found == by_owner_.end()) return;
  found->second.erase(&session);
  if (found->second.empty()) by_owner_.erase(found);
}

const std::set<Session*>* Subscribers::find(const std::string& owner) const {
  const auto found = by_owner_.find(owner);
  return found == by_owner_.end() ? nullptr : &found->second;
}

void Session::open(sdk::Client client, const sdk::Open& open, const Settings& settings, Subscribers& subscribers) {
  client_ = client;
  settings_ = &settings;
  subscribers_ = &subscribers;
  peer_ = client_address(open.peer());
  queue_.emplace(settings.max_parallel_requests, settings.max_queued_requests);
}

bool Session::send(std::string_view text) {
  const dgm_status status = client_->send(text);
  if (status == DGM_PRESSURE) behind_ = true;
  return status != DGM_E_TOO_LARGE;
}

void Session::reply(std::string_view text) {
  if (!send(text)) client_->close(1009, "the answer is too large");
}

void Session::writable() {
  behind_ = false;
  run();
}

void Session::message(sdk::Client, std::string_view text) {
  std::visit([this](auto&& message) { handle(std::forward<decltype(message)>(message)); },
             parse_message(text, *settings_));
}

void Session::handle(const Unknown& unknown) {
  for (const std::string& text : unknown_replies(unknown, *settings_)) reply(text);
}

void Session::handle(const Invalid&) {
  reply(error(invalid_message));
}

// ---- requests

void Session::enqueue(Job&& job) {
  const std::string id = std::visit([](const auto& j) { return j.id; }, job);
  if (!queue_->push(std::move(job))) {
    reply(failure(id, 503, message_of(503), settings_->result_type));
    return;
  }
  run();
}

void Session::run() {
  while (!behind_) {
    auto job = queue_->start();
    if (!job) return;
    if (auto* request = std::get_if<Request>(&*job)) {
      forward(std::make_shared<const Request>(std::move(*request)));
      continue;
    }
    const Refused& refused = std::get<Refused>(*job);
    reply(failure(refused.id, refused.status, refused.message, settings_->result_type));
    queue_->finish();
  }
}

void Session::forward(const std::shared_ptr<const Request>& request) {
  sdk::Fetch fetch;
  fetch.upstream = settings_->upstream;
  fetch.method = request->method;
  fetch.path = request->path;
  fetch.headers = request->headers;
  fetch.headers.emplace_back("X-Forwarded-For", peer_);
  fetch.body = request->body;
  fetch.timeout_ms = static_cast<std::uint32_t>(settings_->request_timeout.count());
  const auto failed = [this, request](dgm_status status) {
    const int code = status_of(status);
    reply(failure(request->id, code, message_of(code), settings_->result_type));
    queue_->finish();
  };
  const dgm_status status =
      sdk::Upstreams(client_->host())
          .fetch(client_->id(), fetch,
                 [this, request, failed](dgm_status result, const sdk::Fetched* answer, std::string_view) {
                   if (result == DGM_E_CANCELED) return;
                   if (!answer || !pass_on(*request, *answer))
                     failed(answer ? DGM_E_TOO_LARGE : result);
                   else
                     queue_->finish();
                   run();
                 });
  if (status < 0) failed(status);
}

bool Session::pass_on(const Request& request, const sdk::Fetched& answer) {
  const int status = static_cast<int>(answer.status());
  if (!owner_.empty() && ends_token(request, status, token_)) drop_subscription();
  if (answer.body().size() > settings_->max_response_body) return false;
  Headers headers;
  for (const auto& [name, value] : answer.headers()) headers.emplace_back(name, value);
  return send(response(request.id, status, headers, answer.body(), settings_->result_type));
}

// ---- the subscription

void Session::handle(const Subscribe& subscribe) {
  if (subscribe.token.empty()) return refused();
  // What comes behind it, an unsubscribe say, waits for the answer.
  client_->pause();
  if (settings_->token_check == TokenCheck::authenticator)
    check_authenticator(subscribe.token);
  else
    check_upstream(subscribe.token);
}

void Session::check_upstream(const std::string& token) {
  sdk::Fetch fetch;
  fetch.upstream = settings_->upstream;
  fetch.path = tokens_path;
  fetch.headers = {{"Authorization", "Bearer " + token}, {"Accept", "application/json"}};
  fetch.timeout_ms = static_cast<std::uint32_t>(settings_->request_timeout.count());
  const dgm_status status =
      sdk::Upstreams(client_->host())
          .fetch(client_->id(), fetch, [this, token](dgm_status result, const sdk::Fetched* answer, std::string_view) {
            if (result == DGM_E_CANCELED) return;
            client_->resume();
            if (!answer || answer->status() != 200) return refused();
            const auto known = parse_token(answer->body());
            const auto account = known ? accept(*known, dialects::unix_ms(), *settings_) : std::nullopt;
            if (!account) return refused();
            accepted(token, account->owner, account->until_ms);
          });
  if (status >= 0) return;
  client_->resume();
  refused();
}

void Session::check_authenticator(const std::string& token) {
  const auto timeout = static_cast<std::uint32_t>(settings_->request_timeout.count());
  const dgm_status status = client_->authenticate(
      token, timeout, [this, token](dgm_status result, const sdk::Identity* identity, std::string_view) {
        if (result == DGM_E_CANCELED) return;
        client_->resume();
        if (!identity || identity->account().empty()) return refused();
        // The host says when it expires.
        accepted(token, std::string(identity->account()), std::nullopt);
      });
  if (status >= 0) return;
  client_->resume();
  refused();
}

void Session::refused() {
  reply(error(invalid_token));
}

void Session::accepted(const std::string& token, const std::string& owner, std::optional<std::int64_t> until_ms) {
  if (owner.size() > longest_owner) return refused();
  drop_subscription();
  subscription_ = client_->subscribe(settings_->channel, owner, true);
  if (!subscription_) return refused();
  owner_ = owner;
  token_ = token;
  subscribers_->add(owner_, *this);
  if (until_ms) {
    // A timer has 32 bits; what lies beyond ends with the session.
    const std::int64_t left = std::clamp<std::int64_t>(*until_ms - dialects::unix_ms(), 0, 2'000'000'000);
    expiry_ = client_->after(static_cast<std::uint32_t>(left), [this](dgm_status status) {
      if (status != DGM_OK) return;
      expiry_ = 0;
      drop_subscription();
    });
  }
  reply(subscribed());
}

void Session::drop_subscription() {
  if (owner_.empty()) return;
  subscribers_->remove(owner_, *this);
  client_->unsubscribe(subscription_);
  if (expiry_) client_->cancel_timer(expiry_);
  expiry_ = 0;
  owner_.clear();
  token_.clear();
}

void Session::handle(const Unsubscribe&) {
  const bool was = !owner_.empty();
  drop_subscription();
  for (const std::string& text : unsubscribe_replies(was, *settings_)) reply(text);
}

void Session::identity_changed(const sdk::Identity& identity, sdk::IdentityChange why) {
  if (settings_->token_check != TokenCheck::authenticator || owner_.empty()) return;
  if (why == sdk::IdentityChange::renewed && identity.account() == owner_) return;
  drop_subscription();
}

void Session::close() {
  if (!owner_.empty()) subscribers_->remove(owner_, *this);
  owner_.clear();
}

}  // namespace lavaboom
