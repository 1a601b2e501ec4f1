// SPDX-License-Identifier: Apache-2.0
// Reads the configuration of a running gateway again, on SIGHUP and when the admin API is asked to, and tells the
// supervisor and the log.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "gateway/gateway.hpp"

namespace dragoman::cli {

class Reloader {
 public:
  // file, state: as `serve` was given them. ports_file: written again with each reload, unless empty.
  Reloader(gateway::Gateway& gateway, std::string file, std::string state, std::string ports_file,
           config::FurtherCheck further);
  // For the ports file; before the first reload().
  void set_admin_port(unsigned port) { admin_port_ = port; }
  // Any thread; done as of Gateway::reload().
  void reload(gateway::Gateway::Reloaded done);

 private:
  std::optional<config::Configuration> load(std::vector<std::string>& errors) const;
  void finished(const gateway::ReloadReport& report, const config::Configuration* configuration) const;

  gateway::Gateway& gateway_;
  const std::string file_, state_, ports_file_;
  const config::FurtherCheck further_;
  unsigned admin_port_ = 0;
};

}  // namespace dragoman::cli
