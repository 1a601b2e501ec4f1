// SPDX-License-Identifier: Apache-2.0
// A client of the api dialect: requests, replies and pushes (honeytrap digest sections 2 to 4).
#pragma once
#include <dragoman/sdk.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "parted_text.hpp"
#include "protocol.hpp"
#include "settings.hpp"
#include "stored_events.hpp"

namespace honeytrap {

class ApiClient {
 public:
  // Opcodes of pushes.
  static constexpr std::uint64_t variant_text = 1, variant_binary = 2;

  void open(sdk::Client client, const Settings& settings);
  void message(sdk::Client client, sdk::Opcode opcode, std::string_view text);
  void writable(sdk::Client client);
  std::uint64_t variant() const { return opcode() == sdk::Opcode::binary ? variant_binary : variant_text; }

 private:
  struct Fetch {
    Fetch(sdk::Client client, sdk::Opcode op, MessageType type, const Settings& settings);
    PayloadWriter writer;
    PartedText out;
    EventScan scan;
    std::int64_t request;
    bool ended = false;
  };

  sdk::Opcode opcode() const;
  void fetch(sdk::Client client, MessageType type);
  void refuse(sdk::Client client, std::int64_t request, std::string_view text);
  void finish(sdk::Client client);

  const Settings* settings_ = nullptr;
  sdk::Opcode last_opcode_ = sdk::Opcode::text;
  std::unique_ptr<Fetch> fetch_;
};

}  // namespace honeytrap
