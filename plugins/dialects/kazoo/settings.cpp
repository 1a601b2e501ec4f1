// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <unistd.h>

#include <boost/json.hpp>
#include <stdexcept>

namespace kazoo {
namespace {

namespace json = boost::json;

UnknownAction unknown_action(const std::string& name) {
  if (name == "success") return UnknownAction::success;
  if (name == "silent") return UnknownAction::silent;
  return UnknownAction::error;
}

std::string host_name() {
  char name[256];
  return gethostname(name, sizeof name) == 0 ? std::string(name, strnlen(name, sizeof name)) : "localhost";
}

// What depends on more than one setting.
void check(const Settings& s) {
  const auto refuse = [](const char* sentence) { throw std::runtime_error(sentence); };
  if (s.crossbar.empty()) {
    if (s.tokens_at_crossbar) refuse("settings.token_check is crossbar; name its upstream in settings.crossbar");
    if (s.accounts_at_crossbar) refuse("settings.account_check is crossbar; name its upstream in settings.crossbar");
    if (s.crossbar_tunnel) refuse("settings.crossbar_tunnel needs an upstream; name it in settings.crossbar");
  }
  if (s.enforce_token_expiry && s.tokens_at_crossbar)
    refuse("settings.enforce_token_expiry needs settings.token_check: authenticator");
  if (const std::string account = s.accounts.in_circle(); !account.empty())
    throw std::runtime_error("settings.accounts: the parents of " + account + " lead in a circle");
}

}  // namespace

Settings parse_settings(std::string_view given) {
  const json::object o = json::parse({given.data(), given.size()}).as_object();
  const auto yes = [&](const char* key) { return o.at(key).as_bool(); };
  const auto text = [&](const char* key) { return json::value_to<std::string>(o.at(key)); };
  const auto time = [&](const char* key) { return std::chrono::milliseconds(o.at(key).to_number<std::int64_t>()); };
  Settings s;
  s.bindings.modules = json::value_to<std::vector<std::string>>(o.at("modules"));
  s.bindings.strict_conference = yes("strict_conference");
  s.bindings.presence_short_keys = yes("presence_short_keys");
  s.tokens_at_crossbar = text("token_check") == "crossbar";
  s.accounts_at_crossbar = text("account_check") == "crossbar";
  s.crossbar = text("crossbar");
  for (const auto& [id, account] : o.at("accounts").as_object())
    s.accounts.add(id, json::value_to<std::string>(account.at("parent")),
                   json::value_to<std::string>(account.at("realm")));
  s.system_account = text("system_account");
  s.request_timeout = time("request_timeout");
  s.max_bucket_tokens = o.at("max_bucket_tokens").to_number<std::uint32_t>();
  s.tokens_fill_rate = o.at("tokens_fill_rate").to_number<std::uint32_t>();
  s.max_bindings_per_socket = o.at("max_bindings_per_socket").to_number<std::size_t>();
  s.idle_timeout = time("idle_timeout");
  s.node = text("node");
  if (s.node.empty()) s.node = host_name();
  s.version = text("version");
  s.allow_subprotocol = yes("allow_subprotocol");
  s.accept_bindings_array = yes("accept_bindings_array");
  s.default_account_from_token = yes("default_account_from_token");
  s.unsubscribe_all = yes("unsubscribe_all");
  s.unknown_action = unknown_action(text("unknown_action"));
  s.close_on_bad_json = yes("close_on_bad_json");
  s.ping_requires_auth = yes("ping_requires_auth");
  s.repeat_expanded_bindings = yes("repeat_expanded_bindings");
  s.enforce_token_expiry = yes("enforce_token_expiry");
  s.crossbar_tunnel = yes("crossbar_tunnel");
  s.answer_crossbar = yes("answer_crossbar");
  check(s);
  return s;
}

}  // namespace kazoo
