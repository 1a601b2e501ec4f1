// SPDX-License-Identifier: Apache-2.0
#include "feed.hpp"

#include <algorithm>

#include "common/text.hpp"
#include "message.hpp"

namespace redis {
namespace {

using dragoman::sdk::LogLevel;

// Of a stream at a time; how many is told by the size of the last ones.
constexpr std::size_t most_entries = 256, wanted_bytes = 1 << 20;

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// In an answer to XINFO STREAM.
std::optional<StreamId> end_in(const Reply& reply) {
  for (std::size_t i = 0; i + 1 < reply.elements.size(); i += 2)
    if (reply.elements[i]->text == "last-generated-id") return StreamId::parse(reply.elements[i + 1]->text);
  return std::nullopt;
}

}  // namespace

Feed::Feed(dragoman::sdk::BusHost host, const Settings& settings, Positions& positions)
    : host_(host), settings_(settings), positions_(positions), count_(most_entries) {
  const PositionMap known = positions_.load();
  for (const std::string& name : settings.streams) {
    Stream stream{name, std::nullopt};
    if (const auto found = known.find(name); found != known.end())
      stream.position = found->second;
    else if (settings.from_beginning)
      stream.position = StreamId();
    streams_.push_back(std::move(stream));
  }
}

void Feed::begin() {
  ready_ = false;
  asked_.clear();
  doubted_.clear();
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    streams_[i].look = !streams_[i].heavy;
    if (!streams_[i].position) doubted_.push_back(i);
  }
}

void Feed::tend(Connection& connection, bool room) {
  for (; !doubted_.empty(); doubted_.pop_front()) ask(connection, Question::end, doubted_.front());
  if (!asked_.empty()) return;
  bool looking = false;
  for (std::size_t i = 0; i < streams_.size() && (room || !ready_); ++i) {
    if (!std::exchange(streams_[i].look, false) || streams_[i].position == StreamId()) continue;
    ask(connection, Question::present, i);
    looking = true;
  }
  // What is read after a look is what was there at it: the server takes both at once.
  if (looking && !ready_) return;
  ready_ = true;
  if (room) ask_more(connection);
}

void Feed::ask(Connection& connection, Question question, std::size_t at) {
  const Stream& stream = streams_[at];
  if (question == Question::end) {
    connection.send({"XINFO", "STREAM", stream.name});
  } else {
    const std::string position = stream.position->text();
    connection.send({"XRANGE", stream.name, position, position});
  }
  asked_.push_back({question, at});
}

void Feed::ask_more(Connection& connection) {
  const std::string count = std::to_string(count_), time = std::to_string(settings_.keepalive.count());
  std::vector<std::string> positions;
  for (const Stream& stream : streams_) positions.push_back(stream.position->text());
  std::vector<std::string_view> command = {"XREAD", "COUNT", count, "BLOCK", time, "STREAMS"};
  for (const Stream& stream : streams_) command.push_back(stream.name);
  command.insert(command.end(), positions.begin(), positions.end());
  connection.send(command);
  asked_.push_back({Question::more, 0});
}

void Feed::take(std::unique_ptr<Reply> reply, Batch& into) {
  if (asked_.empty()) throw Lost(reply->is(Reply::Type::error) ? sentence_of(*reply) : "it says what was not asked");
  const Asked asked = asked_.front();
  asked_.pop_front();
  Stream& stream = streams_[asked.stream];
  switch (asked.question) {
    case Question::end:
      return learn_end(stream, *reply);
    case Question::present:
      if (!reply->is(Reply::Type::array)) refuse(&stream, *reply);
      if (reply->elements.empty()) doubted_.push_back(asked.stream);
      return;
    case Question::more:
      return read(*reply, into);
  }
}

void Feed::learn_end(Stream& stream, const Reply& reply) {
  auto end = end_in(reply);
  // Whatever comes into a stream that does not exist is new.
  if (reply.is(Reply::Type::error) && reply.text.find("no such key") != std::string::npos) end = StreamId();
  if (!end) refuse(&stream, reply);
  if (!stream.position) return set(stream, *end);
  const std::string name = "the stream " + buses::shown(stream.name);
  if (*end == *stream.position) return;
  if (*end > *stream.position)
    return host_.log(LogLevel::warn, name + " was cut behind what was read from it: events may be missed");
  host_.log(LogLevel::warn,
            name + " ends before what was read from it: it was emptied, or the server has lost its end");
  set(stream, *end);
}

void Feed::set(Stream& stream, StreamId position) {
  stream.position = position;
  stream.look = false;
  positions_.store({{stream.name, position}});
}

void Feed::read(Reply& reply, Batch& into) {
  if (reply.is(Reply::Type::nil)) return;
  if (!reply.is(Reply::Type::array)) refuse(nullptr, reply);
  const std::size_t bytes = into.bytes, messages = into.messages.size();
  for (const auto& one : reply.elements) {
    if (!one->has(2)) refuse(nullptr, *one);
    const auto stream = std::find_if(streams_.begin(), streams_.end(),
                                     [&](const Stream& known) { return known.name == one->elements[0]->text; });
    if (stream == streams_.end()) refuse(nullptr, *one);
    read(*stream, *one->elements[1], into);
  }
  if (const std::size_t n = into.messages.size() - messages)
    count_ = std::clamp<std::size_t>(wanted_bytes / ((into.bytes - bytes) / n), 1, most_entries);
}

void Feed::read(Stream& stream, Reply& entries, Batch& into) {
  for (const auto& entry : entries.elements) {
    const auto id = entry->has(2) ? StreamId::parse(entry->elements[0]->text) : std::nullopt;
    if (!id || *id <= *stream.position) refuse(&stream, *entry);
    if (auto message = read_entry(stream.name, *id, *entry->elements[1], settings_.channel, now_ms())) {
      into.add(std::move(*message));
    } else {
      ++into.unreadable;
      into.trouble =
          "an entry of the stream " + buses::shown(stream.name) + " is no event: its key or body is too long";
    }
    stream.position = into.positions[stream.name] = *id;
    stream.heavy = false;
  }
  // Others wait behind these, and may be cut off before they are read.
  stream.look = entries.elements.size() >= count_;
}

void Feed::refuse(const Stream* stream, const Reply& reply) const {
  std::string why = reply.is(Reply::Type::error) ? sentence_of(reply) : "it does not speak as Redis does";
  throw Lost(stream ? why + ", of the stream " + buses::shown(stream->name) : why);
}

void Feed::too_large(const Reply* part, Batch& into) {
  if (asked_.empty() || !part) return;
  Stream& asked = streams_[asked_.front().stream];
  if (asked_.front().question == Question::present) {
    asked.heavy = true;
  } else if (asked_.front().question == Question::end) {
    if (const auto end = end_in(*part); end && !asked.position) set(asked, *end);
  } else if (count_ > 1) {
    count_ = 1;
  } else if (part->has(1) && part->elements.back()->has(2) && part->elements.back()->elements[1]->has(1)) {
    // One entry alone is too large. It begins with its name.
    const Reply& last = *part->elements.back()->elements[1]->elements.back();
    const auto id = last.has(1) ? StreamId::parse(last.elements[0]->text) : std::nullopt;
    for (Stream& stream : streams_) {
      if (!id || stream.name != part->elements.back()->elements[0]->text || *id <= *stream.position) continue;
      stream.position = into.positions[stream.name] = *id;
      stream.heavy = true;
      ++into.unreadable;
      into.trouble = "an entry of the stream " + buses::shown(stream.name) + " is too large";
    }
  }
}

}  // namespace redis
