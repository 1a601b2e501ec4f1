// SPDX-License-Identifier: Apache-2.0
// A journal plugin as the store of a journal: its life and its table, with the guards that every plugin gets.
#pragma once
#include <dragoman/ext/journal.h>

#include <memory>
#include <string>

#include "plugin/handshake.hpp"
#include "service/journal_store.hpp"

namespace dragoman::plugin {

class JournalInstance final : public service::JournalStore {
 public:
  // plugin->journal is there. name: of the journal in the configuration.
  JournalInstance(std::shared_ptr<const Plugin> plugin, std::string name, std::string state_directory);
  ~JournalInstance() override;
  JournalInstance(const JournalInstance&) = delete;
  JournalInstance& operator=(const JournalInstance&) = delete;

  // Creates, configures and, unless check_only, starts it. A sentence for the admin, or nothing when it went well.
  std::string prepare(std::string_view settings, bool check_only);

  // service::JournalStore
  service::JournalOutcome open() override;
  service::JournalOutcome append(const std::vector<const service::Record*>& records,
                                 std::vector<std::uint8_t>& fresh) override;
  service::JournalOutcome trim(std::string_view stream, const service::Retention& retention, std::int64_t now_ms,
                               std::uint64_t most, std::uint64_t& removed) override;
  service::JournalOutcome streams(std::vector<std::string>& out) override;
  service::JournalOutcome measure(std::uint64_t& records, std::uint64_t& bytes) override;
  service::JournalOutcome open_reader(std::unique_ptr<service::RecordReader>& out) override;
  void close() override;

  const std::string& name() const { return name_; }
  const Plugin& plugin() const { return *plugin_; }

 private:
  std::shared_ptr<const Plugin> plugin_;
  std::string name_, state_directory_;
  void* inst_ = nullptr;
  bool started_ = false, opened_ = false;
};

}  // namespace dragoman::plugin
