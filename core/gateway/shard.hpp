// SPDX-License-Identifier: Apache-2.0
// One thread with everything it owns (architecture section 3).
#pragma once
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "base/histogram.hpp"
#include "gateway/feeds.hpp"
#include "gateway/front_door.hpp"
#include "gateway/shard_mount.hpp"
#include "hub/mailbox.hpp"

namespace dragoman::gateway {

class Shard {
 public:
  Shard(unsigned number_, std::size_t mailbox_bytes);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  void run_thread();
  // What waits in the mailbox, all of it; on the shard's thread.
  void empty_mailbox();
  void join();

  Feeds& feeds(std::uint32_t mount) { return feeds_[mount]; }
  // Nothing comes to it from now on.
  void remove_mount(std::uint32_t number_);
  void remove_door(std::uint32_t number_);
  // Events that a map() here made, to the same mount on the other shards.
  void send_mapped(std::uint32_t mount, const event::Batch& batch);
  // Null if there is none.
  ShardMount* mount(std::uint32_t number_);
  FrontDoor* front_door(std::uint32_t number_);

  static std::uint32_t bus_address(std::uint32_t bus) { return bus; }
  static std::uint32_t mount_address(std::uint32_t mount) { return 0x80000000u | mount; }

  const unsigned number;
  net::Loop loop;
  transport::FlushList flush_list{loop};
  transport::Compression compression;
  hub::Mailbox mailbox;
  // From when the oldest event of a turn came into the mailbox until all of the turn are written to sockets.
  base::Histogram event_delay;
  std::atomic<bool> asked{false};   // whether it still moves, and it has not answered
  std::vector<Shard*> others;       // set before the threads start
  Upstreams upstreams;              // outlive the mounts
  std::vector<ShardMount*> mounts;  // those that a reload has replaced, too, until they have ended
  std::vector<FrontDoor*> front_doors;

 private:
  // Of events; at least one is taken.
  struct Portion {
    std::size_t bytes, events;
  };
  // What one turn of the loop takes from the mailbox: no more than a part of what may wait for a client. Then the
  // sockets have their turn, so that a burst ends nobody who reads.
  Portion portion() const;
  void read_mailbox();
  // False: nothing is left.
  bool read(Portion portion);
  void read_part(const hub::Mailbox::Letter& letter, std::size_t begin, std::size_t end);

  std::unordered_map<std::uint32_t, Feeds> feeds_;
  // Taken from the mailbox and not yet done with: from that event of that letter on.
  std::vector<hub::Mailbox::Letter> letters_;
  std::size_t letter_ = 0, event_ = 0;
  bool goes_on_ = false;  // in a turn that is posted
  std::thread thread_;
};

}  // namespace dragoman::gateway
