// SPDX-License-Identifier: Apache-2.0
#include "gateway/shard.hpp"

#include <pthread.h>

#include <algorithm>
#include <cstdint>

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

Shard::Portion Shard::portion() const {
  Portion most{256 << 10, 256};
  for (const ShardMount* mount : mounts) {
    most.bytes = std::min<std::size_t>(most.bytes, mount->limits.queue_bytes / 4);
    most.events = std::min<std::size_t>(most.events, mount->limits.queue_messages / 4);
  }
  return most;
}

void Shard::read_mailbox() {
  if (goes_on_ || !read(portion())) return;
  goes_on_ = true;
  loop.post([this] {
    goes_on_ = false;
    read_mailbox();
  });
}

void Shard::empty_mailbox() {
  while (read({SIZE_MAX, SIZE_MAX})) {
  }
}

bool Shard::read(Portion portion) {
  for (;;) {
    if (letter_ == letters_.size()) {
      // Behind the writing of what was queued by now.
      if (!letters_.empty())
        loop.post(
            [this, since = letters_.front().since] { event_delay.observe(std::chrono::steady_clock::now() - since); });
      letters_.clear();
      letter_ = 0;
      mailbox.take(letters_);
      if (letters_.empty()) return false;
    }
    hub::Mailbox::Letter& letter = letters_[letter_];
    const std::size_t begin = event_, count = letter.batch.size();
    std::size_t bytes = 0;
    const auto goes_on = [&] { return event_ == begin || (event_ - begin < portion.events && bytes < portion.bytes); };
    for (; event_ < count && goes_on(); ++event_) bytes += letter.batch[event_]->bytes();
    read_part(letter, begin, event_);
    portion.events -= std::min(portion.events, event_ - begin);
    portion.bytes -= std::min(portion.bytes, bytes);
    if (event_ == count) {
      mailbox.release(letter.bytes);
      letter.batch.clear();
      letter.receipt.reset();
      ++letter_;
      event_ = 0;
    }
    if (!portion.events || !portion.bytes) return true;
  }
}

void Shard::read_part(const hub::Mailbox::Letter& letter, std::size_t begin, std::size_t end) {
  if (letter.address & 0x80000000u) {
    if (ShardMount* target = mount(letter.address & 0x7fffffffu))
      for (std::size_t i = begin; i < end; ++i) target->fan_out(letter.batch[i]);
    return;
  }
  for (ShardMount* target : mounts) {
    if (target->shared().bus_number != letter.address || !target->shared().bus) continue;
    for (std::size_t i = begin; i < end; ++i) target->receive(letter.batch[i], letter.receipt);
    target->distribute_emitted();
  }
}

}  // namespace dragoman::gateway
