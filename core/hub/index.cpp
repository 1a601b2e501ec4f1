// SPDX-License-Identifier: Apache-2.0
#include "hub/index.hpp"

namespace dragoman::hub {

std::uint64_t Index::subscribe(std::string_view channel, std::string_view key, bool literal,
                               const dgm_subscription& subscription, Receiver* receiver) {
  auto at = channels_.find(channel);
  if (at == channels_.end()) at = channels_.try_emplace(std::string(channel)).first;
  Group* group;
  if (literal) {
    auto i = at->second.literals.find(key);
    if (i == at->second.literals.end())
      i = at->second.literals.emplace(std::string(key), std::make_unique<Group>()).first;
    group = i->second.get();
  } else {
    group = &at->second.patterns.insert(key);
  }
  if (group->ids.empty()) {
    group->channel = &at->first;
    group->key = key;
    group->literal = literal;
  }
  const std::uint64_t id = records_.insert({group, static_cast<std::uint32_t>(group->subscriptions.size())});
  if (!id) return 0;
  if (watch_ && group->ids.empty()) watch_->first_subscription(at->first, group->key, literal);
  group->subscriptions.push_back(subscription);
  group->receivers.push_back(receiver);
  group->ids.push_back(id);
  return id;
}

bool Index::unsubscribe(std::uint64_t id) {
  const Record* found = records_.find(id);
  if (!found) return false;
  const Record record = *found;
  records_.erase(id);
  Group& group = *record.group;
  const std::uint32_t last = static_cast<std::uint32_t>(group.ids.size()) - 1;
  if (record.position != last) {
    group.subscriptions[record.position] = group.subscriptions[last];
    group.receivers[record.position] = group.receivers[last];
    group.ids[record.position] = group.ids[last];
    records_.find(group.ids[record.position])->position = record.position;
  }
  group.subscriptions.pop_back();
  group.receivers.pop_back();
  group.ids.pop_back();
  if (!group.ids.empty()) return true;
  if (watch_) watch_->last_subscription(*group.channel, group.key, group.literal);

  const auto at = channels_.find(*group.channel);
  const std::string key = std::move(group.key);
  if (group.literal)
    at->second.literals.erase(key);
  else
    at->second.patterns.erase(key);
  if (at->second.literals.empty() && at->second.patterns.empty()) channels_.erase(at);
  return true;
}

dgm_session Index::owner(std::uint64_t id) {
  const Record* record = records_.find(id);
  return record ? record->group->subscriptions[record->position].session : 0;
}

Matches Index::match(std::string_view channel, std::string_view key) {
  const auto at = channels_.find(channel);
  if (at == channels_.end()) return {};
  const Group* only = nullptr;
  bool several = false;
  const auto take = [&](const Group& group) {
    if (!only) {
      only = &group;
      return;
    }
    if (!several) {
      several = true;
      merged_.subscriptions.assign(only->subscriptions.begin(), only->subscriptions.end());
      merged_.receivers.assign(only->receivers.begin(), only->receivers.end());
    }
    merged_.subscriptions.insert(merged_.subscriptions.end(), group.subscriptions.begin(), group.subscriptions.end());
    merged_.receivers.insert(merged_.receivers.end(), group.receivers.begin(), group.receivers.end());
  };
  if (const auto i = at->second.literals.find(key); i != at->second.literals.end()) take(*i->second);
  at->second.patterns.match(key, take);
  if (several) only = &merged_;
  if (!only) return {};
  return {only->subscriptions.data(), only->receivers.data(), only->subscriptions.size()};
}

}  // namespace dragoman::hub
