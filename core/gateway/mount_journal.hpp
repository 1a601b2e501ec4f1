// SPDX-License-Identifier: Apache-2.0
// What a mount's plugin asks of its journal, on one shard: names made the mount's own, answers brought back to the
// shard (dgm.journal/1).
#pragma once
#include <dragoman/ext/journal.h>

#include <string>

#include "event/receipt.hpp"
#include "gateway/operations.hpp"
#include "net/loop.hpp"
#include "plugin/instance.hpp"
#include "service/journal.hpp"

namespace dragoman::gateway {

class MountJournal {
 public:
  // journal: null if the mount has none. author: of what is appended. Everything outlives it.
  MountJournal(service::Journal* journal, const std::string& mount, std::uint32_t author, net::Loop& loop,
               Operations& operations, plugin::Instance& instance)
      : journal_(journal),
        prefix_(mount + "/"),
        author_(author),
        loop_(loop),
        operations_(operations),
        instance_(instance) {}

  bool there() const { return journal_ != nullptr; }

  // receipt: of the event that is being mapped, or null.
  dgm_status append(const dgm_record* records, std::size_t n, const event::ReceiptPtr& receipt,
                    dgm_journal_appended done, void* user);
  // owner: its count of pending operations, or null for the instance's own.
  dgm_status read(std::uint32_t* owner, const dgm_journal_query& query, dgm_journal_page done, void* user);
  dgm_status count(std::uint32_t* owner, const dgm_journal_query& query, dgm_journal_counted done, void* user);
  dgm_status values(std::uint32_t* owner, std::string_view stream, std::string_view attribute, dgm_journal_listed done,
                    void* user);

 private:
  service::RecordQuery query_of(const dgm_journal_query& from) const;
  // Starts an operation, and hands `start` what takes its answer back to the shard: answer(outcome, value), on any
  // thread. call(status, value, why) runs on the shard, inside the guard of the plugin.
  template <class Value, class Call, class Start>
  dgm_status ask(std::uint32_t* owner, Call call, Start start);

  service::Journal* journal_;
  std::string prefix_;
  const std::uint32_t author_;
  net::Loop& loop_;
  Operations& operations_;
  plugin::Instance& instance_;
};

}  // namespace dragoman::gateway
