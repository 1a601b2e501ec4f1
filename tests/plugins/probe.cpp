// SPDX-License-Identifier: Apache-2.0
// A dialect that lets a test do with its session what a dialect may do. Each message is a line: a command and its
// words.
//   sub CHANNEL PATTERN VARIANT | lit CHANNEL KEY VARIANT | unsub ID | auth TOKEN | publish CHANNEL KEY BODY | flood N
//   BYTES | close CODE REASON | pause MS | timer MS | expect MS | throw | slow MS
// Events arrive as "VARIANT:BODY"; variant 9 is skipped by encode(), variant 8 throws there.
#include <chrono>
#include <dragoman/sdk.hpp>
#include <sstream>
#include <thread>

namespace sdk = dragoman::sdk;

class Probe {
 public:
  static constexpr const char* name = "probe";
  static constexpr const char* version = "1.0.0";
  static constexpr const char* settings_schema = R"({"type": "object", "additionalProperties": false})";
  struct Session {};

  explicit Probe(sdk::Host host) : host_(host) {}

  void open(sdk::Client client, Session&, const sdk::Open& open) {
    if (open.query() == "throw") throw std::runtime_error("probe: thrown in open");
    if (open.query() == "expect") client.expect_message(300, 4000, "say something");
  }

  void message(sdk::Client client, Session&, sdk::Opcode, std::string_view text) {
    std::istringstream in{std::string(text)};
    std::string command, a, b;
    std::uint64_t n = 0;
    in >> command;
    if (command == "sub" || command == "lit") {
      in >> a >> b >> n;
      client.send("subscribed " + std::to_string(client.subscribe(a, b, command == "lit", n)));
    } else if (command == "unsub") {
      in >> n;
      client.send("unsubscribed " + std::to_string(client.unsubscribe(n)));
    } else if (command == "auth") {
      in >> a;
      const dgm_status status =
          client.authenticate(a, 5000, [client](dgm_status result, const sdk::Identity* identity) {
            client.send("auth " + std::to_string(result) + " " + (identity ? std::string(identity->user()) : ""));
          });
      if (status < 0) client.send("auth " + std::to_string(status) + " ");
    } else if (command == "publish") {
      in >> a >> b;
      std::string body;
      std::getline(in >> std::ws, body);
      client.send("published " + std::to_string(sdk::NewEvent(a, b, body).origin(client.id()).publish(host_)));
    } else if (command == "flood") {
      std::size_t bytes = 0;
      in >> n >> bytes;
      const std::string filler(bytes, 'x');
      for (std::uint64_t i = 0; i < n; ++i)
        if (client.send(filler) < 0) return;
    } else if (command == "close") {
      in >> n;
      std::getline(in >> std::ws, a);
      client.close(static_cast<std::uint16_t>(n), a);
    } else if (command == "pause") {
      in >> n;
      client.pause();
      client.after(static_cast<std::uint32_t>(n), [client](dgm_status) {
        client.send("resumed");
        client.resume();
      });
    } else if (command == "timer") {
      in >> n;
      client.after(static_cast<std::uint32_t>(n),
                   [client](dgm_status status) { client.send("timer " + std::to_string(status)); });
    } else if (command == "expect") {
      in >> n;
      client.expect_message(static_cast<std::uint32_t>(n), 4000, "say something");
    } else if (command == "throw") {
      throw std::runtime_error("probe: thrown in message");
    } else if (command == "slow") {
      in >> n;
      std::this_thread::sleep_for(std::chrono::milliseconds(n));
      client.send("done");
    } else {
      client.send("echo " + std::string(text));
    }
  }

  void identity(sdk::Client client, Session&, const sdk::Identity& identity, sdk::IdentityChange why) {
    client.send("identity " + std::to_string(static_cast<int>(why)) + " " + std::string(identity.user()));
  }

  bool encode(const sdk::Event& event, std::uint64_t variant, sdk::Writer& out) {
    if (variant == 9) return false;
    if (variant == 8) throw std::runtime_error("probe: thrown in encode");
    out.append(std::to_string(variant)).append(":").append(event.body());
    return true;
  }

 private:
  sdk::Host host_;
};

DRAGOMAN_DIALECT(Probe)
