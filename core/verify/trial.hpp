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

// Removed with all that is in it.
class Directory {
 public:
  Directory();
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// What is known of a plugin once it has been loaded.
struct Facts {
  std::string name, version;
  std::vector<std::string> roles;
  bool has(std::string_view role) const;
};

class Trial {
 public:
  Trial(const Options& options, const Facts& facts, const std::string& directory);

  // Writes the configuration, with these settings; its path.
  std::string configure(const boost::json::object& settings);
  // `dragoman check`: what it prints when it is not content.
  std::string check(const boost::json::object& settings);

  // Starts it; what it says when it does not.
  std::string start();
  void ask_to_stop();
  // Asks it to stop and waits. Empty: in order and in time.
  std::string stop();

  unsigned admin_port() const { return admin_port_; }
  unsigned port() const { return port_; }
  // A session, after it has said what Options::send has; status: of the handshake.
  std::optional<RawClient> session(unsigned* status = nullptr);
  // Publishes an event to the bus; the HTTP status.
  unsigned publish(const boost::json::object& event);
  std::string metrics();

  // What has gone wrong since the last call: the gateway is gone, no session can be opened, a rule was broken.
  std::string trouble(bool sessions = true);
  // For one who is told of trouble: nothing more can be tried.
  bool gone();
  std::string log() const { return child_ ? child_->output() : std::string(); }

 private:
  const Options& options_;
  const Facts& facts_;
  std::string directory_;
  std::unique_ptr<Child> child_;
  unsigned port_ = 0, admin_port_ = 0, round_ = 0;
  std::size_t breaches_ = 0;
  bool asked_ = false;  // to stop
};

}  // namespace dragoman::verify
