// SPDX-License-Identifier: Apache-2.0
// The tenant of the service, whose users get the events of all tenants: it logs in to wazo-auth and is told (wazo
// digest 3.1).
#pragma once
#include <dragoman/sdk.hpp>
#include <string>
#include <string_view>

#include "settings.hpp"

namespace wazo {

namespace sdk = dragoman::sdk;

class MasterTenant {
 public:
  explicit MasterTenant(sdk::Host host) : host_(host) {}

  // Once, in start(). Settings outlive it.
  void start(const Settings& settings);
  // Empty: not known.
  const std::string& uuid() const { return uuid_; }

 private:
  void log_in();
  void again(std::uint32_t delay_ms);
  void failed(std::string_view why);

  sdk::Host host_;
  const Settings* settings_ = nullptr;
  std::string uuid_;
  unsigned failures_ = 0;
};

// data.metadata.tenant_uuid; empty if it is not there.
std::string tenant_of_login(std::string_view body);

}  // namespace wazo
