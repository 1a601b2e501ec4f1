// SPDX-License-Identifier: Apache-2.0
// A WebSocket session between a server and standard input and output. Main thread.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dragoman::cli {

struct WebSocketOptions {
  bool encrypted = false;
  std::string host, port;   // host: name or address, without brackets
  std::string host_header;  // host and port as in the URL
  std::string target;       // path and query; may hold a token
  bool insecure = false;    // any certificate will do
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::string> subprotocols;
  std::vector<std::string> send;                     // UTF-8; before what standard input says
  std::uint64_t count = 0;                           // ends after so many messages; 0: does not
  std::optional<std::chrono::milliseconds> timeout;  // of everything
  std::optional<std::chrono::milliseconds> wait;     // after the end of standard input
  bool hexadecimal = false;                          // binary messages, else base64
};

// Prints messages on standard output and how it ended on standard error; returns the exit code. Throws Failure when
// there is no session, or when it ends otherwise than with a close.
int run_websocket(const WebSocketOptions& options);

}  // namespace dragoman::cli
