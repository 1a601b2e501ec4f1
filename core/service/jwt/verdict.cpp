// SPDX-License-Identifier: Apache-2.0
#include "service/jwt/verdict.hpp"

#include <array>

namespace dragoman::service::jwt {
namespace {

struct Words {
  const char *name, *sentence;
};

// Clients may depend on the sentences.
constexpr std::array<Words, outcomes> words = {{{"accepted", ""},
                                                {"malformed", "Token is malformed"},
                                                {"algorithm", "Algorithm is not allowed"},
                                                {"unknown_key", "Key of the token is not known"},
                                                {"signature", "Signature verification failed"},
                                                {"expired", "Token has expired"},
                                                {"not_yet_valid", "Token is not valid yet"},
                                                {"audience", "Token is for another audience"},
                                                {"issuer", "Token is from another issuer"},
                                                {"missing_claim", ""},
                                                {"unavailable", "Tokens cannot be verified at the moment"}}};

}  // namespace

const char* name(Outcome outcome) {
  return words[static_cast<std::size_t>(outcome)].name;
}

Verdict refusal(Outcome outcome) {
  return {outcome, words[static_cast<std::size_t>(outcome)].sentence, nullptr};
}

Verdict missing_claim(const std::string& claim) {
  return {Outcome::missing_claim, "Claim " + claim + " is missing", nullptr};
}

}  // namespace dragoman::service::jwt
