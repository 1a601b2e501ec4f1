// SPDX-License-Identifier: Apache-2.0
#include "gateway/mount_identities.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "gateway/shard_mount.hpp"

namespace dragoman::gateway {
namespace {

// Who has no name is known by the credential.
std::string user_of(const service::Identity& identity, const CredentialHash& hash) {
  if (!identity.user.empty()) return identity.user;
  if (!identity.id.empty()) return identity.id;
  return {hash.begin(), hash.end()};
}

}  // namespace

dgm_status MountIdentities::authenticate(std::uint32_t* owner, transport::Session* session, std::string_view credential,
                                         std::uint32_t timeout_ms, dgm_auth_done done, void* user, dgm_op* out) {
  if (!authenticator_) return DGM_E_UNSUPPORTED;
  const dgm_op op = operations_.start_auth(owner, session, timeout_ms, done, user);
  if (!op) return DGM_E_DROPPED;
  if (out) *out = op;
  authenticator_->authenticate(credential,
                               [this, op, life = operations_.life(), hash = hash_of(credential)](
                                   service::AuthStatus status, service::IdentityPtr identity, std::string_view why) {
                                 loop_.post([this, op, life, hash, status, identity = std::move(identity),
                                             why = std::string(why)] { finish(op, hash, status, identity, why); });
                               });
  return DGM_OK;
}

void MountIdentities::finish(dgm_op op, const CredentialHash& hash, service::AuthStatus status,
                             const service::IdentityPtr& identity, std::string_view why) {
  if (!operations_.auth_pending(op)) return;
  transport::Session* session = operations_.auth_session(op);
  switch (status) {
    case service::AuthStatus::accepted:
      if (!session || bind(*session, hash, identity)) return operations_.finish_auth(op, DGM_OK, identity.get(), {});
      return operations_.finish_auth(op, DGM_E_DROPPED, nullptr, "Too many connections of this user");
    case service::AuthStatus::denied:
      return operations_.finish_auth(op, DGM_E_DENIED, nullptr, why);
    case service::AuthStatus::unavailable:
      return operations_.finish_auth(op, DGM_E_UNAVAILABLE, nullptr, why);
  }
}

bool MountIdentities::bind(transport::Session& session, const CredentialHash& hash,
                           const service::IdentityPtr& identity) {
  if (quotas_.limits_users()) {
    const std::string user = user_of(*identity, hash);
    std::string& before = make_counted(session).user;
    if (user != before) {
      if (!quotas_.add_user(user)) return false;
      if (!before.empty()) quotas_.remove_user(before);
      before = user;
    }
  }
  keep(session, hash, identity);
  return true;
}

bool MountIdentities::admit(const AcceptedCredential& accepted) {
  return !quotas_.limits_users() || quotas_.add_user(user_of(*accepted.identity, accepted.hash));
}

void MountIdentities::bind_admitted(transport::Session& session, const AcceptedCredential& accepted) {
  if (quotas_.limits_users()) make_counted(session).user = user_of(*accepted.identity, accepted.hash);
  keep(session, accepted.hash, accepted.identity);
}

void MountIdentities::keep(transport::Session& session, const CredentialHash& hash,
                           const service::IdentityPtr& identity) {
  SessionNotes& notes = make_notes(session);
  notes.credential_hash = hash;
  notes.identity = identity;
  watch_expiry(session);
}

void MountIdentities::release(transport::Session& session) {
  SessionNotes* notes = notes_of(session);
  if (!notes) return;
  if (notes->counted && !notes->counted->user.empty()) {
    quotas_.remove_user(notes->counted->user);
    notes->counted->user.clear();
  }
  notes->identity.reset();
  notes->expiry.reset();
}

void MountIdentities::watch_expiry(transport::Session& session) {
  SessionNotes& notes = *notes_of(session);
  const std::int64_t expires = notes.identity->expires_ms;
  if (!expires) {
    notes.expiry.reset();
    return;
  }
  if (!notes.expiry)
    notes.expiry = std::make_unique<base::Timer>(
        [](void* s) {
          auto& expired = *static_cast<transport::Session*>(s);
          static_cast<ShardMount&>(expired.host()).identities().expire(expired);
        },
        &session);
  // The wall clock may be set meanwhile: look again at least once a minute.
  loop_.arm(*notes.expiry, std::clamp<std::int64_t>(expires - base::unix_ms(), 0, 60000));
}

void MountIdentities::expire(transport::Session& session) {
  const service::IdentityPtr identity = notes_of(session)->identity;
  if (identity->expires_ms > base::unix_ms()) return watch_expiry(session);
  tell(session, *identity, DGM_IDENTITY_EXPIRED);
}

void MountIdentities::tell(transport::Session& session, const service::Identity& identity, int why) {
  if (session.closing()) return;
  if (!instance_.has_identity()) {
    if (why != DGM_IDENTITY_RENEWED) session.close(1008, "credentials expired", transport::End::expired);
    return;
  }
  const IdentityView v(identity);
  instance_.session_identity(session.id, session.state, v.c, why);
}

void MountIdentities::credential_changed(const std::vector<transport::Session*>& sessions, const CredentialHash& hash,
                                         const service::IdentityPtr& identity) {
  for (transport::Session* session : sessions) {
    const SessionNotes* notes = notes_of(*session);
    if (!notes || !notes->identity || notes->credential_hash != hash || notes->identity == identity) continue;
    if (!identity) {
      const service::IdentityPtr revoked = notes->identity;
      tell(*session, *revoked, DGM_IDENTITY_REVOKED);
    } else if (bind(*session, hash, identity)) {
      tell(*session, *identity, DGM_IDENTITY_RENEWED);
    } else {
      session->close(1008, "too many connections of this user", transport::End::quota);
    }
  }
}

}  // namespace dragoman::gateway
