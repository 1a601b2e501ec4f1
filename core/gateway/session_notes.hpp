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
  // Of a mount with limits; made with the first use.
  struct Counted {
    std::string user;          // empty: none
    std::string address;       // empty: addresses are not limited
    std::string http_address;  // among the sessions over HTTP
    base::SlidingWindow messages;
  };
  std::unique_ptr<Counted> counted;
};

// Null if there are none.
inline SessionNotes* notes_of(const transport::Session& session) {
  return static_cast<SessionNotes*>(session.attachment.get());
}

// Null if there is nothing.
inline const SessionNotes::Counted* counted_of(const transport::Session& session) {
  const SessionNotes* notes = notes_of(session);
  return notes ? notes->counted.get() : nullptr;
}

inline SessionNotes& make_notes(transport::Session& session) {
  if (!session.attachment) session.attachment = std::make_unique<SessionNotes>();
  return *notes_of(session);
}

inline SessionNotes::Counted& make_counted(transport::Session& session) {
  SessionNotes& notes = make_notes(session);
  if (!notes.counted) notes.counted = std::make_unique<SessionNotes::Counted>();
  return *notes.counted;
}

}  // namespace dragoman::gateway
