// SPDX-License-Identifier: Apache-2.0
// A loop that the test turns, and a server for key sets that answers when the test wants.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "service/jwt/key_store.hpp"

namespace dragoman::service::jwt {

class TestLoop {
 public:
  TestLoop() { loop.adopt_thread(); }
  // Turns until the condition holds; false: it took too long.
  bool until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      loop.io().run_for(std::chrono::milliseconds(5));
    }
    return true;
  }
  // What is ready now.
  void turn() { loop.io().poll(); }

  net::Loop loop;
};

class TestServer {
 public:
  KeyStore::Fetch fetch() {
    return [this](const config::JwtKeyConfig& key, std::function<void(KeyStore::Answer)> done) {
      EXPECT_EQ(key.path, "/jwks.json");
      requests.push_back(std::move(done));
    };
  }
  // Of the oldest request that has none.
  void answer(std::string text) { reply({true, std::move(text)}); }
  void fail() { reply({false, "the server is gone"}); }

  std::vector<std::function<void(KeyStore::Answer)>> requests;
  std::size_t answered = 0;

 private:
  void reply(KeyStore::Answer answer) {
    ASSERT_LT(answered, requests.size());
    requests[answered++](std::move(answer));
  }
};

inline config::JwtKeyConfig fetched_key(std::uint32_t refresh_ms = 3'600'000) {
  config::JwtKeyConfig key;
  key.upstream = "idp";
  key.path = "/jwks.json";
  key.refresh_ms = refresh_ms;
  return key;
}

}  // namespace dragoman::service::jwt
