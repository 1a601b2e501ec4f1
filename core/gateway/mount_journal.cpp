// SPDX-License-Identifier: Apache-2.0
#include "gateway/mount_journal.hpp"

#include <algorithm>

namespace dragoman::gateway {
namespace {

constexpr std::uint64_t most_records = 10'000, most_bytes = 1 << 20, most_values = 10'000;

std::string_view view(dgm_str s) {
  return {s.ptr, s.len};
}
dgm_str str(std::string_view s) {
  return {s.data(), s.size()};
}

dgm_status status_of(service::JournalStatus status) {
  switch (status) {
    case service::JournalStatus::ok:
      return DGM_OK;
    case service::JournalStatus::unavailable:
      return DGM_E_UNAVAILABLE;
    case service::JournalStatus::invalid:
      return DGM_E_INVALID;
    case service::JournalStatus::dropped:
      return DGM_E_DROPPED;
    case service::JournalStatus::canceled:
      return DGM_E_CANCELED;
    case service::JournalStatus::damaged:
      break;
  }
  return DGM_E_INTERNAL;
}

}  // namespace

template <class Value, class Call, class Start>
dgm_status MountJournal::ask(std::uint32_t* owner, Call call, Start start) {
  const dgm_op op = operations_.start_call(owner, [this, call] {
    instance_.completed(plugin::Hook::journal_done,
                        [&] { call(DGM_E_CANCELED, Value(), "the client is gone, or the gateway is stopping"); });
  });
  if (!op) return DGM_E_DROPPED;
  start([this, op, call, life = operations_.life()](const service::JournalOutcome& outcome, Value value) {
    loop_.post([this, op, call, life, status = status_of(outcome.status), why = outcome.why, value = std::move(value)] {
      if (operations_.take_call(op)) instance_.completed(plugin::Hook::journal_done, [&] { call(status, value, why); });
    });
  });
  return DGM_OK;
}

service::RecordQuery MountJournal::query_of(const dgm_journal_query& from) const {
  service::RecordQuery out;
  out.stream = prefix_ + std::string(view(from.stream));
  out.backwards = from.flags & DGM_JOURNAL_BACKWARDS;
  out.after = from.after;
  out.from_ms = from.from_ms;
  out.to_ms = from.to_ms;
  for (std::size_t i = 0; i < from.filter_count; ++i) {
    service::RecordFilter filter{std::string(view(from.filters[i].attribute)), {}};
    for (std::size_t k = 0; k < from.filters[i].value_count; ++k)
      filter.values.emplace_back(view(from.filters[i].values[k]));
    out.filters.push_back(std::move(filter));
  }
  out.skip = from.skip;
  out.limit = std::clamp<std::uint64_t>(from.limit, 1, most_records);
  out.max_bytes = from.max_bytes ? std::min(from.max_bytes, most_bytes) : most_bytes;
  return out;
}

dgm_status MountJournal::append(const dgm_record* records, std::size_t n, const event::ReceiptPtr& receipt,
                                dgm_journal_appended done, void* user) {
  if (!journal_) return DGM_E_UNSUPPORTED;
  std::vector<service::Record> copies(n);
  for (std::size_t i = 0; i < n; ++i) {
    const dgm_record& from = records[i];
    service::Record& to = copies[i];
    to.author = author_;
    to.time_ms = from.time_ms;
    to.stream = prefix_ + std::string(view(from.stream));
    to.id = view(from.id);
    to.body = view(from.body);
    for (std::size_t k = 0; k < from.attribute_count; ++k)
      to.attributes.push_back(
          {std::string(view(from.attributes[k].name)), std::string(view(from.attributes[k].value))});
  }
  struct Stored {
    std::vector<std::uint8_t> seen;
    event::ReceiptPtr receipt;
  };
  return ask<Stored>(
      nullptr,
      [this, done, user](dgm_status status, const Stored& stored, std::string_view why) {
        done(user, status, stored.seen.data(), stored.seen.size(), str(why));
        // The publisher is answered behind what the dialect has emitted just now: who connects then gets no push.
        if (stored.receipt) loop_.post([receipt = stored.receipt] {});
      },
      [&](auto answer) {
        journal_->append(std::move(copies), receipt != nullptr,
                         [answer, receipt](const service::JournalOutcome& outcome, const auto& seen) {
                           if (!outcome && receipt) receipt->fail(event::PublishStatus::not_stored);
                           answer(outcome, Stored{seen, receipt});
                         });
      });
}

dgm_status MountJournal::read(std::uint32_t* owner, const dgm_journal_query& query, dgm_journal_page done, void* user) {
  if (!journal_) return DGM_E_UNSUPPORTED;
  using Records = std::vector<service::Record>;
  return ask<Records>(
      owner,
      [done, user](dgm_status status, const Records& records, std::string_view why) {
        std::vector<dgm_record> rows(records.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
          rows[i] = {};
          rows[i].size = sizeof(dgm_record);
          rows[i].position = records[i].position;
          rows[i].time_ms = records[i].time_ms;
          rows[i].stream = str(records[i].stream);
          rows[i].id = str(records[i].id);
          rows[i].body = str(records[i].body);
        }
        done(user, status, rows.data(), rows.size(), str(why));
      },
      [&](auto answer) { journal_->read(query_of(query), std::move(answer)); });
}

dgm_status MountJournal::count(std::uint32_t* owner, const dgm_journal_query& query, dgm_journal_counted done,
                               void* user) {
  if (!journal_) return DGM_E_UNSUPPORTED;
  return ask<std::uint64_t>(
      owner,
      [done, user](dgm_status status, std::uint64_t n, std::string_view why) { done(user, status, n, str(why)); },
      [&](auto answer) { journal_->count(query_of(query), std::move(answer)); });
}

dgm_status MountJournal::values(std::uint32_t* owner, std::string_view stream, std::string_view attribute,
                                dgm_journal_listed done, void* user) {
  if (!journal_) return DGM_E_UNSUPPORTED;
  using Values = std::vector<std::string>;
  return ask<Values>(
      owner,
      [done, user](dgm_status status, const Values& values, std::string_view why) {
        std::vector<dgm_str> rows;
        for (const std::string& value : values) rows.push_back(str(value));
        done(user, status, rows.data(), rows.size(), str(why));
      },
      [&](auto answer) {
        journal_->values(prefix_ + std::string(stream), std::string(attribute), most_values, std::move(answer));
      });
}

}  // namespace dragoman::gateway
