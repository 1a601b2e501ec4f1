// SPDX-License-Identifier: Apache-2.0
// How the fake host takes an event to sessions: map, observe, select and encode as dgm.dialect/1 promises them.
#pragma once
#include <dragoman/testing/fake_core.hpp>

namespace dragoman::testing::detail {

// An event in the form of the boundary; borrows from the one it is made of.
class EventView {
 public:
  EventView(const Core& core, const Event& from, std::uint64_t sequence, dgm_session origin) {
    for (const auto& [name, value] : from.attributes) fields_.push_back({raw(name), raw(value)});
    c_.size = sizeof c_;
    c_.sequence = sequence;
    c_.origin = origin;
    c_.time_ms = from.time_ms ? from.time_ms : core.now_ms;
    c_.id = raw(from.id), c_.channel = raw(from.channel), c_.key = raw(from.key);
    c_.content_type = raw(from.content_type), c_.body = raw(from.body);
    c_.attributes = fields_.data();
    c_.attribute_count = fields_.size();
  }
  EventView(const EventView&) = delete;
  EventView& operator=(const EventView&) = delete;
  const dgm_event& c() const { return c_; }

 private:
  std::vector<dgm_field> fields_;
  dgm_event c_{};
};

// Host memory for encode(), upgrade() and configure(); as small as it may be, so that grow() is used.
class FakeWriter : private dgm_writer {
 public:
  FakeWriter() : dgm_writer{} {
    size = sizeof(dgm_writer);
    opcode = DGM_TEXT;
    memory_ = std::make_unique<char[]>(1);
    ptr = memory_.get();
    cap = 1;
    dgm_writer::grow = grow_to;
  }
  dgm_writer* c() { return this; }
  bool intact() const {
    return ptr == memory_.get() && len <= capacity_ && cap == capacity_ && (opcode == DGM_TEXT || opcode == DGM_BINARY);
  }
  std::string text() const { return {memory_.get(), len}; }
  std::int32_t written_opcode() const { return opcode; }
  bool keep() const { return flags & DGM_WRITE_KEEP; }

 private:
  static constexpr std::size_t limit = 64u << 20;
  static dgm_status grow_to(dgm_writer* c, std::size_t want) noexcept {
    auto& self = *static_cast<FakeWriter*>(c);
    if (!self.intact() || want > limit - self.len) return DGM_E_DROPPED;
    auto larger = std::make_unique<char[]>(self.len + want);
    std::memcpy(larger.get(), self.memory_.get(), self.len);
    self.memory_ = std::move(larger);
    self.ptr = self.memory_.get();
    self.cap = self.capacity_ = self.len + want;
    return DGM_OK;
  }
  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 1;
};

struct Events {
  static bool fits(const Subscription& s, const Event& event) {
    return s.channel == event.channel && (s.literal ? s.key == event.key : key_matches(s.key, event.key));
  }

  // An event of the bus.
  static void from_bus(Core& core, const Event& event, dgm_session origin) {
    const std::uint64_t sequence = core.next_sequence++;
    bool fed = false;
    for (const auto& [channel, pattern] : core.feeds)
      fed = fed || (channel == event.channel && key_matches(pattern, event.key));
    const bool maps = core.dialect.map;
    if (maps && fed) {
      Shard& home = core.shards.front();
      const EventView view(core, event, sequence, origin);
      core.call(home, Hook::on_shard, "map", [&] { return core.dialect.map(home.inst, &view.c()); });
      return;
    }
    if (maps && !(core.dialect.flags & DGM_DIALECT_MAP_FEEDS)) return;
    to_shards(core, event, sequence, origin);
  }

  // To the sessions of all shards.
  static void to_shards(Core& core, const Event& event, std::uint64_t sequence, dgm_session origin) {
    for (Shard& shard : core.shards)
      core.tasks.push_back(
          [&core, &shard, event, sequence, origin] { on_shard(core, shard, event, sequence, origin); });
  }

 private:
  static void on_shard(Core& core, Shard& shard, const Event& event, std::uint64_t sequence, dgm_session origin) {
    const EventView view(core, event, sequence, origin);
    if (core.dialect.observe)
      core.call(shard, Hook::on_shard, "observe", [&] {
        core.dialect.observe(shard.inst, &view.c());
        return DGM_OK;
      });
    std::vector<dgm_subscription> subs;
    for (const Subscription& s : core.subscriptions) {
      const Session* const session = core.session(s.session);
      if (!session || session->shard != shard.index || session->closing || !fits(s, event)) continue;
      subs.push_back({s.session, session->state, s.variant, s.cookie});
    }
    if (subs.empty()) return;
    std::vector<std::uint64_t> variants;
    variants.reserve(subs.size());
    for (const auto& sub : subs) variants.push_back(sub.variant);
    if (core.dialect.select && core.call(shard, Hook::select, "select", [&] {
          core.dialect.select(shard.inst, &view.c(), subs.data(), subs.size(), variants.data());
          return DGM_OK;
        }) < 0)
      return;
    std::map<std::uint64_t, std::optional<Message>> frames;
    for (std::size_t i = 0; i < subs.size(); ++i) {
      if (variants[i] == DGM_VARIANT_SKIP) continue;
      const auto [frame, fresh] = frames.try_emplace(variants[i]);
      if (fresh) frame->second = encode(core, shard, view.c(), variants[i]);
      Session* const session = core.session(subs[i].session);
      if (frame->second && session) core.send(*session, *frame->second);
    }
  }

  static std::optional<Message> encode(Core& core, Shard& shard, const dgm_event& event, std::uint64_t variant) {
    if (!core.dialect.encode) return Message{DGM_TEXT, text(event.body), false};
    FakeWriter writer;
    const dgm_status status = core.call(shard, Hook::encode, "encode",
                                        [&] { return core.dialect.encode(shard.inst, &event, variant, writer.c()); });
    if (!writer.intact()) {
      core.problem("encode() left the writer with a length, a pointer or an opcode that cannot be");
      return std::nullopt;
    }
    if (status < 0 || status == DGM_SKIP) return std::nullopt;
    if (writer.written_opcode() == DGM_TEXT && !valid_utf8(writer.text())) return std::nullopt;
    return Message{writer.written_opcode(), writer.text(), writer.keep()};
  }
};

}  // namespace dragoman::testing::detail
