// SPDX-License-Identifier: Apache-2.0
#include "gateway/node_quotas.hpp"

#include <algorithm>

namespace dragoman::gateway {
namespace json = boost::json;
namespace {

constexpr const char* topic = "users";
constexpr std::uint32_t moment_ms = 100;  // what changes meanwhile is told together
constexpr std::size_t message_users = 1000;

// 0: there is none.
std::uint64_t number_in(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains({key.data(), key.size()});
  boost::system::error_code wrong;
  const std::uint64_t number = value && value->is_number() ? value->to_number<std::uint64_t>(wrong) : 0;
  return wrong ? 0 : number;
}

// Calls f with an object of some of the users, and whether it is the first, until all were there.
template <class F>
void in_messages(const service::Quotas::Users& users, F f) {
  std::size_t from = 0;
  do {
    json::object counts;
    const std::size_t to = std::min(users.size(), from + message_users);
    for (std::size_t i = from; i < to; ++i) counts[users[i].first] = users[i].second;
    f(std::move(counts), from == 0);
    from = to;
  } while (from < users.size());
}

}  // namespace

NodeQuotas::NodeQuotas(service::Nodes& nodes)
    : nodes_(nodes), timer_([](void* self) { static_cast<NodeQuotas*>(self)->tell_changes(); }, this) {
  nodes.on_news(topic, [this](const std::string& node, const json::object& body) { news(node, body); });
  nodes.on_left([this](const std::string& node) { left(node); });
  nodes.every_beat([this] { tell_numbers(); });
}

void NodeQuotas::add(const MountShared& mount) {
  if (!mount.quotas.limits_users()) return;
  auto quotas = std::make_shared<service::Quotas>();
  quotas->share(mount.quotas);
  quotas->share_users([this] {
    nodes_.loop().post([this] {
      if (!timer_.armed()) nodes_.loop().arm(timer_, moment_ms);
    });
  });
  nodes_.loop().post([this, quotas, name = mount.config.name] { mounts_[name].quotas.share(*quotas); });
}

void NodeQuotas::tell_changes() {
  for (auto& [mount, shared] : mounts_) {
    const service::Quotas::Users users = shared.quotas.take_changed();
    if (users.empty()) continue;
    in_messages(users, [&, name = &mount, to = &shared](json::object counts, bool) {
      nodes_.tell(topic, {{"mount", *name}, {"number", ++to->told}, {"users", std::move(counts)}});
    });
  }
}

void NodeQuotas::tell_numbers() {
  json::object numbers;
  for (const auto& [mount, shared] : mounts_) numbers[mount] = shared.told;
  nodes_.tell(topic, {{"numbers", std::move(numbers)}});
}

void NodeQuotas::tell_all(const std::string& mount, Shared& shared, const std::string& node) {
  in_messages(shared.quotas.users(), [&](json::object counts, bool first) {
    nodes_.tell(topic,
                {{"mount", mount},
                 {"number", shared.told},
                 {"all", first ? "begins" : "goes on"},
                 {"users", std::move(counts)}},
                node);
  });
}

void NodeQuotas::news(const std::string& node, const json::object& body) {
  if (const json::value* numbers = body.if_contains("numbers"); numbers && numbers->is_object())
    return hear_numbers(node, numbers->get_object());
  const json::value* name = body.if_contains("mount");
  if (!name || !name->is_string()) return;
  const auto mount = mounts_.find(std::string_view(name->get_string().data(), name->get_string().size()));
  if (mount == mounts_.end()) return;
  if (body.contains("missed")) return tell_all(mount->first, mount->second, node);
  hear_users(node, mount->second, body);
}

void NodeQuotas::hear_numbers(const std::string& node, const json::object& numbers) {
  for (auto& [mount, shared] : mounts_) {
    const auto heard = shared.heard.find(node);
    if (number_in(numbers, mount) != (heard == shared.heard.end() ? 0 : heard->second))
      nodes_.tell(topic, {{"mount", mount}, {"missed", true}}, node);
  }
}

void NodeQuotas::hear_users(const std::string& node, Shared& shared, const json::object& body) {
  const json::value* users = body.if_contains("users");
  const std::uint64_t number = number_in(body, "number");
  if (!users || !users->is_object()) return;
  std::uint64_t& heard = shared.heard[node];
  const json::value* all = body.if_contains("all");
  // Something was lost: its number will be heard of, and all be asked for.
  if (!all && number != heard + 1) return;
  if (all && *all == "begins") shared.quotas.forget_elsewhere(node);
  heard = number;
  for (const auto& entry : users->get_object()) {
    const std::uint64_t count = number_in(users->get_object(), {entry.key().data(), entry.key().size()});
    shared.quotas.set_elsewhere(node, entry.key(),
                                static_cast<std::uint32_t>(std::min<std::uint64_t>(count, 1u << 30)));
  }
}

void NodeQuotas::left(const std::string& node) {
  for (auto& [mount, shared] : mounts_) {
    shared.heard.erase(node);
    shared.quotas.forget_elsewhere(node);
  }
}

}  // namespace dragoman::gateway
