// SPDX-License-Identifier: Apache-2.0
// The way of an event through a mount on a shard, and the subscriptions that it meets.
#include "base/log.hpp"
#include "gateway/shard.hpp"
#include "gateway/shard_mount.hpp"
#include "plugin/events.hpp"

namespace dragoman::gateway {
namespace {

constexpr std::size_t most_variants = 1024;  // per event: a dialect that makes one per session is found by the counter

std::string_view view(dgm_str s) {
  return {s.ptr, s.len};
}

}  // namespace

bool ShardMount::fed(const event::Event& event) {
  return shard_.feeds(shared_.number).wants(event.channel, event.key);
}

void ShardMount::receive(const event::EventPtr& event, const event::ReceiptPtr& receipt) {
  if (!instance_.has_map()) return fan_out(event);
  if (!fed(*event)) {
    if (instance_.maps_feeds()) fan_out(event);
    return;
  }
  if (!home()) return;
  receiving_ = true;
  receipt_ = &receipt;
  const dgm_event v = plugin::event_view(*event, ++sequence_, fields_);
  instance_.map(v);
  receipt_ = nullptr;
  receiving_ = false;
}

std::optional<event::Batch> ShardMount::mapped(const event::EventPtr& event) {
  if (!instance_.has_map() || !fed(*event)) return std::nullopt;
  receiving_ = true;
  instance_.map(plugin::event_view(*event, ++sequence_, fields_));
  receiving_ = false;
  return std::exchange(emitted_, {});
}

dgm_status ShardMount::emit(const dgm_event& event) {
  emitted_.push_back(plugin::copy_event(event));
  if (!receiving_ && !emit_posted_) {
    emit_posted_ = true;
    shard_.loop.post([this, life = life()] {
      emit_posted_ = false;
      distribute_emitted();
    });
  }
  return DGM_OK;
}

void ShardMount::distribute_emitted() {
  if (emitted_.empty()) return;
  event::Batch batch;
  batch.swap(emitted_);
  shard_.send_mapped(shared_.number, batch);
  for (const auto& event : batch) fan_out(event);
  // Its memory serves again; that of a burst does not stay.
  static constexpr std::size_t kept = 256;
  if (!emitted_.empty() || batch.capacity() > kept) return;
  batch.clear();
  emitted_.swap(batch);
}

event::Frame* ShardMount::frame_for(const dgm_event& event, std::uint64_t variant, std::uint64_t key) {
  for (const auto& [known, frame] : frames_)
    if (known == variant) return frame.get();
  event::FramePtr frame;
  if (frames_.size() >= most_variants) {
    encode_errors.add();
    return nullptr;
  }
  if (instance_.has_encode()) {
    const dgm_status status = instance_.encode(event, variant, writer_);
    if (status == DGM_OK)
      frame = event::FramePtr(
          transport::make_websocket_frame(writer_.written_keep() ? event::FrameKind::reply : event::FrameKind::event,
                                          writer_.written_opcode(), writer_.text(), key));
    else if (status < 0)
      encode_errors.add();
  } else if (codec::valid_utf8(view(event.body))) {
    frame = event::FramePtr(transport::make_websocket_frame(event::FrameKind::event, DGM_TEXT, view(event.body), key));
  } else {
    encode_errors.add();
  }
  frames_.emplace_back(variant, std::move(frame));
  return frames_.back().second.get();
}

void ShardMount::fan_out(const event::EventPtr& event) {
  if (instance_.has_observe()) instance_.observe(plugin::event_view(*event, sequence_ + 1, fields_));
  const hub::Matches matches = index_.match(event->channel, event->key);
  if (!matches.count) return;
  const dgm_event v = plugin::event_view(*event, ++sequence_, fields_);
  if (variants_.size() < matches.count) variants_.resize(matches.count);
  if (instance_.has_select())
    instance_.select(v, matches.subscriptions, matches.count, variants_.data());
  else
    for (std::size_t i = 0; i < matches.count; ++i) variants_[i] = matches.subscriptions[i].variant;

  std::uint64_t key = 0;
  if (limits.overflow == transport::Overflow::latest_per_key) {
    const std::hash<std::string_view> hash;
    key = hash(event->channel) * 31 + hash(event->key);
  }
  std::uint64_t last_variant = DGM_VARIANT_SKIP;
  event::Frame* frame = nullptr;
  std::size_t size = 0, delivered = 0;
  // In locals: for the compiler a delivery may change any member.
  const std::uint64_t* const variants = variants_.data();
  hub::Receiver* const* const receivers = matches.receivers;
  net::FrameChunkPool& chunks = loop.chunks();
  for (std::size_t i = 0, n = matches.count; i < n; ++i) {
    const std::uint64_t variant = variants[i];
    if (variant == DGM_VARIANT_SKIP) continue;
    if (variant != last_variant) {
      frame = frame_for(v, variant, key);
      size = frame ? frame->size() : 0;
      last_variant = variant;
    }
    if (!frame) continue;
    static_cast<transport::Session*>(receivers[i])->deliver(frame, size, chunks);
    ++delivered;
  }
  frames_.clear();
  counters.deliveries.add(delivered);
}

dgm_status ShardMount::subscribe(dgm_session id, const dgm_interest& interest, std::uint64_t* subscription) {
  transport::Session* session = find(id);
  if (!session || session->closing()) return DGM_E_GONE;
  if (session->subscriptions.size() >= shared_.config.limits.subscriptions) return DGM_E_DROPPED;
  const dgm_subscription entry{id, session->state, interest.variant, interest.cookie};
  const std::uint64_t made = index_.subscribe(view(interest.channel), view(interest.key),
                                              interest.flags & DGM_INTEREST_LITERAL, entry, session);
  if (!made) return DGM_E_DROPPED;
  session->subscriptions.add(made);
  if (subscription) *subscription = made;
  return DGM_OK;
}

dgm_status ShardMount::unsubscribe(std::uint64_t subscription) {
  transport::Session* session = find(index_.owner(subscription));
  if (!session) return DGM_E_GONE;
  session->subscriptions.remove(subscription);
  index_.unsubscribe(subscription);
  return DGM_OK;
}

void ShardMount::first_subscription(const std::string& channel, const std::string& key, bool literal) {
  wish(true, channel, key, literal);
}

void ShardMount::last_subscription(const std::string& channel, const std::string& key, bool literal) {
  wish(false, channel, key, literal);
}

void ShardMount::wish(bool wanted, const std::string& channel, const std::string& key, bool literal) {
  const bus::Wish wish{channel, key, literal};
  if (wanted ? shared_.wishes->add(wish) : shared_.wishes->remove(wish))
    shard_.loop.post([wishes = shared_.wishes, life = life()] { wishes->flush(); });
}

dgm_status ShardMount::publish(const dgm_event& event) {
  if (!shared_.bus || !shared_.bus->connected()) return DGM_E_UNAVAILABLE;
  // A bus whose answer comes later has taken the event into its own bounded queue.
  auto answer = std::make_shared<std::atomic<dgm_status>>(DGM_OK);
  shared_.bus->publish({plugin::copy_event(event)}, [answer](bus::PublishStatus status) {
    if (status != bus::PublishStatus::accepted) *answer = DGM_E_UNAVAILABLE;
  });
  return *answer;
}

dgm_status ShardMount::publish_confirmed(const dgm_event& event, dgm_published done, void* user) {
  if (!shared_.bus || !shared_.bus->connected()) return DGM_E_UNAVAILABLE;
  const dgm_op op =
      operations_.start_call(nullptr, [this, done, user] { instance_.published(done, user, DGM_E_CANCELED); });
  if (!op) return DGM_E_DROPPED;
  shared_.bus->publish({plugin::copy_event(event)}, [this, op, life = life(), done, user](bus::PublishStatus status) {
    shard_.loop.post([this, op, life, done, user, status] {
      if (operations_.take_call(op))
        instance_.published(done, user,
                            status == bus::PublishStatus::accepted     ? DGM_OK
                            : status == bus::PublishStatus::overloaded ? DGM_E_DROPPED
                            : status == bus::PublishStatus::impossible ? DGM_E_INVALID
                                                                       : DGM_E_UNAVAILABLE);
    });
  });
  return DGM_OK;
}

}  // namespace dragoman::gateway
