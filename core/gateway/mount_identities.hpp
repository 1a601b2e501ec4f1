// SPDX-License-Identifier: Apache-2.0
// Whose the sessions of a mount are, on one shard: credentials become identities, which expire, change and are revoked
// while the session lives, and count against the quota of their user.
#pragma once
#include <dragoman/ext/auth.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/operations.hpp"
#include "gateway/session_notes.hpp"
#include "plugin/instance.hpp"
#include "service/authenticator.hpp"
#include "service/quotas.hpp"

namespace dragoman::gateway {

// A credential that was accepted before its session was there.
struct AcceptedCredential {
  CredentialHash hash{};
  service::IdentityPtr identity;
};

class MountIdentities {
 public:
  // authenticator: may be null. Everything outlives it.
  MountIdentities(service::Authenticator* authenticator, service::Quotas& quotas, net::Loop& loop,
                  Operations& operations, plugin::Instance& instance)
      : authenticator_(authenticator), quotas_(quotas), loop_(loop), operations_(operations), instance_(instance) {}

  // As dgm.auth/1 says. owner: the count of pending operations of the session, or of a request if session is null.
  dgm_status authenticate(std::uint32_t* owner, transport::Session* session, std::string_view credential,
                          std::uint32_t timeout_ms, dgm_auth_done done, void* user, dgm_op* op);
  // Counts a session of the identity's user in, for bind_admitted(); false: there are too many.
  bool admit(const AcceptedCredential& accepted);
  void bind_admitted(transport::Session& session, const AcceptedCredential& accepted);
  // Null: it is revoked.
  void credential_changed(const std::vector<transport::Session*>& sessions, const CredentialHash& hash,
                          const service::IdentityPtr& identity);
  // Its identity has expired, or is looked at again.
  void expire(transport::Session& session);
  // The session has ended.
  void release(transport::Session& session);

 private:
  // False: its user has too many sessions; the identity before stays.
  bool bind(transport::Session& session, const CredentialHash& hash, const service::IdentityPtr& identity);
  void keep(transport::Session& session, const CredentialHash& hash, const service::IdentityPtr& identity);
  void finish(dgm_op op, const CredentialHash& hash, service::AuthStatus status, const service::IdentityPtr& identity,
              std::string_view why);
  void watch_expiry(transport::Session& session);
  void tell(transport::Session& session, const service::Identity& identity, int why);

  service::Authenticator* authenticator_;
  service::Quotas& quotas_;
  net::Loop& loop_;
  Operations& operations_;
  plugin::Instance& instance_;
};

}  // namespace dragoman::gateway
