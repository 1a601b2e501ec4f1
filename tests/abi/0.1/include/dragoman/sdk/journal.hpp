// SPDX-License-Identifier: Apache-2.0
// The journal of a mount. Completions run on the shard, exactly once, later, unless the call answers below 0; what they
// throw is logged.
#pragma once
#include <dragoman/ext/journal.h>
#include <dragoman/sdk/host.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace dragoman::sdk {

// A record to append; what it names must live until then.
class NewRecord {
 public:
  NewRecord(std::string_view stream, std::string_view id, std::int64_t time_ms, std::string_view body) {
    r_.size = sizeof r_;
    r_.stream = raw(stream);
    r_.id = raw(id);
    r_.time_ms = time_ms;
    r_.body = raw(body);
  }
  NewRecord& attribute(std::string_view name, std::string_view value) {
    fields_.push_back({raw(name), raw(value)});
    return *this;
  }
  dgm_record c() const {
    dgm_record r = r_;
    r.attributes = fields_.data();
    r.attribute_count = fields_.size();
    return r;
  }

 private:
  dgm_record r_{};
  std::vector<dgm_field> fields_;
};

// A view, valid during the completion that got it.
class RecordView {
 public:
  explicit RecordView(const dgm_record& r) : r_(r) {}
  std::uint64_t position() const { return r_.position; }
  std::int64_t time_ms() const { return r_.time_ms; }
  std::string_view id() const { return view(r_.id); }
  std::string_view body() const { return view(r_.body); }

 private:
  const dgm_record& r_;
};

// What to read; owns what it names.
struct JournalQuery {
  std::string stream;
  bool backwards = false;
  std::uint64_t after = 0;
  std::int64_t from_ms = 0, to_ms = 0;
  std::vector<std::pair<std::string, std::vector<std::string>>> filters;  // attribute, values
  std::uint64_t skip = 0, limit = 1000, max_bytes = 0;
};

// Copyable; valid as long as the plugin instance.
class Journal {
 public:
  using Appended = std::function<void(dgm_status, std::span<const std::uint8_t> seen, std::string_view why)>;
  using Page = std::function<void(dgm_status, std::span<const dgm_record>, std::string_view why)>;
  using Counted = std::function<void(dgm_status, std::uint64_t, std::string_view why)>;
  using Listed = std::function<void(dgm_status, std::span<const dgm_str>, std::string_view why)>;

  // False: the mount has no journal.
  explicit Journal(Host host) : host_(host), table_(host.journal_table()) {}
  explicit operator bool() const { return table_ != nullptr; }

  dgm_status append(std::span<const NewRecord> records, Appended done) const {
    std::vector<dgm_record> rows;
    for (const NewRecord& record : records) rows.push_back(record.c());
    return start(std::move(done), [&](auto* user) {
      return table_->append(
          host_.self(), rows.data(), rows.size(),
          [](void* u, dgm_status status, const std::uint8_t* seen, std::size_t n, dgm_str why) {
            finish<Appended>(u, status, std::span(seen, n), view(why));
          },
          user);
    });
  }
  // owner: a session or request whose end cancels the call, or 0.
  dgm_status read(std::uint64_t owner, const JournalQuery& query, Page done) const {
    const Raw from(query);
    return start(std::move(done), [&](auto* user) {
      return table_->read(
          host_.self(), owner, &from.c,
          [](void* u, dgm_status status, const dgm_record* records, std::size_t n, dgm_str why) {
            finish<Page>(u, status, std::span(records, n), view(why));
          },
          user);
    });
  }
  dgm_status count(std::uint64_t owner, const JournalQuery& query, Counted done) const {
    const Raw from(query);
    return start(std::move(done), [&](auto* user) {
      return table_->count(
          host_.self(), owner, &from.c,
          [](void* u, dgm_status status, std::uint64_t n, dgm_str why) { finish<Counted>(u, status, n, view(why)); },
          user);
    });
  }
  dgm_status values(std::uint64_t owner, std::string_view stream, std::string_view attribute, Listed done) const {
    return start(std::move(done), [&](auto* user) {
      return table_->values(
          host_.self(), owner, raw(stream), raw(attribute),
          [](void* u, dgm_status status, const dgm_str* values, std::size_t n, dgm_str why) {
            finish<Listed>(u, status, std::span(values, n), view(why));
          },
          user);
    });
  }

 private:
  struct Raw {
    explicit Raw(const JournalQuery& q) {
      values.reserve(q.filters.size());
      for (const auto& [attribute, of] : q.filters) {
        values.emplace_back();
        for (const auto& value : of) values.back().push_back(raw(value));
        filters.push_back({raw(attribute), values.back().data(), values.back().size()});
      }
      c.size = sizeof c;
      c.flags = q.backwards ? DGM_JOURNAL_BACKWARDS : 0;
      c.stream = raw(q.stream);
      c.after = q.after;
      c.from_ms = q.from_ms;
      c.to_ms = q.to_ms;
      c.filters = filters.data();
      c.filter_count = filters.size();
      c.skip = q.skip;
      c.limit = q.limit;
      c.max_bytes = q.max_bytes;
    }
    std::vector<std::vector<dgm_str>> values;
    std::vector<dgm_journal_filter> filters;
    dgm_journal_query c{};
  };
  template <class F>
  struct Waiting {
    Host host;
    F done;
  };
  template <class F, class Call>
  dgm_status start(F done, Call&& call) const {
    if (!table_) return DGM_E_UNSUPPORTED;
    auto waiting = std::make_unique<Waiting<F>>(Waiting<F>{host_, std::move(done)});
    const dgm_status status = call(waiting.get());
    if (status >= 0) waiting.release();
    return status;
  }
  template <class F, class... A>
  static void finish(void* user, A&&... arguments) noexcept {
    const std::unique_ptr<Waiting<F>> w(static_cast<Waiting<F>*>(user));
    guard_completion(w->host, "journal", [&] { w->done(std::forward<A>(arguments)...); });
  }

  Host host_;
  const dgm_host_journal* table_;
};

}  // namespace dragoman::sdk
