// SPDX-License-Identifier: Apache-2.0
#include "net/host_lookup.hpp"

#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>

namespace dragoman::net {
namespace {

constexpr std::int64_t keep_ms = 10'000;
constexpr std::size_t most_addresses = 16;

struct Answer {
  std::vector<HostLookup::Endpoint> addresses;
  std::string why = "it has no address";
};

Answer ask(const std::string& host, std::uint16_t port) {
  Answer out;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (error) {
    out.why = error == EAI_SYSTEM ? std::generic_category().message(errno) : ::gai_strerror(error);
    return out;
  }
  for (const addrinfo* a = list; a && out.addresses.size() < most_addresses; a = a->ai_next) {
    if (a->ai_family != AF_INET && a->ai_family != AF_INET6) continue;
    HostLookup::Endpoint endpoint;
    endpoint.resize(a->ai_addrlen);
    std::memcpy(endpoint.data(), a->ai_addr, a->ai_addrlen);
    out.addresses.push_back(endpoint);
  }
  ::freeaddrinfo(list);
  return out;
}

}  // namespace

// Where an answer goes. Nothing can hasten a name server, so the thread that waits for one may outlive all the rest.
struct HostLookup::Return {
  std::mutex mutex;
  Loop* loop;  // null: nobody waits any more
};

HostLookup::HostLookup(Loop& loop, std::string host, std::uint16_t port)
    : loop_(loop), host_(std::move(host)), port_(port), return_(std::make_shared<Return>()) {
  return_->loop = &loop;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host_, error);
  if (error) return;
  addresses_ = {Endpoint(address, port_)};
  is_address_ = true;
}

HostLookup::~HostLookup() {
  stop();
}

void HostLookup::stop() {
  // Who waits holds on to this, and this to who waits.
  std::vector<Done> waiting;
  waiting.swap(waiting_);
  const std::lock_guard lock(return_->mutex);
  return_->loop = nullptr;
}

void HostLookup::find(Done done) {
  if (is_address_ || base::monotonic_ms() < kept_until_ms_) {
    loop_.post([addresses = addresses_, done = std::move(done)] { done(addresses, {}); });
    return;
  }
  waiting_.push_back(std::move(done));
  if (waiting_.size() > 1) return;
  try {
    std::thread([weak = weak_from_this(), to = return_, host = host_, port = port_] {
      Answer answer = ask(host, port);
      const std::lock_guard lock(to->mutex);
      if (!to->loop) return;
      to->loop->post([weak, answer = std::move(answer)] {
        if (const auto self = weak.lock()) self->found(answer.addresses, answer.why);
      });
    }).detach();
  } catch (const std::system_error& error) {
    loop_.post([weak = weak_from_this(), why = std::string(error.what())] {
      if (const auto self = weak.lock()) self->found({}, why);
    });
  }
}

void HostLookup::found(std::vector<Endpoint> addresses, const std::string& why) {
  const auto first = std::find(addresses.begin(), addresses.end(), preferred_);
  if (first != addresses.end()) std::rotate(addresses.begin(), first, first + 1);
  kept_until_ms_ = addresses.empty() ? 0 : base::monotonic_ms() + keep_ms;
  addresses_ = std::move(addresses);
  std::vector<Done> waiting;
  waiting.swap(waiting_);
  // A copy: what is done with them may lead back here.
  const std::vector<Endpoint> now = addresses_;
  for (const Done& done : waiting) done(now, now.empty() ? why : std::string());
}

}  // namespace dragoman::net
