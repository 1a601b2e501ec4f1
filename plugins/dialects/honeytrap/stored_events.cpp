// SPDX-License-Identifier: Apache-2.0
#include "stored_events.hpp"

#include <algorithm>

namespace honeytrap {
namespace {

constexpr std::uint64_t page_records = 1000, page_bytes = 64 << 10;

std::string_view view(dgm_str s) {
  return {s.ptr, s.len};
}

// What every journal takes as the value of an attribute.
bool can_be_searched(std::string_view value) {
  return !value.empty() && value.size() <= longest_filter_value && value.find('\0') == value.npos;
}

}  // namespace

std::string kind_value(const Kind& kind) {
  if (const auto* number = std::get_if<std::int64_t>(&kind)) return "n:" + std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&kind)) return "s:" + *text;
  return {};
}

RecordsToAppend::RecordsToAppend(const std::vector<Record>& records, std::string_view event_id, bool sessions_too) {
  texts_.reserve(records.size() * 2);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Record& record = records[i];
    // One id each, the same whenever the event comes again.
    texts_.push_back(records.size() == 1 ? std::string(event_id) : std::string(event_id) + "/" + std::to_string(i));
    const std::string& id = texts_.back();
    texts_.push_back(kind_value(record.kind));
    const std::string& kind = texts_.back();
    const auto add = [&](std::string_view stream) {
      sdk::NewRecord row(stream, id, record.time_ms, record.json);
      if (can_be_searched(kind)) row.attribute("type", kind);
      if (can_be_searched(record.sensor)) row.attribute("sensor", record.sensor);
      rows_.push_back(std::move(row));
      sources_.push_back(i);
    };
    add(stream_of(record.event_class));
    if (sessions_too && record.event_class == EventClass::session) add(events_stream);
  }
}

EventScan::EventScan(sdk::Journal journal, std::uint64_t owner, std::string_view stream)
    : journal_(journal), owner_(owner) {
  query_.stream = stream;
  query_.max_bytes = page_bytes;
}

void EventScan::all(std::uint64_t newest, Sink sink) {
  sink_ = std::move(sink);
  begin(newest);
}

void EventScan::query(const EventQuery& query, std::function<void(std::uint64_t)> total, Sink sink) {
  sink_ = std::move(sink);
  if (query.paged()) {
    const auto page = static_cast<std::uint64_t>(query.page - 1), size = static_cast<std::uint64_t>(query.size);
    if (page && size > (std::uint64_t{1} << 62) / page) {
      nothing_fits_ = true;
    } else {
      query_.skip = page * size;
    }
    bounded_ = true;
    left_ = size;
  }
  if (query.types) {
    std::vector<std::string> values;
    for (const Kind& kind : *query.types)
      if (std::string value = kind_value(kind); can_be_searched(value)) values.push_back(std::move(value));
    nothing_fits_ = nothing_fits_ || values.empty();
    query_.filters.emplace_back("type", std::move(values));
  }
  ask(journal_.count(owner_, query_of_all(),
                     [this, query, total = std::move(total)](dgm_status status, std::uint64_t n, std::string_view why) {
                       if (failed(status, why)) return;
                       total(n);
                       if (query.sensors)
                         filter_sensors(query);
                       else
                         begin(0);
                     }));
}

sdk::JournalQuery EventScan::query_of_all() const {
  sdk::JournalQuery all;
  all.stream = query_.stream;
  return all;
}

// The expressions choose among the sensors that there are, so the store needs to know nothing of expressions.
void EventScan::filter_sensors(const EventQuery& query) {
  EventQuery sensors_only;
  sensors_only.sensors = query.sensors;
  ask(journal_.values(owner_, query_.stream, "sensor",
                      [this, sensors_only](dgm_status status, std::span<const dgm_str> values, std::string_view why) {
                        if (failed(status, why)) return;
                        std::vector<std::string> fitting;
                        for (const dgm_str& value : values)
                          if (sensors_only.matches({}, view(value))) fitting.emplace_back(view(value));
                        nothing_fits_ = nothing_fits_ || fitting.empty();
                        query_.filters.emplace_back("sensor", std::move(fitting));
                        begin(0);
                      }));
}

void EventScan::begin(std::uint64_t newest) {
  if (nothing_fits_) return sink_.end();
  sdk::JournalQuery newest_one = query_of_all();
  newest_one.backwards = true;
  newest_one.limit = 1;
  ask(journal_.read(owner_, newest_one,
                    [this, newest](dgm_status status, std::span<const dgm_record> records, std::string_view why) {
                      if (failed(status, why)) return;
                      if (records.empty()) return sink_.end();
                      last_ = records.front().position;
                      if (newest && newest < last_) query_.after = last_ - newest;
                      next();
                    }));
}

void EventScan::next() {
  query_.limit = bounded_ ? std::min(left_, page_records) : page_records;
  if (query_.limit == 0 || query_.after >= last_) return sink_.end();
  ask(journal_.read(
      owner_, query_, [this](dgm_status status, std::span<const dgm_record> records, std::string_view why) {
        if (failed(status, why)) return;
        const auto past = std::find_if(records.begin(), records.end(),
                                       [this](const dgm_record& record) { return record.position > last_; });
        const auto page = records.first(static_cast<std::size_t>(past - records.begin()));
        if (page.empty()) return sink_.end();
        query_.after = page.back().position;
        query_.skip = 0;
        left_ -= std::min<std::uint64_t>(left_, page.size());
        if (sink_.page(page)) next();
      }));
}

bool EventScan::failed(dgm_status status, std::string_view why) {
  if (status == DGM_OK) return false;
  // The owner is ending: there is nobody to tell.
  if (status != DGM_E_CANCELED) sink_.failed(status, why);
  return true;
}

void EventScan::ask(dgm_status status) {
  if (status < 0) sink_.failed(status, "too many requests wait");
}

}  // namespace honeytrap
