// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "common/text.hpp"
#include "subject.hpp"

namespace nats {
namespace {

constexpr int most_handover_ms = 100;

// A server that takes nothing is lost; nobody may close the connection meanwhile.
constexpr std::int64_t write_deadline_ms = 2000;
constexpr int unanswered_pings = 2;
// Below the inbox.
constexpr const char* confirmations = "confirmed.";

int clamped(std::size_t n) {
  return static_cast<int>(std::min<std::size_t>(n, 1 << 30));
}

}  // namespace

OptionsPtr make_options(const Settings& settings, const buses::Endpoint& endpoint, Inlet& inlet) {
  natsOptions* made = nullptr;
  const auto check = [](natsStatus status) {
    if (status != NATS_OK) throw Lost(sentence(explanation(status)));
  };
  check(natsOptions_Create(&made));
  OptionsPtr out(made);
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  const std::string host = v6 ? '[' + endpoint.host + ']' : endpoint.host;
  check(natsOptions_SetURL(made, ("nats://" + host + ':' + std::to_string(endpoint.port)).c_str()));
  check(natsOptions_SetName(made, settings.client_name.c_str()));
  check(natsOptions_SetTimeout(made, settings.connect_timeout.count()));
  check(natsOptions_SetWriteDeadline(made, write_deadline_ms));
  check(natsOptions_SetPingInterval(made, settings.ping_interval.count()));
  check(natsOptions_SetMaxPingsOut(made, unanswered_pings));
  // Which server is next, and when, is decided here; and nothing is kept for a server that is away.
  check(natsOptions_SetAllowReconnect(made, false));
  check(natsOptions_SetIgnoreDiscoveredServers(made, true));
  check(natsOptions_UseGlobalMessageDelivery(made, true));
  if (!settings.username.empty())
    check(natsOptions_SetUserInfo(made, settings.username.c_str(), settings.password.c_str()));
  if (!settings.token.empty()) check(natsOptions_SetToken(made, settings.token.c_str()));
  if (!settings.credentials.empty())
    check(natsOptions_SetUserCredentialsFromFiles(made, settings.credentials.c_str(), nullptr));
  // A server that wants TLS gets it in any case.
  check(natsOptions_SetSecure(made, endpoint.tls));
  check(natsOptions_SkipServerVerification(made, !settings.tls.verify));
  check(natsOptions_SetExpectedHostname(made, endpoint.host.c_str()));
  if (!settings.tls.ca.empty()) check(natsOptions_LoadCATrustedCertificates(made, settings.tls.ca.c_str()));
  if (!settings.tls.certificate.empty())
    check(natsOptions_LoadCertificatesChain(made, settings.tls.certificate.c_str(), settings.tls.key.c_str()));
  inlet.install(made);
  return out;
}

Connection::Connection(const Settings& settings, ConnectionPtr made, std::shared_ptr<Inlet> inlet)
    : settings_(settings),
      inlet_(std::move(inlet)),
      connection_(std::move(made)),
      headers_(natsConnection_HasHeaderSupport(connection_.get()) == NATS_OK),
      max_payload_(
          static_cast<std::size_t>(std::max<std::int64_t>(0, natsConnection_GetMaxPayload(connection_.get())))),
      inbox_("_INBOX." + buses::random_id() + '.') {}

Connection::~Connection() {
  inlet_->shut();
  // First the connection: an end of a subscription would be sent to the server.
  natsConnection_Close(connection_.get());
}

void Connection::check(natsStatus status) {
  if (status == NATS_OK) return;
  std::string why = explanation(status);
  if (natsConnection_IsClosed(connection_.get())) {
    const char* said = nullptr;
    if (natsConnection_GetLastError(connection_.get(), &said) != NATS_OK && said && *said) why = said;
  }
  throw Lost(sentence(why));
}

SubscriptionPtr Connection::tap(Inlet::Kind kind, bool wildcard_first, const std::string& subject) {
  return inlet_->tap(kind, wildcard_first, [&](natsMsgHandler handler, void* closure) {
    natsSubscription* made = nullptr;
    check(natsConnection_Subscribe(&made, connection_.get(), subject.c_str(), handler, closure));
    return SubscriptionPtr(made);
  });
}

void Connection::subscribe(const std::string& filter) {
  const bool wildcard = subject_filters.is_wildcard(subject_filters.first_level(filter));
  std::vector<SubscriptionPtr>& made = subscriptions_[filter];
  for (const std::string& subject : subjects_of(filter)) {
    made.push_back(tap(Inlet::Kind::messages, wildcard, subject));
    natsSubscription_SetPendingLimits(made.back().get(), clamped(settings_.pending_messages),
                                      clamped(settings_.pending_bytes));
  }
}

void Connection::unsubscribe(const std::string& filter) {
  const auto found = subscriptions_.find(filter);
  if (found == subscriptions_.end()) return;
  for (const SubscriptionPtr& one : found->second) {
    // What the library has, but not yet handed over, would be lost with the subscription.
    int messages = 0, bytes = 0;
    for (int ms = 0; ms < most_handover_ms; ++ms) {
      if (natsSubscription_GetPending(one.get(), &messages, &bytes) != NATS_OK || messages == 0) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    check(natsSubscription_Unsubscribe(one.get()));
  }
  subscriptions_.erase(found);
}

void Connection::consume(std::uint64_t last) {
  own_.push_back(tap(Inlet::Kind::confirmations, false, inbox_ + confirmations + '*'));
  const std::string deliver = inbox_ + "events";
  own_.push_back(tap(Inlet::Kind::stream, false, deliver));
  // The stream bounds them.
  natsSubscription_SetPendingLimits(own_.back().get(), -1, -1);
  jsOptions options;
  jsOptions_Init(&options);
  options.Wait = settings_.answer_timeout.count();
  jsCtx* made = nullptr;
  check(natsConnection_JetStream(&made, connection_.get(), &options));
  const JetStreamPtr context(made);
  jsConsumerConfig config;
  jsConsumerConfig_Init(&config);
  config.DeliverSubject = deliver.c_str();
  config.AckPolicy = js_AckExplicit;
  config.MaxAckPending = settings_.max_ack_pending;
  config.DeliverPolicy = js_DeliverNew;
  if (!settings_.stream_subject.empty()) config.FilterSubject = settings_.stream_subject.c_str();
  if (!settings_.durable.empty()) {
    config.Durable = settings_.durable.c_str();
  } else if (last) {
    config.DeliverPolicy = js_DeliverByStartSequence;
    config.OptStartSeq = last + 1;
  }
  jsConsumerInfo* info = nullptr;
  jsErrCode code{};
  const natsStatus status = js_AddConsumer(&info, made, settings_.stream.c_str(), &config, &options, &code);
  jsConsumerInfo_Destroy(info);
  check(status);
}

void Connection::acknowledge(const std::string& reply) {
  check(natsConnection_PublishString(connection_.get(), reply.c_str(), "+ACK"));
}

bool Connection::publish(const Outgoing& message, std::uint64_t number) {
  // The library's own check comes too late for what needs no headers.
  if (message.body.size() > max_payload_) return false;
  const std::string reply = inbox_ + confirmations + std::to_string(number);
  const MessagePtr made = make_message(message, settings_.stream.empty() ? nullptr : reply.c_str(), headers_);
  const natsStatus status = natsConnection_PublishMsg(connection_.get(), made.get());
  if (status == NATS_MAX_PAYLOAD) return false;
  check(status);
  return true;
}

bool Connection::flush(std::chrono::milliseconds most) {
  const natsStatus status = natsConnection_FlushTimeout(connection_.get(), most.count());
  if (status == NATS_TIMEOUT) return false;
  check(status);
  return true;
}

std::string Connection::complaint() {
  const char* said = nullptr;
  return natsConnection_GetLastError(connection_.get(), &said) != NATS_OK && said ? said : "";
}

std::size_t Connection::dropped() {
  std::size_t all = 0;
  for (const auto& [filter, subscriptions] : subscriptions_)
    for (const SubscriptionPtr& one : subscriptions) {
      std::int64_t n = 0;
      if (natsSubscription_GetDropped(one.get(), &n) == NATS_OK) all += static_cast<std::size_t>(n);
    }
  return all - std::min(all, std::exchange(dropped_, all));
}

}  // namespace nats
