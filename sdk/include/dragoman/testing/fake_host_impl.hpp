// SPDX-License-Identifier: Apache-2.0
// The larger members of FakeHost; included by fake_host.hpp.
#pragma once

namespace dragoman::testing {

inline FakeHost::FakeHost(const dgm_plugin_entry& entry, Options options) {
  core_.options = std::move(options);
  if (entry.magic != DGM_ENTRY_MAGIC || entry.abi_major != DGM_ABI_MAJOR || !entry.api) {
    core_.problem("the entry has another magic or ABI major than these headers, or no api");
    return;
  }
  const auto copy = [](auto& to, const auto* from) {
    if (from) std::memcpy(static_cast<void*>(&to), from, std::min<std::size_t>(from->size, sizeof to));
  };
  copy(core_.api, entry.api);
  if (!core_.api.create || !core_.api.destroy || !core_.api.query) {
    core_.problem("dgm_plugin_api lacks create, destroy or query");
    return;
  }
  copy(core_.dialect, static_cast<const dgm_dialect*>(core_.api.query(detail::raw(DGM_EXT_DIALECT))));
  copy(core_.http, static_cast<const dgm_http*>(core_.api.query(detail::raw(DGM_EXT_HTTP))));
  if (!core_.dialect.session_open || !core_.dialect.session_message || !core_.dialect.session_close) {
    core_.problem("dgm.dialect/1 lacks session_open, session_message or session_close");
    return;
  }
  api_ = {sizeof api_, DGM_ABI_MAJOR, core_.options.abi_minor, query, write_log};
  for (unsigned i = 0; i < std::max(1u, core_.options.shards); ++i) core_.shards.push_back({&core_, i});
  valid_ = true;
}

inline const void* FakeHost::table(const std::string& id, const void* whole, std::size_t size) {
  const auto found = core_.options.tables.find(id);
  if (found == core_.options.tables.end()) return whole;
  if (found->second < 2 * sizeof(std::uint32_t)) return nullptr;
  auto& bytes = cut_[id];
  if (bytes.empty()) {
    bytes.assign(size, 0);
    const auto said = static_cast<std::uint32_t>(std::min<std::size_t>(found->second, size));
    std::memcpy(bytes.data(), whole, said);
    std::memcpy(bytes.data(), &said, sizeof said);
  }
  return bytes.data();
}

inline const void* FakeHost::query(dgm_host* h, dgm_str id) noexcept {
  using namespace detail;
  Core& core = *Gate::of(h).core;
  auto& host = *reinterpret_cast<FakeHost*>(core.face);
  if (Gate::fails(core)) return nullptr;
  const std::string wanted = text(id);
  const auto give = [&](const auto& t) { return host.table(wanted, &t, sizeof t); };
  if (wanted == DGM_EXT_SESSION) return give(SessionTables::session);
  if (wanted == DGM_EXT_FANOUT) return give(SessionTables::fanout);
  if (wanted == DGM_EXT_TIMER) return give(SessionTables::timer);
  if (wanted == DGM_EXT_METRICS) return give(SessionTables::metrics);
  if (wanted == DGM_EXT_AUTH) return give(ServiceTables::auth);
  if (wanted == DGM_EXT_HTTP) return give(HttpTable::http);
  if (wanted == DGM_EXT_REGISTRY) return give(ServiceTables::registry);
  if (wanted == DGM_EXT_JOURNAL && core.options.journal) return give(ServiceTables::journal);
  if (wanted == DGM_EXT_UPSTREAM && !core.upstreams.empty()) return give(ServiceTables::upstream);
  return nullptr;
}

inline void FakeHost::write_log(dgm_host* h, dgm_session, std::int32_t level, dgm_str line) noexcept {
  detail::Core& core = *detail::Gate::of(h).core;
  if (!line.ptr && line.len) return core.problem("log(): the text is null");
  static constexpr const char* names[] = {"", "debug: ", "info: ", "warn: ", "error: "};
  core.log.push_back(names[level >= DGM_LOG_DEBUG && level <= DGM_LOG_ERROR ? level : DGM_LOG_INFO] +
                     detail::text(line));
}

inline bool FakeHost::start(detail::Shard& shard, std::string_view settings) {
  using namespace detail;
  auto* const host = reinterpret_cast<dgm_host*>(&shard);
  if (core_.call(shard, Hook::create, "create", [&] { return core_.api.create(&api_, host, &shard.inst); }) < 0)
    return refusal_ = "create() failed", false;
  shard.created = true;
  if (core_.api.configure) {
    dgm_config config{};
    config.size = sizeof config;
    if (!shard.index) config.flags |= DGM_CONFIG_HOME;
    if (core_.options.plain_listener) config.flags |= DGM_CONFIG_PLAIN;
    config.mount = raw(core_.options.mount);
    config.settings = raw(settings);
    config.limits = raw(core_.options.limits);
    config.state = raw(core_.options.state_directory);
    FakeWriter why;
    if (core_.call(shard, Hook::configure, "configure",
                   [&] { return core_.api.configure(shard.inst, &config, why.c()); }) < 0) {
      refusal_ = why.intact() ? why.text() : std::string();
      if (!why.intact()) core_.problem("configure() left the writer in a state that cannot be");
      return false;
    }
  }
  if (core_.api.start && core_.call(shard, Hook::start, "start", [&] { return core_.api.start(shard.inst); }) < 0)
    return refusal_ = "start() failed", false;
  return shard.started = true;
}

inline bool FakeHost::load(std::string_view settings) {
  core_.face = this;
  if (!valid_) return refusal_ = core_.problems.back(), false;
  for (auto& shard : core_.shards)
    if (!start(shard, settings)) return false;
  core_.run();
  return true;
}

inline TestClient FakeHost::connect(const std::string& path, const std::string& query, const Fields& headers,
                                    unsigned shard_index) {
  using namespace detail;
  const dgm_session id = core_.next_id++;
  Session& s = core_.sessions[id];
  s.id = id;
  s.shard = shard_index;
  Shard& shard = core_.shards.at(shard_index);
  std::vector<dgm_field> fields;
  for (const auto& [name, value] : headers) fields.push_back({raw(name), raw(value)});
  dgm_open open{};
  open.size = sizeof open;
  open.path = raw(path), open.query = raw(query), open.peer = raw("127.0.0.1:50000");
  open.headers = fields.data();
  open.header_count = fields.size();
  const auto refused = [&](unsigned status, std::string why) { return TestClient(core_, id, status, std::move(why)); };
  if (!shard.started) return refused(503, "not started");
  if (const unsigned status = HttpTable::refusal(core_, "GET", path, true)) return refused(status, {});

  std::optional<IdentityView> identity;
  for (int round = 0; core_.dialect.upgrade && round < 2; ++round) {
    FakeWriter writer;
    const std::int32_t status = core_.call(shard, Hook::on_shard, "upgrade",
                                           [&] { return core_.dialect.upgrade(shard.inst, &open, writer.c()); });
    if (status == DGM_OK) break;
    if (status != DGM_UPGRADE_AUTHENTICATE || round)
      return refused(status >= 400 && status < 600 ? static_cast<unsigned>(status) : 500, writer.text());
    if (!core_.authenticator) return refused(401, {});
    const AuthAnswer answer = core_.authenticator(writer.text());
    if (answer.status != DGM_OK) return refused(answer.status == DGM_E_DENIED ? 401 : 503, answer.why);
    s.identity = answer.identity;
    identity.emplace(*s.identity);
    open.identity = &identity->c();
  }

  s.open = true;
  if (core_.call(shard, Hook::on_shard, "session_open",
                 [&] { return core_.dialect.session_open(shard.inst, id, &open, &s.state); }) < 0) {
    std::erase_if(core_.subscriptions, [&](const Subscription& sub) { return sub.session == id; });
    core_.cancel_of(id, shard_index);
    s.open = false;
    s.closed = Close{1011, {}};
  }
  core_.run();
  return TestClient(core_, id, 101, {});
}

inline TestRequest FakeHost::request(const std::string& method, const std::string& path, const std::string& body,
                                     const Fields& headers, const std::string& query, unsigned shard_index) {
  using namespace detail;
  const dgm_request id = core_.next_id++;
  Request& r = core_.requests[id];
  r.id = id;
  r.shard = shard_index;
  Shard& shard = core_.shards.at(shard_index);
  const std::string asked = method == "HEAD" ? "GET" : method;
  const unsigned refusal = shard.started ? HttpTable::refusal(core_, asked, path, false) : 503;
  std::vector<dgm_field> fields;
  for (const auto& [name, value] : headers) fields.push_back({raw(name), raw(value)});
  dgm_http_request head{};
  head.size = sizeof head;
  head.flags = method == "HEAD" ? DGM_HTTP_HEAD : 0;
  head.method = raw(asked), head.path = raw(path), head.query = raw(query), head.peer = raw("127.0.0.1:50000");
  head.body = raw(body);
  head.headers = fields.data();
  head.header_count = fields.size();
  r.open = !refusal;
  if (refusal || core_.call(shard, Hook::on_shard, "request",
                            [&] { return core_.http.request(shard.inst, id, &head, &r.state); }) < 0) {
    core_.cancel_of(id, shard_index);
    r.open = false;
    r.answered = true;
    r.status = refusal ? refusal : 500;
  }
  core_.run();
  return TestRequest(core_, id);
}

inline void FakeHost::release(bool reversed) {
  core_.hold = false;
  std::vector<dgm_op> order(core_.ready.begin(), core_.ready.end());
  if (reversed) {
    std::vector<dgm_op> appends;
    for (const dgm_op id : order)
      if (core_.operations.at(id).in_order) appends.push_back(id);
    std::reverse(order.begin(), order.end());
    std::size_t next = 0;
    for (dgm_op& id : order)
      if (core_.operations.at(id).in_order) id = appends[next++];
  }
  core_.ready.assign(order.begin(), order.end());
  core_.run();
}

inline void FakeHost::look_for_leftovers() {
  for (const auto& [id, r] : core_.requests) {
    const bool waits = std::any_of(core_.operations.begin(), core_.operations.end(),
                                   [owner = id](const auto& o) { return o.second.owner == owner; });
    if (r.open && !r.answered && !waits)
      core_.problem("a request was not answered to its end, and nothing is under way that could do it");
  }
  for (const auto& [id, s] : core_.sessions) {
    const bool waits = std::any_of(core_.operations.begin(), core_.operations.end(),
                                   [owner = id](const auto& o) { return o.second.owner == owner || !o.second.owner; });
    if (s.open && s.paused && !s.closing && !waits)
      core_.problem("a session is paused, and nothing is under way that could resume it");
  }
}

inline std::vector<std::string> FakeHost::finish() {
  using namespace detail;
  if (std::exchange(finished_, true)) return core_.problems;
  core_.hold = false;
  core_.run();
  look_for_leftovers();
  for (auto& shard : core_.shards)
    if (shard.started && core_.api.stop)
      core_.call(shard, Hook::on_shard, "stop", [&] {
        core_.api.stop(shard.inst);
        return DGM_OK;
      });
  core_.run();
  for (auto& [id, s] : core_.sessions)
    if (s.open) core_.begin_close(s, {1001, ""});
  core_.run();
  std::vector<dgm_request> open;
  for (const auto& [id, r] : core_.requests)
    if (r.open) open.push_back(id);
  for (const dgm_request id : open) core_.end_request(id);
  for (auto& shard : core_.shards) {
    core_.cancel_of(0, shard.index);
    if (shard.created)
      core_.call(shard, Hook::destroy, "destroy", [&] {
        core_.api.destroy(shard.inst);
        return DGM_OK;
      });
    shard.destroyed = true;
  }
  return core_.problems;
}

}  // namespace dragoman::testing
