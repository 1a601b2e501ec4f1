// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <array>

#include "common/text.hpp"

namespace redis {
namespace {

// The library moves what is left of it to the front for each reply.
constexpr std::size_t piece = 16 << 10;
constexpr std::size_t compact_at = 1 << 20;

}  // namespace

std::string sentence_of(const Reply& error) {
  const std::string_view code = error.error_code();
  const std::string said = buses::shown(error.text);
  if (code == "NOAUTH") return "it wants a password, and settings.password is none";
  if (code == "WRONGPASS") return "it refuses this client: " + said;
  if (code == "NOPERM") return "this client lacks a permission there: " + said;
  if (code == "LOADING") return "it is still loading its data";
  if (code == "READONLY") return "it has become a replica, which takes no events";
  return "it answers " + said;
}

void check_primary(const Reply& hello) {
  if (hello.is(Reply::Type::error) && hello.text.find("unknown command") != std::string::npos)
    throw Lost("it is older than Redis 6");
  if (hello.is(Reply::Type::error)) throw Lost(sentence_of(hello));
  if (!hello.is(Reply::Type::array)) throw Lost("it does not speak as Redis does");
  for (std::size_t i = 0; i + 1 < hello.elements.size(); i += 2)
    if (hello.elements[i]->text == "role" && hello.elements[i + 1]->text != "master")
      throw Lost("it is a replica, which takes no events");
}

Connection::Connection(const Settings& settings, const buses::Endpoint& endpoint, const std::string& address,
                       std::size_t reply_bound)
    : settings_(settings), socket_(settings.tls, endpoint, address), reader_(reply_bound) {}

void Connection::greet() {
  greeted_ = true;
  const std::string_view user = settings_.username.empty() ? std::string_view("default") : settings_.username;
  if (settings_.password.empty())
    send({"HELLO", "2", "SETNAME", "dragoman"});
  else
    send({"HELLO", "2", "AUTH", user, settings_.password, "SETNAME", "dragoman"});
  greeting_.push_back(Greeting::hello);
  if (settings_.database != 0) {
    send({"SELECT", std::to_string(settings_.database)});
    greeting_.push_back(Greeting::select);
  }
  // A server that loads its data answers the others.
  send({"PING"});
  greeting_.push_back(Greeting::ping);
}

void Connection::greeted(const Reply& reply) {
  const Greeting what = greeting_.front();
  greeting_.pop_front();
  if (what == Greeting::hello) return check_primary(reply);
  if (reply.is(Reply::Type::error)) throw Lost(sentence_of(reply));
  if (!reply.ok(what == Greeting::select ? "OK" : "PONG")) throw Lost("it does not speak as Redis does");
}

void Connection::write() {
  if (!socket_.establish()) return;
  if (!greeted_) greet();
  while (sent_ < out_.size()) {
    const std::size_t n = socket_.write(std::string_view(out_).substr(sent_));
    if (n == 0) break;
    sent_ += n;
  }
  if (sent_ == out_.size() || sent_ >= compact_at) {
    out_.erase(0, sent_);
    sent_ = 0;
  }
}

bool Connection::read() {
  if (!greeted_) return false;
  std::array<char, piece> bytes;
  const std::size_t n = socket_.read(bytes.data(), bytes.size());
  if (n == 0) return false;
  heard_ = Clock::now();
  reader_.feed(bytes.data(), n);
  return true;
}

std::unique_ptr<Reply> Connection::next() {
  for (;;) {
    auto reply = reader_.next();
    if (!reply || greeting_.empty()) return reply;
    greeted(*reply);
  }
}

void Connection::send(std::span<const std::string_view> command) {
  out_ += '*' + std::to_string(command.size()) + "\r\n";
  for (const std::string_view argument : command) {
    out_ += '$' + std::to_string(argument.size()) + "\r\n";
    out_ += argument;
    out_ += "\r\n";
  }
}

}  // namespace redis
