// SPDX-License-Identifier: Apache-2.0
// dragoman serve
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "admin/admin_server.hpp"
#include "base/log.hpp"
#include "cli/commands.hpp"
#include "cli/process.hpp"
#include "cli/reloader.hpp"
#include "cli/settings.hpp"
#include "cli/watchdog.hpp"
#include "gateway/gateway.hpp"
#include "gateway/settings_check.hpp"
#include "plugin/call_board.hpp"

namespace dragoman::cli {
namespace {

using base::LogLevel;

struct Options {
  std::string config, state, ports_file, calls_file;
  std::vector<std::string> plugins;
  bool strict = false;
};

struct LogScope {
  explicit LogScope(LogLevel level) { base::log_start(level); }
  ~LogScope() { base::log_stop(); }
};

void notify(const char* state) {
  if (!notify_supervisor(state))
    base::log(LogLevel::warn, "the supervisor at NOTIFY_SOCKET could not be told", {{"state", state}});
}

void announce(const config::Configuration& configuration, const gateway::Gateway& gateway,
              const admin::AdminServer* admin, const std::string& ports_file) {
  const auto ports = gateway.ports();
  for (const auto& listener : configuration.listeners) {
    const auto port = ports.find(listener.name);
    base::log(LogLevel::info, "listening",
              {{"listener", listener.name},
               {"address", listener.address},
               {"port", port == ports.end() ? 0u : port->second},
               {"tls", listener.tls ? "yes" : "no"}});
  }
  if (admin)
    base::log(LogLevel::info, "listening",
              {{"listener", "admin"}, {"address", configuration.admin.address}, {"port", admin->port()}});
  if (!ports_file.empty()) write_ports_file(ports_file, ports, admin ? admin->port() : 0);
  base::log(LogLevel::info, "ready",
            {{"version", DRAGOMAN_VERSION},
             {"mounts", configuration.mounts.size()},
             {"listeners", configuration.listeners.size()}});
  notify("READY=1");
}

int serve(const Options& options) {
  if (!options.calls_file.empty()) plugin::keep_calls(options.calls_file);
  gateway::GatewayOptions gateway_options;
  gateway_options.strict = options.strict;
  gateway_options.plugin_directories = options.plugins;
  const config::FurtherCheck further = gateway::settings_check(gateway_options);
  const config::Configuration configuration = load_configuration(options.config, options.state, further);
  Signals signals;
  const LogScope log_scope(base::log_level_of(configuration.log.level));
  const unsigned long files = raise_file_limit();
  base::log(LogLevel::info, "starting",
            {{"version", DRAGOMAN_VERSION},
             {"config", options.config},
             {"state", configuration.state_directory},
             {"open_files", files}});

  gateway::Gateway gateway(configuration, gateway_options);
  std::optional<admin::AdminServer> admin;
  Reloader reloader(gateway, options.config, options.state, options.ports_file, further);
  if (configuration.admin.enabled)
    admin.emplace(gateway, configuration.admin, [&](auto done) { reloader.reload(std::move(done)); });
  if (admin) reloader.set_admin_port(admin->port());
  gateway.start();
  if (admin) admin->start();
  announce(configuration, gateway, admin ? &*admin : nullptr, options.ports_file);
  const Watchdog watchdog([&gateway] { return gateway.shards_moved(); });

  int signal = signals.wait();
  while (signal == SIGHUP) {
    reloader.reload([](const gateway::ReloadReport&) {});
    signal = signals.wait();
  }
  base::log(LogLevel::info, "stopping",
            {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}, {"deadline_ms", configuration.shutdown_timeout_ms}});
  notify("STOPPING=1");
  signals.make_fatal();
  // The admin listener tells of the drain until it is over; what is published meanwhile is refused.
  const bool in_time = gateway.stop();
  if (admin) admin->stop();
  if (in_time)
    base::log(LogLevel::info, "stopped");
  else
    base::log(LogLevel::warn, "stopped; clients were cut off at the deadline");
  return in_time ? exit_ok : exit_deadline;
}

}  // namespace

void add_serve(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("serve", "Run the gateway");
  const auto options = std::make_shared<Options>();
  command->add_option("--config", options->config, "The configuration; conf.d/*.yaml beside it belongs to it")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--state", options->state,
                   "Directory for certificates and other state instead of the configured one")
      ->type_name("DIR");
  command->add_option("--plugins", options->plugins, "Directory with plugins; may be given several times")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command->add_flag("--strict", options->strict, "Abort when a plugin breaks its contract (for tests)");
  command
      ->add_option("--ports-file", options->ports_file,
                   "Once listening, write {\"listeners\":{NAME:PORT},\"admin\":PORT} to this file")
      ->type_name("FILE");
  command
      ->add_option("--calls-file", options->calls_file,
                   "Keep in this file which calls into plugins are under way (for dragoman verify-plugin)")
      ->type_name("FILE");
  command->footer(
      "Logs go to standard error, one line per event. SIGTERM and SIGINT shut down in order: no new\n"
      "connections, every client is told, queues are written until the configured deadline. A second\n"
      "signal ends the process at once. SIGHUP reads the configuration again, like dragoman reload.\n"
      "Under systemd use Type=notify or notify-reload.\n"
      "Exit codes: 0 shut down in time, 1 could not start, 3 sessions were cut off at the deadline.");
  command->callback([options, &code] { code = serve(*options); });
}

}  // namespace dragoman::cli
