// SPDX-License-Identifier: Apache-2.0
#include "common/resolver.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <ctime>
#include <memory>
#include <stdexcept>

namespace buses {
namespace {

constexpr std::size_t most_addresses = 8;

struct Query {
  std::string host;
  addrinfo hints{};
  gaicb request{};
  explicit Query(const std::string& name) : host(name) {
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    request.ar_name = host.c_str();
    request.ar_request = &hints;
  }
  ~Query() {
    if (request.ar_result) freeaddrinfo(request.ar_result);
  }
};

}  // namespace

std::vector<std::string> resolve(const std::string& host, const std::function<bool()>& go_on) {
  unsigned char numeric[16];
  if (inet_pton(AF_INET, host.c_str(), numeric) == 1 || inet_pton(AF_INET6, host.c_str(), numeric) == 1) return {host};
  auto query = std::make_unique<Query>(host);
  gaicb* list[] = {&query->request};
  if (const int error = getaddrinfo_a(GAI_NOWAIT, list, 1, nullptr); error != 0)
    throw std::runtime_error(std::string("its address cannot be looked up: ") + gai_strerror(error));
  int state;
  while ((state = gai_error(&query->request)) == EAI_INPROGRESS) {
    const timespec slice{0, 20'000'000};
    gai_suspend(list, 1, &slice);
    if (gai_error(&query->request) == EAI_INPROGRESS && !go_on()) {
      // The system's thread still writes to a query that cannot be taken back.
      if (gai_cancel(&query->request) == EAI_NOTCANCELED) static_cast<void>(query.release());
      throw std::runtime_error("its address was not found in time");
    }
  }
  if (state != 0) throw std::runtime_error(std::string("its address is not known: ") + gai_strerror(state));
  std::vector<std::string> out;
  for (const addrinfo* at = query->request.ar_result; at && out.size() < most_addresses; at = at->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
      out.emplace_back(text);
  }
  if (out.empty()) throw std::runtime_error("it has no address");
  return out;
}

}  // namespace buses
