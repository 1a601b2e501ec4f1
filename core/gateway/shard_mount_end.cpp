// SPDX-License-Identifier: Apache-2.0
// The end of a mount on a shard, and of its sessions: with the gateway, or since a reload has changed it.
#include <atomic>

#include "gateway/shard.hpp"
#include "gateway/shard_mount.hpp"

namespace dragoman::gateway {

void ShardMount::close_all() {
  ending_ = true;
  handshakes_.end();
  const auto alive = alive_;
  for (auto* session : alive) {
    session->close(1001, "", transport::End::shutdown);
    session->leave();
  }
}

void ShardMount::drain(const std::shared_ptr<DrainRate>& rate, const std::atomic<std::uint32_t>* listener) {
  if (!listener) draining_ = true;
  const auto list = [this, listener] {
    std::vector<dgm_session> out;
    sessions_.for_each([&](const transport::Session* session) {
      if (!session->closing() && (!listener || session->connection_count == listener)) out.push_back(session->id);
    });
    return out;
  };
  const auto close = [this](dgm_session id) {
    if (transport::Session* session = find(id)) session->close(1001, "", transport::End::reload);
  };
  drains_.emplace_back(listener, std::make_unique<MountDrain>(shard_.loop, rate, list, close));
}

void ShardMount::end_drain(const std::atomic<std::uint32_t>* listener) {
  std::erase_if(drains_, [&](const auto& drain) { return drain.first == listener; });
}

void ShardMount::end() {
  ending_ = true;
  drains_.clear();
  instance_.stop();
  operations_.cancel_all(nullptr);
}

bool ShardMount::over() const {
  if (life().use_count() > 1) return false;
  std::atomic_thread_fence(std::memory_order_acquire);
  return true;
}

void ShardMount::abort_all() {
  const auto alive = alive_;
  for (auto* session : alive) session->abort();
  requests_.abort_all();
}

}  // namespace dragoman::gateway
