// SPDX-License-Identifier: Apache-2.0
#include "gateway/shard_mount.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "codec/utf8.hpp"
#include "gateway/shard.hpp"
#include "plugin/events.hpp"
#include "transport/sockjs_websocket_session.hpp"

namespace dragoman::gateway {
namespace {

constexpr std::size_t most_encoded = 64 << 20;

constexpr std::string_view bus_lost_words = "bus connection lost";

std::string_view view(dgm_str s) {
  return {s.ptr, s.len};
}

dgm_status status_of(transport::Session::Sent sent) {
  switch (sent) {
    case transport::Session::Sent::ok:
      return DGM_OK;
    case transport::Session::Sent::pressure:
      return DGM_PRESSURE;
    case transport::Session::Sent::too_large:
      return DGM_E_TOO_LARGE;
    case transport::Session::Sent::refused:
      break;
  }
  return DGM_E_DROPPED;
}

}  // namespace

ShardMount::ShardMount(Shard& shard, MountShared& shared, const Upstreams& upstreams,
                       const plugin::InstanceOptions& options)
    : SessionHost(shard.loop, shard.flush_list),
      shard_(shard),
      shared_(shared),
      sessions_(static_cast<std::uint8_t>(shard.number)),
      index_(static_cast<std::uint8_t>(shard.number),
             shared.wishes && (!shared.plugin->dialect->map || shared.plugin->dialect->flags & DGM_DIALECT_MAP_FEEDS)
                 ? this
                 : nullptr),
      operations_(shard.loop, instance_),
      instance_(shared.plugin, *this, options),
      identities_(shared.authenticator, shared.quotas, shard.loop, operations_, instance_),
      handshakes_(shared.authenticator, shard.loop, operations_),
      registry_(shared.registry, *shared.common, shared.nodes, shared.config.name, shard.loop, operations_, instance_),
      requests_(static_cast<std::uint8_t>(shard.number), shard.loop, operations_, instance_),
      journal_(shared.journal, shared.config.name, shared.number, shard.loop, operations_, instance_),
      upstreams_(upstreams, operations_, instance_),
      bus_loss_(shard.loop, [this](dgm_session session) { close_bereft(session); }),
      writer_(most_encoded) {
  limits = shared.limits;
  if (shared.config.transport == "sockjs") sockjs_ = std::make_unique<SockjsDoor>(shard, *this);
}

ShardMount::~ShardMount() {
  operations_.cancel_all(nullptr);
}

bool ShardMount::home() const {
  return shared_.home_shard == shard_.number;
}
bool ShardMount::on_shard() const {
  return shard_.loop.on_thread();
}

// ---- sessions

service::Quotas::Verdict ShardMount::admit(std::string_view peer) {
  if (ending_) return {false, service::Quota::connections, 0};
  return shared_.quotas.admit(net::address_key(peer), base::monotonic_ms());
}

void ShardMount::dismiss(std::string_view peer) {
  shared_.quotas.leave(net::address_key(peer));
}

service::Quotas::Verdict ShardMount::admit_http(std::string_view peer) {
  if (!shared_.common->http_sessions.add(peer, shared_.config.sockjs.sessions_per_address))
    return {false, service::Quota::connections_per_address, 0};
  const service::Quotas::Verdict verdict = admit(peer);
  if (!verdict.admitted) shared_.common->http_sessions.remove(peer);
  return verdict;
}

bool ShardMount::origin_allowed(const net::HttpRequest& request) const {
  const auto& allowed = shared_.config.allowed_origins;
  if (allowed.empty()) return true;
  const std::string* origin = request.find("Origin");
  return origin && std::find(allowed.begin(), allowed.end(), *origin) != allowed.end();
}

void ShardMount::open(net::Stream stream, std::uint8_t deflate_bits, bool sockjs, std::string leftover,
                      const dgm_open& head, const AcceptedCredential* accepted,
                      std::atomic<std::uint32_t>& connection_count) {
  connection_count.fetch_add(1, std::memory_order_relaxed);
  transport::WebSocketSession* session =
      sockjs ? new transport::SockjsWebSocketSession(*this, shard_.compression, std::move(stream), deflate_bits)
             : new transport::WebSocketSession(*this, shard_.compression, std::move(stream), deflate_bits);
  session->connection_count = &connection_count;
  session->greet();
  adopt(session, head, accepted);
  session->start(std::move(leftover));
}

void ShardMount::adopt_http(transport::Session* session, const dgm_open& head) {
  make_counted(*session).http_address = view(head.peer);
  adopt(session, head, nullptr);
}

void ShardMount::adopt(transport::Session* session, const dgm_open& head, const AcceptedCredential* accepted) {
  if (shared_.quotas.limits_addresses()) make_counted(*session).address = net::address_key(view(head.peer));
  counters.opened.add();
  counters.open.add();
  session->place = static_cast<std::uint32_t>(alive_.size());
  alive_.push_back(session);
  session->id = sessions_.insert(session);
  if (accepted) identities_.bind_admitted(*session, *accepted);
  const dgm_status status = session->id ? instance_.session_open(session->id, head, &session->state) : DGM_E_INTERNAL;
  if (base::log_enabled(base::LogLevel::debug))
    base::log(base::LogLevel::debug, "session opened",
              {{"mount", shared_.config.name}, {"session", session_name(session->id)}, {"peer", view(head.peer)}});
  if (status >= 0) {
    if (!instance_.has_bus_lost() && bus() < 0) session->close(1013, bus_lost_words, transport::End::bus_lost);
    return;
  }
  // The dialect keeps nothing of it and must not hear of it again.
  sessions_.erase(session->id);
  session->id = 0;
  session->close(1011, "", transport::End::plugin_error);
}

bool ShardMount::within_rate(transport::Session& session) {
  const std::uint32_t most = shared_.config.limits.messages_per_second;
  if (!most || make_counted(session).messages.take(base::monotonic_ms(), most, 1000)) return true;
  shared_.quotas.count_refusal(service::Quota::messages_per_second);
  return false;
}

dgm_status ShardMount::count_message(dgm_session id) {
  transport::Session* session = find(id);
  if (!session || session->closing()) return DGM_E_GONE;
  return within_rate(*session) ? DGM_OK : DGM_E_DROPPED;
}

void ShardMount::session_message(transport::Session& session, int opcode, std::string_view message) {
  if (!within_rate(session)) {
    if (instance_.has_limited()) return instance_.session_limited(session.id, session.state);
    return session.close(1008, "too many messages", transport::End::quota);
  }
  if (instance_.session_message(session.id, session.state, opcode, message) < 0)
    session.close(1011, "", transport::End::plugin_error);
}

void ShardMount::session_writable(transport::Session& session) {
  instance_.session_writable(session.id, session.state);
}

void ShardMount::session_ended(transport::Session& session, std::uint16_t code, std::string_view reason) {
  session.subscriptions.for_each([&](std::uint64_t subscription) { index_.unsubscribe(subscription); });
  session.subscriptions.clear();
  identities_.release(session);
  if (!session.id) return;
  registry_.remove(session.id);
  // From here on every host call about it answers DGM_E_GONE.
  sessions_.erase(session.id);
  operations_.cancel_all(&session.pending_operations);
  if (base::log_enabled(base::LogLevel::debug))
    base::log(
        base::LogLevel::debug, "session closed",
        {{"mount", shared_.config.name}, {"session", session_name(session.id)}, {"code", code}, {"reason", reason}});
  instance_.session_close(session.id, session.state, code, reason);
}

void ShardMount::session_gone(transport::Session& session) {
  alive_[session.place] = alive_.back();
  alive_[session.place]->place = session.place;
  alive_.pop_back();
  if (session.connection_count) session.connection_count->fetch_sub(1, std::memory_order_relaxed);
  const SessionNotes::Counted* counted = counted_of(session);
  if (counted && !counted->http_address.empty()) shared_.common->http_sessions.remove(counted->http_address);
  shared_.quotas.leave(counted ? std::string_view(counted->address) : std::string_view());
  counters.open.subtract();
}

dgm_status ShardMount::bus() {
  const bool lost = shared_.config.close_on_bus_loss && shared_.bus && !shared_.bus->connected();
  return lost ? DGM_E_UNAVAILABLE : DGM_OK;
}

void ShardMount::bus_changed(bool connected) {
  if (connected || !shared_.config.close_on_bus_loss || ending_) return;
  std::vector<dgm_session> all;
  all.reserve(sessions_.size());
  sessions_.for_each([&](const transport::Session* session) { all.push_back(session->id); });
  bus_loss_.begin(std::move(all));
}

void ShardMount::close_bereft(dgm_session id) {
  transport::Session* session = find(id);
  if (!session || session->closing()) return;
  if (!instance_.has_bus_lost()) return session->close(1013, bus_lost_words, transport::End::bus_lost);
  why_dialect_closes_ = transport::End::bus_lost;
  instance_.session_bus_lost(session->id, session->state);
  why_dialect_closes_ = transport::End::by_dialect;
}

void ShardMount::report(std::vector<SessionReport>& out, std::size_t most) {
  sessions_.for_each([&](const transport::Session* session) {
    if (out.size() >= most) return;
    SessionReport r;
    r.session = session->id;
    r.shard = shard_.number;
    r.subscriptions = session->subscriptions.size();
    r.queued_bytes = session->queued_bytes();
    r.draining = draining_;
    if (const SessionNotes* notes = notes_of(*session); notes && notes->identity) {
      r.user = notes->identity->user;
      r.account = notes->identity->account;
    }
    if (const service::RegisteredPtr known = shared_.registry.of_session(session->id)) {
      r.id = known->id;
      r.group = known->group;
      r.data = known->data;
    }
    out.push_back(std::move(r));
  });
}

transport::Session* ShardMount::find(dgm_session id) {
  transport::Session** found = sessions_.find(id);
  return found ? *found : nullptr;
}

std::string ShardMount::session_name(dgm_session id) const {
  char text[20];
  std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(id));
  return text;
}

