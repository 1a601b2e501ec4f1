// SPDX-License-Identifier: Apache-2.0
// What clients of a shard are subscribed to, shared by all who get the same bytes for the same event. One thread.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "bindings.hpp"
#include "event_body.hpp"

namespace kazoo {

struct Pattern {
  std::string account_id;  // "*": any
  Interest interest;
  std::shared_ptr<const std::string> head;  // of its events

  // Whether an event that met the key is one of the account's.
  bool lets_through(const EventFacts& facts) const {
    const bool any = account_id == "*";
    switch (interest.check) {
      case Check::none:
        return true;
      case Check::call:
        return !facts.account.empty() && (any || facts.account == account_id) && facts.name == interest.event &&
               (interest.call == "*" || facts.call == interest.call);
      case Check::conference_command:
        for (const std::string& named : {facts.account, facts.message_account})
          if (!any && !named.empty() && named != account_id) return false;
        return true;
    }
    return false;
  }

  // Of the last event that was judged.
  std::uint64_t sequence = 0, variant = 0;
};

class PatternPool {
 public:
  // shown: the client's binding.
  std::shared_ptr<Pattern> get(std::string_view shown, std::string_view account_id, Interest interest) {
    const Key key{std::string(shown), std::string(account_id), interest.key, interest.subscription_key};
    if (const auto found = patterns_->find(key); found != patterns_->end())
      if (auto pattern = found->second.lock()) return pattern;
    auto head = std::make_shared<const std::string>(event_head(shown, interest.subscription_key));
    std::shared_ptr<Pattern> made(new Pattern{std::string(account_id), std::move(interest), std::move(head)},
                                  [patterns = patterns_, key](Pattern* pattern) {
                                    patterns->erase(key);
                                    delete pattern;
                                  });
    patterns_->insert_or_assign(key, made);
    return made;
  }
  std::size_t size() const { return patterns_->size(); }

 private:
  using Key = std::tuple<std::string, std::string, std::string, std::string>;
  std::shared_ptr<std::map<Key, std::weak_ptr<Pattern>>> patterns_ =
      std::make_shared<std::map<Key, std::weak_ptr<Pattern>>>();
};

}  // namespace kazoo
