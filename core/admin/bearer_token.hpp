// SPDX-License-Identifier: Apache-2.0
// The one token of the admin API. The time that a check takes says nothing about the token. Any thread.
#pragma once
#include <array>
#include <string_view>

namespace dragoman::admin {

class BearerToken {
 public:
  explicit BearerToken(std::string_view token);
  // authorization: the header's value, "Bearer ..." (RFC 6750 section 2.1).
  bool matches(std::string_view authorization) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  static Digest digest(std::string_view text);
  Digest expected_;
};

}  // namespace dragoman::admin
