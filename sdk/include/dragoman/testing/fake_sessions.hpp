// SPDX-License-Identifier: Apache-2.0
// The fake host's tables dgm.session/1, dgm.fanout/1, dgm.timer/1 and dgm.metrics/1.
#pragma once
#include <dragoman/ext/fanout.h>
#include <dragoman/ext/metrics.h>
#include <dragoman/ext/session.h>
#include <dragoman/ext/timer.h>
#include <dragoman/testing/fake_gate.hpp>

namespace dragoman::testing::detail {

struct SessionTables : Gate {
  static dgm_status send(dgm_host* h, dgm_session id, std::int32_t opcode, dgm_str payload) noexcept {
    return on_shard(
        h, "send",
        [&](Shard& self, Core& core) -> dgm_status {
          if (const char* wrong = wrong_message(opcode, payload)) return invalid(core, "send", wrong);
          Session* const s = session_of(core, self, id);
          return s ? core.send(*s, {opcode, text(payload), false}) : DGM_E_GONE;
        },
        id);
  }
  static const char* wrong_message(std::int32_t opcode, dgm_str payload) {
    if (opcode != DGM_TEXT && opcode != DGM_BINARY) return "the opcode is neither DGM_TEXT nor DGM_BINARY";
    if (!readable(payload)) return "the payload is null";
    return opcode == DGM_TEXT && !valid_utf8(text(payload)) ? "the text is not UTF-8" : nullptr;
  }
  static dgm_status send_part(dgm_host* h, dgm_session id, std::int32_t opcode, dgm_str part,
                              std::uint32_t flags) noexcept {
    return on_shard(
        h, "send_part",
        [&](Shard& self, Core& core) -> dgm_status {
          if (const char* wrong = wrong_message(opcode, part)) return invalid(core, "send_part", wrong);
          if (part.len > 65536) return invalid(core, "send_part", "the part is longer than 64 KiB");
          if (flags & ~std::uint32_t{DGM_PART_FIRST | DGM_PART_LAST})
            return invalid(core, "send_part", "the flags are not known");
          Session* const s = session_of(core, self, id);
          if (!s) return DGM_E_GONE;
          if (static_cast<bool>(flags & DGM_PART_FIRST) == s->partial.has_value()) return DGM_E_INVALID;
          if (flags & DGM_PART_FIRST) s->partial = Message{opcode, {}, false};
          s->partial->payload += text(part);
          if (!s->reads) s->waiting += part.len;
          s->pressed = s->pressed || s->waiting > core.options.queue_bytes / 2;
          if (flags & DGM_PART_LAST) {
            s->sent.push_back(std::move(*s->partial));
            s->partial.reset();
            for (auto& message : std::exchange(s->behind, {})) core.send(*s, std::move(message));
          }
          return s->pressed ? DGM_PRESSURE : DGM_OK;
        },
        id);
  }
  static dgm_status close(dgm_host* h, dgm_session id, std::uint16_t code, dgm_str reason) noexcept {
    return on_shard(
        h, "close",
        [&](Shard& self, Core& core) -> dgm_status {
          if (!readable(reason)) return invalid(core, "close", "the reason is null");
          if (const char* wrong = wrong_close(code, text(reason))) return invalid(core, "close", wrong);
          Session* const s = session_of(core, self, id);
          if (!s) return DGM_E_GONE;
          core.begin_close(*s, {code, text(reason)});
          return DGM_OK;
        },
        id);
  }
  static dgm_status pause(dgm_host* h, dgm_session id) noexcept {
    return on_shard(
        h, "pause",
        [&](Shard& self, Core& core) -> dgm_status {
          Session* const s = session_of(core, self, id);
          if (s) s->paused = true;
          return s ? DGM_OK : DGM_E_GONE;
        },
        id);
  }
  static dgm_status resume(dgm_host* h, dgm_session id) noexcept {
    return on_shard(
        h, "resume",
        [&](Shard& self, Core& core) -> dgm_status {
          Session* const s = session_of(core, self, id);
          if (!s) return DGM_E_GONE;
          s->paused = false;
          for (auto& message : std::exchange(s->unread, {}))
            core.tasks.push_back([&core, id, message = std::move(message)] { core.deliver(id, message); });
          return DGM_OK;
        },
        id);
  }
  static dgm_status expect_message(dgm_host* h, dgm_session id, std::uint32_t timeout_ms, std::uint16_t code,
                                   dgm_str reason) noexcept {
    return on_shard(
        h, "expect_message",
        [&](Shard& self, Core& core) -> dgm_status {
          if (timeout_ms)
            if (const char* wrong = wrong_close(code, text(reason))) return invalid(core, "expect_message", wrong);
          Session* const s = session_of(core, self, id);
          if (!s) return DGM_E_GONE;
          core.operations.erase(std::exchange(s->expecting, 0));
          if (!timeout_ms) return DGM_OK;
          s->expecting = core.add({self.index, id, true, core.now_ms + timeout_ms, false,
                                   [&core, id, close = Close{code, text(reason)}](bool canceled) {
                                     if (Session* const late = canceled ? nullptr : core.session(id))
                                       core.begin_close(*late, close);
                                   }});
          return DGM_OK;
        },
        id);
  }
  static dgm_status count_message(dgm_host* h, dgm_session id) noexcept {
    return on_shard(h, "count_message", [&](Shard& self, Core& core) -> dgm_status {
      return session_of(core, self, id) ? DGM_OK : DGM_E_GONE;
    });
  }

