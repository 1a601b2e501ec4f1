// SPDX-License-Identifier: Apache-2.0
// Stands for a credential in a session that holds it, so that the credential itself is kept nowhere: half of its
// SHA-256.
#pragma once
#include <array>
#include <string_view>

namespace dragoman::gateway {

using CredentialHash = std::array<unsigned char, 16>;

CredentialHash hash_of(std::string_view credential);

}  // namespace dragoman::gateway
