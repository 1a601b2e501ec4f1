// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"

#include <algorithm>

#include "attempt.hpp"
#include "common/backoff.hpp"
#include "common/signals.hpp"
#include "common/text.hpp"
#include "subject.hpp"

namespace nats {
namespace {

using dragoman::sdk::LogLevel;
using dragoman::sdk::view;

// Given to the gateway at once.
constexpr std::size_t batch_messages = 1024, batch_bytes = 1 << 20;
// A connection that lived for so long was a good one: the next delay is the shortest.
constexpr std::chrono::seconds good_life{10};
// The library keeps the time of an attempt by itself, but for a server that greets and then says nothing.
constexpr std::chrono::milliseconds grace{250};
constexpr std::size_t refused_limit = 1000;

// From this length on the library may have cut the server's words.
constexpr std::size_t cut_refusal = 200;

// Whether the server's words are about what was published under a subject.
bool is_about(std::string_view refusal, std::string_view subject) {
  std::string expected = "Permissions Violation for Publish to \"";
  for (const char c : subject) {
    if (c == '"' || c == '\\') expected += '\\';
    expected += c;
  }
  expected += '"';
  return refusal.size() < cut_refusal ? refusal == expected : expected.starts_with(refusal);
}

}  // namespace

Bus::~Bus() {
  stop();
}

void Bus::configure(const dragoman::sdk::Config& config) {
  settings_ = parse_settings(config.settings(), config.state_directory());
  for (const buses::Endpoint& endpoint : settings_.endpoints) buses::Tls(settings_.tls, endpoint.host);
  attempts_.resize(settings_.endpoints.size());
  filters_ = std::make_unique<buses::FilterSet>(subject_filters, settings_.bounds);
  outbox_ = std::make_unique<buses::Outbox>(settings_.queue_bytes);
  delivery_ = std::make_unique<buses::Delivery>(host_, settings_.reconnect_min, settings_.reconnect_max,
                                                [this](Milliseconds time) { return rest(time); });
}

void Bus::start() {
  if (!settings_.tls.verify) host_.log(LogLevel::warn, "the server's certificate is not verified");
  const buses::SignalsBlocked blocked;
  open_library();
  thread_ = std::thread([this] {
    run();
    nats_ReleaseThreadMemory();
  });
}

void Bus::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  wake_.ring();
  {
    const std::lock_guard lock(mutex_);
    if (current_) current_->close();
  }
  thread_.join();
  nats_ReleaseThreadMemory();
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

bool Bus::rest(Milliseconds time) {
  const auto end = Clock::now() + time;
  while (!stopping_) {
    const auto left = std::chrono::ceil<Milliseconds>(end - Clock::now());
    if (left.count() <= 0) break;
    wake_.wait(left);
  }
  return !stopping_;
}

void Bus::run() {
  buses::Backoff backoff(settings_.reconnect_min, settings_.reconnect_max);
  std::size_t at = 0, failed = 0;
  while (!stopping_) {
    std::string why;
    up_ = leaving_ = slow_ = false;
    try {
      serve(at);
    } catch (const std::exception& error) {
      why = error.what();
    }
    unconfirmed_.clear();
    outbox_->close(stopping_ ? DGM_E_CANCELED : DGM_E_UNAVAILABLE);
    if (stopping_) break;
    host_.lost(settings_.endpoints[at].text() + ": " + why);
    if (!up_ || leaving_) at = (at + 1) % settings_.endpoints.size();
    if (up_) {
      if (Clock::now() - up_since_ >= good_life) backoff.reset();
      failed = 0;
    } else if (++failed % settings_.endpoints.size() != 0) {
      continue;
    }
    rest(backoff.next());
  }
  outbox_->close(DGM_E_CANCELED);
}

ConnectionPtr Bus::connect(std::size_t endpoint, const std::shared_ptr<Inlet>& inlet) {
  if (!attempts_[endpoint].expired()) throw Lost("it has not answered an earlier attempt yet");
  Attempt attempt(make_options(settings_, settings_.endpoints[endpoint], *inlet), inlet, wake_);
  attempts_[endpoint] = attempt.life();
  const auto deadline = Clock::now() + settings_.connect_timeout + grace;
  while (!stopping_ && !attempt.done()) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) throw Lost("it did not answer in time");
    wake_.wait(left);
  }
  return stopping_ ? nullptr : attempt.connection();
}

void Bus::serve(std::size_t endpoint) {
  struct Shut {
    std::shared_ptr<Inlet> inlet;
    ~Shut() { inlet->shut(); }
  };
  const Shut guard{std::make_shared<Inlet>(settings_, wake_)};
  ConnectionPtr made = connect(endpoint, guard.inlet);
  if (!made) return;
  Connection connection(settings_, std::move(made), guard.inlet);
  struct Current {
    Bus& bus;
    Current(Bus& b, Connection& connection) : bus(b) { set(&connection); }
    ~Current() { set(nullptr); }
    void set(Connection* to) {
      const std::lock_guard lock(bus.mutex_);
      bus.current_ = to;
    }
  };
  const Current current(*this, connection);
  try {
    if (!stopping_) converse(connection);
  } catch (...) {
    // What came before the end counts: it does not come again.
    try {
      while (!stopping_ && receive(connection)) continue;
    } catch (const Lost&) {
      // It is known.
    }
    throw;
  }
}

void Bus::converse(Connection& connection) {
  restore(connection);
  while (!stopping_) {
    send_changes(connection);
    const bool more = receive(connection);
    send_postings(connection);
    give_up();
    if (!more) wake_.wait(Milliseconds(unconfirmed_.empty() ? 1000 : 50));
  }
}

