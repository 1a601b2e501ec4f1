// SPDX-License-Identifier: Apache-2.0
#include "socket_listing.hpp"

#include "common/clock.hpp"
#include "common/json_string.hpp"
#include "protocol.hpp"

namespace kazoo {
namespace {

using dialects::quote;

constexpr std::int64_t gregorian_offset_s = 62'167'219'200;
constexpr std::size_t longest_extra = 8 << 10;
constexpr std::size_t longest_bindings = 40 << 10;

}  // namespace

std::pair<std::string, std::string> socket_names(std::string_view peer, std::uint64_t session) {
  const std::size_t colon = peer.rfind(':');
  std::string_view address = peer.substr(0, colon);
  std::string port(colon == peer.npos ? std::string_view("0") : peer.substr(colon + 1));
  if (address.size() > 2 && address.front() == '[') address = address.substr(1, address.size() - 2);
  if (port == "0") port = std::to_string(session);
  return {std::string(address), std::string(address) + ":" + port};
}

std::int64_t gregorian_now() {
  return dialects::unix_ms() / 1000 + gregorian_offset_s;
}

std::string socket_json(const SocketFacts& facts) {
  std::vector<std::string> shown;
  std::size_t bytes = 0;
  for (const std::string& binding : facts.bindings) {
    bytes += quote(binding).size() + 1;
    if (bytes > longest_bindings) {
      shown.push_back("... " + std::to_string(facts.bindings.size() - shown.size()) + " more");
      break;
    }
    shown.push_back(binding);
  }
  std::string out = R"({"bindings":)" + string_array(shown) + R"(,"websocket_session_id":)" + quote(facts.id) +
                    R"(,"timestamp":)" + std::to_string(facts.connected_s) + R"(,"destination":)" +
                    quote(facts.destination) + R"(,"source":)" + quote(facts.source);
  if (facts.name && facts.name->size() <= longest_extra) out += R"(,"name":)" + *facts.name;
  if (facts.metadata && facts.metadata->size() <= longest_extra) out += R"(,"metadata":)" + *facts.metadata;
  return out + "}";
}

}  // namespace kazoo