  static dgm_status subscribe(dgm_host* h, dgm_session id, const dgm_interest* from, std::uint64_t* out) noexcept {
    if (out) *out = 0;
    return on_shard(h, "subscribe", [&](Shard& self, Core& core) -> dgm_status {
      dgm_interest interest;
      if (!read_data(from, interest)) return invalid(core, "subscribe", "the interest is null or of a wrong size");
      if (interest.flags & ~std::uint32_t{DGM_INTEREST_LITERAL})
        return invalid(core, "subscribe", "the interest has flags that this host does not know");
      if (interest.variant == DGM_VARIANT_SKIP) return invalid(core, "subscribe", "the variant is DGM_VARIANT_SKIP");
      if (!session_of(core, self, id)) return DGM_E_GONE;
      const bool literal = interest.flags & DGM_INTEREST_LITERAL;
      core.subscriptions.push_back(
          {core.next_id++, id, text(interest.channel), text(interest.key), literal, interest.variant, interest.cookie});
      if (out) *out = core.subscriptions.back().id;
      return DGM_OK;
    });
  }
  static dgm_status unsubscribe(dgm_host* h, std::uint64_t id) noexcept {
    return on_shard(h, "unsubscribe", [&](Shard& self, Core& core) -> dgm_status {
      const auto gone = core.subscriptions.remove_if([&](const Subscription& s) {
        const Session* const session = core.session(s.session);
        return s.id == id && session && session->shard == self.index;
      });
      return gone ? DGM_OK : DGM_E_GONE;
    });
  }
  static dgm_status feed(dgm_host* h, dgm_str channel, dgm_str pattern) noexcept {
    return in_control(h, "feed", true, [&](Core& core) -> dgm_status {
      if (!core.dialect.map) return invalid(core, "feed", "the dialect has no map()");
      core.feeds.emplace_back(text(channel), text(pattern));
      return DGM_OK;
    });
  }

  static dgm_status channel(dgm_host* h, dgm_str name) noexcept {
    return in_control(h, "channel", false, [&](Core& core) -> dgm_status {
      return name.len ? dgm_status{DGM_OK} : invalid(core, "channel", "the name is empty");
    });
  }

