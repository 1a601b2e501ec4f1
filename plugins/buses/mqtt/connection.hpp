// SPDX-License-Identifier: Apache-2.0
// One connection to a broker, from the first packet to its end. One thread; nothing blocks.
#pragma once
#include <mosquitto.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/tls.hpp"
#include "message.hpp"
#include "settings.hpp"

namespace mqtt {

// The connection is over; what() is one sentence without its full stop.
struct Lost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What a connection tells, inside of its functions. What these throw ends the connection.
class ConnectionListener {
 public:
  virtual ~ConnectionListener() = default;
  virtual void accepted(bool session_present) = 0;
  virtual void message(Incoming message) = 0;
  // It cannot become an event.
  virtual void unreadable(std::string_view topic) = 0;
  // refused: positions in what was given to subscribe().
  virtual void subscribed(int mid, const std::vector<std::size_t>& refused) = 0;
  // refusal: empty when the broker has taken it.
  virtual void published(int mid, const std::string& refusal) = 0;
};

class Connection {
 public:
  // address: one of the endpoint's, numeric. Begins to connect. Throws Lost. The listener outlives it.
  Connection(const Settings& settings, const buses::Endpoint& endpoint, const std::string& address,
             ConnectionListener& listener);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int socket() const { return mosquitto_socket(client_.get()); }
  bool wants_write() const;
  // Reads what is there; throws Lost. more: asked between two packets.
  template <class More>
  void read(More&& more) {
    do read_some();
    while (more() && readable());
  }
  // What waits goes out here and nowhere else, confirmations too. Throws Lost.
  void write();
  // Probes a silent broker. Throws Lost.
  void tend();

  // One packet each, which is answered under the number. Throws Lost.
  int subscribe(std::span<const std::string> filters);
  void unsubscribe(std::span<const std::string> filters);
  // Nothing: this broker cannot take the message at all.
  std::optional<int> publish(const Outgoing& message);
  // Says good-bye, if that goes at once.
  void leave() noexcept;

 private:
  struct Free {
    void operator()(mosquitto* client) const { mosquitto_destroy(client); }
  };
  void set_up(const buses::Endpoint& endpoint);
  void begin(const std::string& address, std::uint16_t port);
  void read_some();
  bool readable() const;
  void check(int status);
  void check_connected();
  [[noreturn]] void lose(int status);
  template <class F>
  void tell(F&& f) noexcept;

  static void on_connect(mosquitto*, void*, int status, int flags, const mosquitto_property*);
  static void on_disconnect(mosquitto*, void*, int status, const mosquitto_property*);
  static void on_message(mosquitto*, void*, const mosquitto_message*, const mosquitto_property*);
  static void on_subscribe(mosquitto*, void*, int mid, int count, const int* granted, const mosquitto_property*);
  static void on_publish(mosquitto*, void*, int mid, int reason, const mosquitto_property*);

  const Settings& settings_;
  ConnectionListener& listener_;
  std::unique_ptr<buses::Tls> tls_;
  std::string reason_;     // why it ends, if somebody has said so
  bool under_way_ = true;  // TCP is not connected yet
  bool accepted_ = false;
  std::unique_ptr<mosquitto, Free> client_;
};

}  // namespace mqtt
