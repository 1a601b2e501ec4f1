// SPDX-License-Identifier: Apache-2.0
// A host for unit tests of a dialect: one thread, a clock that the test moves, scripted services, and every rule of the
// boundary watched. Link the plugin's sources into the test, or open its file, and hand over its entry:
//
//   FakeHost host(dgm_plugin_entry_v0);
//   host.load(R"({"greeting": "hello"})");        // the settings, complete as the gateway would hand them over
//   TestClient client = host.connect("/");
//   client.text("hi");
//   host.publish({.channel = "news", .key = "a", .body = "{}"});
//   client.sent();                                  // what the client got so far
//   for (const auto& problem : host.finish()) ...   // sessions, operations or rules that were left or broken
//
// Whatever a call sets off has happened when it returns, but for timers (advance()) and completions that are held
// (hold(), release()). finish() comes by itself with the destructor, which then aborts the test with what it found.
#pragma once
#include <dragoman/testing/fake_http.hpp>
#include <dragoman/testing/fake_services.hpp>
#include <dragoman/testing/fake_sessions.hpp>
#include <dragoman/testing/script.hpp>

#include <cstdio>
#include <cstdlib>

namespace dragoman::testing {

// A client with a session, or one whose session was refused. Copyable; valid as long as the host.
class TestClient {
 public:
  // Not opened: the status of the refusal, in place of 101.
  unsigned status() const { return status_; }
  const std::string& refusal() const { return refusal_; }
  dgm_session id() const { return id_; }

  void text(std::string_view message) { deliver({DGM_TEXT, std::string(message), false}); }
  void binary(std::string_view message) { deliver({DGM_BINARY, std::string(message), false}); }
  // 1006: lost without a close frame.
  void close(std::uint16_t code = 1000, std::string reason = {}) {
    if (!at().open) return;
    core_->begin_close(at(), {code, std::move(reason)});
    core_->run();
  }

  // All messages so far, and the last of them, which must exist.
  const std::vector<Message>& sent() const { return at().sent; }
  const std::string& last() const { return at().sent.back().payload; }
  std::vector<Message> take() { return std::exchange(at().sent, {}); }
  // How the session ended.
  const std::optional<Close>& closed() const { return at().closed; }

  // A client that takes nothing: what is sent waits, until Options::queue_bytes.
  void stop_reading() { at().reads = false; }
  void go_on_reading() {
    at().reads = true;
    at().waiting = 0;
    if (std::exchange(at().pressed, false) && core_->dialect.session_writable)
      hook("session_writable", [&](void* inst) { core_->dialect.session_writable(inst, id_, at().state); });
  }

  // What the host says of the identity that is bound: DGM_IDENTITY_RENEWED and so on. Without the hook an expired or
  // revoked session is closed.
  void identity_changed(const Identity& identity, std::int32_t why) {
    if (!core_->dialect.session_identity) return why == DGM_IDENTITY_RENEWED ? void() : close(1008);
    if (why == DGM_IDENTITY_RENEWED) at().identity = identity;
    const IdentityView view(identity);
    hook("session_identity",
         [&](void* inst) { core_->dialect.session_identity(inst, id_, at().state, &view.c(), why); });
  }
  void limited() {
    if (!core_->dialect.session_limited) return close(1008);
    hook("session_limited", [&](void* inst) { core_->dialect.session_limited(inst, id_, at().state); });
  }
  void bus_lost() {
    if (!core_->dialect.session_bus_lost) return close(1013);
    hook("session_bus_lost", [&](void* inst) { core_->dialect.session_bus_lost(inst, id_, at().state); });
  }

 private:
  friend class FakeHost;
  TestClient(detail::Core& core, dgm_session id, unsigned status, std::string refusal)
      : core_(&core), id_(id), status_(status), refusal_(std::move(refusal)) {}
  detail::Session& at() const { return core_->sessions.at(id_); }
  void deliver(Message message) {
    core_->deliver(id_, std::move(message));
    core_->run();
  }
  template <class F>
  void hook(const char* name, F&& f) {
    if (!at().open || at().closing) return;
    detail::Shard& shard = core_->shards[at().shard];
    core_->call(shard, detail::Hook::on_shard, name, [&] {
      f(shard.inst);
      return DGM_OK;
    });
    core_->run();
  }
  detail::Core* core_;
  dgm_session id_;
  unsigned status_;
  std::string refusal_;
};

// A plain HTTP request and its answer. Copyable; valid as long as the host.
class TestRequest {
 public:
  bool answered() const { return at().answered; }
  bool aborted() const { return at().aborted; }
  unsigned status() const { return at().status; }
  const std::string& body() const { return at().body; }
  const Fields& headers() const { return at().headers; }
  void stop_reading() { at().reads = false; }
  void go_on_reading() {
    at().reads = true;
    at().waiting = 0;
    if (!std::exchange(at().pressed, false) || !at().open || !core_->http.request_writable) return;
    detail::Shard& shard = core_->shards[at().shard];
    core_->call(shard, detail::Hook::on_shard, "request_writable", [&] {
      core_->http.request_writable(shard.inst, id_, at().state);
      return DGM_OK;
    });
    core_->run();
  }
  // The client goes away.
  void leave() {
    core_->end_request(id_);
    core_->run();
  }

