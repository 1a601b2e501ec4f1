// SPDX-License-Identifier: Apache-2.0
#include "publisher.hpp"

#include <poll.h>

#include <algorithm>

#include "common/backoff.hpp"
#include "common/text.hpp"
#include "message.hpp"

namespace amqp {
namespace {

using dragoman::sdk::LogLevel;
using std::chrono::milliseconds;

constexpr amqp_channel_t message_channel = 1, exchange_channel = 2;
constexpr std::size_t most_known = 1000;

}  // namespace

Publisher::Publisher(dragoman::sdk::BusHost host, const Settings& settings, Presence& presence)
    : host_(host), settings_(settings), presence_(presence), outbox_(settings.queue_bytes) {}

void Publisher::follow(std::optional<std::size_t> endpoint) {
  {
    const std::lock_guard lock(mutex_);
    endpoint_ = endpoint;
  }
  thread_.wake().ring();
}

bool Publisher::here(std::size_t endpoint) {
  const std::lock_guard lock(mutex_);
  return endpoint_ == endpoint && !thread_.stopping();
}

dgm_status Publisher::publish(std::vector<buses::Outgoing> messages, dragoman::sdk::BusDone done) {
  const dgm_status status = outbox_.add(std::move(messages), done);
  if (status == DGM_OK) thread_.wake().ring();
  return status;
}

void Publisher::run() {
  buses::Backoff backoff(settings_.reconnect_min, settings_.reconnect_max);
  while (!thread_.stopping()) {
    std::optional<std::size_t> endpoint;
    {
      const std::lock_guard lock(mutex_);
      endpoint = endpoint_;
    }
    if (!endpoint) {
      thread_.wake().wait(milliseconds(1000));
      continue;
    }
    std::string why;
    up_ = false;
    try {
      serve(*endpoint);
    } catch (const std::exception& error) {
      why = error.what();
    }
    outbox_.close(thread_.stopping() ? DGM_E_CANCELED : DGM_E_UNAVAILABLE);
    if (!here(*endpoint)) why = why.empty() ? "it is not the broker that events come from" : why;
    if (thread_.stopping()) break;
    presence_.down(Presence::publisher, settings_.endpoints[*endpoint].text() + ": to publish: " + why);
    if (up_) backoff.reset();
    if (here(*endpoint)) thread_.rest(backoff.next());
  }
  outbox_.close(DGM_E_CANCELED);
}

void Publisher::serve(std::size_t endpoint) {
  Link link(settings_, settings_.endpoints[endpoint], thread_);
  blocked_ = refusing_ = false;
  known_.clear();
  link.open_channel(message_channel);
  link.open_channel(exchange_channel);
  begin_channel(link);
  up_ = true;
  outbox_.open();
  presence_.up(Presence::publisher);
  converse(link, endpoint);
}

void Publisher::begin_channel(Link& link) {
  amqp_confirm_select(link.state(), message_channel);
  link.require();
  number_ = 0;
}

void Publisher::converse(Link& link, std::size_t endpoint) {
  while (here(endpoint)) {
    read(link);
    if (!blocked_) send(link);
    check_progress();
    pollfd fds[] = {{link.socket(), POLLIN, 0}, {thread_.wake().descriptor(), POLLIN, 0}};
    poll(fds, 2, 500);
    if (fds[1].revents) thread_.wake().drain();
  }
  link.leave();
}

void Publisher::read(Link& link) {
  while (const auto frame = link.receive()) {
    if (frame->frame_type == AMQP_FRAME_METHOD) read_method(link, *frame);
    link.release();
  }
}

void Publisher::read_method(Link& link, const amqp_frame_t& frame) {
  const auto tell = [&](std::uint64_t tag, bool multiple, dgm_status status) {
    progress_ = Clock::now();
    if (multiple)
      outbox_.answered_through(tag ? tag : number_, status);
    else
      outbox_.answered(tag, status);
  };
  switch (frame.payload.method.id) {
    case AMQP_BASIC_ACK_METHOD: {
      const auto& ack = *static_cast<const amqp_basic_ack_t*>(frame.payload.method.decoded);
      return tell(ack.delivery_tag, ack.multiple, DGM_OK);
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto& nack = *static_cast<const amqp_basic_nack_t*>(frame.payload.method.decoded);
      warn("the broker could not take a published event");
      return tell(nack.delivery_tag, nack.multiple, DGM_E_UNAVAILABLE);
    }
    case AMQP_CONNECTION_BLOCKED_METHOD:
      if (!blocked_) progress_ = Clock::now();
      blocked_ = true;
      return warn("the broker takes nothing for now: its memory or its disk is full");
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      blocked_ = refusing_ = false;
      told_.clear();
      return outbox_.open();
    case AMQP_CHANNEL_CLOSE_METHOD:
      if (frame.channel != message_channel) throw Lost("it has closed a channel: " + read_refusal(frame).why);
      warn("the broker refuses a published event: " + read_refusal(frame).why);
      // Nothing tells which of those under way it has taken.
      outbox_.answered_through(number_, DGM_E_UNAVAILABLE);
      known_.clear();
      link.reopen_channel(message_channel);
      return begin_channel(link);
    default:
      return;
  }
}

void Publisher::send(Link& link) {
  while (const auto posting = outbox_.next(settings_.max_inflight)) {
    bool possible;
    try {
      possible = check_exchange(link, posting->message.channel);
      if (possible) publish(link, posting->message);
    } catch (...) {
      outbox_.answered(posting, DGM_E_UNAVAILABLE);
      throw;
    }
    if (possible)
      outbox_.sent(number_, posting);
    else
      outbox_.answered(posting, DGM_E_INVALID);
  }
}

bool Publisher::check_exchange(Link& link, const std::string& name) {
  if (name.empty() || known_.contains(name)) return true;
  const Exchange& exchange = settings_.exchange(name);
  amqp_exchange_declare(link.state(), exchange_channel, bytes(name), bytes(name_of(exchange.type)), !exchange.declare,
                        exchange.durable, exchange.auto_delete, 0, amqp_empty_table);
  if (const auto refused = link.answer()) {
    link.reopen_channel(exchange_channel);
    warn("an event cannot be published to the exchange " + buses::shown(name) + ": " + refused->why);
    return false;
  }
  if (known_.size() == most_known) known_.clear();
  known_.insert(name);
  return true;
}

void Publisher::publish(Link& link, const Outgoing& message) {
  if (outbox_.under_way() == 0) progress_ = Clock::now();
  const Properties properties(message, settings_.persistent);
  link.check(amqp_basic_publish(link.state(), message_channel, bytes(message.channel), bytes(message.key), 0, 0,
                                &properties.get(), bytes(message.body)));
  ++number_;
}

void Publisher::check_progress() {
  if (refusing_ || (!blocked_ && outbox_.under_way() == 0)) return;
  if (Clock::now() - progress_ < settings_.publish_timeout) return;
  if (!blocked_) throw Lost("it did not confirm in time");
  refusing_ = true;
  outbox_.close(DGM_E_UNAVAILABLE);
}

void Publisher::warn(const std::string& why) {
  if (why == told_) return;
  told_ = why;
  host_.log(LogLevel::warn, why);
}

}  // namespace amqp
