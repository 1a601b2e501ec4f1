// SPDX-License-Identifier: Apache-2.0
// The fake host's tables of what stands behind it: dgm.auth/1, dgm.upstream/1, dgm.journal/1, dgm.registry/1 and, for
// answers, dgm.http/1.
#pragma once
#include <dragoman/ext/http.h>
#include <dragoman/ext/journal.h>
#include <dragoman/ext/registry.h>
#include <dragoman/ext/upstream.h>
#include <dragoman/testing/fake_gate.hpp>

namespace dragoman::testing::detail {

struct ServiceTables : Gate {
  static dgm_status authenticate(dgm_host* h, std::uint64_t owner, dgm_str credential, std::uint32_t timeout_ms,
                                 dgm_auth_done done, void* user, dgm_op* op) noexcept {
    if (op) *op = 0;
    return on_shard(h, "authenticate", [&](Shard& self, Core& core) -> dgm_status {
      if (!done) return invalid(core, "authenticate", "done is null");
      if (!timeout_ms) return invalid(core, "authenticate", "the timeout is 0");
      if (!core.authenticator) return DGM_E_UNSUPPORTED;
      if (!owner || !core.may_own(self, owner)) return DGM_E_GONE;
      const dgm_op id =
          core.add({self.index, owner, false, 0, false, [=, &core, said = text(credential)](bool canceled) {
                      if (canceled) return done(user, DGM_E_CANCELED, nullptr, raw("canceled"));
                      const AuthAnswer answer = core.authenticator(said);
                      if (answer.status != DGM_OK) return done(user, answer.status, nullptr, raw(answer.why));
                      if (Session* const s = core.session(owner)) s->identity = answer.identity;
                      const IdentityView view(answer.identity);
                      done(user, DGM_OK, &view.c(), {});
                    }});
      if (op) *op = id;
      return DGM_OK;
    });
  }
  static dgm_status cancel(dgm_host* h, dgm_op op) noexcept {
    return on_shard(h, "cancel", [&](Shard& self, Core& core) { return core.cancel(self, op); });
  }

  static dgm_status known(dgm_host* h, dgm_str name) noexcept {
    return of(h).core->upstreams.contains(text(name)) ? DGM_OK : DGM_E_INVALID;
  }
  static Fields fields(const dgm_field* from, std::size_t n) {
    Fields out;
    for (std::size_t i = 0; i < n; ++i) out.emplace_back(text(from[i].name), text(from[i].value));
    return out;
  }
  static dgm_status fetch(dgm_host* h, std::uint64_t owner, const dgm_fetch* from, dgm_fetch_done done, void* user,
                          dgm_op* op) noexcept {
    if (op) *op = 0;
    return on_shard(h, "fetch", [&](Shard& self, Core& core) -> dgm_status {
      dgm_fetch asked;
      if (!done || !read_data(from, asked) || asked.flags)
        return invalid(core, "fetch", "done is null, or the request is null, of a wrong size or has unknown flags");
      const auto found = core.upstreams.find(text(asked.upstream));
      const std::string path = text(asked.path);
      if (found == core.upstreams.end() || !asked.method.len || !path.starts_with('/')) return DGM_E_INVALID;
      if (!core.may_own(self, owner)) return DGM_E_GONE;
      UpstreamRequest request{text(asked.method), path, text(asked.body), fields(asked.headers, asked.header_count)};
      const dgm_op id =
          core.add({self.index, owner, false, 0, false,
                    [done, user, answers = found->second, request = std::move(request)](bool canceled) {
                      if (canceled) return done(user, DGM_E_CANCELED, nullptr, raw("canceled"));
                      const UpstreamAnswer answer = answers(request);
                      if (answer.status < 0) return done(user, answer.status, nullptr, raw(answer.why));
                      std::vector<dgm_field> headers;
                      for (const auto& [name, value] : answer.headers) headers.push_back({raw(name), raw(value)});
                      const dgm_fetched fetched{
                          sizeof fetched, 0, answer.http_status, 0, headers.data(), headers.size(), raw(answer.body)};
                      done(user, DGM_OK, &fetched, {});
                    }});
      if (op) *op = id;
      return DGM_OK;
    });
  }