void ShardMount::log(dgm_session session, int level, std::string_view text) {
  const auto l = static_cast<base::LogLevel>(std::clamp(level, 1, 4));
  if (!base::log_enabled(l)) return;
  if (session)
    base::log(l, text,
              {{"mount", shared_.config.name}, {"plugin", shared_.plugin->name}, {"session", session_name(session)}});
  else
    base::log(l, text, {{"mount", shared_.config.name}, {"plugin", shared_.plugin->name}});
}

dgm_status ShardMount::send(dgm_session id, std::int32_t opcode, std::string_view payload) {
  transport::Session* session = find(id);
  if (!session || session->closing()) return DGM_E_GONE;
  return status_of(session->send(opcode, payload));
}

dgm_status ShardMount::send_part(dgm_session id, std::int32_t opcode, std::string_view part, bool first, bool last) {
  transport::Session* session = find(id);
  if (!session || session->closing()) return DGM_E_GONE;
  if (first == session->inside_message()) return DGM_E_INVALID;
  return status_of(session->send_part(opcode, part, first, last));
}

dgm_status ShardMount::close(dgm_session id, std::uint16_t code, std::string_view reason) {
  transport::Session* session = find(id);
  if (!session || session->closing()) return DGM_E_GONE;
  session->close(code, reason, why_dialect_closes_);
  return DGM_OK;
}

