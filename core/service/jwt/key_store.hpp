// SPDX-License-Identifier: Apache-2.0
// The keys of an authenticator from all its sources, and how they are kept up to date: files are read again when they
// change, key sets on servers are fetched again in time, and both when a token names a key that is not known, at a
// bounded rate. Keys that cannot be refreshed go on being used.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "config/configuration.hpp"
#include "net/loop.hpp"
#include "service/jwt/key_reading.hpp"
#include "service/jwt/key_source.hpp"

namespace dragoman::service::jwt {

struct Timing {
  std::int64_t look_again_ms = 5'000;  // between two refreshes because of unknown keys
  std::int64_t file_ms = 2'000;        // between two looks at a file
  std::int64_t retry_ms = 1'000;       // after a failure, doubled with each up to
  std::int64_t longest_retry_ms = 30'000;
};

// Of a source that changes.
struct KeyFigures {
  std::string source;
  std::int64_t age_ms = -1;  // since the keys were last known to be good; negative: they never were
  std::size_t keys = 0;
  std::uint64_t refreshes = 0, failures = 0;
};

class KeyStore {
 public:
  struct Answer {
    bool good = false;
    std::string text;  // or why there is none
  };
  // Called on the loop; the answer comes there too, later, or never when the loop ends.
  using Fetch = std::function<void(const config::JwtKeyConfig&, std::function<void(Answer)>)>;
  using Looked = std::function<void()>;

  KeyStore(std::string authenticator, const std::vector<config::JwtKeyConfig>& keys, Timing timing);
  ~KeyStore();

  // Reads secrets and files. Returns the numbers of the keys that are wrong, and what is.
  std::vector<std::pair<std::size_t, std::string>> load();
  // On the loop, which outlives the store.
  void start(net::Loop& loop, Fetch fetch);
  // After it nothing is looked at for anybody. Any thread.
  void stop();

  // Any thread.
  KeySetPtr keys() const;
  // For somebody who misses a key among those of that generation. done comes exactly once, perhaps inside the call, on
  // any thread: when there are others, all sources were looked at, or nobody will look now.
  void look_again(std::uint64_t generation, Looked done);
  std::vector<KeyFigures> figures() const;

 private:
  void look();
  void refresh(KeySource& source, std::function<void()> done);
  void read(KeySource& source);
  void answered(KeySource& source, const Answer& answer);
  void take(KeySource& source, const std::string& text);
  void failed(KeySource& source, const std::string& why);
  void arm(KeySource& source);
  void publish();

  const std::string authenticator_;
  const Timing timing_;
  net::Loop* loop_ = nullptr;
  Fetch fetch_;
  std::vector<std::unique_ptr<KeySource>> sources_;

  mutable std::mutex mutex_;
  KeySetPtr keys_ = std::make_shared<const KeySet>();
  std::vector<Looked> waiting_;
  std::int64_t next_look_ms_ = 0;
  bool looking_ = false, running_ = false;
};

}  // namespace dragoman::service::jwt
