// SPDX-License-Identifier: Apache-2.0
#include "config/typed.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "base/rfc3339.hpp"
#include "config/files.hpp"
#include "config/header_name.hpp"
#include "config/json_members.hpp"
#include "config/mount_limits.hpp"
#include "config/units.hpp"

namespace dragoman::config {
namespace {

namespace json = boost::json;

std::vector<std::string> texts(const json::object& from, std::string_view key) {
  std::vector<std::string> out;
  for (const json::value& value : from.at({key.data(), key.size()}).as_array()) out.emplace_back(value.as_string());
  return out;
}

// One text or a list of them; left as it is when the key is absent.
void set_texts(const json::object& from, std::string_view key, std::vector<std::string>& to) {
  const json::value* value = from.if_contains({key.data(), key.size()});
  if (!value) return;
  to = value->is_array() ? texts(from, key) : std::vector<std::string>{std::string(value->as_string())};
}

json::object object(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains({key.data(), key.size()});
  return value ? value->as_object() : json::object();
}

class Builder {
 public:
  Builder(const Locations& locations, const std::string& state) : locations_(locations), state_(state) {}

  Configuration build(const json::object& root) {
    Configuration out;
    set(root, "threads", out.threads);
    out.state_directory = state_.empty() ? file_path(root, "state", "state") : state_;
    set(root, "shutdown_timeout", out.shutdown_timeout_ms);
    set(root, "mailbox_bytes", out.mailbox_bytes);
    out.log.level = text(root.at("log").as_object(), "level");
    const json::object& plugins = root.at("plugins").as_object();
    out.plugins.directory = file_path(plugins, "directory", "plugins.directory");
    set(plugins, "slow_call", out.plugins.slow_call_ms);
    for (const auto& entry : root.at("listeners").as_object())
      out.listeners.push_back(listener(entry.key(), entry.value().as_object(), out.state_directory));
    for (const auto& entry : root.at("buses").as_object()) {
      const json::object& from = entry.value().as_object();
      out.buses.push_back({entry.key(), text(from, "plugin"), object(from, "settings"),
                           child_path(child_path("buses", entry.key()), "settings")});
    }
    for (const auto& entry : root.at("journals").as_object())
      out.journals.push_back(journal(entry.key(), entry.value().as_object()));
    for (const auto& entry : root.at("upstreams").as_object())
      out.upstreams.push_back(upstream(entry.key(), entry.value().as_object()));
    for (const auto& entry : root.at("authenticators").as_object())
      out.authenticators.push_back(authenticator(entry.key(), entry.value().as_object()));
    for (const auto& entry : root.at("mounts").as_object()) {
      out.mounts.push_back(mount(entry.key(), entry.value().as_object()));
      if (out.mounts.back().bus.empty()) out.mounts.back().bus = out.buses.front().name;
    }
    for (const auto& entry : root.at("translations").as_object()) {
      const json::object& from = entry.value().as_object();
      out.translations.push_back({entry.key(), from.at("match").as_object(), from.at("events").as_array()});
    }
    const json::object& limits = root.at("translation_limits").as_object();
    set(limits, "events", out.translation_limits.events);
    set(limits, "event_bytes", out.translation_limits.event_bytes);
    if (const json::value* value = root.if_contains("cluster")) out.cluster = cluster(value->as_object());
    const json::object& reload = root.at("reload").as_object();
    set(reload, "drain_rate", out.reload.drain_rate);
    set(reload, "drain_deadline", out.reload.drain_deadline_ms);
    if (const json::value* value = root.if_contains("admin")) out.admin = admin(value->as_object());
    out.locations = locations_;
    return out;
  }

 private:
  // A path in a configuration file is meant relative to that file; a default is absolute or empty.
  std::string file_path(const json::object& from, std::string_view key, const std::string& path) const {
    std::string written = text(from, key);
    return written.empty() ? written : relative_to(locations_.value(path).file, written);
  }

  ListenerConfig listener(std::string name, const json::object& from, const std::string& state) const {
    ListenerConfig out;
    out.name = std::move(name);
    out.address = text(from, "address");
    set(from, "backlog", out.backlog);
    out.unix_mode = static_cast<unsigned>(std::stoul(text(from, "unix_mode"), nullptr, 8));
    set(from, "handshake_timeout", out.handshake_timeout_ms);
    set(from, "idle_timeout", out.idle_timeout_ms);
    set(from, "header_bytes", out.header_bytes);
    set(from, "tcp_user_timeout", out.tcp_user_timeout_ms);
    set(from, "max_connections", out.max_connections);
    out.trusted_proxies = texts(from, "trusted_proxies");
    set(from, "proxy_protocol", out.proxy_protocol);
    out.forwarded_header = text(from, "forwarded_header");
    if (const json::value* value = from.if_contains("tls")) out.tls = tls(value->as_object(), out.name, state);
    return out;
  }

