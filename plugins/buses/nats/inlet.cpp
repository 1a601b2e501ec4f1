// SPDX-License-Identifier: Apache-2.0
#include "inlet.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "common/text.hpp"
#include "subject.hpp"

namespace nats {
namespace {

// More than one batch of what is published can have.
constexpr std::size_t refusal_limit = 1 << 17;
// The server's words have come when this is asked for; their way to the handler is one between two threads.
constexpr int moment_ms = 2000;

}  // namespace

Inlet::Inlet(const Settings& settings, buses::Wake& wake)
    : channel_(settings.channel),
      most_messages_(settings.pending_messages),
      most_bytes_(settings.pending_bytes),
      wake_(&wake) {}

News Inlet::take(std::size_t messages, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  News out = std::exchange(rest_, {});
  rest_.closed = out.closed;
  rest_.why_closed = out.why_closed;
  for (std::size_t taken = 0; !arrivals_.empty() && out.messages.size() < messages && taken < bytes;) {
    Arrival& arrival = arrivals_.front();
    const std::size_t size = arrival.message.bytes();
    taken += size;
    bytes_ -= size;
    out.last = std::max(out.last, arrival.sequence);
    if (!arrival.acknowledge.empty()) out.to_acknowledge.push_back(std::move(arrival.acknowledge));
    out.messages.push_back(std::move(arrival.message));
    arrivals_.pop_front();
  }
  rung_ = false;
  if (!arrivals_.empty()) ring();
  return out;
}

std::optional<std::vector<std::string>> Inlet::refusals_through(const std::string& last, std::size_t times) {
  for (int i = 0; i < moment_ms; ++i) {
    {
      const std::lock_guard lock(mutex_);
      auto& all = rest_.refusals;
      if (static_cast<std::size_t>(std::count(all.begin(), all.end(), last)) >= times) return std::exchange(all, {});
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return std::nullopt;
}

void Inlet::shut() {
  const std::lock_guard lock(mutex_);
  wake_ = nullptr;
  arrivals_.clear();
}

void Inlet::ring() {
  if (!wake_ || rung_) return;
  rung_ = true;
  wake_->ring();
}

void Inlet::install(natsOptions* options) {
  natsOptions_SetErrorHandler(options, on_error, this);
  natsOptions_SetClosedCB(options, on_closed, this);
  natsOptions_SetLameDuckModeCB(options, on_lame_duck, this);
}

void Inlet::hold() {
  const std::lock_guard lock(mutex_);
  self_ = shared_from_this();
}

void Inlet::let_go() {
  std::shared_ptr<Inlet> last;
  const std::lock_guard lock(mutex_);
  last.swap(self_);
}

void Inlet::message(natsMsg* message, const Tap& tap) {
  if (tap.kind == Kind::confirmations) {
    auto confirmation = read_confirmation(message);
    const std::lock_guard lock(mutex_);
    if (confirmation && wake_) rest_.confirmations.push_back(std::move(*confirmation));
    return ring();
  }
  const char* text = natsMsg_GetSubject(message);
  const std::string_view subject = text ? text : "";
  if (tap.wildcard_first && is_internal(subject)) return;
  const bool of_stream = tap.kind == Kind::stream;
  auto arrival = read_message(message, channel_, of_stream);
  const std::lock_guard lock(mutex_);
  if (!wake_) return;
  if (!arrival) {
    if (rest_.unreadable++ == 0) rest_.unreadable_subject = buses::shown(subject);
    if (const char* reply = natsMsg_GetReply(message); of_stream && reply) rest_.to_acknowledge.emplace_back(reply);
    return ring();
  }
  const std::size_t bytes = arrival->message.bytes();
  const bool too_many = !of_stream && arrivals_.size() >= most_messages_;
  if (!arrivals_.empty() && (too_many || bytes > most_bytes_ - std::min(bytes_, most_bytes_))) {
    // A stream, which bounds their number by itself, sends again what is not acknowledged.
    if (!of_stream) ++rest_.dropped;
    return;
  }
  bytes_ += bytes;
  arrivals_.push_back(std::move(*arrival));
  ring();
}

void Inlet::on_message(natsConnection*, natsSubscription*, natsMsg* message, void* closure) {
  const MessagePtr held(message);
  const Tap& tap = *static_cast<Tap*>(closure);
  try {
    tap.inlet->message(message, tap);
  } catch (...) {
    const std::lock_guard lock(tap.inlet->mutex_);
    ++tap.inlet->rest_.dropped;
  }
}

void Inlet::on_complete(void* closure) {
  delete static_cast<Tap*>(closure);
}

void Inlet::on_error(natsConnection*, natsSubscription*, natsStatus status, void* closure) {
  Inlet& self = *static_cast<Inlet*>(closure);
  try {
    std::string text = explanation(status);
    const std::lock_guard lock(self.mutex_);
    if (status == NATS_SLOW_CONSUMER)
      self.rest_.slow = true;
    else if (self.rest_.refusals.size() < refusal_limit)
      self.rest_.refusals.push_back(std::move(text));
    self.ring();
  } catch (...) {
    // A line of the log is lost.
  }
}

void Inlet::on_closed(natsConnection* connection, void* closure) {
  const std::shared_ptr<Inlet> self = static_cast<Inlet*>(closure)->shared_from_this();
  const char* said = nullptr;
  const natsStatus status = natsConnection_GetLastError(connection, &said);
  const std::string_view text = said ? said : "";
  {
    const std::lock_guard lock(self->mutex_);
    self->rest_.closed = true;
    try {
      self->rest_.why_closed =
          status == NATS_OK || text.empty() ? std::string("the connection has ended") : sentence(text);
    } catch (...) {
      // Without its reason.
    }
    self->ring();
  }
  self->let_go();
}

void Inlet::on_lame_duck(natsConnection*, void* closure) {
  Inlet& self = *static_cast<Inlet*>(closure);
  const std::lock_guard lock(self.mutex_);
  self.rest_.lame_duck = true;
  self.ring();
}

}  // namespace nats
