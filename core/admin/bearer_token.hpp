// SPDX-License-Identifier: Apache-2.0
// The one token of the admin API. The time that a check takes says nothing about the token but its length. Any thread.
#pragma once
#include <string>
#include <string_view>

namespace dragoman::admin {

class BearerToken {
 public:
  explicit BearerToken(std::string_view token) : expected_(token) {}
  // authorization: the header's value, "Bearer ..." (RFC 6750 section 2.1).
  bool matches(std::string_view authorization) const;

 private:
  std::string expected_;
};

}  // namespace dragoman::admin
