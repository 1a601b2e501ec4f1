// SPDX-License-Identifier: Apache-2.0
#include "ingest_token.hpp"

#include <algorithm>
#include <cstddef>

namespace honeytrap {
namespace {

bool same_scheme(std::string_view given, std::string_view lower) {
  return std::equal(given.begin(), given.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

}  // namespace

bool may_ingest(std::string_view token, std::string_view authorization) {
  const std::size_t space = authorization.find(' ');
  if (token.empty() || space == authorization.npos) return false;
  const std::string_view scheme = authorization.substr(0, space);
  if (!same_scheme(scheme, "token") && !same_scheme(scheme, "bearer")) return false;
  std::string_view secret = authorization.substr(space);
  secret.remove_prefix(std::min(secret.find_first_not_of(' '), secret.size()));
  unsigned difference = secret.size() == token.size() ? 0 : 1;
  for (std::size_t i = 0; i < secret.size(); ++i)
    difference |= static_cast<unsigned char>(secret[i] ^ token[i % token.size()]);
  return difference == 0;
}

}  // namespace honeytrap
