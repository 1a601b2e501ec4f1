// SPDX-License-Identifier: Apache-2.0
// Parts of an identity from JSON that an issuer or a server has made. Any thread.
#pragma once
#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "service/identity.hpp"

namespace dragoman::service {

// Thrown for a part that is too long or of the wrong kind.
struct MalformedIdentity {};

// The first that the pointers find, null if there is none.
const boost::json::value* value_at(const boost::json::value& document, const config::ClaimPointers& pointers);
// All but claims and expiry.
Identity read_identity(const boost::json::value& document, const config::IdentityPointers& pointers);

}  // namespace dragoman::service
