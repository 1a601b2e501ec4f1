// SPDX-License-Identifier: Apache-2.0
// What the classes of a journal throw; entry.hpp turns it into a status and a sentence.
#pragma once
#include <dragoman/plugin.h>

#include <stdexcept>
#include <string>

namespace journals {

class Failure : public std::runtime_error {
 public:
  // sentence: for the admin, without the full stop; never a secret.
  Failure(dgm_status status, const std::string& sentence) : std::runtime_error(sentence), status_(status) {}
  dgm_status status() const noexcept { return status_; }

 private:
  dgm_status status_;
};

}  // namespace journals
