// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "gateway/front_door.hpp"

namespace dragoman::gateway {
namespace {

void refuse_quota(net::HttpConnection& connection, const service::Quotas::Verdict& verdict) {
  net::HttpResponse response = quota_answer(verdict);
  response.keep_alive = false;
  connection.respond(std::move(response));
}

}  // namespace

RequestView::RequestView(const net::HttpRequest& request, const net::HttpConnection& connection, std::string_view path)
    : peer(connection.peer()), c{} {
  headers.reserve(request.headers.size());
  for (const auto& [name, value] : request.headers)
    headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  c.size = sizeof c;
  c.flags = connection.encrypted() ? DGM_OPEN_TLS : 0;
  c.path = {path.data(), path.size()};
  c.query = {request.query.data(), request.query.size()};
  c.peer = {peer.data(), peer.size()};
  c.headers = headers.data();
  c.header_count = headers.size();
}

void FrontDoor::upgrade(net::HttpConnection& connection, const net::HttpRequest& request, ShardMount& mount,
                        Framing framing, std::string_view path) {
  const config::MountConfig& config = mount.shared().config;
  const net::Upgrade verdict = net::judge_upgrade(request, config.compression);
  if (verdict.kind != net::Upgrade::Kind::accept) {
    counters.refused_handshake.add();
    net::HttpResponse response = plain_answer(verdict.status, verdict.text);
    for (const auto& header : verdict.headers) response.headers.push_back(header);
    response.keep_alive = false;
    return connection.respond(std::move(response));
  }
  if (!mount.origin_allowed(request)) {
    counters.refused_origin.add();
    auto response = plain_answer(403, "this origin is not allowed");
    response.keep_alive = false;
    return connection.respond(std::move(response));
  }
  const RequestView head(request, connection, path);
  std::string text;
  const int answer = mount.instance().has_upgrade() ? mount.instance().upgrade(head.c, text) : 0;
  if (answer && answer != DGM_UPGRADE_AUTHENTICATE) return refuse(connection, answer, std::move(text));
  if (const auto quota = mount.admit(connection.peer()); !quota.admitted) {
    counters.refused_mount_full.add();
    return refuse_quota(connection, quota);
  }
  if (answer == DGM_UPGRADE_AUTHENTICATE)
    return authenticate({connection.shared_from_this(), request, mount, framing, std::string(path), verdict}, text);
  open_session(connection, mount, framing, verdict, head, nullptr);
}

void FrontDoor::refuse(net::HttpConnection& connection, int status, std::string text) {
  counters.refused_handshake.add();
  net::HttpResponse response = plain_answer(status, std::move(text));
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  response.keep_alive = false;
  connection.respond(std::move(response));
}

void FrontDoor::authenticate(Handshake handshake, std::string_view credential) {
  const auto connection = handshake.connection;
  ShardMount& mount = handshake.mount;
  const std::uint64_t id =
      mount.handshakes().check(credential, limits_.handshake_timeout_ms,
                               [this, handshake = std::move(handshake), hash = hash_of(credential)](
                                   service::AuthStatus status, service::IdentityPtr identity, std::string_view why) {
                                 authenticated(handshake, status, {hash, std::move(identity)}, why);
                               });
  on_client(*connection, {[&mount, id, life = mount.life(), peer = connection->peer()] {
                            if (mount.handshakes().forget(id)) mount.dismiss(peer);
                          },
                          {}});
  connection->watch();
}

void FrontDoor::authenticated(const Handshake& handshake, service::AuthStatus status,
                              const AcceptedCredential& accepted, std::string_view why) {
  net::HttpConnection& connection = *handshake.connection;
  ShardMount& mount = handshake.mount;
  if (status != service::AuthStatus::accepted) {
    mount.dismiss(connection.peer());
    return refuse(connection, status == service::AuthStatus::denied ? 401 : 503, std::string(why));
  }
  const IdentityView identity(*accepted.identity);
  RequestView head(handshake.request, connection, handshake.path);
  head.c.identity = &identity.c;
  std::string text;
  if (const int refusal = mount.instance().upgrade(head.c, text)) {
    mount.dismiss(connection.peer());
    return refuse(connection, refusal, std::move(text));
  }
  if (!mount.identities().admit(accepted)) {
    mount.dismiss(connection.peer());
    counters.refused_mount_full.add();
    return refuse_quota(connection, {false, service::Quota::connections_per_user, 0});
  }
  open_session(connection, mount, handshake.framing, handshake.verdict, head, &accepted);
}

void FrontDoor::open_session(net::HttpConnection& connection, ShardMount& mount, Framing framing,
                             const net::Upgrade& verdict, const RequestView& head, const AcceptedCredential* accepted) {
  counters.upgrades.add();
  std::string leftover;
  net::Stream stream = connection.upgrade(leftover);
  const iovec answer{const_cast<char*>(verdict.response.data()), verdict.response.size()};
  // A fresh socket takes this much; if it does not, its peer is gone and the session finds out.
  stream.write(&answer, 1);
  mount.open(std::move(stream), verdict.deflate_bits, framing == Framing::sockjs, std::move(leftover), head.c, accepted,
             shared_.connections);
}

}  // namespace dragoman::gateway
