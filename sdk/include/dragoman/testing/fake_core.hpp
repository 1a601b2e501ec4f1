// SPDX-License-Identifier: Apache-2.0
// The inside of the fake host: shards, sessions, pending operations and the rules that it watches. Tests use
// fake_host.hpp. One thread.
#pragma once
#include <dragoman/ext/auth.h>
#include <dragoman/ext/dialect.h>
#include <dragoman/ext/http.h>
#include <dragoman/plugin.h>
#include <dragoman/testing/check.hpp>
#include <dragoman/testing/fake_journal.hpp>
#include <dragoman/testing/script.hpp>

#include <algorithm>
#include <cstring>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace dragoman::testing::detail {

inline dgm_str raw(std::string_view s) {
  return {s.data(), s.size()};
}
inline std::string text(dgm_str s) {
  return s.len ? std::string(s.ptr, s.len) : std::string();
}

enum class Hook { none, create, configure, start, on_shard, select, encode, destroy };

struct Subscription {
  std::uint64_t id = 0;
  dgm_session session = 0;
  std::string channel, key;
  bool literal = false;
  std::uint64_t variant = 0, cookie = 0;
};

struct Session {
  unsigned shard = 0;
  dgm_session id = 0;
  void* state = nullptr;
  bool open = false;     // session_open() took it and session_close() has not come
  bool closing = false;  // no message reaches the plugin any more
  std::optional<Close> closed;
  std::vector<Message> sent;
  std::optional<Message> partial;  // of send_part()
  std::vector<Message> behind;     // what waits for the last part
  bool reads = true, pressed = false;
  std::size_t waiting = 0;  // bytes that the client has not taken
  bool paused = false;
  std::deque<Message> unread;
  dgm_op expecting = 0;
  std::optional<Identity> identity;
};

struct Request {
  unsigned shard = 0;
  dgm_request id = 0;
  void* state = nullptr;
  bool open = false, begun = false, answered = false, aborted = false;
  unsigned status = 0;
  Fields headers;
  std::string body;
  bool reads = true, pressed = false;
  std::size_t waiting = 0;
};

// Something that will be completed: exactly once, by complete().
struct Operation {
  unsigned shard = 0;
  std::uint64_t owner = 0;
  bool timer = false;
  std::int64_t due_ms = 0;  // of a timer
  bool in_order = false;    // keeps its place among others of this kind
  std::function<void(bool canceled)> complete;
};

struct Core;

// One instance of the plugin; what dgm_host points at.
struct Shard {
  Core* core = nullptr;
  unsigned index = 0;
  void* inst = nullptr;
  bool created = false, started = false, destroyed = false;
};

struct Core {
  void* face = nullptr;  // the FakeHost
  Options options;
  dgm_plugin_api api{};
  dgm_dialect dialect{};
  dgm_http http{};
  std::deque<Shard> shards;
  std::vector<std::string> problems;
  std::thread::id thread = std::this_thread::get_id();

  Hook hook = Hook::none;
  Shard* inside = nullptr;
  const char* hook_name = "";

  unsigned calls = 0, fail_at = 0;
  dgm_status fail_with = DGM_E_INTERNAL;
  bool failed = false;

  std::int64_t now_ms = 1'700'000'000'000;
  std::uint64_t next_id = 1, next_sequence = 1;
  std::deque<std::function<void()>> tasks;
  std::map<dgm_op, Operation> operations;
  std::deque<dgm_op> ready;  // in the order in which they were started
  bool hold = false;
  std::map<dgm_session, Session> sessions;
  std::map<dgm_request, Request> requests;
  std::list<Subscription> subscriptions;
  std::vector<std::pair<std::string, std::string>> feeds;
  struct Route {
    std::string method, path;
    std::uint32_t flags;
    bool operator==(const Route&) const = default;
  };
  std::vector<Route> routes;
  std::vector<std::pair<std::string, std::uint64_t>> counters;
  std::vector<std::string> log;
  std::vector<Event> published, emitted;
  FakeJournal journal;
  Authenticator authenticator;
  std::map<std::string, Upstream> upstreams;
  std::vector<std::pair<dgm_session, Registered>> registry;
  bool bus_there = true;

  void problem(std::string what) { problems.push_back(std::move(what)); }

  // Runs a hook of the plugin and holds it to the promise that nothing is thrown.
  template <class F>
  dgm_status call(Shard& shard, Hook kind, const char* name, F&& f) {
    const Hook outer = hook;
    Shard* const outer_shard = inside;
    const char* const outer_name = hook_name;
    hook = kind, inside = &shard, hook_name = name;
    dgm_status status = DGM_E_INTERNAL;
    try {
      status = f();
    } catch (...) {
      problem(std::string("an exception left ") + name + "()");
    }
    hook = outer, inside = outer_shard, hook_name = outer_name;
    return status;
  }

  Session* session(dgm_session id) {
    const auto found = sessions.find(id);
    return found == sessions.end() || !found->second.open ? nullptr : &found->second;
  }
  Request* request(dgm_request id) {
    const auto found = requests.find(id);
    return found == requests.end() || !found->second.open ? nullptr : &found->second;
  }
  // A session or request of this shard, or 0: the instance.
  bool may_own(const Shard& shard, std::uint64_t owner) {
    if (!owner) return true;
    if (const Session* s = session(owner)) return s->shard == shard.index && !s->closing;
    const Request* r = request(owner);
    return r && r->shard == shard.index;
  }

