// SPDX-License-Identifier: Apache-2.0
#include "net/host_lookup.hpp"

#include <algorithm>

namespace dragoman::net {
namespace {

constexpr std::int64_t keep_ms = 10'000;
constexpr std::size_t most_addresses = 16;

}  // namespace

HostLookup::HostLookup(Loop& loop, std::string host, std::uint16_t port)
    : loop_(loop), host_(std::move(host)), port_(port), resolver_(loop.io()) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host_, error);
  if (error) return;
  addresses_ = {Endpoint(address, port_)};
  is_address_ = true;
}

void HostLookup::find(Done done) {
  if (is_address_ || base::monotonic_ms() < kept_until_ms_) {
    loop_.post([addresses = addresses_, done = std::move(done)] { done(addresses, {}); });
    return;
  }
  waiting_.push_back(std::move(done));
  if (waiting_.size() > 1) return;
  resolver_.async_resolve(
      host_, std::to_string(port_), boost::asio::ip::resolver_base::numeric_service,
      [self = shared_from_this()](boost::system::error_code error, const Resolver::results_type& results) {
        std::vector<Endpoint> addresses;
        for (const auto& result : results)
          if (addresses.size() < most_addresses) addresses.push_back(result.endpoint());
        self->found(std::move(addresses), error ? error.message() : "it has no address");
      });
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
