// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include <algorithm>

namespace wazo {

std::shared_ptr<const Acl> AclPool::get(const sdk::Identity& identity) {
  const auto grants = identity.grants();
  bool personal = false;
  std::string key;
  for (const auto grant : grants) {
    key.append(std::to_string(grant.size())).append(":").append(grant);
    personal = personal || grant.find("me") != grant.npos || grant.find("my_session") != grant.npos;
  }
  if (personal) key.append("|").append(identity.user()).append("|").append(identity.session());
  auto& known = known_[key];
  auto acl = known.lock();
  if (!acl) {
    acl = std::make_shared<const Acl>(grants, identity.user(), identity.session());
    known = acl;
  }
  if (known_.size() > sweep_at_) {
    std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = std::max<std::size_t>(64, known_.size() * 2);
  }
  return acl;
}

void Session::open(sdk::Client client, Common& common, const sdk::Open& open) {
  common_ = &common;
  const Query query = parse_query(open.query());
  // The version is judged before the token (wazo digest section 4).
  switch (judge_version(query.version)) {
    case VersionVerdict::unsupported:
      client.close(protocol_error);
      return;
    case VersionVerdict::not_a_number:
      client.close(internal_error);
      return;
    case VersionVerdict::v2:
      version_ = Version::v2;
      break;
    case VersionVerdict::v1:
      break;
  }
  std::string token = query.token.value_or("");
  if (token.empty()) token = open.header("X-Auth-Token").value_or("");
  if (token.empty()) {
    client.close(no_token, "no token");
    return;
  }
  authenticate(client, token, false);
}

void Session::authenticate(sdk::Client client, std::string_view token, bool renewal) {
  // Clients send commands without waiting; they keep their order behind this one.
  client.pause();
  const dgm_status status =
      client.authenticate(token, auth_timeout_ms,
                          [this, client, renewal](dgm_status result, const sdk::Identity* identity, std::string_view) {
                            if (result == DGM_OK) {
                              accepted(client, *identity, renewal);
                            } else if (result == DGM_E_DENIED) {
                              client.close(auth_failed, "authentication failed");
                            } else if (result == DGM_E_DROPPED) {
                              client.close(try_again_later, "too many sessions of this user");
                            } else if (result != DGM_E_CANCELED) {
                              if (common_->settings.auth_down_close == internal_error)
                                client.close(internal_error, "authentication server unavailable");
                              else
                                client.close(auth_failed, "authentication failed");
                            }
                          });
  if (status < 0) client.close(internal_error);
}

bool Session::take(const sdk::Identity& identity) {
  acl_ = common_->acls.get(identity);
  if (common_->settings.mode == Mode::headers) scope_ = std::make_unique<const Scope>(scope_of(identity));
  return acl_->allows("websocketd");
}

void Session::accepted(sdk::Client client, const sdk::Identity& identity, bool renewal) {
  if (!take(identity)) {
    client.close(auth_failed, "authentication failed");
    return;
  }
  if (!renewal && !client.host().bus_usable()) {
    client.close(internal_error, "bus connection error");
    return;
  }
  if (!renewal)
    client.send(init_reply(version_, common_->settings.v1_reply));
  else if (version_ == Version::v2 || !started_)
    reply(client, "token");
  client.resume();
}

void Session::identity_changed(sdk::Client client, const sdk::Identity& identity, sdk::IdentityChange why) {
  if (why != sdk::IdentityChange::renewed || !take(identity)) client.close(auth_expired, "authentication expired");
}

void Session::bus_lost(sdk::Client client) {
  client.close(internal_error, "bus connection lost");
}

void Session::reply(sdk::Client client, std::string_view op) {
  client.send(ok_reply(op, version_, common_->settings.v1_reply));
}

void Session::message(sdk::Client client, sdk::Opcode opcode, std::string_view text) {
  std::optional<Command> command;
  if (opcode == sdk::Opcode::text) command = parse_command(text);
  const bool v1 = version_ == Version::v1;
  if (command && v1 && common_->settings.v1_strict &&
      (std::holds_alternative<RenewToken>(*command) || std::holds_alternative<Ping>(*command)))
    command.reset();
  if (!command) {
    client.close(protocol_error);
    return;
  }
  if (const auto* c = std::get_if<Subscribe>(&*command)) {
    subscribe(client, c->event_name);
    if (!v1 || !started_) reply(client, "subscribe");
  } else if (std::holds_alternative<Start>(*command)) {
    const bool again = started_;
    started_ = true;
    if (!v1 || !again || common_->settings.v1_reply == V1Reply::upstream) reply(client, "start");
  } else if (const auto* renew = std::get_if<RenewToken>(&*command)) {
    authenticate(client, renew->token, true);
  } else if (!v1) {
    // The client's own text comes back in it.
    if (client.send(pong_reply(std::get<Ping>(*command).payload)) == DGM_E_TOO_LARGE)
      client.close(1009, "the payload is too large");
  }
}

void Session::subscribe(sdk::Client client, const std::string& event_name) {
  // An empty name is a legal subscription that matches nothing.
  const bool all = event_name == "*";
  if (event_name.empty() || (all ? all_names_ : std::find(names_.begin(), names_.end(), event_name) != names_.end()))
    return;
  const std::uint64_t variant = version_ == Version::v1 ? variant_v1 : variant_v2;
  if (!client.subscribe(common_->settings.channel, all ? "#" : event_name, !all, variant)) {
    client.log(sdk::LogLevel::warn, "subscription refused: too many");
    client.close(1008, "too many subscriptions");
    return;
  }
  if (all)
    all_names_ = true;
  else
    names_.push_back(event_name);
}

}  // namespace wazo