dgm_status ShardMount::set_paused(dgm_session id, bool paused) {
  transport::Session* session = find(id);
  if (!session || session->closing()) return DGM_E_GONE;
  if (paused)
    session->pause();
  else
    session->resume();
  return DGM_OK;
}

dgm_status ShardMount::expect_message(dgm_session id, std::uint32_t timeout_ms, std::uint16_t code,
                                      std::string_view reason) {
  transport::Session* session = find(id);
  if (!session || session->closing()) return DGM_E_GONE;
  session->expect_message(timeout_ms, code, reason);
  return DGM_OK;
}

// ---- the journal

template <class F>
dgm_status ShardMount::for_owner(std::uint64_t owner, F&& f) {
  if (!owner) return f(nullptr);
  if (transport::Session* session = find(owner)) return f(&session->pending_operations);
  std::uint32_t* request = requests_.owner(owner);
  return request ? f(request) : DGM_E_GONE;
}

dgm_status ShardMount::read(std::uint64_t owner, const dgm_journal_query& query, dgm_journal_page done, void* user) {
  return for_owner(owner, [&](std::uint32_t* o) { return journal_.read(o, query, done, user); });
}

dgm_status ShardMount::count(std::uint64_t owner, const dgm_journal_query& query, dgm_journal_counted done,
                             void* user) {
  return for_owner(owner, [&](std::uint32_t* o) { return journal_.count(o, query, done, user); });
}

