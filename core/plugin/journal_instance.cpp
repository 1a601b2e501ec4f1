// SPDX-License-Identifier: Apache-2.0
#include "plugin/journal_instance.hpp"

#include <algorithm>
#include <exception>

#include "base/log.hpp"
#include "codec/utf8.hpp"
#include "plugin/arguments.hpp"
#include "plugin/call_board.hpp"
#include "plugin/writer.hpp"

namespace dragoman::plugin {
namespace {

using service::JournalOutcome;
using service::JournalStatus;

constexpr std::size_t why_limit = 4096;

dgm_str raw(std::string_view text) {
  return {text.data(), text.size()};
}

JournalStatus status_of(dgm_status status) {
  if (status >= 0) return JournalStatus::ok;
  switch (status) {
    case DGM_E_UNAVAILABLE:
    case DGM_E_TIMEOUT:
      return JournalStatus::unavailable;
    case DGM_E_INVALID:
    case DGM_E_UNSUPPORTED:
      return JournalStatus::invalid;
    case DGM_E_CANCELED:
      return JournalStatus::canceled;
    default:
      return JournalStatus::damaged;
  }
}

// call(dgm_writer* why) -> dgm_status
template <class Call>
JournalOutcome guarded(const char* function, Call&& call) {
  Writer why(why_limit);
  dgm_status status = DGM_E_INTERNAL;
  std::string thrown;
  const CallMark mark(function);
  try {
    status = call(why.begin());
  } catch (const std::exception& error) {
    thrown = error.what();
  } catch (...) {
    thrown = "an exception without a text";
  }
  JournalOutcome outcome{status_of(status), {}};
  if (outcome) return outcome;
  if (!thrown.empty())
    outcome.why = std::string(function) + " threw an exception, which must not cross the boundary: " + thrown;
  else if (why.intact() && codec::valid_utf8(why.text()))
    outcome.why = why.text();
  if (outcome.why.empty()) outcome.why = std::string("the plugin gave no reason why ") + function + " failed";
  return outcome;
}

const void* query(dgm_host*, dgm_str) noexcept {
  return nullptr;
}

void log(dgm_host* host, dgm_session, int32_t level, dgm_str text) noexcept {
  if (!host || (!text.ptr && text.len)) return;
  const auto& self = *reinterpret_cast<const JournalInstance*>(host);
  try {
    base::log(static_cast<base::LogLevel>(std::clamp(level, 1, 4)), view(text).substr(0, 8192),
              {{"journal", self.name()}, {"plugin", self.plugin().name}});
  } catch (...) {
    // A line that cannot be written is not worth more.
  }
}

constexpr dgm_host_api host_table = {sizeof host_table, DGM_ABI_MAJOR, DGM_ABI_MINOR, query, log};

struct Collector {
  std::vector<service::Record>& out;
};

dgm_status collect_record(void* user, const dgm_record* record) noexcept {
  try {
    if (!record || !readable(record->stream, payload_limit) || !readable(record->id, payload_limit) ||
        !readable(record->body, payload_limit))
      return DGM_E_INVALID;
    service::Record made;
    made.position = record->position;
    made.time_ms = record->time_ms;
    made.stream = view(record->stream);
    made.id = view(record->id);
    made.body = view(record->body);
    static_cast<Collector*>(user)->out.push_back(std::move(made));
    return DGM_OK;
  } catch (...) {
    return DGM_E_DROPPED;
  }
}

dgm_status collect_value(void* user, dgm_str value) noexcept {
  try {
    if (!readable(value, payload_limit)) return DGM_E_INVALID;
    static_cast<std::vector<std::string>*>(user)->emplace_back(view(value));
    return DGM_OK;
  } catch (...) {
    return DGM_E_DROPPED;
  }
}

// A query with everything that it points to.
class RawQuery {
 public:
  explicit RawQuery(const service::RecordQuery& from) {
    values_.reserve(from.filters.size());
    for (const auto& filter : from.filters) {
      std::vector<dgm_str> values;
      for (const auto& value : filter.values) values.push_back(raw(value));
      values_.push_back(std::move(values));
      filters_.push_back({raw(filter.attribute), values_.back().data(), values_.back().size()});
    }
    c.size = sizeof c;
    c.flags = from.backwards ? DGM_JOURNAL_BACKWARDS : 0;
    c.stream = raw(from.stream);
    c.after = from.after;
    c.from_ms = from.from_ms;
    c.to_ms = from.to_ms;
    c.filters = filters_.data();
    c.filter_count = filters_.size();
    c.skip = from.skip;
    c.limit = from.limit;
    c.max_bytes = from.max_bytes;
  }
  dgm_journal_query c{};

