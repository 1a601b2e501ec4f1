// SPDX-License-Identifier: Apache-2.0
// The subscriptions of one mount on one shard, and which of them an event matches. One thread.
#pragma once
#include <dragoman/ext/dialect.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/by_name.hpp"
#include "base/slot_table.hpp"
#include "hub/key_tree.hpp"

namespace dragoman::hub {

// Whoever gets the frames; transport::Session is one.
class Receiver {};

// Subscriptions of one (channel, key or pattern), in two parallel arrays: what select() sees, and who gets it.
struct Group {
  std::vector<dgm_subscription> subscriptions;
  std::vector<Receiver*> receivers;
  std::vector<std::uint64_t> ids;
  const std::string* channel = nullptr;  // key of the channel it belongs to
  std::string key;
  bool literal = false;
};

// What an event matches. Valid until the index changes.
struct Matches {
  const dgm_subscription* subscriptions = nullptr;
  Receiver* const* receivers = nullptr;
  std::size_t count = 0;
};

class Index {
 public:
  // Hears when the first subscription of a (channel, key or pattern) comes and when the last one goes.
  class Watch {
   public:
    virtual void first_subscription(const std::string& channel, const std::string& key, bool literal) = 0;
    virtual void last_subscription(const std::string& channel, const std::string& key, bool literal) = 0;

   protected:
    ~Watch() = default;
  };

  // watch: may be null; outlives it.
  explicit Index(std::uint8_t tag, Watch* watch = nullptr) : records_(tag), watch_(watch) {}

  // literal: `key` is a key, otherwise a pattern. 0 when the table is full.
  std::uint64_t subscribe(std::string_view channel, std::string_view key, bool literal,
                          const dgm_subscription& subscription, Receiver* receiver);
  // False if there is no such subscription.
  bool unsubscribe(std::uint64_t id);
  // The session a subscription belongs to, 0 if there is none such.
  dgm_session owner(std::uint64_t id);
  Matches match(std::string_view channel, std::string_view key);
  std::size_t size() const { return records_.size(); }

 private:
  struct Channel {
    base::ByName<std::unique_ptr<Group>> literals;
    KeyTree<Group> patterns;
  };
  // A record says where a subscription stands, so that leaving costs no search.
  struct Record {
    Group* group = nullptr;
    std::uint32_t position = 0;
  };

  base::ByName<Channel> channels_;
  base::SlotTable<Record> records_;
  Watch* watch_;
  Group merged_;  // reused when an event matches several groups
};

}  // namespace dragoman::hub
