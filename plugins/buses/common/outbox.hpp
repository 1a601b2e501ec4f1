// SPDX-License-Identifier: Apache-2.0
// Published messages until the broker has taken them, bounded in bytes. Those of one call are answered together.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <dragoman/sdk/bus.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "common/message.hpp"

namespace buses {

// read: says an event as a message, or nothing if it cannot be said. Nothing: one of them cannot.
template <class Read>
std::optional<std::vector<Outgoing>> outgoing(std::span<const dgm_event> events, Read&& read) {
  std::vector<Outgoing> messages;
  messages.reserve(events.size());
  for (const dgm_event& event : events) {
    std::optional<Outgoing> message = read(event);
    if (!message) return std::nullopt;
    messages.push_back(std::move(*message));
  }
  return messages;
}

class Outbox {
 public:
  explicit Outbox(std::size_t bound_bytes) : bound_(bound_bytes) {}

  // Any thread. DGM_OK: `done` will be told. DGM_E_UNAVAILABLE: it is closed. DGM_E_DROPPED: it is full.
  // Nothing is done at once.
  dgm_status add(std::vector<Outgoing> messages, dragoman::sdk::BusDone done);

  // The rest by the thread of the connection.
  void open();
  // Everything that waits is answered with status.
  void close(dgm_status status);

  struct Posting;
  using PostingPtr = std::shared_ptr<Posting>;
  // The next to be sent, while fewer than `most` are under way. It is under way once it is sent().
  PostingPtr next(std::size_t most);
  void sent(std::uint64_t number, PostingPtr posting);
  std::size_t under_way() const { return under_way_.size(); }
  // Of one under way; unknown numbers are nobody's.
  void answered(std::uint64_t number, dgm_status status);
  // Of all under way up to and including this number.
  void answered_through(std::uint64_t number, dgm_status status);
  // Of one that was not sent.
  void answered(const PostingPtr& posting, dgm_status status);

  struct Group {
    dragoman::sdk::BusDone done;
    std::size_t left;
    dgm_status status = DGM_OK;
  };
  struct Posting {
    Outgoing message;
    std::shared_ptr<Group> group;
    std::size_t bytes;
  };

 private:
  const std::size_t bound_;
  std::mutex mutex_;
  bool open_ = false;
  std::size_t bytes_ = 0;  // of all that are not answered
  std::deque<PostingPtr> waiting_;
  std::map<std::uint64_t, PostingPtr> under_way_;  // the connection's thread
};

}  // namespace buses
