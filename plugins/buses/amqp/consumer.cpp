// SPDX-License-Identifier: Apache-2.0
#include "consumer.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "common/backoff.hpp"
#include "common/text.hpp"
#include "message.hpp"

namespace amqp {
namespace {

using dragoman::sdk::LogLevel;
using dragoman::sdk::raw;
using dragoman::sdk::view;
using std::chrono::milliseconds;

constexpr amqp_channel_t message_channel = 1, binding_channel = 2;
// Read between two looks at what else there is to do.
constexpr int frames_at_once = 1000;
// A connection that lived for so long was a good one: the next delay is the shortest.
constexpr std::chrono::seconds good_life{10};

}  // namespace

Consumer::Consumer(dragoman::sdk::BusHost host, const Settings& settings, Presence& presence, Inbox& inbox,
                   std::function<void(std::optional<std::size_t>)> follow)
    : host_(host),
      settings_(settings),
      presence_(presence),
      inbox_(inbox),
      follow_(std::move(follow)),
      topology_(settings, [host](const std::string& sentence) { host.log(LogLevel::warn, sentence); }),
      assembly_(settings.queue_channel, settings.message_bytes),
      losses_(host) {}

void Consumer::watch(std::span<const dgm_wish> added, std::span<const dgm_wish> removed) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [wishes, by] : {std::pair(added, 1), std::pair(removed, -1)})
      for (const dgm_wish& wish : wishes)
        changes_.push_back({std::string(view(wish.channel)), std::string(view(wish.key)), wish.literal, by});
  }
  wake();
}

void Consumer::read_changes() {
  std::vector<Change> changes;
  {
    const std::lock_guard lock(mutex_);
    changes.swap(changes_);
  }
  for (const Change& change : changes)
    topology_.want({raw(change.channel), raw(change.key), change.literal, 0}, change.by);
}

void Consumer::run() {
  buses::Backoff backoff(settings_.reconnect_min, settings_.reconnect_max);
  std::size_t at = 0, failed = 0;
  while (!thread_.stopping()) {
    const std::string why = serve(at);
    follow_(std::nullopt);
    if (thread_.stopping()) break;
    presence_.down(Presence::consumer, settings_.endpoints[at].text() + ": " + why);
    if (up_since_) {
      if (Clock::now() - *up_since_ >= good_life) backoff.reset();
      failed = 0;
    } else {
      at = (at + 1) % settings_.endpoints.size();
      if (++failed % settings_.endpoints.size() != 0) continue;
    }
    thread_.rest(backoff.next(), [this] { read_changes(); });
  }
}

std::string Consumer::serve(std::size_t endpoint) {
  up_since_.reset();
  try {
    Link link(settings_, settings_.endpoints[endpoint], thread_);
    set_up(link);
    follow_(endpoint);
    converse(link);
    return "the bus stops";
  } catch (const std::exception& error) {
    return error.what();
  }
}

void Consumer::set_up(Link& link) {
  assembly_.begin();
  // An own queue is gone with its connection; what came from it does not come again.
  inbox_.begin(settings_.queue.empty() || settings_.drop);
  read_changes();
  topology_.begin();
  link.open_channel(message_channel);
  link.open_channel(binding_channel);
  if (!settings_.drop) {
    amqp_basic_qos(link.state(), message_channel, 0, settings_.prefetch, 0);
    link.require();
  }
  const bool own = settings_.queue.empty();
  Arguments arguments;
  if (settings_.queue_expires.count() > 0) arguments.emplace_back("x-expires", settings_.queue_expires.count());
  Table table(arguments);
  const auto* const queue =
      amqp_queue_declare(link.state(), message_channel, bytes(settings_.queue), !settings_.queue_declare,
                         settings_.queue_durable, own, own, table.get());
  link.require();
  queue_ = view(queue->queue);
  amqp_basic_consume(link.state(), message_channel, bytes(queue_), amqp_empty_bytes, 0, settings_.drop, 0,
                     amqp_empty_table);
  link.require();
}

