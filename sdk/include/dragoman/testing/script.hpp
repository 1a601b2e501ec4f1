// SPDX-License-Identifier: Apache-2.0
// What a test tells the fake host, and what it reads from it. Plain values that own what they hold.
#pragma once
#include <dragoman/ext/auth.h>
#include <dragoman/plugin.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dragoman::testing {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Options {
  unsigned shards = 1;  // the first is the home shard
  std::string mount = "test";
  std::string limits = "{}";  // JSON, as dgm_config.limits
  std::string state_directory = ".";
  bool journal = false;                // the mount has one
  bool plain_listener = true;          // DGM_CONFIG_PLAIN
  std::size_t queue_bytes = 1u << 20;  // of one client; DGM_PRESSURE from the half of it
  bool echo_published = true;          // what the plugin publishes comes back as an event of the bus
  // A host that knows less: the table of this id says and has only so many bytes; 0: there is none.
  std::map<std::string, std::uint32_t> tables;
  std::uint16_t abi_minor = DGM_ABI_MINOR;
};

struct Event {
  std::string channel, key, body;
  std::string content_type = "application/json";
  std::string id;
  Fields attributes;
  std::int64_t time_ms = 0;  // 0: the clock's
};

struct Message {
  std::int32_t opcode = DGM_TEXT;
  std::string payload;
  bool keep = false;  // of an event: encode() set DGM_WRITE_KEEP
  bool operator==(const Message&) const = default;
};

struct Close {
  std::uint16_t code = 0;
  std::string reason;
  bool operator==(const Close&) const = default;
};

struct Identity {
  std::string id, user, tenant, account, session;
  std::vector<std::string> grants;
  std::string claims = "{}";
  std::int64_t expires_ms = 0;
};

// Of the scripted authenticator.
struct AuthAnswer {
  dgm_status status = DGM_OK;
  Identity identity;
  std::string why;
};
using Authenticator = std::function<AuthAnswer(const std::string& credential)>;

// A request to a scripted upstream, and its answer.
struct UpstreamRequest {
  std::string method, path, body;
  Fields headers;
};
struct UpstreamAnswer {
  unsigned http_status = 200;
  std::string body;
  Fields headers;
  dgm_status status = DGM_OK;  // below 0: there is no answer
  std::string why;
};
using Upstream = std::function<UpstreamAnswer(const UpstreamRequest&)>;

struct Registered {
  std::string id, group, data;
};

// An identity in the form of the boundary; borrows from the one it is made of.
class IdentityView {
 public:
  explicit IdentityView(const Identity& from) {
    const auto raw = [](const std::string& s) { return dgm_str{s.data(), s.size()}; };
    for (const auto& grant : from.grants) grants_.push_back(raw(grant));
    c_.size = sizeof c_;
    c_.id = raw(from.id), c_.user = raw(from.user), c_.tenant = raw(from.tenant);
    c_.account = raw(from.account), c_.session = raw(from.session);
    c_.grants = grants_.data();
    c_.grant_count = grants_.size();
    c_.claims = raw(from.claims);
    c_.expires_ms = from.expires_ms;
  }
  IdentityView(const IdentityView&) = delete;
  IdentityView& operator=(const IdentityView&) = delete;
  const dgm_identity& c() const { return c_; }

 private:
  std::vector<dgm_str> grants_;
  dgm_identity c_{};
};

}  // namespace dragoman::testing
