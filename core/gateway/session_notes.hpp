// SPDX-License-Identifier: Apache-2.0
// What a mount remembers of a session that few sessions need: made with the first of it.
#pragma once
#include <memory>
#include <string>

#include "base/sliding_window.hpp"
#include "base/timer_wheel.hpp"
#include "gateway/credential_hash.hpp"
#include "service/identity.hpp"
#include "transport/session.hpp"

namespace dragoman::gateway {

struct SessionNotes final : transport::Session::Attachment {
  // Of a credential that was accepted.
  CredentialHash credential_hash{};
  service::IdentityPtr identity;
  std::unique_ptr<base::Timer> expiry;
  std::string user;          // counted in the quotas; empty: none
  std::string address;       // counted in the quotas
  std::string http_address;  // counted among the sessions over HTTP
  base::SlidingWindow messages;
};

// Null if there are none.
inline SessionNotes* notes_of(const transport::Session& session) {
  return static_cast<SessionNotes*>(session.attachment.get());
}

inline SessionNotes& make_notes(transport::Session& session) {
  if (!session.attachment) session.attachment = std::make_unique<SessionNotes>();
  return *notes_of(session);
}

}  // namespace dragoman::gateway