  static bool read_event(Core& core, const char* function, const dgm_event* from, Event& to, dgm_session& origin) {
    dgm_event event;
    if (!read_data(from, event) || event.flags != 0) {
      core.problem(std::string(function) + "(): the event is null, of a wrong size or has unknown flags");
      return false;
    }
    to = {text(event.channel), text(event.key), text(event.body), text(event.content_type), text(event.id), {},
          event.time_ms};
    origin = event.origin;
    for (std::size_t i = 0; i < event.attribute_count; ++i)
      to.attributes.emplace_back(text(event.attributes[i].name), text(event.attributes[i].value));
    return true;
  }
  static dgm_status emit(dgm_host* h, const dgm_event* from) noexcept {
    return on_shard(h, "emit", [&](Shard& self, Core& core) -> dgm_status {
      if (self.index) return wrong_domain(core, "emit", "outside the home shard");
      Event event;
      dgm_session origin = 0;
      if (!read_event(core, "emit", from, event, origin)) return DGM_E_INVALID;
      core.emitted.push_back(event);
      Events::to_shards(core, event, core.next_sequence++, origin);
      return DGM_OK;
    });
  }
  static dgm_status publish_event(Core& core, const char* function, const dgm_event* from) {
    Event event;
    dgm_session origin = 0;
    if (!read_event(core, function, from, event, origin)) return DGM_E_INVALID;
    if (!core.bus_there) return DGM_E_UNAVAILABLE;
    core.published.push_back(event);
    if (core.options.echo_published)
      core.tasks.push_back([&core, event, origin] { Events::from_bus(core, event, origin); });
    return DGM_OK;
  }
  static dgm_status publish(dgm_host* h, const dgm_event* from) noexcept {
    return on_shard(h, "publish", [&](Shard&, Core& core) { return publish_event(core, "publish", from); });
  }
  static dgm_status publish_confirmed(dgm_host* h, const dgm_event* from, dgm_published done, void* user) noexcept {
    return on_shard(h, "publish_confirmed", [&](Shard& self, Core& core) -> dgm_status {
      if (!done) return invalid(core, "publish_confirmed", "done is null");
      const dgm_status status = publish_event(core, "publish_confirmed", from);
      if (status == DGM_E_INVALID) return status;
      core.add(
          {self.index, 0, false, 0, false, [=](bool canceled) { done(user, canceled ? DGM_E_CANCELED : status); }});
      return DGM_OK;
    });
  }
  static dgm_status bus(dgm_host* h) noexcept {
    return on_shard(h, "bus",
                    [](Shard&, Core& core) -> dgm_status { return core.bus_there ? DGM_OK : DGM_E_UNAVAILABLE; });
  }

  static dgm_status start_timer(dgm_host* h, dgm_session owner, std::uint32_t delay_ms, dgm_timer_done done, void* user,
                                dgm_op* op) noexcept {
    if (op) *op = 0;
    return on_shard(h, "start (dgm.timer/1)", [&](Shard& self, Core& core) -> dgm_status {
      if (!done) return invalid(core, "start (dgm.timer/1)", "done is null");
      if (!core.may_own(self, owner)) return DGM_E_GONE;
      const dgm_op id = core.add({self.index, owner, true, core.now_ms + delay_ms, false,
                                  [=](bool canceled) { done(user, canceled ? DGM_E_CANCELED : DGM_OK); }});
      if (op) *op = id;
      return DGM_OK;
    });
  }
  static dgm_status cancel(dgm_host* h, dgm_op op) noexcept {
    return on_shard(h, "cancel", [&](Shard& self, Core& core) { return core.cancel(self, op); });
  }

  static dgm_status counter(dgm_host* h, dgm_str name, dgm_str, std::uint32_t* index) noexcept {
    return in_control(h, "counter", false, [&](Core& core) -> dgm_status {
      if (!index || !name.len) return invalid(core, "counter", "the name is empty or index is null");
      // Each shard registers it; the fake host adds them up.
      std::uint32_t at = 0;
      while (at < core.counters.size() && core.counters[at].first != text(name)) ++at;
      if (at == core.counters.size()) core.counters.emplace_back(text(name), 0);
      *index = at;
      return DGM_OK;
    });
  }
  static void add(dgm_host* h, std::uint32_t index, std::uint64_t n) noexcept {
    Core& core = *of(h).core;
    if (std::this_thread::get_id() != core.thread)
      wrong_domain(core, "add", "from another thread");
    else if (index >= core.counters.size())
      core.problem("add(): there is no counter with this index");
    else
      core.counters[index].second += n;
  }

  static constexpr dgm_host_session session{
      sizeof(dgm_host_session), 0, send, send_part, close, pause, resume, expect_message, count_message};
  static constexpr dgm_host_fanout fanout{sizeof(dgm_host_fanout), 0,   subscribe, unsubscribe, feed, emit, publish,
                                          publish_confirmed,       bus, channel};
  static constexpr dgm_host_timer timer{sizeof(dgm_host_timer), 0, start_timer, cancel};
  static constexpr dgm_host_metrics metrics{sizeof(dgm_host_metrics), 0, counter, add};
};

}  // namespace dragoman::testing::detail
