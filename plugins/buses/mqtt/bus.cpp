// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"

#include <poll.h>

#include <algorithm>

#include "common/backoff.hpp"
#include "common/resolver.hpp"
#include "common/signals.hpp"
#include "common/text.hpp"
#include "topic.hpp"

namespace mqtt {
namespace {

using dragoman::sdk::LogLevel;
using dragoman::sdk::view;
using std::chrono::milliseconds;

// Read before the gateway is given it.
constexpr std::size_t inbox_messages = 256, inbox_bytes = 256 << 10;
// Of one packet; brokers bound it.
constexpr std::size_t packet_filters = 200, packet_bytes = 32 << 10;
// A connection that lived for so long was a good one: the next delay is the shortest.
constexpr std::chrono::seconds good_life{10};

}  // namespace

Bus::~Bus() {
  stop();
}

void Bus::configure(const dragoman::sdk::Config& config) {
  settings_ = parse_settings(config.settings(), config.state_directory());
  for (const buses::Endpoint& endpoint : settings_.endpoints)
    if (endpoint.tls) buses::Tls(settings_.tls, endpoint.host);
  filters_ = std::make_unique<buses::FilterSet>(topic_filters, settings_.topics);
  outbox_ = std::make_unique<buses::Outbox>(settings_.queue_bytes);
  delivery_ = std::make_unique<buses::Delivery>(host_, settings_.reconnect_min, settings_.reconnect_max,
                                                [this](milliseconds time) { return rest(time); });
}

void Bus::start() {
  if (std::any_of(settings_.endpoints.begin(), settings_.endpoints.end(), [](const auto& e) { return e.tls; }) &&
      !settings_.tls.verify)
    host_.log(LogLevel::warn, "the broker's certificate is not verified");
  mosquitto_lib_init();
  const buses::SignalsBlocked blocked;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (...) {
    mosquitto_lib_cleanup();
    throw;
  }
}

void Bus::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  wake_.ring();
  thread_.join();
  mosquitto_lib_cleanup();
}

void Bus::watch(std::span<const dgm_wish> added, std::span<const dgm_wish> removed) {
  {
    const std::lock_guard lock(mutex_);
    own_channel_.sort(host_, settings_.channel, added, removed, [&](const dgm_wish& wish, bool wanted) {
      const auto filter = filter_of(view(wish.key), wish.literal != 0);
      if (!filter) return;
      if (wanted)
        filters_->add(*filter);
      else
        filters_->remove(*filter);
    });
  }
  wake_.ring();
}

dgm_status Bus::publish(std::span<const dgm_event> events, dragoman::sdk::BusDone done) {
  auto messages = buses::outgoing(events, [&](const dgm_event& event) { return read_event(event, settings_.channel); });
  if (!messages) return DGM_E_INVALID;
  const dgm_status status = outbox_->add(std::move(*messages), done);
  if (status == DGM_OK) wake_.ring();
  return status;
}

bool Bus::rest(milliseconds time) {
  const auto end = Clock::now() + time;
  while (!stopping_) {
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
    if (left.count() <= 0) break;
    wake_.wait(left);
    // Nobody is told of it now, but it must not pile up.
    const std::lock_guard lock(mutex_);
    filters_->apply();
  }
  return !stopping_;
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
  outbox_->close(DGM_E_CANCELED);
}

std::string Bus::serve(const buses::Endpoint& endpoint) {
  up_since_.reset();
  const auto deadline = Clock::now() + settings_.connect_timeout;
  std::string why;
  for (const std::string& address :
       buses::resolve(endpoint.host, [&] { return !stopping_ && Clock::now() < deadline; })) {
    accepted_ = up_ = restored_ = false;
    subscribing_.clear();
    inbox_.clear();
    inbox_bytes_ = 0;
    try {
      Connection connection(settings_, endpoint, address, *this);
      converse(connection);
    } catch (const Lost& lost) {
      why = lost.what();
    }
    // What came before the end counts: without a session at the broker it does not come again.
    if (!inbox_.empty() && !stopping_) deliver();
    if (up_since_ || stopping_) break;
  }
  return why;
}

