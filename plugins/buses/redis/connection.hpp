// SPDX-License-Identifier: Apache-2.0
// One connection to a server, from the log-in to its end. One thread; nothing blocks.
#pragma once
#include <chrono>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reply.hpp"
#include "settings.hpp"
#include "socket.hpp"

namespace redis {

// What an error of the server means for this client, as one sentence without its full stop.
std::string sentence_of(const Reply& error);
// Of a reply to HELLO. Throws Lost if it is an error, or of a server that takes no events.
void check_primary(const Reply& hello);

class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  // Begins to connect. address: one of the endpoint's, numeric. reply_bound: bytes of one reply. Throws Lost.
  Connection(const Settings& settings, const buses::Endpoint& endpoint, const std::string& address,
             std::size_t reply_bound);

  int descriptor() const { return socket_.descriptor(); }
  // What poll() is to wait for; read: whether there is room for what comes.
  short events(bool read) const { return socket_.events(read, sent_ < out_.size()); }
  bool holds_input() const { return socket_.holds_input(); }

  // Throw Lost.
  void write();
  // A piece of what is there; whether there was any.
  bool read();
  // The next reply to a command that was given to send(), or what comes unasked.
  std::unique_ptr<Reply> next();

  // The server has let this client in; commands are sent from then on.
  bool accepted() const { return greeted_ && greeting_.empty(); }
  void send(std::span<const std::string_view> command);
  void send(std::initializer_list<std::string_view> command) { send(std::span(command.begin(), command.size())); }

  // Since something came.
  Clock::duration silence() const { return Clock::now() - heard_; }
  // Silence does not count while nobody listens.
  void excuse_silence() { heard_ = Clock::now(); }

 private:
  enum class Greeting { hello, select, ping };
  void greet();
  void greeted(const Reply& reply);

  const Settings& settings_;
  Socket socket_;
  ReplyReader reader_;
  std::string out_;
  std::size_t sent_ = 0;
  bool greeted_ = false;
  std::deque<Greeting> greeting_;  // not answered yet
  Clock::time_point heard_ = Clock::now();
};

}  // namespace redis
