// SPDX-License-Identifier: Apache-2.0
// The HTTP API (kazoo digest section 8): bindings there are, sockets of an account, one socket.
#pragma once
#include <dragoman/sdk.hpp>
#include <string>
#include <string_view>

#include "session.hpp"

namespace kazoo {

// One request, until it is answered.
class ApiRequest {
 public:
  static void declare_routes(const sdk::Host& host);

  void open(sdk::HttpCall call, const Shard& shard, const sdk::HttpRequest& request);

 private:
  void list_sockets(sdk::HttpCall call);
  void add_group(sdk::HttpCall call, const std::string& group, std::string found, bool complete, bool last);
  void show_socket(sdk::HttpCall call);
  void answer(sdk::HttpCall call, unsigned status, std::string_view members) const;
  void succeed(sdk::HttpCall call, std::string_view data, bool complete = true) const;
  void fail(sdk::HttpCall call, unsigned status, std::string_view text, std::string_view cause = {}) const;

  const Shard* shard_ = nullptr;
  std::string token_;
  std::string own_, account_, socket_;  // account of the token, account and socket of the path
};

}  // namespace kazoo