  dgm_op add(Operation operation) {
    const dgm_op id = next_id++;
    const bool waits = operation.timer;
    operations.emplace(id, std::move(operation));
    if (!waits) ready.push_back(id);
    return id;
  }
  void finish_operation(dgm_op id, bool canceled) {
    const auto found = operations.find(id);
    if (found == operations.end()) return;
    const Operation operation = std::move(found->second);
    operations.erase(found);
    std::erase(ready, id);
    call(shards[operation.shard], Hook::on_shard, "a completion", [&] {
      operation.complete(canceled);
      return DGM_OK;
    });
  }
  dgm_status cancel(const Shard& shard, dgm_op id) {
    const auto found = operations.find(id);
    if (found == operations.end() || found->second.shard != shard.index) return DGM_E_GONE;
    tasks.push_back([this, id] { finish_operation(id, true); });
    return DGM_OK;
  }
  void cancel_of(std::uint64_t owner, unsigned shard) {
    for (;;) {
      const auto found = std::find_if(operations.begin(), operations.end(), [&](const auto& o) {
        return o.second.owner == owner && o.second.shard == shard;
      });
      if (found == operations.end()) return;
      finish_operation(found->first, true);
    }
  }

  // Everything that can happen now, in order.
  void run() {
    while (!tasks.empty() || (!hold && !ready.empty())) {
      if (!tasks.empty()) {
        const auto task = std::move(tasks.front());
        tasks.pop_front();
        task();
      } else {
        finish_operation(ready.front(), false);
      }
    }
  }

  void advance(std::int64_t ms) {
    const std::int64_t end = now_ms + ms;
    for (run();; run()) {
      dgm_op next = 0;
      for (const auto& [id, operation] : operations)
        if (operation.timer && operation.due_ms <= end && (!next || operation.due_ms < operations.at(next).due_ms))
          next = id;
      if (!next) break;
      now_ms = std::max(now_ms, operations.at(next).due_ms);
      finish_operation(next, false);
    }
    now_ms = end;
  }

  dgm_status send(Session& s, Message message) {
    if (message.payload.size() > options.queue_bytes) return DGM_E_TOO_LARGE;
    if (s.partial) {
      s.behind.push_back(std::move(message));
      return DGM_OK;
    }
    if (!s.reads && s.waiting + message.payload.size() > options.queue_bytes) {
      begin_close(s, {1013, ""});
      return DGM_E_DROPPED;
    }
    if (!s.reads) s.waiting += message.payload.size();
    s.sent.push_back(std::move(message));
    s.pressed = s.pressed || s.waiting > options.queue_bytes / 2;
    return s.pressed ? DGM_PRESSURE : DGM_OK;
  }

  // The host will close it: nothing of the client reaches the plugin from here on.
  void begin_close(Session& s, Close close) {
    if (s.closing) return;
    s.closing = true;
    s.closed = std::move(close);
    tasks.push_back([this, id = s.id] { end_session(id); });
  }
  void end_session(dgm_session id) {
    Session* const s = session(id);
    if (!s) return;
    s->closing = true;
    cancel_of(id, s->shard);
    if (s->partial)
      problem("a message in parts was left without its last part when its session was closed (" + s->closed->reason +
              ")");
    std::erase_if(subscriptions, [&](const Subscription& sub) { return sub.session == id; });
    std::erase_if(registry, [&](const auto& entry) { return entry.first == id; });
    Shard& shard = shards[s->shard];
    call(shard, Hook::on_shard, "session_close", [&] {
      dialect.session_close(shard.inst, id, s->state, s->closed->code, raw(s->closed->reason));
      return DGM_OK;
    });
    s->open = false;
  }

  // The client of a session or request is gone.
  void lose(std::uint64_t id) {
    if (Session* const s = session(id)) begin_close(*s, {1006, ""});
    if (request(id)) tasks.push_back([this, id] { end_request(id); });
  }

  void deliver(dgm_session id, Message message) {
    Session* const s = session(id);
    if (!s || s->closing) return;
    if (s->paused) {
      s->unread.push_back(std::move(message));
      return;
    }
    if (s->expecting) {
      operations.erase(s->expecting);
      s->expecting = 0;
    }
    Shard& shard = shards[s->shard];
    const dgm_status status = call(shard, Hook::on_shard, "session_message", [&] {
      return dialect.session_message(shard.inst, id, s->state, message.opcode, raw(message.payload));
    });
    if (status < 0) begin_close(*s, {1011, ""});
  }

  void end_request(dgm_request id) {
    Request* const r = request(id);
    if (!r) return;
    cancel_of(id, r->shard);
    Shard& shard = shards[r->shard];
    call(shard, Hook::on_shard, "request_close", [&] {
      http.request_close(shard.inst, id, r->state);
      return DGM_OK;
    });
    r->open = false;
  }
};

}  // namespace dragoman::testing::detail
