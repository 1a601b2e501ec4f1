// SPDX-License-Identifier: Apache-2.0
#include "gateway/shard.hpp"

#include <pthread.h>

namespace dragoman::gateway {

Shard::Shard(unsigned number_, std::size_t mailbox_bytes)
    : number(number_), mailbox(mailbox_bytes, [this] { loop.post([this] { read_mailbox(); }); }) {}

Shard::~Shard() = default;

void Shard::run_thread() {
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), ("shard-" + std::to_string(number)).c_str());
    loop.run();
  });
}

void Shard::join() {
  if (thread_.joinable()) thread_.join();
}

ShardMount* Shard::mount(std::uint32_t mount_number) {
  for (ShardMount* mount : mounts)
    if (mount->shared().number == mount_number) return mount;
  return nullptr;
}

FrontDoor* Shard::front_door(std::uint32_t door_number) {
  for (FrontDoor* door : front_doors)
    if (door->shared().number == door_number) return door;
  return nullptr;
}

void Shard::remove_mount(std::uint32_t mount_number) {
  std::erase_if(mounts, [&](ShardMount* mount) { return mount->shared().number == mount_number; });
  feeds_.erase(mount_number);
}

void Shard::remove_door(std::uint32_t door_number) {
  std::erase_if(front_doors, [&](FrontDoor* door) { return door->shared().number == door_number; });
}

void Shard::send_mapped(std::uint32_t mount, const event::Batch& batch) {
  const std::size_t bytes = hub::batch_bytes(batch);
  for (Shard* other : others) other->mailbox.put({mount_address(mount), batch, bytes}, false);
}

void Shard::read_mailbox() {
  letters_.clear();
  mailbox.take(letters_);
  for (const auto& letter : letters_) {
    if (letter.address & 0x80000000u) {
      if (ShardMount* target = mount(letter.address & 0x7fffffffu))
        for (const auto& event : letter.batch) target->fan_out(event);
    } else {
      for (ShardMount* target : mounts) {
        if (target->shared().bus_number != letter.address || !target->shared().bus) continue;
        for (const auto& event : letter.batch) target->receive(event, letter.receipt);
        target->distribute_emitted();
      }
    }
    mailbox.release(letter.bytes);
  }
  if (letters_.empty()) return;
  // Behind the writing of what was queued by now.
  loop.post([this, since = letters_.front().since] { event_delay.observe(std::chrono::steady_clock::now() - since); });
  letters_.clear();
}

}  // namespace dragoman::gateway
