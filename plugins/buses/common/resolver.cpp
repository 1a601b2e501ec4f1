// SPDX-License-Identifier: Apache-2.0
#include "common/resolver.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace buses {
namespace {

constexpr std::size_t most_addresses = 8;

// Nothing can hasten a name server: the thread that waits for one may outlive who asked.
struct Query {
  std::mutex mutex;
  std::condition_variable found;
  bool done = false;
  int error = 0;
  std::vector<std::string> addresses;

  void answer(int why, const addrinfo* list) {
    const std::lock_guard lock(mutex);
    error = why;
    for (const addrinfo* at = list; at && addresses.size() < most_addresses; at = at->ai_next) {
      char text[NI_MAXHOST];
      if (::getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
        addresses.emplace_back(text);
    }
    done = true;
    found.notify_one();
  }
};

void ask(const std::shared_ptr<Query>& query, const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  query->answer(error, error ? nullptr : list);
  if (!error) ::freeaddrinfo(list);
}

}  // namespace

std::vector<std::string> resolve(const std::string& host, const std::function<bool()>& go_on) {
  unsigned char numeric[16];
  if (::inet_pton(AF_INET, host.c_str(), numeric) == 1 || ::inet_pton(AF_INET6, host.c_str(), numeric) == 1)
    return {host};
  const auto query = std::make_shared<Query>();
  try {
    std::thread(ask, query, host).detach();
  } catch (const std::system_error& error) {
    throw std::runtime_error(std::string("its address cannot be looked up: ") + error.what());
  }
  std::unique_lock lock(query->mutex);
  while (!query->found.wait_for(lock, std::chrono::milliseconds(20), [&] { return query->done; }))
    if (!go_on()) throw std::runtime_error("its address was not found in time");
  if (query->error != 0)
    throw std::runtime_error(std::string("its address is not known: ") + ::gai_strerror(query->error));
  if (query->addresses.empty()) throw std::runtime_error("it has no address");
  return query->addresses;
}

}  // namespace buses
