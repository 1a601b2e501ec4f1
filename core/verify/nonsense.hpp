// SPDX-License-Identifier: Apache-2.0
// What hostile or broken clients say.
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace dragoman::verify {

// Texts that parsers stumble over; valid UTF-8, all of them below 256 KiB.
const std::vector<std::string>& nonsense();

// Messages made of others by chance; the same seed gives the same ones.
class Fuzzer {
 public:
  Fuzzer(std::uint64_t seed, std::vector<std::string> corpus);
  // Valid UTF-8, below 64 KiB.
  std::string next();

 private:
  std::size_t below(std::size_t bound) { return bound ? static_cast<std::size_t>(random_() % bound) : 0; }
  std::mt19937_64 random_;
  std::vector<std::string> corpus_;
};

}  // namespace dragoman::verify
