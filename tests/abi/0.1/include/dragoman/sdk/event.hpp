// SPDX-License-Identifier: Apache-2.0
// Events as a dialect reads and makes them, and the memory it encodes them into.
#pragma once
#include <dragoman/sdk/host.hpp>

#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <vector>

namespace dragoman::sdk {

// A view, valid during the hook that got it.
class Event {
 public:
  explicit Event(const dgm_event& e) : e_(e) {}
  std::uint64_t sequence() const { return e_.sequence; }
  std::string_view id() const { return view(e_.id); }
  std::string_view channel() const { return view(e_.channel); }
  std::string_view key() const { return view(e_.key); }
  std::string_view content_type() const { return view(e_.content_type); }
  std::string_view body() const { return view(e_.body); }
  std::int64_t time_ms() const { return e_.time_ms; }
  dgm_session origin() const { return e_.origin; }
  std::optional<std::string_view> attribute(std::string_view name) const {
    for (std::size_t i = 0; i < e_.attribute_count; ++i)
      if (view(e_.attributes[i].name) == name) return view(e_.attributes[i].value);
    return std::nullopt;
  }
  const dgm_event& c() const { return e_; }

 private:
  const dgm_event& e_;
};

// An event to emit or publish; what it names must live until then.
class NewEvent {
 public:
  NewEvent(std::string_view channel, std::string_view key, std::string_view body) {
    e_.size = sizeof e_;
    e_.channel = raw(channel);
    e_.key = raw(key);
    e_.body = raw(body);
  }
  // Id, time, content type and origin of another event.
  NewEvent& like(const Event& other) {
    e_.id = other.c().id;
    e_.time_ms = other.c().time_ms;
    e_.content_type = other.c().content_type;
    e_.origin = other.c().origin;
    return *this;
  }
  NewEvent& attribute(std::string_view name, std::string_view value) {
    fields_.push_back({raw(name), raw(value)});
    return *this;
  }
  NewEvent& origin(dgm_session session) {
    e_.origin = session;
    return *this;
  }
  // To the sessions of this mount; on the home shard only.
  dgm_status emit(const Host& host) { return host.fanout_table().emit(host.self(), &complete()); }
  NewEvent& id(std::string_view id) {
    e_.id = raw(id);
    return *this;
  }
  NewEvent& time(std::int64_t unix_ms) {
    e_.time_ms = unix_ms;
    return *this;
  }
  NewEvent& content_type(std::string_view type) {
    e_.content_type = raw(type);
    return *this;
  }
  // To the mount's bus; done(status) says later what became of it, unless the answer is below 0.
  using Published = std::function<void(dgm_status)>;
  dgm_status publish(const Host& host, Published done) {
    struct Waiting {
      Host host;
      Published done;
    };
    auto waiting = std::make_unique<Waiting>(Waiting{host, std::move(done)});
    const dgm_status status = host.fanout_table().publish_confirmed(
        host.self(), &complete(),
        [](void* user, dgm_status result) {
          const std::unique_ptr<Waiting> w(static_cast<Waiting*>(user));
          guard_completion(w->host, "publish", [&] { w->done(result); });
        },
        waiting.get());
    if (status >= 0) waiting.release();
    return status;
  }
  // To the mount's bus.
  dgm_status publish(const Host& host) { return host.fanout_table().publish(host.self(), &complete()); }

 private:
  const dgm_event& complete() {
    e_.attributes = fields_.data();
    e_.attribute_count = fields_.size();
    return e_;
  }
  dgm_event e_{};
  std::vector<dgm_field> fields_;
};

// Host memory that encode() appends to.
class Writer {
 public:
  explicit Writer(dgm_writer& w) : w_(w) {}
  // Throws std::bad_alloc at the host's limit.
  Writer& append(std::string_view text) {
    if (text.size() > w_.cap - w_.len && w_.grow(&w_, text.size()) < 0) throw std::bad_alloc();
    if (!text.empty()) std::memcpy(w_.ptr + w_.len, text.data(), text.size());
    w_.len += text.size();
    return *this;
  }
  void opcode(Opcode op) { w_.opcode = static_cast<std::int32_t>(op); }
  // In encode(): no overflow policy may drop this message.
  void keep() { w_.flags |= DGM_WRITE_KEEP; }

 private:
  dgm_writer& w_;
};

}  // namespace dragoman::sdk
