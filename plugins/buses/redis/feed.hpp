// SPDX-License-Identifier: Apache-2.0
// Events from streams, each from where it was read to.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "positions.hpp"
#include "source.hpp"

namespace redis {

class Feed : public Source {
 public:
  Feed(dragoman::sdk::BusHost host, const Settings& settings, Positions& positions);

  // A stream is read whole.
  void want(std::string_view, bool, bool) override {}
  void away() override {}
  void begin() override;
  void tend(Connection& connection, bool room) override;
  void take(std::unique_ptr<Reply> reply, Batch& into) override;
  void too_large(const Reply* part, Batch& into) override;
  bool ready() const override { return ready_; }
  bool waiting() const override { return !asked_.empty(); }

 private:
  // end: where a stream ends now. present: whether the entry read last is still there: if not, others that were not
  // read may be gone with it.
  enum class Question { end, present, more };
  struct Stream {
    std::string name;
    std::optional<StreamId> position;  // of the entry read last
    bool look = true;                  // ask whether it is present before more is read
    bool heavy = false;                // it is too large to be looked at
  };
  struct Asked {
    Question question;
    std::size_t stream;
  };
  void ask(Connection& connection, Question question, std::size_t stream);
  void ask_more(Connection& connection);
  void learn_end(Stream& stream, const Reply& reply);
  void set(Stream& stream, StreamId position);
  void read(Reply& reply, Batch& into);
  void read(Stream& stream, Reply& entries, Batch& into);
  [[noreturn]] void refuse(const Stream* stream, const Reply& reply) const;

  const dragoman::sdk::BusHost host_;
  const Settings& settings_;
  Positions& positions_;
  std::vector<Stream> streams_;
  std::deque<Asked> asked_;
  std::deque<std::size_t> doubted_;  // streams whose end must be known
  std::size_t count_;                // entries asked for at a time
  bool ready_ = false;
};

}  // namespace redis
