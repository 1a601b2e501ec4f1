// SPDX-License-Identifier: Apache-2.0
// Whose events a session may have in headers mode, before the ACL is asked (wazo digest 8.1).
#pragma once
#include <dragoman/sdk.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace wazo {

namespace sdk = dragoman::sdk;

// Of a session.
struct Scope {
  bool admin = false;  // of its tenant
  std::string tenant, user;
};
// The claims are the metadata of the token.
Scope scope_of(const sdk::Identity& identity);

// Names of attributes.
inline constexpr std::string_view tenant_attribute = "tenant_uuid", user_attribute = "user_uuid:";

// Of an event; views it.
class Addressees {
 public:
  Addressees(const sdk::Event& event, std::string_view master_tenant);
  bool include(const Scope& scope) const;

 private:
  std::string_view master_tenant_, tenant_;
  bool all_users_ = false;
  std::vector<std::string_view> users_;
};

// In any case: UUIDs, and names of headers.
bool same(std::string_view a, std::string_view b);

}  // namespace wazo
