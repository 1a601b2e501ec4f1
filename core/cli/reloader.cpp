// SPDX-License-Identifier: Apache-2.0
#include "cli/reloader.hpp"

#include <fmt/format.h>

#include <ctime>
#include <exception>
#include <memory>

#include "base/log.hpp"
#include "cli/process.hpp"

namespace dragoman::cli {
namespace {

// sd_notify(3), Type=notify-reload: the time tells this reload from those before.
std::string reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * 1'000'000 + now.tv_nsec / 1000);
}

}  // namespace

Reloader::Reloader(gateway::Gateway& gateway, std::string file, std::string state, std::string ports_file,
                   config::FurtherCheck further)
    : gateway_(gateway),
      file_(std::move(file)),
      state_(std::move(state)),
      ports_file_(std::move(ports_file)),
      further_(std::move(further)) {}

std::optional<config::Configuration> Reloader::load(std::vector<std::string>& errors) const {
  config::LoadOptions options;
  options.state_directory = state_;
  options.further = further_;
  std::vector<config::Error> wrong;
  auto configuration = config::load_file(file_, options, wrong);
  for (const auto& error : wrong) errors.push_back(error.text());
  return configuration;
}

void Reloader::finished(const gateway::ReloadReport& report, const config::Configuration* configuration) const {
  if (report.errors.empty() && configuration) {
    base::log_level(base::log_level_of(configuration->log.level));
    try {
      if (!ports_file_.empty()) write_ports_file(ports_file_, gateway_.ports(), admin_port_);
    } catch (const std::exception& error) {
      base::log(base::LogLevel::error, "the ports file is not up to date", {{"why", error.what()}});
    }
  }
  notify_supervisor("READY=1");
}

void Reloader::reload(gateway::Gateway::Reloaded done) {
  struct Loaded {
    bool begun = false;  // otherwise the gateway stops
    std::optional<config::Configuration> configuration;
  };
  const auto loaded = std::make_shared<Loaded>();
  gateway_.reload(
      [this, loaded](std::vector<std::string>& errors) {
        loaded->begun = true;
        notify_supervisor(reloading());
        base::log(base::LogLevel::info, "reloading", {{"config", file_}});
        return loaded->configuration = load(errors);
      },
      [this, loaded, done = std::move(done)](const gateway::ReloadReport& report) {
        if (loaded->begun) finished(report, loaded->configuration ? &*loaded->configuration : nullptr);
        done(report);
      });
}

}  // namespace dragoman::cli