void Bus::converse(Connection& connection) {
  const auto deadline = Clock::now() + settings_.connect_timeout;
  while (!stopping_) {
    const auto left = up_ ? milliseconds(1000) : std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) throw Lost("it did not answer in time");
    pollfd fds[] = {{connection.socket(), static_cast<short>(POLLIN | (connection.wants_write() ? POLLOUT : 0)), 0},
                    {wake_.descriptor(), POLLIN, 0}};
    poll(fds, 2, static_cast<int>(std::min(left, milliseconds(1000)).count()));
    if (fds[1].revents) wake_.drain();
    if (fds[0].revents) connection.read([&] { return inbox_.size() < inbox_messages && inbox_bytes_ < inbox_bytes; });
    if (!inbox_.empty()) deliver();
    if (stopping_) break;
    if (accepted_) {
      send_changes(connection);
      check_up();
      send_postings(connection);
    }
    connection.write();
    connection.tend();
  }
  connection.leave();
}

void Bus::send_changes(Connection& connection) {
  buses::FilterChange change;
  {
    const std::lock_guard lock(mutex_);
    change = filters_->apply();
    if (!restored_) {
      change.subscribe.assign(filters_->all().begin(), filters_->all().end());
      change.unsubscribe.clear();
      if (session_present_)
        std::set_difference(asked_.begin(), asked_.end(), filters_->all().begin(), filters_->all().end(),
                            std::back_inserter(change.unsubscribe));
      asked_.clear();
      restored_ = true;
    }
  }
  // In this order no event falls between two filters.
  subscribe(connection, change.subscribe);
  for (std::size_t i = 0; i < change.unsubscribe.size(); i += packet_filters)
    connection.unsubscribe(
        std::span(change.unsubscribe).subspan(i, std::min(packet_filters, change.unsubscribe.size() - i)));
  for (const std::string& filter : change.unsubscribe) asked_.erase(filter);
  asked_.insert(change.subscribe.begin(), change.subscribe.end());
}

void Bus::subscribe(Connection& connection, const std::vector<std::string>& filters) {
  for (std::size_t i = 0; i < filters.size();) {
    std::vector<std::string> packet;
    for (std::size_t bytes = 0; i < filters.size() && packet.size() < packet_filters && bytes < packet_bytes; ++i) {
      bytes += filters[i].size();
      packet.push_back(filters[i]);
    }
    const int mid = connection.subscribe(packet);
    subscribing_[mid] = std::move(packet);
  }
}

void Bus::check_up() {
  if (up_ || !restored_ || !subscribing_.empty()) return;
  up_ = true;
  up_since_ = Clock::now();
  outbox_->open();
  host_.connected();
}

void Bus::send_postings(Connection& connection) {
  while (auto posting = outbox_->next(static_cast<std::size_t>(settings_.max_inflight))) {
    std::optional<int> mid;
    try {
      mid = connection.publish(posting->message);
    } catch (...) {
      outbox_->answered(posting, DGM_E_UNAVAILABLE);
      throw;
    }
    if (mid)
      outbox_->sent(*mid, std::move(posting));
    else
      outbox_->answered(posting, DGM_E_INVALID);
  }
}

void Bus::deliver() {
  delivery_->deliver(inbox_);
  inbox_.clear();
  inbox_bytes_ = 0;
}

void Bus::accepted(bool session_present) {
  accepted_ = true;
  session_present_ = session_present;
}

void Bus::message(Incoming message) {
  inbox_bytes_ += message.bytes();
  inbox_.push_back(std::move(message));
}

void Bus::unreadable(std::string_view topic) {
  delivery_->losses().add(1, "a message is no event: its topic " + buses::shown(topic) + " or its payload is too long");
}

void Bus::subscribed(int mid, const std::vector<std::size_t>& refused) {
  const auto found = subscribing_.find(mid);
  if (found == subscribing_.end()) return;
  if (!refused.empty() && refused.front() < found->second.size())
    host_.log(LogLevel::warn, "the broker refuses " + std::to_string(refused.size()) + " subscriptions, the first to " +
                                  buses::shown(found->second[refused.front()]));
  subscribing_.erase(found);
}

void Bus::published(int mid, const std::string& refusal) {
  if (!refusal.empty() && refusal != refused_publish_) {
    refused_publish_ = refusal;
    host_.log(LogLevel::warn, "the broker refuses a published event: " + refusal);
  }
  outbox_->answered(mid, refusal.empty() ? DGM_OK : DGM_E_UNAVAILABLE);
}

}  // namespace mqtt
