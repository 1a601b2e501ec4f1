// SPDX-License-Identifier: Apache-2.0
// What the program is to do, as read from its configuration. Members are named like the keys of the YAML file, with the
// unit behind them; their defaults equal those of config/schema.json (a test compares them). docs/configuration.md
// explains each.
#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/location.hpp"
#include "config/references.hpp"
#include "config/url.hpp"

namespace dragoman::config {

struct TlsConfig {
  std::string certificate, key;         // PEM files; never empty once loaded
  bool self_signed = false;             // make the two at the first start unless they exist
  std::string minimum_version = "1.2";  // or "1.3"
  bool operator==(const TlsConfig&) const = default;
};

struct ListenerConfig {
  std::string name;
  std::string address;  // see parse_address
  std::optional<TlsConfig> tls;
  int backlog = 1024;
  unsigned unix_mode = 0660;                    // permissions of a Unix socket
  std::uint32_t handshake_timeout_ms = 10'000;  // from accept to the end of the HTTP upgrade
  std::uint32_t idle_timeout_ms = 60'000;       // between two requests of a kept HTTP connection
  std::size_t header_bytes = 16 * 1024;         // of one HTTP request head
  std::uint32_t tcp_user_timeout_ms = 30'000;
  std::uint32_t max_connections = 0;         // 0: as many as there are file descriptors
  std::vector<std::string> trusted_proxies;  // IP addresses, networks, "unix"
  bool proxy_protocol = false;
  std::string forwarded_header = "X-Forwarded-For";
  bool operator==(const ListenerConfig&) const = default;
};

struct BusConfig {
  std::string name;
  std::string plugin;  // "embedded": the one inside the program
  boost::json::object settings;
  std::string settings_path;  // its path in Configuration::locations
  bool operator==(const BusConfig&) const = default;
};

struct JournalConfig {
  std::string name;
  std::string plugin;
  std::int64_t age_ms = 0;  // of each stream; 0: no bound
  std::uint64_t events = 0, bytes = 0;
  std::size_t queue_bytes = 64 << 20;
  std::uint32_t append_timeout_ms = 10'000;
  unsigned readers = 2;
  boost::json::object settings;
  std::string settings_path;  // its path in Configuration::locations
  bool operator==(const JournalConfig&) const = default;
};

using HeaderFields = std::vector<std::pair<std::string, std::string>>;

// An answer that needs no server.
struct StaticAnswer {
  std::string method;   // empty: any
  std::string path;     // without the * of a prefix
  bool prefix = false;  // for all paths that begin so
  unsigned status = 200;
  HeaderFields headers;
  std::string body;
  bool operator==(const StaticAnswer&) const = default;
};

struct UpstreamConfig {
  std::string name;
  std::optional<HttpUrl> url;  // none: `answers` stand in for a server
  std::vector<StaticAnswer> answers;
  std::string ca;  // PEM file; empty: the system's authorities
  bool verify = true;
  std::uint32_t connect_timeout_ms = 5'000;
  std::uint32_t timeout_ms = 30'000;
  std::size_t connections = 32;    // of each shard
  std::uint32_t idle_ms = 60'000;  // 0: connections are not kept
  std::size_t queue = 256;         // requests that wait, of each shard
  std::size_t max_body = 16 << 20;
  std::vector<std::string> methods;  // empty: all
  std::vector<std::string> paths = {"/"};
  HeaderFields added_headers;  // values are secret
  std::vector<std::string> removed_headers, removed_answer_headers;
  bool operator==(const UpstreamConfig&) const = default;
};

struct StaticToken {
  std::string token;  // secret
  std::string id, user, tenant, account, session;
  std::vector<std::string> grants;
  boost::json::object claims;
  std::int64_t expires_ms = 0;  // Unix time, 0: never
  bool operator==(const StaticToken&) const = default;
};

// JSON pointers into what is known of a token; the first that finds something counts.
using ClaimPointers = std::vector<std::string>;

struct IdentityPointers {
  ClaimPointers id, user, tenant, account, session, grants;
  bool operator==(const IdentityPointers&) const = default;
};

// Exactly one of the first five is not empty.
struct JwtKeyConfig {
  std::string secret, secret_base64;  // secret
  std::string pem, jwks;              // files
  std::string upstream;
  std::string path;                           // below the upstream's own
  std::string id;                             // of the key; empty: it stands for any
  std::vector<std::string> algorithms;        // empty: HS256 for a secret, otherwise all that fit
  std::uint32_t refresh_ms = 10 * 60 * 1000;  // between two fetches
  bool operator==(const JwtKeyConfig&) const = default;
};

struct JwtConfig {
  std::vector<JwtKeyConfig> keys;
  std::vector<std::string> issuers, audiences;  // empty: any
  std::vector<std::string> required = {"exp"};  // claims
  std::int64_t leeway_ms = 0;
  IdentityPointers identity = {{"/sub"}, {"/sub"}, {}, {}, {}, {}};
  bool operator==(const JwtConfig&) const = default;
};

// A question to a server about a credential, which stands where a value has {token}.
struct HttpQuestion {
  std::string method = "GET";
  std::string path;  // below the upstream's own
  HeaderFields query, headers;
  std::vector<unsigned> accepted = {200, 204}, denied = {401, 403, 404};  // statuses
  bool operator==(const HttpQuestion&) const = default;
};

struct HttpAuthConfig {
  std::string upstream;
  HttpQuestion question;
  std::uint32_t timeout_ms = 10'000;
  std::int64_t leeway_ms = 0;
  bool outage_denies = false;
  IdentityPointers identity;
  ClaimPointers expires, claims;  // claims: none: the whole answer
  std::size_t cache_entries = 100'000;
  std::int64_t cache_ttl_ms = 10'000, cache_denied_ttl_ms = 2'000;
  struct Recheck {
    bool by_lifetime = false;
    std::int64_t every_ms = 600'000;       // 0: never
    std::optional<HttpQuestion> question;  // none: the same as at first
    bool outage_ends = false;
    bool operator==(const Recheck&) const = default;
  } recheck;
  bool operator==(const HttpAuthConfig&) const = default;
};

struct AuthenticatorConfig {
  std::string name;
  std::string type;  // "static", "jwt" or "http"
  std::vector<StaticToken> tokens;
  JwtConfig jwt;
  HttpAuthConfig http;
  bool operator==(const AuthenticatorConfig&) const = default;
};

// Has passed the schema, and is understood by translation::compile().
struct TranslationConfig {
  std::string name;
  boost::json::object match;
  boost::json::array events;
  bool operator==(const TranslationConfig&) const = default;
};

struct TranslationLimits {
  std::size_t events = 100;             // made of one
  std::size_t event_bytes = 256 << 10;  // of each of them
  bool operator==(const TranslationLimits&) const = default;
};

// What to do with an event for a session whose queue is full.
enum class OverflowPolicy { close, drop_oldest, latest_per_key };

struct MountLimits {
  // 0: no limit
  std::uint32_t connections = 0;
  std::uint32_t connections_per_user = 0;
  std::uint32_t connections_per_address = 0;
  std::uint32_t connections_per_minute = 0;  // of one address
  std::uint32_t messages_per_second = 0;     // of one session
  std::size_t message_bytes = 1 << 20;
  std::uint32_t fragments = 131'072;  // of one message
  std::uint32_t control_per_second = 100;
  std::size_t queue_bytes = 1 << 20;
  std::uint32_t queue_messages = 0;  // 0: no limit
  OverflowPolicy overflow = OverflowPolicy::close;
  std::uint32_t write_stall_ms = 30'000;
  std::uint32_t ping_interval_ms = 20'000;  // 0: no pings
  std::uint32_t pong_timeout_ms = 20'000;
  std::uint32_t idle_ms = 0;  // without a message from the client; 0: for ever
  std::uint32_t close_timeout_ms = 5'000;
  std::uint32_t subscriptions = 1000;  // of one session
  bool operator==(const MountLimits&) const = default;
};

struct MountListen {
  std::string listener, path;
  bool sessions = true;  // false: plain HTTP only
  bool operator==(const MountListen&) const = default;
};

// With the transport sockjs.
struct SockjsConfig {
  std::string prefix;  // below the mount's path; empty or beginning with a slash
  std::uint32_t heartbeat_ms = 25'000, disconnect_delay_ms = 5'000;
  std::size_t response_bytes = 131'072;  // of a streaming response
  bool websocket = true, cookie = false;
  std::string script_url = "/sockjs.min.js";  // of sockjs-client, for the iframe page
  std::uint32_t sessions_per_address = 1000;  // over HTTP; 0: no limit
  bool operator==(const SockjsConfig&) const = default;
};

struct MountConfig {
  std::string name;
  std::string plugin;
  std::vector<MountListen> listen;
  std::string transport = "websocket";
  std::string bus;  // never empty once loaded
  bool close_on_bus_loss = false;
  std::string journal;        // empty: none
  std::string authenticator;  // empty: none
  bool compression = false;
  std::vector<std::string> allowed_origins;  // empty: any
  MountLimits limits;
  boost::json::object limits_values;  // the same as it came from the file, complete
  SockjsConfig sockjs;
  boost::json::object settings;  // as written: to be checked against the plugin's schema
  std::string settings_path;     // its path in Configuration::locations
  bool operator==(const MountConfig&) const = default;
};

// The other gateways that this one works with.
struct ClusterConfig {
  std::string bus;  // empty: it is alone
  std::string node, channel;
  std::uint32_t heartbeat_ms = 1000, deadline_ms = 500;
  bool operator==(const ClusterConfig&) const = default;
};

struct AdminConfig {
  bool enabled = false;
  std::string address = "127.0.0.1:9600";
  std::string token;  // secret; not empty when enabled
  std::size_t body_bytes = 4 << 20;
  bool demo = false;  // its page is served
  bool operator==(const AdminConfig&) const = default;
};

struct LogConfig {
  std::string level = "info";  // debug, info, warn, error
  bool operator==(const LogConfig&) const = default;
};

struct PluginsConfig {
  std::string directory;  // empty: the one the program was installed with
  std::uint32_t slow_call_ms = 50;
  bool operator==(const PluginsConfig&) const = default;
};

// What a changed configuration does to the sessions of a mount that changed with it.
struct ReloadConfig {
  std::uint32_t drain_rate = 100;               // sessions that are closed in a second, of one mount
  std::uint32_t drain_deadline_ms = 3'600'000;  // how long sessions may stay with a plugin that was replaced
  bool operator==(const ReloadConfig&) const = default;
};

struct Configuration {
  unsigned threads = 0;  // 0: as many as cores
  std::string state_directory = "/var/lib/dragoman";
  std::uint32_t shutdown_timeout_ms = 10'000;
  std::size_t mailbox_bytes = 64 << 20;  // of one shard
  LogConfig log;
  PluginsConfig plugins;
  std::vector<ListenerConfig> listeners;
  std::vector<BusConfig> buses;
  std::vector<JournalConfig> journals;
  std::vector<UpstreamConfig> upstreams;
  std::vector<AuthenticatorConfig> authenticators;
  std::vector<MountConfig> mounts;
  std::vector<TranslationConfig> translations;
  TranslationLimits translation_limits;
  ClusterConfig cluster;
  AdminConfig admin;
  ReloadConfig reload;
  Locations locations;  // for what is checked later, such as settings; empty when not loaded from text
};

// Adds what is wrong with parts that others understand, such as the settings of plugins. The document may have passed
// neither the schema nor any other check.
using FurtherCheck = std::function<void(const boost::json::value& root, const Locations&, std::vector<Error>&)>;

struct LoadOptions {
  std::string state_directory;  // takes the place of the configured one unless empty
  ReferenceSources sources;
  FurtherCheck further;  // may be empty; called when the file is wrong already, so that all errors are told at once
};

// Reads `path` and what conf.d beside it holds. On failure nothing is returned and `errors` tells all that is wrong,
// not only the first; on success nothing is added to it. Neither throws on bad input. Paths in the result are relative
// to the working directory.
std::optional<Configuration> load_file(const std::string& path, const LoadOptions& options, std::vector<Error>& errors);
// The same for a text without conf.d; `name` stands for the file in errors and for relative paths.
std::optional<Configuration> load_text(std::string_view yaml, std::string_view name, const LoadOptions& options,
                                       std::vector<Error>& errors);

// The JSON Schema of the configuration file (config/schema.json).
std::string_view schema_text();

}  // namespace dragoman::config
