// SPDX-License-Identifier: Apache-2.0
// One entry of the list of keys: a secret, a file, or a key set on a server.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/timer_wheel.hpp"
#include "config/configuration.hpp"
#include "service/jwt/key_reading.hpp"

namespace dragoman::service::jwt {

class KeyStore;

// What tells one state of a file from another.
struct FileMark {
  std::int64_t seconds = 0, nanoseconds = 0, size = -1;
  std::uint64_t inode = 0, device = 0;
  bool operator==(const FileMark&) const = default;
};
// Size -1: there is none.
FileMark mark_of(const std::string& path);

struct KeySource {
  KeySource(KeyStore& owner, const config::JwtKeyConfig& from, base::Timer::Fire fire)
      : store(owner), config(from), timer(fire, this) {}

  bool fetched() const { return !config.upstream.empty(); }
  bool file() const { return !config.pem.empty() || !config.jwks.empty(); }
  const std::string& path() const { return config.pem.empty() ? config.jwks : config.pem; }
  std::string name() const { return fetched() ? config.upstream + ":" + config.path : path(); }
  // From the text of the file or the answer; of a secret from the configuration.
  ReadKeys parse(const std::string& text) const;

  KeyStore& store;
  const config::JwtKeyConfig config;

  // The loop's thread.
  base::Timer timer;
  FileMark mark;
  std::string text;  // that the keys were read from
  bool fetching = false;
  unsigned failed_in_a_row = 0;
  std::vector<std::function<void()>> waiting;

  // Under the store's lock.
  std::vector<Key> keys;
  std::int64_t good_ms = -1;  // monotonic
  std::uint64_t refreshes = 0, failures = 0;
};

}  // namespace dragoman::service::jwt
