// SPDX-License-Identifier: Apache-2.0
#include "gateway/session_listing.hpp"

#include <algorithm>
#include <mutex>

namespace dragoman::gateway {
namespace json = boost::json;
namespace {

constexpr const char* topic = "sessions";
constexpr std::size_t most_listed = 100'000;

std::size_t number_in(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains({key.data(), key.size()});
  boost::system::error_code wrong;
  const auto number = value && value->is_number() ? value->to_number<std::uint64_t>(wrong) : 0;
  return wrong ? 0 : static_cast<std::size_t>(number);
}

// Of this node.
void gather(const Shards& shards, const std::string& mount, std::size_t most, SessionsDone done) {
  struct Gathering {
    explicit Gathering(SessionsDone d) : done(std::move(d)) {}
    // The last shard lets go of it.
    ~Gathering() {
      for (const SessionReport& report : reports) list.sessions.push_back(to_json(report));
      done(std::move(list));
    }
    SessionsDone done;
    std::mutex mutex;
    std::vector<SessionReport> reports;
    SessionList list;
  };
  const auto gathering = std::make_shared<Gathering>(std::move(done));
  for (const auto& shard : shards)
    shard->loop.post([gathering, s = shard.get(), mount, most] {
      const std::lock_guard lock(gathering->mutex);
      for (ShardMount* generation : s->mounts) {
        if (generation->shared().config.name != mount) continue;
        gathering->list.total += generation->session_count();
        generation->report(gathering->reports, most);
      }
    });
}

// An answer: how many there are, and then the sessions.
void add_answer(SessionList& list, const service::Nodes::Answered& answer) {
  for (const json::value& value : answer.entries) {
    const json::object* entry = value.if_object();
    if (!entry) continue;
    if (entry->contains("total")) {
      list.total += number_in(*entry, "total");
      continue;
    }
    json::object session = *entry;
    session["node"] = answer.node;
    list.sessions.push_back(std::move(session));
  }
}

}  // namespace

void list_sessions(const Shards& shards, const std::string& mount, service::Nodes* nodes, std::size_t most,
                   SessionsDone done) {
  if (!nodes) return gather(shards, mount, most, std::move(done));
  gather(shards, mount, most, [nodes, name = mount, most, done = std::move(done)](SessionList here) mutable {
    for (json::value& session : here.sessions) session.as_object()["node"] = nodes->name();
    nodes->ask(topic, {{"mount", name}, {"most", most}},
               [here = std::move(here), done = std::move(done)](const std::vector<service::Nodes::Answered>& answers,
                                                                bool complete) mutable {
                 for (const auto& answer : answers) add_answer(here, answer);
                 here.complete = complete;
                 done(std::move(here));
               });
  });
}

void answer_session_lists(service::Nodes& nodes, const Shards& shards) {
  nodes.answer(topic, [&shards](const json::object& question, service::Nodes::Reply reply) {
    const json::value* name = question.if_contains("mount");
    if (!name || !name->is_string()) return reply({});
    gather(shards, std::string(name->get_string()), std::min(number_in(question, "most"), most_listed),
           [reply = std::move(reply)](SessionList list) {
             list.sessions.insert(list.sessions.begin(), json::object{{"total", list.total}});
             reply(std::move(list.sessions));
           });
  });
}

}  // namespace dragoman::gateway
