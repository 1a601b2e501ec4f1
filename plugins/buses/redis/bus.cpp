// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"

#include <poll.h>

#include <algorithm>

#include "common/backoff.hpp"
#include "common/resolver.hpp"
#include "common/signals.hpp"
#include "feed.hpp"
#include "message.hpp"
#include "subscriber.hpp"

namespace redis {
namespace {

using dragoman::sdk::LogLevel;
using dragoman::sdk::view;
using std::chrono::milliseconds;

// Read while the gateway is busy with what came before.
constexpr std::size_t inbox_messages = 512, inbox_bytes = 512 << 10;
// Between two looks at other descriptors.
constexpr int pieces = 16;
// At the end of a connection: as much as the system may hold of it.
constexpr std::size_t drained_pieces = 1024;
// A connection that lived for so long was a good one: the next delay is the shortest.
constexpr std::chrono::seconds good_life{10};
constexpr milliseconds tick{250}, full_lately{1000};

}  // namespace

Bus::~Bus() {
  stop();
}

void Bus::configure(const dragoman::sdk::Config& config) {
  settings_ = parse_settings(config.settings(), config.state_directory());
  for (const buses::Endpoint& endpoint : settings_.endpoints)
    if (endpoint.tls) buses::Tls(settings_.tls, endpoint.host);
  outbox_ = std::make_unique<buses::Outbox>(settings_.queue_bytes);
  positions_ = std::make_unique<Positions>(
      host_, std::filesystem::path(config.state_directory()) / ("redis-" + std::string(config.mount()) + ".json"));
  publisher_ = std::make_unique<Publisher>(host_, settings_, *outbox_);
  courier_ = std::make_unique<Courier>(
      host_, settings_.reconnect_min, settings_.reconnect_max,
      [this](const PositionMap& positions) { positions_->store(positions); }, wake_);
  if (settings_.streams.empty())
    source_ = std::make_unique<Subscriber>(host_, settings_);
  else
    source_ = std::make_unique<Feed>(host_, settings_, *positions_);
}

void Bus::start() {
  if (std::any_of(settings_.endpoints.begin(), settings_.endpoints.end(), [](const auto& e) { return e.tls; }) &&
      !settings_.tls.verify)
    host_.log(LogLevel::warn, "the server's certificate is not verified");
  const buses::SignalsBlocked blocked;
  try {
    courier_->start();
    thread_ = std::thread([this] { run(); });
  } catch (...) {
    courier_->stop();
    throw;
  }
}

void Bus::stop() {
  stopping_ = true;
  wake_.ring();
  if (thread_.joinable()) thread_.join();
  if (courier_) courier_->stop();
}

void Bus::watch(std::span<const dgm_wish> added, std::span<const dgm_wish> removed) {
  own_channel_.sort(host_, settings_.channel, added, removed, [&](const dgm_wish& wish, bool wanted) {
    source_->want(view(wish.key), wish.literal != 0, wanted);
  });
  wake_.ring();
}

dgm_status Bus::publish(std::span<const dgm_event> events, dragoman::sdk::BusDone done) {
  auto messages = buses::outgoing(events, [&](const dgm_event& event) { return read_event(event, settings_.channel); });
  if (!messages) return DGM_E_INVALID;
  const dgm_status status = outbox_->add(std::move(*messages), done);
  if (status == DGM_OK) wake_.ring();
  return status;
}

void Bus::rest(milliseconds time) {
  const auto end = Clock::now() + time;
  while (!stopping_) {
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
    if (left.count() <= 0) break;
    wake_.wait(left);
    source_->away();
    hand_over();
  }
}

void Bus::run() {
  buses::Backoff backoff(settings_.reconnect_min, settings_.reconnect_max);
  std::size_t at = 0, failed = 0;
  while (!stopping_) {
    const buses::Endpoint& endpoint = settings_.endpoints[at];
    std::string why;
    try {
      why = serve(endpoint);
    } catch (const std::exception& error) {
      why = error.what();
    }
    outbox_->close(stopping_ ? DGM_E_CANCELED : DGM_E_UNAVAILABLE);
    if (stopping_) break;
    host_.lost(endpoint.text() + ": " + why);
    if (up_since_) {
      if (Clock::now() - *up_since_ >= good_life) backoff.reset();
      failed = 0;
    } else {
      at = (at + 1) % settings_.endpoints.size();
      if (++failed % settings_.endpoints.size() != 0) continue;
    }
    rest(backoff.next());
  }
}

std::string Bus::serve(const buses::Endpoint& endpoint) {
  up_since_.reset();
  full_at_.reset();
  const auto deadline = Clock::now() + settings_.connect_timeout;
  std::vector<std::string> addresses = {""};
  if (!endpoint.local())
    addresses = buses::resolve(endpoint.host, [&] { return !stopping_ && Clock::now() < deadline; });
  std::string why;
  for (const std::string& address : addresses) {
    source_->begin();
    publisher_->begin();
    std::optional<Link> link;
    try {
      link.emplace(settings_, endpoint, address);
      converse(*link);
    } catch (const Lost& lost) {
      why = lost.what();
      // What came before the end counts.
      if (up_since_) drain(link->in);
    }
    if (up_since_ || stopping_) break;
  }
  return why;
}

void Bus::drain(Connection& in) {
  std::size_t left = drained_pieces;
  try {
    while (left-- > 0 && in.read())
      while (auto reply = in.next()) source_->take(std::move(reply), inbox_);
  } catch (const Lost&) {
  }
}

void Bus::converse(Link& link) {
  const auto deadline = Clock::now() + settings_.connect_timeout;
  while (!stopping_) {
    if (!up_since_ && Clock::now() >= deadline) throw Lost("it did not answer in time");
    wait(link, up_since_ ? tick : std::min(tick, std::chrono::ceil<milliseconds>(deadline - Clock::now())));
    receive(link);
    hand_over();
    if (link.in.accepted()) source_->tend(link.in, room());
    if (!up_since_ && source_->ready() && link.out.accepted()) {
      up_since_ = Clock::now();
      outbox_->open();
      host_.connected();
    }
    if (link.out.accepted()) publisher_->tend(link.out);
    link.in.write();
    link.out.write();
    check_silence(link);
  }
}

void Bus::wait(Link& link, milliseconds most) {
  if (link.out.holds_input() || (room() && link.in.holds_input())) most = milliseconds(0);
  // One that is not waited for would report its end again and again.
  const auto watched = [](const Connection& connection, bool read) {
    const short events = connection.events(read);
    return pollfd{events ? connection.descriptor() : -1, events, 0};
  };
  pollfd fds[] = {watched(link.in, room()), watched(link.out, true), {wake_.descriptor(), POLLIN, 0}};
  poll(fds, 3, static_cast<int>(most.count()));
  if (fds[2].revents) wake_.drain();
}

void Bus::receive(Link& link) {
  for (int i = 0; i < pieces && link.out.read(); ++i)
    while (const auto reply = link.out.next()) publisher_->take(*reply);
  try {
    for (int i = 0; i < pieces && room() && link.in.read(); ++i)
      while (auto reply = link.in.next()) source_->take(std::move(reply), inbox_);
  } catch (const TooLarge& large) {
    source_->too_large(large.part.get(), inbox_);
    throw;
  } catch (const Lost& lost) {
    if (!up_since_ || !settings_.streams.empty() || !full_at_ || Clock::now() - *full_at_ > full_lately) throw;
    throw Lost(std::string(lost.what()) +
               ", perhaps because the gateway was slower than its client-output-buffer-limit allows; events are lost");
  }
}

void Bus::check_silence(Link& link) {
  if (!room()) {
    full_at_ = Clock::now();
    link.in.excuse_silence();
  }
  const auto most = 2 * settings_.keepalive;
  if ((source_->waiting() && link.in.silence() >= most) || (publisher_->waiting() && link.out.silence() >= most))
    throw Lost("it does not answer any more");
}

void Bus::hand_over() {
  if (inbox_.empty() || !courier_->idle()) return;
  courier_->take(std::exchange(inbox_, {}));
}

bool Bus::room() const {
  return inbox_.messages.size() < inbox_messages && inbox_.bytes < inbox_bytes;
}

}  // namespace redis