void Consumer::converse(Link& link) {
  const auto deadline = Clock::now() + settings_.connect_timeout;
  while (!thread_.stopping()) {
    read_changes();
    const auto now = Clock::now();
    topology_.advance([&](const Step& step) { send_step(link, step); }, now);
    if (!up_since_) {
      if (topology_.settled()) {
        up_since_ = now;
        presence_.up(Presence::consumer);
      } else if (now >= deadline) {
        throw Lost("it did not answer in time");
      }
    }
    confirm(link);
    wait(link);
    if (thread_.stopping()) break;
    read(link);
  }
  confirm(link);
  link.leave();
}

void Consumer::wait(Link& link) {
  auto until = Clock::now() + milliseconds(1000);
  until = std::min(until, topology_.retry());
  const auto left = std::max(milliseconds(0), std::chrono::ceil<milliseconds>(until - Clock::now()));
  pollfd fds[] = {{link.socket(), POLLIN, 0}, {thread_.wake().descriptor(), POLLIN, 0}};
  poll(fds, 2, static_cast<int>(left.count()));
  if (fds[1].revents) thread_.wake().drain();
}

void Consumer::read(Link& link) {
  for (int n = 0; n < frames_at_once; ++n) {
    const auto frame = link.receive();
    if (!frame) break;
    if (frame->frame_type == AMQP_FRAME_METHOD) {
      read_method(link, *frame);
    } else if (frame->channel == message_channel) {
      if (auto delivered = assembly_.frame(*frame)) take(std::move(*delivered));
    }
    link.release();
    if (n + 1 == frames_at_once) wake();
  }
}

void Consumer::read_method(Link& link, const amqp_frame_t& frame) {
  switch (frame.payload.method.id) {
    case AMQP_BASIC_DELIVER_METHOD:
      return assembly_.deliver(*static_cast<const amqp_basic_deliver_t*>(frame.payload.method.decoded));
    case AMQP_BASIC_CANCEL_METHOD:
      throw Lost("the queue is gone");
    case AMQP_CHANNEL_CLOSE_METHOD: {
      const Refused refused = read_refusal(frame);
      if (frame.channel != binding_channel) throw Lost("it has closed the channel: " + refused.why);
      link.reopen_channel(binding_channel);
      return topology_.refused(refused.code, refused.why, Clock::now());
    }
    case AMQP_EXCHANGE_DECLARE_OK_METHOD:
    case AMQP_QUEUE_BIND_OK_METHOD:
    case AMQP_QUEUE_UNBIND_OK_METHOD:
      return topology_.done();
    default:
      return;
  }
}

void Consumer::take(Assembly::Delivered delivered) {
  if (!delivered.message)
    losses_.add(1, "a message of the exchange " + buses::shown(delivered.exchange) +
                       " is no event: its key or its body is too long");
  if (settings_.drop) {
    if (!delivered.message) return;
    if (inbox_.full()) return losses_.add(1, "the gateway is full");
  }
  inbox_.add(delivered.tag, std::move(delivered.message));
}

void Consumer::confirm(Link& link) {
  const std::uint64_t tag = inbox_.confirmed();
  if (!tag || settings_.drop) return;
  link.check(amqp_basic_ack(link.state(), message_channel, tag, 1));
}

void Consumer::send_step(Link& link, const Step& step) {
  const Exchange& exchange = settings_.exchange(step.exchange);
  if (step.kind == Step::declare) {
    amqp_exchange_declare_t method{};
    method.exchange = bytes(step.exchange);
    method.type = bytes(name_of(exchange.type));
    method.passive = !exchange.declare;
    method.durable = exchange.durable;
    method.auto_delete = exchange.auto_delete;
    return link.send(binding_channel, AMQP_EXCHANGE_DECLARE_METHOD, &method);
  }
  static const Arguments none;
  Table arguments(step.binding.match < exchange.match.size() ? exchange.match[step.binding.match] : none);
  if (step.kind == Step::bind) {
    amqp_queue_bind_t method{};
    method.queue = bytes(queue_);
    method.exchange = bytes(step.exchange);
    method.routing_key = bytes(step.binding.key);
    method.arguments = arguments.get();
    return link.send(binding_channel, AMQP_QUEUE_BIND_METHOD, &method);
  }
  amqp_queue_unbind_t method{};
  method.queue = bytes(queue_);
  method.exchange = bytes(step.exchange);
  method.routing_key = bytes(step.binding.key);
  method.arguments = arguments.get();
  link.send(binding_channel, AMQP_QUEUE_UNBIND_METHOD, &method);
}

}  // namespace amqp
