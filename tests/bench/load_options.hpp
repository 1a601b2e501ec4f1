// SPDX-License-Identifier: Apache-2.0
// The command line of bench_load.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace dragoman::bench {

struct Url {
  std::string scheme;  // ws, wss, http or mqtt
  std::string host;    // an IPv4 address
  std::uint16_t port = 0;
  std::string target;  // path and query; of subscribers with the placeholders of a step
  bool tls() const { return scheme == "wss"; }
};

// In the text {n} is the number of the connection, {g} of its group, {devices} a JSON array of the group's devices and
// {token} the connection's line of the file of tokens.
struct Step {
  bool send = false;  // otherwise: wait for a message that has text in it
  std::string text;
};

struct Options {
  Url url;
  std::size_t connections = 1;
  std::vector<Step> script;
  bool deflate = false;
  bool sockjs = false;
  Url publish;  // scheme is empty when nothing is to be published
  std::string bearer;
  std::uint32_t events = 0;
  std::uint32_t warm_up = 0;  // events that are delivered and checked, but not measured
  std::uint32_t burst = 1;
  std::size_t bytes = 128;
  // With devices every subscriber belongs to one of the groups in turn, so does every device, events are the devices'
  // telemetry in turn, and a subscriber has to get those of its group.
  std::uint32_t groups = 1;
  std::uint32_t devices = 0;
  std::vector<std::string> tokens;
  pid_t process = 0;       // 0: no figures of the server
  double idle = -1;        // seconds; negative: not the idle mode
  double patience = 30.0;  // seconds without any progress until the run is given up
};

// Ends the program with exit code 2 and a sentence when the command line is wrong.
Options parse_options(int argc, char** argv);

}  // namespace dragoman::bench
