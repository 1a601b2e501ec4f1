// SPDX-License-Identifier: Apache-2.0
#include "subscriber.hpp"

#include <algorithm>
#include <array>

#include "common/text.hpp"
#include "glob.hpp"
#include "message.hpp"

namespace redis {
namespace {

constexpr std::size_t most_names = 500;  // of a command
constexpr std::array<std::string_view, 5> verbs = {"subscribe", "psubscribe", "unsubscribe", "punsubscribe", "ping"};

}  // namespace

void Subscriber::want(std::string_view key, bool literal, bool wanted) {
  const std::lock_guard lock(mutex_);
  wanted ? interests_.add(key, literal) : interests_.remove(key, literal);
}

void Subscriber::away() {
  const std::lock_guard lock(mutex_);
  interests_.apply();
}

void Subscriber::begin() {
  begun_ = ready_ = false;
  asked_.clear();
  again_.clear();
  channels_.clear();
  patterns_.clear();
  refused_ = 0;
}

void Subscriber::tend(Connection& connection, bool) {
  Change change;
  Names all;
  {
    const std::lock_guard lock(mutex_);
    change = interests_.apply();
    if (!begun_ || !again_.empty()) all = interests_.all();
  }
  if (!std::exchange(begun_, true)) change = {all, {}};
  // In this order no event falls between two subscriptions.
  send(connection, Verb::subscribe, change.added.channels);
  send(connection, Verb::psubscribe, change.added.patterns);
  send(connection, Verb::unsubscribe, change.removed.channels);
  send(connection, Verb::punsubscribe, change.removed.patterns);
  for (const Command& command : std::exchange(again_, {})) {
    const auto& wanted = command.verb == Verb::subscribe ? all.channels : all.patterns;
    for (const std::string& name : command.names)
      if (std::binary_search(wanted.begin(), wanted.end(), name)) send(connection, command.verb, {name});
  }
  if (!asked_.empty()) return;
  if (refused_ > 0)
    host_.log(dragoman::sdk::LogLevel::warn,
              "the server refuses " + std::to_string(refused_) + " subscriptions, the first one: " + refusal_);
  refused_ = 0;
  ready_ = true;
  if (connection.silence() < settings_.keepalive) return;
  connection.send({"PING"});
  asked_.push_back({Verb::ping, {}});
}

void Subscriber::send(Connection& connection, Verb verb, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); i += most_names) {
    const auto from = names.begin() + static_cast<std::ptrdiff_t>(i);
    Command command{verb, {from, from + static_cast<std::ptrdiff_t>(std::min(most_names, names.size() - i))}};
    std::vector<std::string_view> words = {verbs[static_cast<std::size_t>(verb)]};
    words.insert(words.end(), command.names.begin(), command.names.end());
    connection.send(words);
    asked_.push_back(std::move(command));
  }
}

void Subscriber::take(std::unique_ptr<Reply> reply, Batch& into) {
  const bool push = reply->has(3) && reply->elements[1]->is(Reply::Type::string);
  const std::string_view kind = push ? std::string_view(reply->elements[0]->text) : std::string_view();
  const bool plain = kind == "message", by_pattern = kind == "pmessage" && reply->has(4);
  if (!plain && !by_pattern) return confirm(*reply);
  std::string& channel = reply->elements[plain ? 1 : 2]->text;
  std::string& body = reply->elements[plain ? 2 : 3]->text;
  if (!counts(channel, plain ? nullptr : &reply->elements[1]->text)) return;
  if (auto message = channel.starts_with(settings_.prefix)
                         ? read_message(channel.substr(settings_.prefix.size()), std::move(body), settings_.channel)
                         : std::nullopt) {
    into.add(std::move(*message));
  } else {
    ++into.unreadable;
    into.trouble = "a message is no event: its channel " + buses::shown(channel) + " or its body is too long";
  }
}

bool Subscriber::counts(const std::string& channel, const std::string* pattern) const {
  if (channels_.contains(channel)) return !pattern;
  if (!pattern || !patterns_.contains(*pattern)) return false;
  const auto first =
      std::find_if(patterns_.begin(), patterns_.end(), [&](const auto& other) { return fits(other, channel); });
  return first != patterns_.end() && *first == *pattern;
}

void Subscriber::confirm(const Reply& reply) {
  if (asked_.empty()) throw Lost(reply.is(Reply::Type::error) ? sentence_of(reply) : "it says what was not asked");
  if (reply.is(Reply::Type::error)) return refused(reply);
  Command& command = asked_.front();
  if (command.verb == Verb::ping) {
    // An array where there are subscriptions.
    if (!reply.ok("PONG") && !(reply.has(1) && reply.elements[0]->text == "pong"))
      throw Lost("it does not speak as Redis does");
    return asked_.pop_front();
  }
  const std::string& name = command.names[command.confirmed];
  if (!reply.has(3) || reply.elements[0]->text != verbs[static_cast<std::size_t>(command.verb)] ||
      reply.elements[1]->text != name)
    throw Lost("it does not speak as Redis does");
  const bool pattern = command.verb == Verb::psubscribe || command.verb == Verb::punsubscribe;
  auto& names = pattern ? patterns_ : channels_;
  if (command.verb == Verb::subscribe || command.verb == Verb::psubscribe)
    names.insert(name);
  else
    names.erase(name);
  if (++command.confirmed == command.names.size()) asked_.pop_front();
}

void Subscriber::refused(const Reply& error) {
  if (error.error_code() != "NOPERM" || asked_.front().verb == Verb::ping) throw Lost(sentence_of(error));
  Command command = std::move(asked_.front());
  asked_.pop_front();
  if (command.names.size() > 1) return again_.push_back(std::move(command));
  if (refused_++ == 0) refusal_ = "to " + buses::shown(command.names.front()) + ", for " + sentence_of(error);
}

void Subscriber::too_large(const Reply*, Batch& into) {
  ++into.unreadable;
  into.trouble = "a message is too large, and the connection ends because of it";
}

}  // namespace redis
