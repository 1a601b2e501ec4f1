// SPDX-License-Identifier: Apache-2.0
// The HTTP requests that a mount's dialect is answering, on one shard (dgm.http/1).
#pragma once
#include <dragoman/ext/http.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/slot_table.hpp"
#include "gateway/operations.hpp"
#include "net/http_connection.hpp"
#include "plugin/instance.hpp"

namespace dragoman::gateway {

class MountRequests {
 public:
  MountRequests(std::uint8_t shard, net::Loop& loop, Operations& operations, plugin::Instance& instance)
      : table_(shard), loop_(loop), operations_(operations), instance_(instance) {}
  ~MountRequests() { abort_all(); }

  // Hands a request to the dialect; path: below the mount. Until it is answered the connection has this id, for gone()
  // and writable(); 0: answered already.
  dgm_request open(const std::shared_ptr<net::HttpConnection>& connection, const net::HttpRequest& request,
                   std::string_view path);
  bool none() const { return table_.size() == 0; }
  void abort_all();
  void gone(dgm_request id);
  void writable(dgm_request id);

  dgm_status respond(dgm_request id, net::HttpResponse response);
  dgm_status begin(dgm_request id, net::HttpResponse head);
  dgm_status part(dgm_request id, std::string_view data);
  dgm_status end(dgm_request id);
  dgm_status abort(dgm_request id);

  // The count of pending operations of a request; null if it has ended.
  std::uint32_t* owner(dgm_request id);

 private:
  struct Request {
    dgm_request id = 0;
    std::shared_ptr<net::HttpConnection> connection;
    void* state = nullptr;
    std::uint32_t pending_operations = 0;
    bool head_only = false, begun = false, ending = false;
  };
  // Sessions have ids without this bit, so an owner is one or the other.
  static constexpr dgm_request mark = dgm_request{1} << 63;

  Request* find(dgm_request id);
  // The dialect hears of it in a later turn: it may be inside a call.
  void finish(Request& request);
  void close(dgm_request id);

  base::SlotTable<Request*> table_;
  net::Loop& loop_;
  Operations& operations_;
  plugin::Instance& instance_;
};

}  // namespace dragoman::gateway