  TlsConfig tls(const json::object& from, const std::string& listener_name, const std::string& state) const {
    const std::string path = child_path(child_path("listeners", listener_name), "tls");
    TlsConfig out;
    set(from, "self_signed", out.self_signed);
    out.minimum_version = text(from, "minimum_version");
    out.certificate = file_path(from, "certificate", child_path(path, "certificate"));
    out.key = file_path(from, "key", child_path(path, "key"));
    const std::filesystem::path own = std::filesystem::path(state) / "tls";
    if (out.certificate.empty()) out.certificate = (own / (listener_name + ".crt")).string();
    if (out.key.empty()) out.key = (own / (listener_name + ".key")).string();
    return out;
  }

  static JournalConfig journal(std::string name, const json::object& from) {
    JournalConfig out;
    out.name = std::move(name);
    out.plugin = text(from, "plugin");
    const json::object& retention = from.at("retention").as_object();
    set(retention, "age", out.age_ms);
    set(retention, "events", out.events);
    set(retention, "bytes", out.bytes);
    set(from, "queue_bytes", out.queue_bytes);
    set(from, "append_timeout", out.append_timeout_ms);
    set(from, "readers", out.readers);
    out.settings = object(from, "settings");
    out.settings_path = child_path(child_path("journals", out.name), "settings");
    return out;
  }

  UpstreamConfig upstream(std::string name, const json::object& from) const {
    UpstreamConfig out;
    out.name = std::move(name);
    const std::string path = child_path("upstreams", out.name);
    if (from.contains("url")) out.url = parse_http_url(text(from, "url"));
    if (const json::value* answers = from.if_contains("static"))
      for (const json::value& answer : answers->as_array()) out.answers.push_back(static_answer(answer.as_object()));
    out.ca = file_path(from, "ca", child_path(path, "ca"));
    set(from, "verify", out.verify);
    set(from, "connect_timeout", out.connect_timeout_ms);
    set(from, "timeout", out.timeout_ms);
    set(from, "connections", out.connections);
    set(from, "idle", out.idle_ms);
    set(from, "queue", out.queue);
    set(from, "max_body", out.max_body);
    out.methods = texts(from, "methods");
    out.paths = texts(from, "paths");
    const json::object& request = from.at("request_headers").as_object();
    out.added_headers = headers(request, "add");
    out.removed_headers = texts(request, "remove");
    out.removed_answer_headers = texts(from.at("response_headers").as_object(), "remove");
    return out;
  }

  static StaticAnswer static_answer(const json::object& from) {
    StaticAnswer out;
    out.method = text(from, "method");
    out.path = text(from, "path");
    if (out.path.ends_with('*')) {
      out.prefix = true;
      out.path.pop_back();
    }
    set(from, "status", out.status);
    out.headers = headers(from, "headers");
    const json::value& body = from.at("body");
    if (body.is_string()) {
      out.body = body.get_string();
    } else {
      out.body = json::serialize(body);
      if (std::none_of(out.headers.begin(), out.headers.end(),
                       [](const auto& header) { return same_header(header.first, "content-type"); }))
        out.headers.emplace_back("Content-Type", "application/json");
    }
    return out;
  }

  static HeaderFields headers(const json::object& from, std::string_view key) {
    HeaderFields out;
    for (const auto& entry : from.at({key.data(), key.size()}).as_object())
      out.emplace_back(entry.key(), entry.value().as_string());
    return out;
  }

  AuthenticatorConfig authenticator(std::string name, const json::object& from) const {
    AuthenticatorConfig out;
    out.name = std::move(name);
    out.type = text(from, "type");
    for (const json::value& value : from.at("tokens").as_array()) {
      const json::object& token = value.as_object();
      out.tokens.push_back({text(token, "token"), text(token, "id"), text(token, "user"), text(token, "tenant"),
                            text(token, "account"), text(token, "session"), texts(token, "grants"),
                            object(token, "claims"), base::parse_rfc3339(text(token, "expires")).value_or(0)});
    }
    if (out.type == "jwt") out.jwt = jwt(from, child_path("authenticators", out.name));
    if (out.type == "http") out.http = http(from);
    return out;
  }

  static HttpQuestion question(const json::object& from, const json::object& statuses, const HttpQuestion& usual) {
    HttpQuestion out = usual;
    out.method = text(from, "method");
    out.path = text(from, "path");
    out.query = headers(from, "query");
    out.headers = headers(from, "headers");
    set_statuses(statuses, "accepted", out.accepted);
    set_statuses(statuses, "denied", out.denied);
    return out;
  }

  static void set_statuses(const json::object& from, std::string_view key, std::vector<unsigned>& to) {
    const json::value* value = from.if_contains({key.data(), key.size()});
    if (!value) return;
    to.clear();
    for (const json::value& status : value->as_array()) to.push_back(status.to_number<unsigned>());
  }