dgm_status ShardMount::values(std::uint64_t owner, std::string_view stream, std::string_view attribute,
                              dgm_journal_listed done, void* user) {
  return for_owner(owner, [&](std::uint32_t* o) { return journal_.values(o, stream, attribute, done, user); });
}

// ---- the registry

dgm_status ShardMount::put_registered(dgm_session id, const dgm_registered& entry) {
  return find(id) ? registry_.put(id, entry) : DGM_E_GONE;
}

dgm_status ShardMount::list_registered(std::uint64_t owner, std::string_view group, std::uint32_t flags,
                                       dgm_registry_done done, void* user) {
  return for_owner(owner, [&](std::uint32_t* o) { return registry_.list(o, group, flags, done, user); });
}

dgm_status ShardMount::find_registered(std::uint64_t owner, std::string_view id, std::uint32_t flags,
                                       dgm_registry_done done, void* user) {
  return for_owner(owner, [&](std::uint32_t* o) { return registry_.find(o, id, flags, done, user); });
}

// ---- upstreams

dgm_status ShardMount::fetch(std::uint64_t owner, std::string_view upstream, net::HttpFetch request,
                             dgm_fetch_done done, void* user, dgm_op* op) {
  return for_owner(owner,
                   [&](std::uint32_t* o) { return upstreams_.fetch(o, upstream, std::move(request), done, user, op); });
}

// ---- identities

dgm_status ShardMount::authenticate(std::uint64_t owner, std::string_view credential, std::uint32_t timeout_ms,
                                    dgm_auth_done done, void* user, dgm_op* out) {
  transport::Session* session = find(owner);
  if (!owner || (session && session->closing())) return DGM_E_GONE;
  return for_owner(owner, [&](std::uint32_t* o) {
    return identities_.authenticate(o, session, credential, timeout_ms, done, user, out);
  });
}

dgm_status ShardMount::cancel_auth(dgm_op op) {
  return operations_.cancel(op, false);
}

dgm_status ShardMount::start_timer(dgm_session id, std::uint32_t delay_ms, dgm_timer_done done, void* user,
                                   dgm_op* out) {
  transport::Session* session = id ? find(id) : nullptr;
  if (id && !session) return DGM_E_GONE;
  const dgm_op op = operations_.start_timer(session, delay_ms, done, user);
  if (!op) return DGM_E_DROPPED;
  if (out) *out = op;
  return DGM_OK;
}

dgm_status ShardMount::cancel_timer(dgm_op op) {
  return operations_.cancel(op, true);
}

void ShardMount::credential_changed(const CredentialHash& hash, const service::IdentityPtr& identity) {
  std::vector<transport::Session*> all;
  all.reserve(sessions_.size());
  sessions_.for_each([&](transport::Session* session) { all.push_back(session); });
  identities_.credential_changed(all, hash, identity);
}

}  // namespace dragoman::gateway
