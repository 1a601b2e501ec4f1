// SPDX-License-Identifier: Apache-2.0
// A journal plugin as a host sees it: loaded from its file, used through its C tables.
#pragma once
#include <dragoman/ext/journal.h>

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace journals_test {

// "id", 7 -> "id7"
template <class Number>
std::string label(std::string text, Number n) {
  return text += std::to_string(n);
}

struct Answer {
  dgm_status status = DGM_OK;
  std::string why;
  bool ok() const { return status == DGM_OK; }
};
inline std::ostream& operator<<(std::ostream& out, const Answer& a) {
  return out << a.status << " " << a.why;
}

struct Record {
  std::string stream, id, body;
  std::int64_t time_ms = 0;
  std::vector<std::pair<std::string, std::string>> attributes;
};

struct Appended : Answer {
  std::vector<std::uint64_t> positions;
  std::vector<int> fresh;
};

struct Query {
  std::string stream;
  bool backwards = false;
  std::uint64_t after = 0;
  std::int64_t from_ms = 0, to_ms = 0;
  std::vector<std::pair<std::string, std::vector<std::string>>> filters;
  std::uint64_t skip = 0, limit = 1000000, max_bytes = 0;
};

struct Found {
  std::uint64_t position;
  std::int64_t time_ms;
  std::string stream, id, body;
  bool operator==(const Found&) const = default;
};

struct Read : Answer {
  std::vector<Found> records;
  std::vector<std::uint64_t> positions() const;
};
struct Counted : Answer {
  std::uint64_t count = 0;
};
struct Texts : Answer {
  std::vector<std::string> texts;
};
struct Removed : Answer {
  std::uint64_t removed = 0;
};
struct Measured : Answer {
  std::uint64_t records = 0, bytes = 0;
};

class Reader {
 public:
  Reader(const dgm_journal& table, void* instance);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  const Answer& opened() const { return opened_; }
  Read read(const Query& query);
  // Below 0 from each ends the read.
  Answer read(const Query& query, const std::function<dgm_status(const dgm_record&)>& each);
  Counted count(const Query& query);
  Texts values(const std::string& stream, const std::string& attribute, std::uint64_t most = 1000);
  void* raw() const { return reader_; }

 private:
  const dgm_journal& table_;
  void* reader_ = nullptr;
  Answer opened_;
};

class Journal {
 public:
  // plugin: the name of its file without ".so".
  Journal(const std::string& plugin, const std::string& settings, const std::string& state_directory = "");
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  const Answer& configured() const { return configured_; }
  Answer open();
  void close();
  Appended append(const std::vector<Record>& records);
  Removed trim(const std::string& stream, dgm_journal_retention retention);
  Texts streams();
  Measured measure();
  Reader reader() { return {table_, instance_}; }
  const dgm_journal& table() const { return table_; }
  void* raw() const { return instance_; }

 private:
  const dgm_plugin_api& api_;
  const dgm_journal& table_;
  void* instance_ = nullptr;
  Answer configured_;
};

const dgm_plugin_entry& entry(const std::string& plugin);
// Host memory for `why`, which begins without any.
class Why : public dgm_writer {
 public:
  explicit Why(std::size_t limit = 65536);
  std::string text() const { return {ptr ? ptr : "", len}; }

 private:
  std::vector<char> memory_;
  std::size_t limit_;
};

// No bound is set, and everything may go in one call.
dgm_journal_retention retention();

}  // namespace journals_test
