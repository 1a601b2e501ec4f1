// SPDX-License-Identifier: Apache-2.0
// Tries a plugin in a real gateway that runs in a process of its own, so that nothing the plugin does reaches the
// caller. Main thread, before any other thread is there.
#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "verify/report.hpp"

namespace dragoman::verify {

struct Options {
  std::string program;                  // of the gateway
  std::string file;                     // of the plugin
  std::vector<std::string> neighbours;  // directories with the plugins that came with the gateway
  boost::json::object settings;
  std::string path = "/";                                    // where sessions are opened, with the query
  std::vector<std::pair<std::string, std::string>> headers;  // of the handshake
  std::vector<std::string> upstreams;                        // names, each answers GET / with {}
  std::vector<std::string> send;                             // each session says this first
  std::vector<std::string> requests;                         // "METHOD TARGET" of plain HTTP
  std::vector<boost::json::object> events;                   // that reach clients, as the publish door takes them
  std::string channel;                                       // of the events for a bus; empty: that of its settings
  std::uint64_t seed = 1;
  unsigned messages = 2000;           // of the fuzzing
  std::chrono::seconds patience{20};  // with one call of the plugin
  std::string keep;                   // a directory for configuration, logs and the last input, which then stay
};

// Throws std::exception only for what is wrong with the caller's system.
Report verify(const Options& options);

}  // namespace dragoman::verify
