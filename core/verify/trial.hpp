// SPDX-License-Identifier: Apache-2.0
// A strict gateway with the plugin in it, in a directory of its own. Main thread.
#pragma once
#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verify/child.hpp"
#include "verify/raw_client.hpp"
#include "verify/verify.hpp"

namespace dragoman::verify {

// What is known of a plugin once it has been loaded.
struct Facts {
  std::string name, version;
  std::vector<std::string> roles;
  bool has(std::string_view role) const;
};

// Of the process that kept its calls in this file: how it ended, and inside of what.
std::string end_of(const Ended& end, const std::string& calls);

class Trial {
 public:
  Trial(const Options& options, const Facts& facts, const std::string& directory);

  // Writes the configuration, with these settings; its path.
  std::string configure(const boost::json::object& settings);
  // `dragoman check`: what it prints when it is not content.
  // ended: by itself, and not killed or dead.
  std::string check(const boost::json::object& settings, bool* ended = nullptr);

  // Starts it; what it says when it does not.
  std::string start();
  void ask_to_stop();
  // Asks it to stop and waits. Empty: in order and in time.
  std::string stop();

  // Of the events for a bus.
  std::string channel() const;
  unsigned port() const { return port_; }
  // A session, after it has said what Options::send has; status: of the handshake.
  std::optional<RawClient> session(unsigned* status = nullptr);
  // A request on a connection of its own, which then ends. The status, 0 without an answer; whole: it came to its end.
  unsigned request(const std::string& method, const std::string& target, std::string_view body, bool& whole);
  // Publishes an event to the bus; the HTTP status.
  unsigned publish(const boost::json::object& event);
  std::string metrics();
  // The sum of all lines of a metric.
  double metric(const std::string& name);

  // What the plugin is about to get. The last before the gateway was gone is told with the trouble, and stays in the
  // directory as the file `input`.
  void given(std::string_view what, std::string_view content);
  // What has gone wrong since the last call: the gateway is gone, no session can be opened, a rule was broken.
  std::string trouble(bool sessions = true);
  // A call of the plugin takes longer than anybody may wait: the gateway is ended.
  bool stuck();  // For one who lost a connection: whether that is because the gateway dies, which may take it a moment.
  bool dying();
  // For one who is told of trouble: nothing more can be tried.
  bool gone();
  std::string log() const { return child_ ? child_->output() : std::string(); }

 private:
  const Options& options_;
  const Facts& facts_;
  std::string directory_;
  std::string token_;  // nobody else on this machine knows it: the broker may be a real one
  std::unique_ptr<Child> child_;
  std::string calls_;      // the file that tells which calls are under way
  std::string last_what_;  // was given
  std::size_t last_size_ = 0;
  std::string last_start_;
  std::string stuck_;  // the call that did not return
  unsigned port_ = 0, admin_port_ = 0, round_ = 0;
  std::size_t breaches_ = 0;
  bool asked_ = false;  // to stop
};

}  // namespace dragoman::verify
