// SPDX-License-Identifier: Apache-2.0
#include "publisher.hpp"

#include "common/text.hpp"
#include "message.hpp"

namespace redis {
namespace {

constexpr std::size_t most_under_way = 1000;

}  // namespace

void Publisher::tend(Connection& connection) {
  while (auto posting = outbox_.next(most_under_way)) {
    send(connection, posting->message);
    asked_.push_back(++number_);
    outbox_.sent(number_, std::move(posting));
  }
  // The answer also says whether the server has become a replica.
  if (asked_.empty() && connection.silence() >= settings_.keepalive) {
    connection.send({"HELLO"});
    asked_.push_back(std::nullopt);
  }
}

void Publisher::send(Connection& connection, const buses::Outgoing& message) const {
  if (settings_.streams.empty()) return connection.send({"PUBLISH", settings_.prefix + message.key, message.body});
  std::vector<std::string_view> command = {"XADD", settings_.streams.front()};
  const std::string length = std::to_string(settings_.stream_length);
  if (settings_.stream_length > 0) command.insert(command.end(), {"MAXLEN", "~", length});
  command.push_back("*");
  for (const std::string_view field : fields_of(message)) command.push_back(field);
  connection.send(command);
}

void Publisher::take(const Reply& reply) {
  if (asked_.empty()) throw Lost(reply.is(Reply::Type::error) ? sentence_of(reply) : "it answers what was not asked");
  const auto number = asked_.front();
  if (!number) {
    asked_.pop_front();
    return check_primary(reply);
  }
  if (!reply.is(Reply::Type::error)) {
    asked_.pop_front();
    return outbox_.answered(*number, DGM_OK);
  }
  const std::string_view code = reply.error_code();
  if (code == "READONLY" || code == "LOADING" || code == "MASTERDOWN" || code == "NOAUTH")
    throw Lost(sentence_of(reply));
  asked_.pop_front();
  if (reply.text != refused_) {
    refused_ = reply.text;
    host_.log(dragoman::sdk::LogLevel::warn, "the server refuses a published event: " + sentence_of(reply));
  }
  outbox_.answered(*number, DGM_E_UNAVAILABLE);
}

}  // namespace redis
