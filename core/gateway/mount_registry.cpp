// SPDX-License-Identifier: Apache-2.0
#include "gateway/mount_registry.hpp"

#include "plugin/arguments.hpp"

namespace dragoman::gateway {
namespace json = boost::json;
namespace {

constexpr const char* topic = "registered";
// ext/registry.h.
constexpr std::size_t most_name = 256, most_data = 64 << 10;

dgm_str str(std::string_view s) {
  return {s.data(), s.size()};
}

const json::string* text(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains({key.data(), key.size()});
  return value ? value->if_string() : nullptr;
}

// What another generation of the mount has registered: its sessions have no names here.
std::vector<service::RegisteredPtr> nameless(std::vector<service::RegisteredPtr> entries) {
  for (auto& entry : entries)
    entry = std::make_shared<service::Registered>(service::Registered{0, entry->id, entry->group, entry->data});
  return entries;
}

// Of another node; null if it is none.
service::RegisteredPtr read_entry(const json::value& from) {
  const json::object* entry = from.if_object();
  if (!entry) return nullptr;
  const json::string *id = text(*entry, "id"), *group = text(*entry, "group"), *data = text(*entry, "data");
  if (!id || !group || !data || id->size() > most_name || group->size() > most_name || data->size() > most_data)
    return nullptr;
  return std::make_shared<service::Registered>(
      service::Registered{0, std::string(*id), std::string(*group), std::string(*data)});
}

}  // namespace

dgm_status MountRegistry::put(dgm_session session, const dgm_registered& entry) {
  const bool taken = !registry_.put({session, std::string(plugin::view(entry.id)),
                                     std::string(plugin::view(entry.group)), std::string(plugin::view(entry.data))});
  return taken ? DGM_E_INVALID : DGM_OK;
}

dgm_status MountRegistry::list(std::uint32_t* owner, std::string_view group, std::uint32_t flags,
                               dgm_registry_done done, void* user) {
  const bool all = flags & DGM_REGISTRY_ALL;
  json::object question;
  if (!(flags & DGM_REGISTRY_LOCAL)) {
    question["mount"] = mount_;
    if (!all) question["group"] = group;
  }
  auto entries = all ? registry_.all() : registry_.of_group(group);
  const auto others = nameless(common_.list(all ? nullptr : &group, &registry_));
  entries.insert(entries.end(), others.begin(), others.end());
  return answer(owner, std::move(entries), std::move(question), done, user);
}

dgm_status MountRegistry::find(std::uint32_t* owner, std::string_view id, std::uint32_t flags, dgm_registry_done done,
                               void* user) {
  std::vector<service::RegisteredPtr> entries;
  json::object question;
  // An id is that of one session.
  if (auto found = registry_.find(id))
    entries.push_back(std::move(found));
  else if (auto other = common_.find(id, &registry_))
    entries = nameless({std::move(other)});
  else if (!(flags & DGM_REGISTRY_LOCAL))
    question = {{"mount", mount_}, {"id", id}};
  return answer(owner, std::move(entries), std::move(question), done, user);
}

dgm_status MountRegistry::answer(std::uint32_t* owner, std::vector<service::RegisteredPtr> entries,
                                 json::object question, dgm_registry_done done, void* user) {
  const dgm_op op = operations_.start_call(owner, [this, done, user] {
    instance_.completed(plugin::Hook::registry_done, [&] { done(user, DGM_E_CANCELED, nullptr, 0, 0); });
  });
  if (!op) return DGM_E_DROPPED;
  if (!nodes_ || question.empty()) {
    loop_.post([this, op, life = operations_.life(), entries = std::move(entries), done, user] {
      finish(op, entries, true, done, user);
    });
    return DGM_OK;
  }
  nodes_->ask(topic, std::move(question),
              [this, op, life = operations_.life(), entries = std::move(entries), done, user](
                  const std::vector<service::Nodes::Answered>& answers, bool complete) mutable {
                for (const auto& answer : answers)
                  for (const json::value& value : answer.entries)
                    if (auto entry = read_entry(value)) entries.push_back(std::move(entry));
                loop_.post([this, op, life, entries = std::move(entries), complete, done, user] {
                  finish(op, entries, complete, done, user);
                });
              });
  return DGM_OK;
}

void MountRegistry::finish(dgm_op op, const std::vector<service::RegisteredPtr>& entries, bool complete,
                           dgm_registry_done done, void* user) {
  if (!operations_.take_call(op)) return;
  std::vector<dgm_registered> raw;
  raw.reserve(entries.size());
  for (const auto& entry : entries)
    raw.push_back({sizeof(dgm_registered), 0, entry->session, str(entry->id), str(entry->group), str(entry->data)});
  instance_.completed(plugin::Hook::registry_done,
                      [&] { done(user, DGM_OK, raw.data(), raw.size(), complete ? 1 : 0); });
}

void MountRegistry::answer_nodes(service::Nodes& nodes, FindMount mount) {
  nodes.answer(topic, [mount = std::move(mount)](const json::object& question, const service::Nodes::Reply& reply) {
    const json::string* name = text(question, "mount");
    const auto found = name ? mount(*name) : nullptr;
    if (!found) return reply({});
    std::vector<service::RegisteredPtr> entries;
    if (const json::string* id = text(question, "id")) {
      if (auto entry = found->find(*id, nullptr)) entries.push_back(std::move(entry));
    } else if (const json::string* group = text(question, "group")) {
      const std::string_view wanted = *group;
      entries = found->list(&wanted, nullptr);
    } else {
      entries = found->list(nullptr, nullptr);
    }
    json::array out;
    out.reserve(entries.size());
    for (const auto& entry : entries)
      out.push_back(json::object{{"id", entry->id}, {"group", entry->group}, {"data", entry->data}});
    reply(std::move(out));
  });
}

}  // namespace dragoman::gateway
