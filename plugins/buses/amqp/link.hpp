// SPDX-License-Identifier: Apache-2.0
// One connection to a broker. One thread; its calls block, but for receive(), no longer than settings.connect_timeout.
#pragma once
#include <amqp.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "common/tls.hpp"
#include "settings.hpp"
#include "thread.hpp"

namespace amqp {

// The connection is over, or cannot be; what() is one sentence without its full stop.
struct Lost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The broker has closed a channel.
struct Refused {
  std::uint16_t code;
  std::string why;
};
Refused read_refusal(const amqp_frame_t& channel_close);

class Link {
 public:
  // Connects and logs in. Throws Lost.
  Link(const Settings& settings, const buses::Endpoint& endpoint, Thread& thread);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Says good-bye, which takes a second at most. Not after an error: the library must not read on behind one.
  void leave() noexcept;

  amqp_connection_state_t state() const { return state_.get(); }
  int socket() const { return amqp_get_sockfd(state_.get()); }
  void open_channel(amqp_channel_t channel);
  // After the broker has closed it.
  void reopen_channel(amqp_channel_t channel);
  // Sends a method without waiting. Throws Lost.
  void send(amqp_channel_t channel, amqp_method_number_t method, void* decoded);
  // The latest call's answer, to which the broker did not close the connection. Throws Lost.
  std::optional<Refused> answer();
  // As that; throws Lost for a closed channel too.
  void require();
  // The next frame that is there; it lives until release(). Sends heartbeats. Throws Lost.
  std::optional<amqp_frame_t> receive();
  void release() { amqp_maybe_release_buffers(state_.get()); }
  void check(int status) const;

 private:
  struct Free {
    void operator()(amqp_connection_state_t state) const { amqp_destroy_connection(state); }
  };
  void connect(const buses::Endpoint& endpoint, const std::string& address);
  void log_in(const std::string& vhost);
  std::chrono::milliseconds left() const;
  [[noreturn]] void fail(int status) const;

  const Settings& settings_;
  Thread& thread_;
  const std::chrono::steady_clock::time_point deadline_;
  std::unique_ptr<buses::Tls> tls_;
  std::unique_ptr<amqp_connection_state_t_, Free> state_;
  // Before the descriptor is closed.
  struct Release {
    Cut& cut;
    ~Release() { cut.release(); }
  } release_;
};

}  // namespace amqp
