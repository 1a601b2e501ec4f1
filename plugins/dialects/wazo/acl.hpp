// SPDX-License-Identifier: Apache-2.0
// Access control lists as wazo-auth tokens carry them (wazo digest section 7).
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace wazo {

// Immutable once made.
class Acl {
 public:
  Acl() = default;
  // user replaces a whole segment `me`, session one that is `my_session`; empty: no replacement.
  Acl(const std::vector<std::string_view>& entries, std::string_view user, std::string_view session);
  // Any negative entry that matches refuses; otherwise any positive one that matches allows.
  bool allows(std::string_view required) const;

 private:
  // A pattern as alternatives per segment: "me" is {"me", user}.
  struct Pattern {
    explicit Pattern(std::vector<std::vector<std::string>> alternatives);
    bool matches(std::string_view text) const;

    std::vector<std::vector<std::string>> segments;
    std::string prefix;                                             // what a text begins with that matches
    enum class Rest { none, anything, pattern } rest = Rest::none;  // what comes behind it
  };
  std::vector<Pattern> positive_, negative_;
};

}  // namespace wazo