  static dgm_status append(dgm_host* h, const dgm_record* records, std::size_t n, dgm_journal_appended done,
                           void* user) noexcept {
    return on_shard(h, "append", [&](Shard& self, Core& core) -> dgm_status {
      if (!done || !records || !n) return invalid(core, "append", "done is null, or there are no records");
      std::vector<std::uint8_t> seen;
      for (std::size_t i = 0; i < n; ++i) {
        if (!records[i].stream.len || !records[i].id.len)
          return invalid(core, "append", "a record has no stream or no id");
        JournalRecord record{0, records[i].time_ms, text(records[i].id), text(records[i].body),
                             fields(records[i].attributes, records[i].attribute_count)};
        seen.push_back(!core.journal.append(text(records[i].stream), std::move(record)));
      }
      core.add({self.index, 0, false, 0, true, [=, seen = std::move(seen)](bool canceled) {
                  if (canceled) return done(user, DGM_E_CANCELED, nullptr, 0, raw("canceled"));
                  done(user, DGM_OK, seen.data(), seen.size(), {});
                }});
      return DGM_OK;
    });
  }
  template <class Done, class F>
  static dgm_status ask_journal(dgm_host* h, const char* function, std::uint64_t owner, Done done, F&& complete) {
    return on_shard(h, function, [&](Shard& self, Core& core) -> dgm_status {
      if (!done) return invalid(core, function, "done is null");
      if (!core.may_own(self, owner)) return DGM_E_GONE;
      core.add(
          {self.index, owner, false, 0, false, [&core, complete](bool canceled) { complete(core.journal, canceled); }});
      return DGM_OK;
    });
  }
  static dgm_status read(dgm_host* h, std::uint64_t owner, const dgm_journal_query* from, dgm_journal_page done,
                         void* user) noexcept {
    if (!from || !from->stream.len || !from->limit)
      return invalid(*of(h).core, "read", "the query names no stream or has no limit");
    return ask_journal(h, "read", owner, done, [=, query = JournalQuery(*from)](FakeJournal& journal, bool canceled) {
      if (canceled) return done(user, DGM_E_CANCELED, nullptr, 0, raw("canceled"));
      std::vector<dgm_record> out;
      for (const JournalRecord* r : journal.read(query))
        out.push_back(
            {sizeof(dgm_record), 0, r->position, r->time_ms, raw(query.stream), raw(r->id), raw(r->body), nullptr, 0});
      done(user, DGM_OK, out.data(), out.size(), {});
    });
  }
  static dgm_status count(dgm_host* h, std::uint64_t owner, const dgm_journal_query* from, dgm_journal_counted done,
                          void* user) noexcept {
    if (!from || !from->stream.len) return invalid(*of(h).core, "count", "the query names no stream");
    return ask_journal(h, "count", owner, done, [=, query = JournalQuery(*from)](FakeJournal& journal, bool canceled) {
      if (canceled) return done(user, DGM_E_CANCELED, 0, raw("canceled"));
      done(user, DGM_OK, journal.count(query), {});
    });
  }
  static dgm_status values(dgm_host* h, std::uint64_t owner, dgm_str stream, dgm_str attribute, dgm_journal_listed done,
                           void* user) noexcept {
    return ask_journal(h, "values", owner, done,
                       [=, stream = text(stream), attribute = text(attribute)](FakeJournal& journal, bool canceled) {
                         if (canceled) return done(user, DGM_E_CANCELED, nullptr, 0, raw("canceled"));
                         const auto found = journal.values(stream, attribute);
                         std::vector<dgm_str> out;
                         out.reserve(found.size());
                         for (const auto& value : found) out.push_back(raw(value));
                         done(user, DGM_OK, out.data(), out.size(), {});
                       });
  }

  static dgm_status put(dgm_host* h, dgm_session id, const dgm_registered* from) noexcept {
    return on_shard(h, "put", [&](Shard& self, Core& core) -> dgm_status {
      dgm_registered entry;
      if (!read_data(from, entry) || entry.flags || !entry.id.len)
        return invalid(core, "put", "the entry is null, of a wrong size, has unknown flags or no id");
      if (!session_of(core, self, id)) return DGM_E_GONE;
      Registered made{text(entry.id), text(entry.group), text(entry.data)};
      for (auto& [session, known] : core.registry) {
        if (session == id) return known = std::move(made), DGM_OK;
        if (known.id == made.id) return DGM_E_INVALID;
      }
      core.registry.emplace_back(id, std::move(made));
      return DGM_OK;
    });
  }
  static dgm_status remove(dgm_host* h, dgm_session id) noexcept {
    return on_shard(h, "remove", [&](Shard&, Core& core) -> dgm_status {
      return std::erase_if(core.registry, [&](const auto& e) { return e.first == id; }) ? DGM_OK : DGM_E_GONE;
    });
  }
  template <class F>
  static dgm_status ask_registry(dgm_host* h, const char* function, std::uint64_t owner, dgm_registry_done done,
                                 void* user, F&& fits) {
    return on_shard(h, function, [&](Shard& self, Core& core) -> dgm_status {
      if (!done) return invalid(core, function, "done is null");
      if (!core.may_own(self, owner)) return DGM_E_GONE;
      core.add({self.index, owner, false, 0, false, [=, &core](bool canceled) {
                  if (canceled) return done(user, DGM_E_CANCELED, nullptr, 0, 0);
                  std::vector<dgm_registered> out;
                  for (const auto& [session, e] : core.registry)
                    if (fits(e))
                      out.push_back({sizeof(dgm_registered), 0, session, raw(e.id), raw(e.group), raw(e.data)});
                  done(user, DGM_OK, out.data(), out.size(), 1);
                }});
      return DGM_OK;
    });
  }
  static dgm_status list(dgm_host* h, std::uint64_t owner, dgm_str group, std::uint32_t flags, dgm_registry_done done,
                         void* user) noexcept {
    return ask_registry(h, "list", owner, done, user, [group = text(group), flags](const Registered& e) {
      return (flags & DGM_REGISTRY_ALL) || e.group == group;
    });
  }
  static dgm_status find(dgm_host* h, std::uint64_t owner, dgm_str id, std::uint32_t, dgm_registry_done done,
                         void* user) noexcept {
    return ask_registry(h, "find", owner, done, user, [id = text(id)](const Registered& e) { return e.id == id; });
  }

  static constexpr dgm_host_auth auth{sizeof(dgm_host_auth), 0, authenticate, cancel};
  static constexpr dgm_host_upstream upstream{sizeof(dgm_host_upstream), 0, known, fetch, cancel};
  static constexpr dgm_host_journal journal{sizeof(dgm_host_journal), 0, append, read, count, values};
  static constexpr dgm_host_registry registry{sizeof(dgm_host_registry), 0, put, remove, list, find};
};

}  // namespace dragoman::testing::detail
