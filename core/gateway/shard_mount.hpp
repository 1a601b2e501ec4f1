// SPDX-License-Identifier: Apache-2.0
// One mount on one shard: its plugin instance, its sessions, its subscriptions, and the way of an event to them
// (architecture section 4).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/slot_table.hpp"
#include "bus/bus.hpp"
#include "bus/wishes.hpp"
#include "config/configuration.hpp"
#include "gateway/bus_loss.hpp"
#include "gateway/mount_drain.hpp"
#include "gateway/mount_generations.hpp"
#include "gateway/mount_handshakes.hpp"
#include "gateway/mount_identities.hpp"
#include "gateway/mount_journal.hpp"
#include "gateway/mount_registry.hpp"
#include "gateway/mount_requests.hpp"
#include "gateway/mount_upstreams.hpp"
#include "gateway/operations.hpp"
#include "gateway/session_report.hpp"
#include "gateway/sockjs_door.hpp"
#include "hub/index.hpp"
#include "plugin/instance.hpp"
#include "plugin/mount_services.hpp"
#include "service/quotas.hpp"
#include "transport/websocket_session.hpp"

namespace dragoman::gateway {

class Shard;

// What all shards of a mount share.
struct MountShared {
  std::uint32_t number = 0;  // never that of another mount, nor of one of the same name
  config::MountConfig config;
  transport::SessionLimits limits;
  std::shared_ptr<const plugin::Plugin> plugin;
  bus::Bus* bus = nullptr;
  std::uint32_t bus_number = 0;
  bus::Wishes* wishes = nullptr;  // null: the bus delivers everything anyway
  service::Authenticator* authenticator = nullptr;
  service::Journal* journal = nullptr;
  unsigned home_shard = 0;
  bool plain_listener = false;
  service::Quotas quotas;
  service::Registry registry;
  std::shared_ptr<MountGenerations> common;
  service::Nodes* nodes = nullptr;  // null: this gateway is alone
};

class ShardMount final : public transport::SessionHost, public plugin::MountServices, private hub::Index::Watch {
 public:
  // upstreams: of the shard.
  ShardMount(Shard& shard, MountShared& shared, const Upstreams& upstreams, const plugin::InstanceOptions& options);
  ~ShardMount() override;

  MountShared& shared() { return shared_; }
  plugin::Instance& instance() { return instance_; }
  bool home() const;

  // Counts a session in, unless a quota is full or after close_all(). Undone by session_gone(), or by dismiss() if
  // there will be none.
  service::Quotas::Verdict admit(std::string_view peer);
  void dismiss(std::string_view peer);
  // The same for a session over HTTP, which costs a client nothing.
  service::Quotas::Verdict admit_http(std::string_view peer);
  bool origin_allowed(const net::HttpRequest& request) const;
  // After admit(). head: what the dialect may know of the upgrade request. accepted: null, or the credential whose user
  // is admitted. connection_count: of the listener, counted down when the session is gone.
  void open(net::Stream stream, std::uint8_t deflate_bits, bool sockjs, std::string leftover, const dgm_open& head,
            const AcceptedCredential* accepted, std::atomic<std::uint32_t>& connection_count);
  // The same for a session over HTTP, after admit_http(), made with `new`.
  void adopt_http(transport::Session* session, const dgm_open& head);
  // Null unless the mount's transport is sockjs.
  SockjsDoor* sockjs() { return sockjs_.get(); }

  MountRequests& requests() { return requests_; }
  MountIdentities& identities() { return identities_; }
  MountHandshakes& handshakes() { return handshakes_; }

  // A bus event: through map() on the home shard, otherwise to the sessions. receipt: for what map() stores; may be
  // null.
  void receive(const event::EventPtr& event, const event::ReceiptPtr& receipt);
  // What map() emitted goes to the other shards and to the sessions here.
  void distribute_emitted();
  void fan_out(const event::EventPtr& event);

  // What map() makes of an event at once, in place of handing it on; nothing: the event is not for map().
  std::optional<event::Batch> mapped(const event::EventPtr& event);

  void credential_changed(const CredentialHash& hash, const service::IdentityPtr& identity);
  // Its bus was lost or has come back.
  void bus_changed(bool connected);
  void close_all();
  // From now on its sessions are closed at the rate; listener: those only that came through it, all if it is null.
  void drain(const std::shared_ptr<DrainRate>& rate, const std::atomic<std::uint32_t>* listener);
  void end_drain(const std::atomic<std::uint32_t>* listener);
  // Nobody is left but who may still call back.
  bool idle() const { return alive_.empty() && requests_.none() && handshakes_.none(); }
  // Once, when all shards are idle: the instance stops. What it waits for is canceled.
  void end();
  // After end(): nobody will call back, so that the mount can be destroyed.
  bool over() const;
  const std::shared_ptr<const void>& life() const { return operations_.life(); }
  void abort_all();
  // Adds its sessions, as long as there are less than `most`.
  void report(std::vector<SessionReport>& out, std::size_t most);
  std::size_t session_count() const { return sessions_.size(); }
  // Events that encode() refused, or variants past the bound.
  base::Counter encode_errors;

  // transport::SessionHost
  void session_message(transport::Session& session, int opcode, std::string_view message) override;
  void session_writable(transport::Session& session) override;
  void session_ended(transport::Session& session, std::uint16_t code, std::string_view reason) override;
  void session_gone(transport::Session& session) override;

