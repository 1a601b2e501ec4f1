// SPDX-License-Identifier: Apache-2.0
#include "journal.hpp"

#include <dlfcn.h>

#include <stdexcept>

namespace journals_test {
namespace {

dgm_str borrowed(const std::string& s) {
  return {s.empty() ? nullptr : s.data(), s.size()};
}
std::string text(dgm_str s) {
  return s.len ? std::string(s.ptr, s.len) : std::string();
}

const void* host_query(dgm_host*, dgm_str) {
  return nullptr;
}
void host_log(dgm_host*, dgm_session, std::int32_t, dgm_str) {}
const dgm_host_api host{sizeof(dgm_host_api), DGM_ABI_MAJOR, DGM_ABI_MINOR, host_query, host_log};

// The query's memory for one call.
struct Raw {
  explicit Raw(const Query& q) {
    for (const auto& [name, texts] : q.filters) {
      auto& list = values.emplace_back();
      for (const std::string& value : texts) list.push_back(borrowed(value));
    }
    for (std::size_t i = 0; i < q.filters.size(); ++i)
      filters.push_back({borrowed(q.filters[i].first), values[i].data(), values[i].size()});
    query.size = sizeof query;
    query.flags = q.backwards ? DGM_JOURNAL_BACKWARDS : 0;
    query.stream = borrowed(q.stream);
    query.after = q.after;
    query.from_ms = q.from_ms;
    query.to_ms = q.to_ms;
    query.filters = filters.data();
    query.filter_count = filters.size();
    query.skip = q.skip;
    query.limit = q.limit;
    query.max_bytes = q.max_bytes;
  }
  std::vector<std::vector<dgm_str>> values;
  std::vector<dgm_journal_filter> filters;
  dgm_journal_query query{};
};

dgm_status collect(void* user, dgm_str value) {
  static_cast<std::vector<std::string>*>(user)->push_back(text(value));
  return DGM_OK;
}

}  // namespace

Why::Why(std::size_t limit) : dgm_writer{}, limit_(limit) {
  size = sizeof(dgm_writer);
  opcode = DGM_TEXT;
  grow = [](dgm_writer* raw_writer, std::size_t want) -> dgm_status {
    auto& self = *static_cast<Why*>(raw_writer);
    if (self.len + want > self.limit_) return DGM_E_DROPPED;
    self.memory_.resize(self.len + want);
    self.ptr = self.memory_.data();
    self.cap = self.memory_.size();
    return DGM_OK;
  };
}

std::vector<std::uint64_t> Read::positions() const {
  std::vector<std::uint64_t> out;
  for (const Found& record : records) out.push_back(record.position);
  return out;
}

const dgm_plugin_entry& entry(const std::string& plugin) {
  const std::string path = std::string(JOURNAL_PLUGINS) + "/" + plugin + ".so";
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw std::runtime_error(::dlerror());
  const auto* found = static_cast<const dgm_plugin_entry*>(::dlsym(library, DGM_ENTRY_SYMBOL));
  if (!found) throw std::runtime_error(path + " has no entry");
  return *found;
}

dgm_journal_retention retention() {
  dgm_journal_retention r{};
  r.size = sizeof r;
  r.most = UINT64_MAX;
  return r;
}

Reader::Reader(const dgm_journal& table, void* instance) : table_(table) {
  Why why;
  opened_.status = table.reader_open(instance, &reader_, &why);
  opened_.why = why.text();
}
Reader::~Reader() {
  if (reader_) table_.reader_close(reader_);
}

Answer Reader::read(const Query& query, const std::function<dgm_status(const dgm_record&)>& each) {
  const Raw q(query);
  Why why;
  const dgm_status status = table_.read(
      reader_, &q.query,
      [](void* user, const dgm_record* record) {
        return (*static_cast<const std::function<dgm_status(const dgm_record&)>*>(user))(*record);
      },
      const_cast<void*>(static_cast<const void*>(&each)), &why);
  return {status, why.text()};
}

Read Reader::read(const Query& query) {
  Read out;
  static_cast<Answer&>(out) = read(query, [&](const dgm_record& r) {
    if (r.size != sizeof r || r.flags || r.attributes || r.attribute_count) return dgm_status{DGM_E_INVALID};
    out.records.push_back({r.position, r.time_ms, text(r.stream), text(r.id), text(r.body)});
    return dgm_status{DGM_OK};
  });
  return out;
}

Counted Reader::count(const Query& query) {
  const Raw q(query);
  Why why;
  Counted out;
  out.status = table_.count(reader_, &q.query, &out.count, &why);
  out.why = why.text();
  return out;
}

Texts Reader::values(const std::string& stream, const std::string& attribute, std::uint64_t most) {
  Why why;
  Texts out;
  out.status = table_.values(reader_, borrowed(stream), borrowed(attribute), most, collect, &out.texts, &why);
  out.why = why.text();
  return out;
}

Journal::Journal(const std::string& plugin, const std::string& settings, const std::string& state_directory)
    : api_(*entry(plugin).api),
      table_(*static_cast<const dgm_journal*>(api_.query({DGM_EXT_JOURNAL, sizeof DGM_EXT_JOURNAL - 1}))) {
  if (api_.create(&host, nullptr, &instance_) < 0) throw std::runtime_error("create");
  dgm_config config{};
  config.size = sizeof config;
  config.settings = borrowed(settings);
  config.state = borrowed(state_directory);
  Why why;
  configured_.status = api_.configure(instance_, &config, &why);
  configured_.why = why.text();
}

Journal::~Journal() {
  table_.close(instance_);
  api_.destroy(instance_);
}

Answer Journal::open() {
  Why why;
  const dgm_status status = table_.open(instance_, &why);
  return {status, why.text()};
}

void Journal::close() {
  table_.close(instance_);
}

Appended Journal::append(const std::vector<Record>& records) {
  std::vector<std::vector<dgm_field>> fields;
  std::vector<dgm_record> list;
  for (const Record& r : records) {
    auto& of = fields.emplace_back();
    for (const auto& [name, value] : r.attributes) of.push_back({borrowed(name), borrowed(value)});
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Record& r = records[i];
    list.push_back({sizeof(dgm_record), 0, 0, r.time_ms, borrowed(r.stream), borrowed(r.id), borrowed(r.body),
                    fields[i].data(), fields[i].size()});
  }
  Appended out;
  out.positions.assign(records.size(), 0);
  std::vector<std::uint8_t> fresh(records.size(), 9);
  Why why;
  out.status = table_.append(instance_, list.data(), list.size(), out.positions.data(), fresh.data(), &why);
  out.why = why.text();
  out.fresh.assign(fresh.begin(), fresh.end());
  return out;
}

Removed Journal::trim(const std::string& stream, dgm_journal_retention retention) {
  Removed out;
  Why why;
  out.status = table_.trim(instance_, borrowed(stream), &retention, &out.removed, &why);
  out.why = why.text();
  return out;
}

Texts Journal::streams() {
  Texts out;
  Why why;
  out.status = table_.streams(instance_, collect, &out.texts, &why);
  out.why = why.text();
  return out;
}

Measured Journal::measure() {
  dgm_journal_size size{};
  size.size = sizeof size;
  Measured out;
  Why why;
  out.status = table_.measure(instance_, &size, &why);
  out.why = why.text();
  out.records = size.records;
  out.bytes = size.bytes;
  return out;
}

}  // namespace journals_test
