// SPDX-License-Identifier: Apache-2.0
// Where events come from: what is said on a connection for them, and what its replies mean. The connections' thread.
#pragma once
#include <memory>
#include <string_view>

#include "connection.hpp"
#include "courier.hpp"

namespace redis {

// What one reply may take.
inline constexpr std::size_t reply_bound = buses::body_limit + (1 << 20);

class Source {
 public:
  virtual ~Source() = default;
  // Any thread. A wish that has come or gone.
  virtual void want(std::string_view key, bool literal, bool wanted) = 0;
  // There is no connection. What is wanted changes meanwhile.
  virtual void away() = 0;
  // A new connection follows.
  virtual void begin() = 0;
  // Sends what is due, once the server has let this client in. room: more events may be asked for.
  virtual void tend(Connection& connection, bool room) = 0;
  // Throws Lost.
  virtual void take(std::unique_ptr<Reply> reply, Batch& into) = 0;
  // The connection ends because of a reply of which this is the beginning.
  virtual void too_large(const Reply* part, Batch& into) = 0;
  // Every event from now on comes.
  virtual bool ready() const = 0;
  // Something was asked and not answered yet.
  virtual bool waiting() const = 0;
};

}  // namespace redis