  // plugin::MountServices
  bool on_shard() const override;
  void log(dgm_session session, int level, std::string_view text) override;
  dgm_status send(dgm_session, std::int32_t opcode, std::string_view payload) override;
  dgm_status send_part(dgm_session, std::int32_t opcode, std::string_view part, bool first, bool last) override;
  dgm_status close(dgm_session, std::uint16_t code, std::string_view reason) override;
  dgm_status set_paused(dgm_session, bool paused) override;
  dgm_status expect_message(dgm_session, std::uint32_t timeout_ms, std::uint16_t code,
                            std::string_view reason) override;
  dgm_status count_message(dgm_session) override;
  dgm_status subscribe(dgm_session, const dgm_interest&, std::uint64_t* subscription) override;
  dgm_status unsubscribe(std::uint64_t subscription) override;
  dgm_status emit(const dgm_event&) override;
  dgm_status publish(const dgm_event&) override;
  dgm_status publish_confirmed(const dgm_event&, dgm_published, void* user) override;
  dgm_status bus() override;
  dgm_status authenticate(std::uint64_t owner, std::string_view credential, std::uint32_t timeout_ms, dgm_auth_done,
                          void* user, dgm_op*) override;
  dgm_status cancel_auth(dgm_op) override;
  dgm_status start_timer(dgm_session, std::uint32_t delay_ms, dgm_timer_done, void* user, dgm_op*) override;
  dgm_status cancel_timer(dgm_op) override;
  dgm_status respond(dgm_request id, net::HttpResponse response) override {
    return requests_.respond(id, std::move(response));
  }
  dgm_status begin_response(dgm_request id, net::HttpResponse head) override {
    return requests_.begin(id, std::move(head));
  }
  dgm_status response_part(dgm_request id, std::string_view data) override { return requests_.part(id, data); }
  dgm_status end_response(dgm_request id) override { return requests_.end(id); }
  dgm_status abort_response(dgm_request id) override { return requests_.abort(id); }
  bool has_journal() const override { return shared_.journal != nullptr; }
  dgm_status append(const dgm_record* records, std::size_t n, dgm_journal_appended done, void* user) override {
    return journal_.append(records, n, receipt_ ? *receipt_ : event::ReceiptPtr(), done, user);
  }
  dgm_status read(std::uint64_t owner, const dgm_journal_query&, dgm_journal_page, void* user) override;
  dgm_status count(std::uint64_t owner, const dgm_journal_query&, dgm_journal_counted, void* user) override;
  dgm_status values(std::uint64_t owner, std::string_view stream, std::string_view attribute, dgm_journal_listed,
                    void* user) override;
  dgm_status put_registered(dgm_session, const dgm_registered&) override;
  dgm_status remove_registered(dgm_session session) override { return registry_.remove(session); }
  dgm_status list_registered(std::uint64_t owner, std::string_view group, std::uint32_t flags, dgm_registry_done,
                             void* user) override;
  dgm_status find_registered(std::uint64_t owner, std::string_view id, std::uint32_t flags, dgm_registry_done,
                             void* user) override;
  bool has_upstreams() const override { return upstreams_.any(); }
  bool knows_upstream(std::string_view upstream) const override { return upstreams_.known(upstream); }
  dgm_status fetch(std::uint64_t owner, std::string_view upstream, net::HttpFetch request, dgm_fetch_done, void* user,
                   dgm_op*) override;
  dgm_status cancel_fetch(dgm_op op) override { return operations_.cancel_call(op); }

 private:
  transport::Session* find(dgm_session id);
  // Calls f with the count of pending operations of a session or request, or with null for owner 0.
  template <class F>
  dgm_status for_owner(std::uint64_t owner, F&& f);
  void adopt(transport::Session* session, const dgm_open& head, const AcceptedCredential* accepted);
  bool within_rate(transport::Session& session);
  void close_bereft(dgm_session id);
  void first_subscription(const std::string& channel, const std::string& key, bool literal) override;
  void last_subscription(const std::string& channel, const std::string& key, bool literal) override;
  void wish(bool wanted, const std::string& channel, const std::string& key, bool literal);
  event::Frame* frame_for(const dgm_event& event, std::uint64_t variant, std::uint64_t key);
  bool fed(const event::Event& event);
  std::string session_name(dgm_session id) const;

  Shard& shard_;
  MountShared& shared_;
  base::SlotTable<transport::Session*> sessions_;
  std::vector<transport::Session*> alive_;  // by Session::place
  hub::Index index_;
  Operations operations_;
  plugin::Instance instance_;
  std::unique_ptr<SockjsDoor> sockjs_;
  MountIdentities identities_;
  MountHandshakes handshakes_;
  MountRegistry registry_;
  MountRequests requests_;
  MountJournal journal_;
  MountUpstreams upstreams_;
  event::Batch emitted_;
  const event::ReceiptPtr* receipt_ = nullptr;  // of the event inside map()
  bool ending_ = false, draining_ = false;
  std::vector<std::pair<const std::atomic<std::uint32_t>*, std::unique_ptr<MountDrain>>> drains_;  // by listener
  BusLoss bus_loss_;
  transport::End why_dialect_closes_ = transport::End::by_dialect;
  bool receiving_ = false;
  bool emit_posted_ = false;
  std::uint64_t sequence_ = 0;
  // Scratch of fan_out().
  std::vector<std::uint64_t> variants_;
  std::vector<dgm_field> fields_;
  std::vector<std::pair<std::uint64_t, event::FramePtr>> frames_;
  plugin::Writer writer_;
};

}  // namespace dragoman::gateway
