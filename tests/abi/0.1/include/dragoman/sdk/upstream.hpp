// SPDX-License-Identifier: Apache-2.0
// HTTP requests to the servers that the configuration names as upstreams. Completions run on the shard, exactly once,
// later, unless the call answers below 0; what they throw is logged.
#pragma once
#include <dragoman/ext/upstream.h>
#include <dragoman/sdk/host.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman::sdk {

// What to send; owns what it names.
struct Fetch {
  std::string upstream;
  std::string method = "GET";
  std::string path;  // below the upstream's own, percent-encoded, with the query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::uint32_t timeout_ms = 0;  // 0: the upstream's
};

// An answer; a view, valid during the completion that got it.
class Fetched {
 public:
  explicit Fetched(const dgm_fetched& f) : f_(f) {}
  unsigned status() const { return f_.status; }
  std::string_view body() const { return view(f_.body); }
  // The first header of that name, in any case.
  std::optional<std::string_view> header(std::string_view name) const {
    return find_header(f_.headers, f_.header_count, name);
  }
  std::vector<std::pair<std::string_view, std::string_view>> headers() const {
    std::vector<std::pair<std::string_view, std::string_view>> out;
    for (std::size_t i = 0; i < f_.header_count; ++i)
      out.emplace_back(view(f_.headers[i].name), view(f_.headers[i].value));
    return out;
  }

 private:
  const dgm_fetched& f_;
};

// Copyable; valid as long as the plugin instance.
class Upstreams {
 public:
  // fetched is null unless the status is DGM_OK.
  using Done = std::function<void(dgm_status, const Fetched* fetched, std::string_view why)>;

  // False: the configuration names no upstream.
  explicit Upstreams(Host host) : host_(host), table_(host.upstream_table()) {}
  explicit operator bool() const { return table_ != nullptr; }

  // Also in configure(), to refuse a setting that names none.
  bool known(std::string_view upstream) const { return table_ && table_->known(host_.self(), raw(upstream)) == DGM_OK; }

  // owner: a session or request whose end cancels it, or 0. op: for cancel(), may be null.
  dgm_status fetch(std::uint64_t owner, const Fetch& fetch, Done done, dgm_op* op = nullptr) const {
    if (!table_) return DGM_E_UNSUPPORTED;
    std::vector<dgm_field> fields;
    fields.reserve(fetch.headers.size());
    for (const auto& [name, value] : fetch.headers) fields.push_back({raw(name), raw(value)});
    dgm_fetch c{};
    c.size = sizeof c;
    c.upstream = raw(fetch.upstream);
    c.method = raw(fetch.method);
    c.path = raw(fetch.path);
    c.headers = fields.data();
    c.header_count = fields.size();
    c.body = raw(fetch.body);
    c.timeout_ms = fetch.timeout_ms;
    auto waiting = std::make_unique<Waiting>(Waiting{host_, std::move(done)});
    const dgm_status status = table_->fetch(host_.self(), owner, &c, finish, waiting.get(), op);
    if (status >= 0) waiting.release();
    return status;
  }
  dgm_status cancel(dgm_op op) const { return table_ ? table_->cancel(host_.self(), op) : DGM_E_UNSUPPORTED; }

 private:
  struct Waiting {
    Host host;
    Done done;
  };
  static void finish(void* user, dgm_status status, const dgm_fetched* fetched, dgm_str why) noexcept {
    const std::unique_ptr<Waiting> w(static_cast<Waiting*>(user));
    guard_completion(w->host, "upstream", [&] {
      if (fetched) {
        const Fetched answer(*fetched);
        w->done(status, &answer, view(why));
      } else {
        w->done(status, nullptr, view(why));
      }
    });
  }

  Host host_;
  const dgm_host_upstream* table_;
};

}  // namespace dragoman::sdk