 private:
  std::vector<std::vector<dgm_str>> values_;
  std::vector<dgm_journal_filter> filters_;
};

class Reader final : public service::RecordReader {
 public:
  Reader(const dgm_journal& table, void* reader) : table_(table), reader_(reader) {}
  ~Reader() override {
    guarded("reader_close()", [&](dgm_writer*) {
      table_.reader_close(reader_);
      return DGM_OK;
    });
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  JournalOutcome read(const service::RecordQuery& query, std::vector<service::Record>& out) override {
    const RawQuery from(query);
    Collector collector{out};
    return guarded("read()",
                   [&](dgm_writer* why) { return table_.read(reader_, &from.c, collect_record, &collector, why); });
  }
  JournalOutcome count(const service::RecordQuery& query, std::uint64_t& out) override {
    const RawQuery from(query);
    return guarded("count()", [&](dgm_writer* why) { return table_.count(reader_, &from.c, &out, why); });
  }
  JournalOutcome values(std::string_view stream, std::string_view attribute, std::uint64_t most,
                        std::vector<std::string>& out) override {
    return guarded("values()", [&](dgm_writer* why) {
      return table_.values(reader_, raw(stream), raw(attribute), most, collect_value, &out, why);
    });
  }

 private:
  const dgm_journal& table_;
  void* reader_;
};

}  // namespace

JournalInstance::JournalInstance(std::shared_ptr<const Plugin> plugin, std::string name, std::string state_directory)
    : plugin_(std::move(plugin)), name_(std::move(name)), state_directory_(std::move(state_directory)) {}

JournalInstance::~JournalInstance() {
  close();
  if (!inst_) return;
  if (started_ && plugin_->api.stop)
    guarded("stop()", [&](dgm_writer*) {
      plugin_->api.stop(inst_);
      return DGM_OK;
    });
  guarded("destroy()", [&](dgm_writer*) {
    plugin_->api.destroy(inst_);
    return DGM_OK;
  });
}

std::string JournalInstance::prepare(std::string_view settings, bool check_only) {
  JournalOutcome outcome = guarded("create()", [&](dgm_writer*) {
    return plugin_->api.create(&host_table, reinterpret_cast<dgm_host*>(this), &inst_);
  });
  if (outcome && plugin_->api.configure)
    outcome = guarded("configure()", [&](dgm_writer* why) {
      dgm_config config{};
      config.size = sizeof config;
      config.flags = check_only ? DGM_CONFIG_CHECK : 0;
      config.mount = raw(name_);
      config.settings = raw(settings);
      config.state = raw(state_directory_);
      return plugin_->api.configure(inst_, &config, why);
    });
  if (outcome && !check_only && plugin_->api.start) {
    outcome = guarded("start()", [&](dgm_writer*) { return plugin_->api.start(inst_); });
    started_ = static_cast<bool>(outcome);
  }
  return outcome.why;
}

JournalOutcome JournalInstance::open() {
  JournalOutcome outcome = guarded("open()", [&](dgm_writer* why) { return plugin_->journal->open(inst_, why); });
  if (outcome) opened_ = true;
  return outcome;
}

JournalOutcome JournalInstance::append(const std::vector<const service::Record*>& records,
                                       std::vector<std::uint8_t>& fresh) {
  std::vector<dgm_record> rows(records.size());
  std::vector<dgm_field> fields;
  std::size_t attributes = 0;
  for (const service::Record* record : records) attributes += record->attributes.size();
  fields.reserve(attributes);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const service::Record& from = *records[i];
    dgm_record& row = rows[i];
    row = {};
    row.size = sizeof row;
    row.time_ms = from.time_ms;
    row.stream = raw(from.stream);
    row.id = raw(from.id);
    row.body = raw(from.body);
    row.attributes = fields.data() + fields.size();
    row.attribute_count = from.attributes.size();
    for (const auto& attribute : from.attributes) fields.push_back({raw(attribute.name), raw(attribute.value)});
  }
  std::vector<std::uint64_t> positions(records.size());
  fresh.assign(records.size(), 0);
  return guarded("append()", [&](dgm_writer* why) {
    return plugin_->journal->append(inst_, rows.data(), rows.size(), positions.data(), fresh.data(), why);
  });
}

JournalOutcome JournalInstance::trim(std::string_view stream, const service::Retention& retention, std::int64_t now_ms,
                                     std::uint64_t most, std::uint64_t& removed) {
  dgm_journal_retention bounds{};
  bounds.size = sizeof bounds;
  bounds.before_ms = retention.age_ms ? now_ms - retention.age_ms : 0;
  bounds.records = retention.records;
  bounds.bytes = retention.bytes;
  bounds.most = most;
  return guarded("trim()",
                 [&](dgm_writer* why) { return plugin_->journal->trim(inst_, raw(stream), &bounds, &removed, why); });
}

JournalOutcome JournalInstance::streams(std::vector<std::string>& out) {
  return guarded("streams()",
                 [&](dgm_writer* why) { return plugin_->journal->streams(inst_, collect_value, &out, why); });
}

JournalOutcome JournalInstance::measure(std::uint64_t& records, std::uint64_t& bytes) {
  dgm_journal_size size{};
  size.size = sizeof size;
  JournalOutcome outcome =
      guarded("measure()", [&](dgm_writer* why) { return plugin_->journal->measure(inst_, &size, why); });
  records = size.records;
  bytes = size.bytes;
  return outcome;
}

JournalOutcome JournalInstance::open_reader(std::unique_ptr<service::RecordReader>& out) {
  void* reader = nullptr;
  JournalOutcome outcome =
      guarded("reader_open()", [&](dgm_writer* why) { return plugin_->journal->reader_open(inst_, &reader, why); });
  if (outcome) out = std::make_unique<Reader>(*plugin_->journal, reader);
  return outcome;
}

void JournalInstance::close() {
  if (!opened_) return;
  opened_ = false;
  guarded("close()", [&](dgm_writer*) {
    plugin_->journal->close(inst_);
    return DGM_OK;
  });
}

}  // namespace dragoman::plugin
