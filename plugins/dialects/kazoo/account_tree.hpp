// SPDX-License-Identifier: Apache-2.0
// The accounts that the configuration names, and which is below which. Any thread once it is made.
#pragma once
#include <map>
#include <string>
#include <string_view>

namespace kazoo {

class AccountTree {
 public:
  void add(std::string_view id, std::string_view parent, std::string_view realm) {
    accounts_[std::string(id)] = {std::string(parent), std::string(realm)};
  }
  // An account among its own ancestors; empty: none.
  std::string in_circle() const {
    for (const auto& [id, account] : accounts_) {
      std::size_t steps = 0;
      for (const Account* at = &account; at; at = find(at->parent))
        if (++steps > accounts_.size()) return id;
    }
    return {};
  }
  // account is `top` or below it.
  bool within(std::string_view account, std::string_view top) const {
    if (account == top) return true;
    for (const Account* at = find(account); at; at = find(at->parent))
      if (at->parent == top && !top.empty()) return true;
    return false;
  }
  // Empty: not known.
  std::string realm(std::string_view account) const {
    const Account* found = find(account);
    return found ? found->realm : std::string();
  }

  friend bool operator==(const AccountTree&, const AccountTree&) = default;

 private:
  struct Account {
    std::string parent, realm;
    friend bool operator==(const Account&, const Account&) = default;
  };
  const Account* find(std::string_view id) const {
    const auto found = accounts_.find(id);
    return found == accounts_.end() ? nullptr : &found->second;
  }
  std::map<std::string, Account, std::less<>> accounts_;
};

}  // namespace kazoo