  static HttpAuthConfig http(const json::object& from) {
    HttpAuthConfig out;
    out.upstream = text(from, "upstream");
    out.question = question(from.at("request").as_object(), from, {});
    if (from.contains("timeout")) set(from, "timeout", out.timeout_ms);
    if (from.contains("leeway")) set(from, "leeway", out.leeway_ms);
    out.outage_denies = text(from, "outage") == "deny";
    if (const json::value* identity = from.if_contains("identity")) {
      set_identity(identity->as_object(), out.identity);
      set_texts(identity->as_object(), "expires", out.expires);
      set_texts(identity->as_object(), "claims", out.claims);
    }
    if (const json::value* cache = from.if_contains("cache")) {
      set(cache->as_object(), "entries", out.cache_entries);
      set(cache->as_object(), "ttl", out.cache_ttl_ms);
      set(cache->as_object(), "denied_ttl", out.cache_denied_ttl_ms);
    }
    if (const json::value* value = from.if_contains("recheck")) {
      const json::object& recheck = value->as_object();
      out.recheck.by_lifetime = text(recheck, "schedule") == "lifetime";
      set(recheck, "every", out.recheck.every_ms);
      out.recheck.outage_ends = text(recheck, "outage") == "end";
      if (const json::value* request = recheck.if_contains("request"))
        out.recheck.question = question(request->as_object(), recheck, out.question);
    }
    return out;
  }

  static void set_identity(const json::object& mapping, IdentityPointers& to) {
    set_texts(mapping, "id", to.id);
    set_texts(mapping, "user", to.user);
    set_texts(mapping, "tenant", to.tenant);
    set_texts(mapping, "account", to.account);
    set_texts(mapping, "session", to.session);
    set_texts(mapping, "grants", to.grants);
  }

  JwtConfig jwt(const json::object& from, const std::string& path) const {
    JwtConfig out;
    const std::string list_path = child_path(path, "keys");
    for (const json::value& value : from.at("keys").as_array())
      out.keys.push_back(jwt_key(value.as_object(), child_path(list_path, out.keys.size())));
    set_texts(from, "issuer", out.issuers);
    set_texts(from, "audience", out.audiences);
    set_texts(from, "require", out.required);
    if (from.contains("leeway")) set(from, "leeway", out.leeway_ms);
    if (const json::value* identity = from.if_contains("identity")) set_identity(identity->as_object(), out.identity);
    return out;
  }

  JwtKeyConfig jwt_key(const json::object& from, const std::string& path) const {
    JwtKeyConfig out;
    out.secret = text(from, "secret");
    out.secret_base64 = text(from, "secret_base64");
    out.pem = file_path(from, "pem", child_path(path, "pem"));
    out.jwks = file_path(from, "jwks", child_path(path, "jwks"));
    out.upstream = text(from, "upstream");
    out.path = text(from, "path");
    out.id = text(from, "id");
    set_texts(from, "algorithms", out.algorithms);
    if (from.contains("refresh")) set(from, "refresh", out.refresh_ms);
    return out;
  }

  static MountConfig mount(std::string name, const json::object& from) {
    MountConfig out;
    out.name = std::move(name);
    out.plugin = text(from, "plugin");
    for (const json::value& value : from.at("listen").as_array()) {
      const json::object& place = value.as_object();
      out.listen.push_back({text(place, "listener"), text(place, "path"), place.at("sessions").as_bool()});
    }
    out.transport = text(from, "transport");
    out.bus = text(from, "bus");
    out.close_on_bus_loss = text(from, "on_bus_loss") == "close";
    out.journal = text(from, "journal");
    out.authenticator = text(from, "authenticator");
    set(from, "compression", out.compression);
    out.allowed_origins = texts(from, "allowed_origins");
    out.limits_values = from.at("limits").as_object();
    out.limits = mount_limits(out.limits_values);
    out.sockjs = sockjs(from.at("sockjs").as_object());
    out.settings = object(from, "settings");
    out.settings_path = child_path(child_path("mounts", out.name), "settings");
    return out;
  }

  static SockjsConfig sockjs(const json::object& from) {
    SockjsConfig out;
    out.prefix = text(from, "prefix");
    set(from, "heartbeat", out.heartbeat_ms);
    set(from, "disconnect_delay", out.disconnect_delay_ms);
    set(from, "response_bytes", out.response_bytes);
    set(from, "websocket", out.websocket);
    set(from, "cookie", out.cookie);
    out.script_url = text(from, "script_url");
    set(from, "sessions_per_address", out.sessions_per_address);
    return out;
  }

  static ClusterConfig cluster(const json::object& from) {
    ClusterConfig out;
    out.bus = text(from, "bus");
    out.node = text(from, "node");
    out.channel = text(from, "channel");
    set(from, "heartbeat", out.heartbeat_ms);
    set(from, "deadline", out.deadline_ms);
    return out;
  }

  static AdminConfig admin(const json::object& from) {
    AdminConfig out;
    out.enabled = true;
    out.address = text(from, "address");
    out.token = text(from, "token");
    set(from, "body_bytes", out.body_bytes);
    set(from, "demo", out.demo);
    return out;
  }

  const Locations& locations_;
  const std::string& state_;
};

}  // namespace

Configuration make_configuration(const json::value& root, const Locations& locations,
                                 const std::string& state_directory) {
  return Builder(locations, state_directory).build(root.as_object());
}

}  // namespace dragoman::config
