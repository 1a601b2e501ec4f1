// SPDX-License-Identifier: Apache-2.0
#include "ingest.hpp"

#include <random>

#include "common/clock.hpp"
#include "ingest_token.hpp"
#include "record.hpp"

namespace honeytrap {
namespace {

void answer(sdk::HttpCall call, unsigned status, std::string_view text) {
  call.respond(status, std::string(text) + "\n", {{"Content-Type", "text/plain; charset=utf-8"}});
}

bool admitted(sdk::HttpCall call, const sdk::HttpRequest& request, const Settings& settings) {
  if (may_ingest(settings.ingest_token, request.header("Authorization").value_or(""))) return true;
  call.respond(401, "the token is missing or wrong\n",
               {{"Content-Type", "text/plain; charset=utf-8"}, {"WWW-Authenticate", "Token realm=\"honeytrap\""}});
  return false;
}

constexpr unsigned most_waiting = 256;
constexpr std::uint32_t retry_ms = 1000;

struct Delivery {
  std::string channel, id, body;
};

// Under one id, so that an event that was stored although the answer was lost is not stored twice.
void publish_until_stored(sdk::Client client, const std::shared_ptr<const Delivery>& delivery,
                          const std::shared_ptr<unsigned>& waiting) {
  const auto again = [client, delivery, waiting](dgm_status status) {
    if (status == DGM_OK) publish_until_stored(client, delivery, waiting);
  };
  const sdk::Client instance(client.host(), 0);
  sdk::NewEvent event(delivery->channel, "event", delivery->body);
  event.id(delivery->id).content_type("application/json");
  const dgm_status status = event.publish(client.host(), [client, instance, again, waiting](dgm_status result) {
    if (result == DGM_OK) {
      if (--*waiting == most_waiting / 2) client.resume();
    } else if (result != DGM_E_CANCELED) {
      instance.after(retry_ms, again);
    }
  });
  if (status < 0) instance.after(retry_ms, again);
}

}  // namespace

std::string make_id() {
  std::random_device random;
  static constexpr char digits[] = "0123456789abcdef";
  std::string id;
  for (int word = 0; word < 4; ++word) {
    std::uint32_t bits = random();
    for (int i = 0; i < 8; ++i, bits >>= 4) id += digits[bits & 15];
  }
  return id;
}

void take_action(sdk::HttpCall call, const sdk::HttpRequest& request, const Settings& settings,
                 const Classifier& classifier) {
  if (!admitted(call, request, settings)) return;
  std::string error;
  const auto events = normalise_batch(
      request.body(), {classifier, dialects::unix_ms(), settings.lenient_json, {}, most_events(settings)}, error);
  if (!events) return answer(call, 400, error);
  if (events->empty()) return answer(call, 200, "ok");
  const std::string id = make_id();
  sdk::NewEvent event(settings.channel, "event", request.body());
  event.id(id).content_type("application/json");
  const dgm_status status = event.publish(call.host(), [call](dgm_status result) {
    if (result == DGM_OK)
      answer(call, 200, "ok");
    else
      answer(call, 503, "the event could not be stored; send it again");
  });
  if (status < 0) answer(call, 503, "the event could not be stored; send it again");
}

void take_ping(sdk::HttpCall call, const sdk::HttpRequest& request, const Settings& settings) {
  if (admitted(call, request, settings)) answer(call, 200, "ok");
}

void RavenClient::open(sdk::Client client, const sdk::Open& open, const Settings& settings,
                       const Classifier& classifier) {
  settings_ = &settings;
  classifier_ = &classifier;
  admitted_ = may_ingest(settings.ingest_token, open.header("Authorization").value_or(""));
  if (!admitted_) client.close(1008, "the token is missing or wrong");
}

void RavenClient::message(sdk::Client client, std::string_view text) {
  if (!admitted_) return;
  std::string error;
  // The pusher drops answers, so an event that is none can only be logged.
  if (!normalise_batch(text, {*classifier_, dialects::unix_ms(), settings_->lenient_json, {}, most_events(*settings_)},
                       error)) {
    client.log(sdk::LogLevel::warn, "event from a honeypot dropped: " + error);
    return;
  }
  if (++*waiting_ >= most_waiting) client.pause();
  publish_until_stored(
      client, std::make_shared<const Delivery>(Delivery{settings_->channel, make_id(), std::string(text)}), waiting_);
}

}  // namespace honeytrap