 private:
  friend class FakeHost;
  TestRequest(detail::Core& core, dgm_request id) : core_(&core), id_(id) {}
  detail::Request& at() const { return core_->requests.at(id_); }
  detail::Core* core_;
  dgm_request id_;
};

class FakeHost {
 public:
  explicit FakeHost(const dgm_plugin_entry& entry, Options options = {});
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;
  ~FakeHost() {
    if (finished_) return;
    const auto problems = finish();
    for (const auto& problem : problems) std::fprintf(stderr, "fake host: %s\n", problem.c_str());
    if (!problems.empty()) std::abort();
  }

  // ---- before load() ----
  void authenticator(Authenticator answers) { core_.authenticator = std::move(answers); }
  void upstream(const std::string& name, Upstream answers) { core_.upstreams[name] = std::move(answers); }
  // The n-th call from now on that can fail answers with status; query() with null. A call that fails only because its
  // client has gone (send(), respond() and the like) loses the client, too. n: from 1.
  void fail_call(unsigned n, dgm_status status = DGM_E_INTERNAL) {
    core_.fail_at = core_.calls + n;
    core_.fail_with = status;
    core_.failed = false;
  }
  // Whether that call has come.
  bool call_failed() const { return core_.failed; }

  // Creates, configures and starts an instance on every shard. False: one refused; see refusal().
  bool load(std::string_view settings = "{}");
  const std::string& refusal() const { return refusal_; }

  // ---- after load() ----
  TestClient connect(const std::string& path = "/", const std::string& query = {}, const Fields& headers = {},
                     unsigned shard = 0);
  TestRequest request(const std::string& method, const std::string& path, const std::string& body = {},
                      const Fields& headers = {}, const std::string& query = {}, unsigned shard = 0);
  // An event of the bus.
  void publish(const Event& event) {
    detail::Events::from_bus(core_, event, 0);
    core_.run();
  }
  void bus_there(bool there) { core_.bus_there = there; }
  std::int64_t now_ms() const { return core_.now_ms; }
  // Moves the clock; timers that are due come in their order.
  void advance(std::int64_t ms) { core_.advance(ms); }

  // Completions wait from now on, and come in their order or the other way round. (Appends to the journal keep their
  // order.)
  void hold() { core_.hold = true; }
  void release(bool reversed = false);
  std::size_t pending() const { return core_.operations.size(); }

  const std::vector<Event>& published() const { return core_.published; }
  const std::vector<Event>& emitted() const { return core_.emitted; }
  const std::vector<std::string>& log() const { return core_.log; }
  FakeJournal& journal() { return core_.journal; }
  std::vector<Registered> registered() const {
    std::vector<Registered> out;
    for (const auto& entry : core_.registry) out.push_back(entry.second);
    return out;
  }
  // Over all shards; 0: there is no counter of that name.
  std::uint64_t counter(const std::string& name) const {
    for (const auto& [known, value] : core_.counters)
      if (known == name) return value;
    return 0;
  }

  // Shuts down as a gateway does and says, a sentence each, what was wrong since the beginning.
  std::vector<std::string> finish();

 private:
  static const void* query(dgm_host* host, dgm_str id) noexcept;
  static void write_log(dgm_host* host, dgm_session, std::int32_t level, dgm_str text) noexcept;
  bool start(detail::Shard& shard, std::string_view settings);
  void look_for_leftovers();
  // A table as a host of Options::tables has it.
  const void* table(const std::string& id, const void* whole, std::size_t size);

  detail::Core core_;
  dgm_host_api api_{};
  std::map<std::string, std::vector<unsigned char>> cut_;
  std::string refusal_;
  bool valid_ = false, finished_ = false;
};

}  // namespace dragoman::testing

#include <dragoman/testing/fake_host_impl.hpp>