void Bus::restore(Connection& connection) {
  std::vector<std::string> all;
  {
    const std::lock_guard lock(mutex_);
    filters_->apply();
    all.assign(filters_->all().begin(), filters_->all().end());
  }
  if (settings_.stream.empty())
    for (const std::string& filter : all) connection.subscribe(filter);
  else
    connection.consume(last_);
  if (!flush(connection)) return;
  up_ = true;
  up_since_ = Clock::now();
  outbox_->open();
  host_.connected();
}

void Bus::send_changes(Connection& connection) {
  buses::FilterChange change;
  {
    const std::lock_guard lock(mutex_);
    change = filters_->apply();
  }
  if (!settings_.stream.empty()) return;
  // In this order no event falls between two filters. What the server has sent for the old ones, before it knew the new
  // ones, is behind its answer.
  for (const std::string& filter : change.subscribe) connection.subscribe(filter);
  if (change.unsubscribe.empty() || !flush(connection)) return;
  for (const std::string& filter : change.unsubscribe) connection.unsubscribe(filter);
}

bool Bus::receive(Connection& connection) {
  const News news = connection.inlet().take(batch_messages, batch_bytes);
  tell(connection, news);
  confirmed(news.confirmations);
  if (!news.messages.empty() && !delivery_->deliver(news.messages)) return false;
  last_ = std::max(last_, news.last);
  for (const std::string& reply : news.to_acknowledge) connection.acknowledge(reply);
  if (news.closed && news.messages.empty()) throw Lost(news.why_closed);
  if (leaving_ && news.messages.empty()) throw Lost("it is about to end");
  return !news.messages.empty();
}

void Bus::tell(Connection& connection, const News& news) {
  lost_in(news.dropped, "the gateway is slower than the server");
  lost_in(news.unreadable,
          "a message is no event: its subject " + news.unreadable_subject + " or its payload is too long");
  slow_ |= news.slow;
  if (slow_) lost_in(connection.dropped(), "this client is slower than the server");
  tell_refusals(news.refusals);
  leaving_ |= news.lame_duck && settings_.endpoints.size() > 1;
}

void Bus::tell_refusals(const std::vector<std::string>& refusals) {
  for (const std::string& refusal : refusals)
    if (refused_.size() < refused_limit && refused_.insert(refusal).second)
      host_.log(LogLevel::warn, "the server says: " + sentence(refusal));
}

void Bus::lost_in(std::size_t messages, std::string_view why) {
  if (!messages) return;
  delivery_->losses().add(messages, why);
  host_.dropped(messages);
}

void Bus::send_postings(Connection& connection) {
  for (;;) {
    std::vector<Sent> sent;
    while (auto posting = outbox_->next(settings_.max_inflight)) {
      bool taken = false;
      try {
        taken = connection.publish(posting->message, ++number_);
      } catch (...) {
        outbox_->answered(posting, DGM_E_UNAVAILABLE);
        throw;
      }
      if (!taken) {
        outbox_->answered(posting, DGM_E_INVALID);
        continue;
      }
      sent.push_back({number_, posting->message.key});
      if (!settings_.stream.empty()) unconfirmed_[number_] = Clock::now();
      outbox_->sent(number_, std::move(posting));
    }
    if (sent.empty() || !settings_.stream.empty()) return;
    confirm(connection, sent);
  }
}

void Bus::confirm(Connection& connection, const std::vector<Sent>& sent) {
  if (!flush(connection)) return;
  // The server answers in order: what it refused it has said by now, but the library passes it on from another thread,
  // and tells here of the last only.
  const std::string last = connection.complaint();
  const auto about_last =
      std::count_if(sent.begin(), sent.end(), [&](const Sent& one) { return is_about(last, one.subject); });
  std::vector<std::string> refusals;
  if (about_last) {
    // The same words may be there already for one of those before, so each of these is waited for.
    const std::size_t times = last.size() < cut_refusal ? static_cast<std::size_t>(about_last) : 1;
    auto all = connection.inlet().refusals_through(last, times);
    if (!all) throw Lost("it is not known what the server has refused");
    refusals = std::move(*all);
    tell_refusals(refusals);
  }
  for (const Sent& one : sent) {
    const bool refused = std::any_of(refusals.begin(), refusals.end(),
                                     [&](const std::string& refusal) { return is_about(refusal, one.subject); });
    outbox_->answered(one.number, refused ? DGM_E_UNAVAILABLE : DGM_OK);
  }
}

void Bus::confirmed(const std::vector<Confirmation>& confirmations) {
  for (const Confirmation& one : confirmations) {
    if (!one.refusal.empty() && refused_.size() < refused_limit && refused_.insert(one.refusal).second)
      host_.log(LogLevel::warn, "the stream refuses a published event: " + one.refusal);
    unconfirmed_.erase(one.number);
    outbox_->answered(one.number, one.refusal.empty() ? DGM_OK : DGM_E_UNAVAILABLE);
  }
}

void Bus::give_up() {
  const auto then = Clock::now() - settings_.answer_timeout;
  while (!unconfirmed_.empty() && unconfirmed_.begin()->second < then) {
    outbox_->answered(unconfirmed_.begin()->first, DGM_E_UNAVAILABLE);
    unconfirmed_.erase(unconfirmed_.begin());
  }
}

bool Bus::flush(Connection& connection) {
  if (connection.flush(settings_.answer_timeout)) return true;
  if (!stopping_) throw Lost("it did not answer in time");
  return false;
}

}  // namespace nats
