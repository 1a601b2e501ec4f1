// SPDX-License-Identifier: Apache-2.0
// The C++ face of the plugin boundary: header-only, C++20, standard library only. A dialect is a plain class:
//
//   struct Echo {
//     static constexpr const char* name = "echo";
//     static constexpr const char* version = "1.0.0";
//     static constexpr const char* settings_schema = R"({"type": "object", "additionalProperties": false})";
//     struct Session {};                                       // the state of one client
//     explicit Echo(dragoman::sdk::Host) {}
//     void open(dragoman::sdk::Client, Session&, const dragoman::sdk::Open&) {}
//     void message(dragoman::sdk::Client c, Session&, dragoman::sdk::Opcode op, std::string_view m) { c.send(op, m); }
//   };
//   DRAGOMAN_DIALECT(Echo)
//
// Further members, each optional: configure(const Config&), start(), stop(), writable(Client, Session&),
// upgrade(const Open&, std::string& text) which answers 0, the HTTP status that a handshake is refused with, or
// DGM_UPGRADE_AUTHENTICATE with a credential in text; identity(Client, Session&, const Identity&, IdentityChange),
// limited(Client, Session&), close(Client, Session&, uint16_t code, string_view reason), map(const Event&),
// select(const Event&, span<const dgm_subscription>, span<uint64_t>), encode(const Event&, uint64_t variant, Writer&)
// which answers false when this variant gets nothing, observe(const Event&). map_feeds: see DGM_DIALECT_MAP_FEEDS.
//
// With a type Request (the state of one HTTP request) and request(HttpCall, Request&, const HttpRequest&) it answers
// HTTP at the routes that it declares in configure(); request_writable(HttpCall, Request&) and request_close(HttpCall,
// Request&) are optional. Journal(host) reads and stores, if the mount has a journal.
// Registry(host) lists sessions of all shards. Upstreams(host) sends HTTP requests to the servers that the
// configuration names.
//
// One object exists per mount and shard, and everything in it runs on one thread. An exception in open() or message()
// closes that session with 1011; in configure() its text is shown to the admin; elsewhere it is logged.
#pragma once
#include <dragoman/sdk/client.hpp>
#include <dragoman/sdk/event.hpp>
#include <dragoman/sdk/glue.hpp>
#include <dragoman/sdk/host.hpp>
#include <dragoman/sdk/http.hpp>
#include <dragoman/sdk/journal.hpp>
#include <dragoman/sdk/registry.hpp>
#include <dragoman/sdk/upstream.hpp>
