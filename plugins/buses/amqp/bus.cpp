// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"

#include <algorithm>

#include "message.hpp"

namespace amqp {
void Bus::configure(const dragoman::sdk::Config& config) {
  settings_ = parse_settings(config.settings(), config.state_directory());
  for (const buses::Endpoint& endpoint : settings_.endpoints)
    if (endpoint.tls) buses::Tls(settings_.tls, endpoint.host);
  inbox_ = std::make_unique<Inbox>(settings_.prefetch);
  publisher_ = std::make_unique<Publisher>(host_, settings_, presence_);
  consumer_ = std::make_unique<Consumer>(host_, settings_, presence_, *inbox_,
                                         [this](std::optional<std::size_t> at) { publisher_->follow(at); });
}

void Bus::start() {
  const auto tls = [](const buses::Endpoint& endpoint) { return endpoint.tls; };
  if (!settings_.tls.verify && std::any_of(settings_.endpoints.begin(), settings_.endpoints.end(), tls))
    host_.log(dragoman::sdk::LogLevel::warn, "the broker's certificate is not verified");
  delivering_.start([this] { deliver(); });
  publisher_->start();
  consumer_->start();
}

void Bus::stop() {
  if (!consumer_) return;
  // First all are asked, so that they end at the same time.
  consumer_->ask();
  publisher_->ask();
  delivering_.ask();
  inbox_->close();
  delivering_.stop();
  consumer_->stop();
  publisher_->stop();
}

void Bus::deliver() {
  buses::Delivery delivery(host_, settings_.reconnect_min, settings_.reconnect_max,
                           [this](std::chrono::milliseconds time) { return delivering_.rest(time); });
  std::vector<buses::Incoming> messages;
  while (inbox_->take(messages)) {
    if (!messages.empty() && !delivery.deliver(messages)) return;
    inbox_->taken();
    consumer_->wake();
  }
}

dgm_status Bus::publish(std::span<const dgm_event> events, dragoman::sdk::BusDone done) {
  auto messages = buses::outgoing(events, [](const dgm_event& event) { return read_event(event); });
  if (!messages) return DGM_E_INVALID;
  return publisher_->publish(std::move(*messages), done);
}

}  // namespace amqp
