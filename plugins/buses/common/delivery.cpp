// SPDX-License-Identifier: Apache-2.0
#include "common/delivery.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "common/backoff.hpp"

namespace buses {
namespace {

using dragoman::sdk::raw;
using std::chrono::milliseconds;

struct Kept {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<dgm_status> status;
};

}  // namespace

bool Delivery::deliver(std::span<const Incoming> messages) {
  std::vector<dgm_event> events(messages.size());
  std::vector<std::vector<dgm_field>> fields(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Incoming& from = messages[i];
    for (const auto& [attribute, value] : from.attributes) fields[i].push_back({raw(attribute), raw(value)});
    dgm_event& event = events[i];
    event = {};
    event.size = sizeof event;
    event.time_ms = from.time_ms;
    event.id = raw(from.id);
    event.channel = raw(from.channel);
    event.key = raw(from.key);
    event.content_type = raw(from.content_type);
    event.body = raw(from.body);
    event.attributes = fields[i].data();
    event.attribute_count = fields[i].size();
  }
  const Outcome all = attempt(events);
  if (all != Outcome::refused) return all == Outcome::taken;
  for (const dgm_event& event : events) {
    const Outcome one = attempt(std::span(&event, 1));
    if (one == Outcome::stopping) return false;
    if (one == Outcome::refused) losses_.add(1, "the gateway refuses an event");
  }
  return true;
}

Delivery::Outcome Delivery::attempt(std::span<const dgm_event> events) {
  Backoff backoff(least_, most_);
  for (;;) {
    const auto kept = std::make_shared<Kept>();
    const dgm_status status = host_.deliver(events, [kept](dgm_status result) {
      const std::lock_guard lock(kept->mutex);
      kept->status = result;
      kept->changed.notify_one();
    });
    if (status == DGM_E_CANCELED) return Outcome::stopping;
    if (status < 0) return Outcome::refused;
    {
      std::unique_lock lock(kept->mutex);
      while (!kept->status && rest_(milliseconds(0))) kept->changed.wait_for(lock, milliseconds(100));
      if (!kept->status) return Outcome::stopping;
      if (*kept->status >= 0) return Outcome::taken;
    }
    if (!rest_(backoff.next())) return Outcome::stopping;
  }
}

}  // namespace buses
