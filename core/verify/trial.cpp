// SPDX-License-Identifier: Apache-2.0
#include "verify/trial.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "config/files.hpp"

namespace dragoman::verify {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;

constexpr auto start_patience = 20s;
constexpr auto stop_patience = 20s;
constexpr const char* token = "verify";

// Marks of a broken rule in the log.
constexpr std::string_view breaches[] = {"broke the contract", "exception crossed the plugin boundary"};

// A log without what went well.
std::string complaints(const std::string& log) {
  std::string out;
  for (const auto& line : lines_with(log, "", 1000))
    if (line.find("level=info") == std::string::npos) out += line + "\n";
  return out;
}

// Under its own name, where the gateway looks for it.
void link_plugin(const fs::path& file, const std::string& directory, const std::string& name) {
  fs::create_directories(directory);
  const fs::path link = fs::path(directory) / (name + ".so");
  std::error_code error;
  if (!fs::is_symlink(link, error)) fs::create_symlink(file, link);
}

}  // namespace

Directory::Directory() {
  std::string path = (fs::temp_directory_path() / "dragoman-verify-XXXXXX").string();
  if (!::mkdtemp(path.data())) throw std::runtime_error(fmt::format("cannot make {}: {}", path, std::strerror(errno)));
  path_ = path;
}

Directory::~Directory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

bool Facts::has(std::string_view role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

Trial::Trial(const Options& options, const Facts& facts, const std::string& directory)
    : options_(options), facts_(facts), directory_(directory) {}

std::string Trial::configure(const json::object& settings) {
  const json::object plugin{{"plugin", facts_.name}, {"settings", settings}};
  const std::string plugins = directory_ + "/plugins";
  link_plugin(options_.file, plugins, facts_.name);
  json::object root{{"threads", 2},
                    {"state", directory_ + "/state"},
                    {"shutdown_timeout", "5s"},
                    {"plugins", {{"slow_call", "25ms"}, {"directory", plugins}}},
                    {"listeners", {{"verify", {{"address", "127.0.0.1:0"}}}}},
                    {"buses", {{"main", {{"plugin", "embedded"}}}}},
                    {"admin", {{"address", "127.0.0.1:0"}, {"token", token}}}};
  if (facts_.has("dgm.bus/1")) root["buses"] = {{"main", plugin}};
  if (facts_.has("dgm.journal/1")) root["journals"] = {{"main", plugin}};
  if (facts_.has("dgm.dialect/1")) {
    root["authenticators"] = {
        {"verify",
         {{"type", "static"},
          {"tokens", {{{"token", token}, {"user", token}, {"account", token}, {"grants", json::array{"#"}}}}}}}};
    json::object mount = plugin;
    mount["listen"] = json::array{{{"listener", "verify"}, {"path", "/"}}};
    mount["bus"] = "main";
    mount["authenticator"] = "verify";
    // More than any dialect's defaults: one address is all clients.
    mount["limits"] = {{"connections_per_user", 0},
                       {"connections_per_address", 0},
                       {"connections_per_minute", 0},
                       {"messages_per_second", 0}};
    // Beside the program, as the gateway looks for it itself.
    const fs::path sqlite = fs::path(options_.program).parent_path().parent_path() / "lib/dragoman/plugins/sqlite.so";
    if (fs::exists(sqlite)) {
      link_plugin(sqlite, plugins, "sqlite");
      root["journals"] = {{"main", {{"plugin", "sqlite"}}}};
      mount["journal"] = "main";
    }
    json::object upstreams;
    for (const auto& name : options_.upstreams)
      upstreams[name] = {{"static", json::array{{{"method", "GET"}, {"path", "/"}, {"body", "{}"}}}}};
    if (!upstreams.empty()) root["upstreams"] = std::move(upstreams);
    root["mounts"] = {{"verify", mount}};
  }
  fs::create_directories(directory_ + "/state");
  std::string path = directory_ + "/dragoman.yaml";
  std::ofstream(path) << json::serialize(root) << '\n';
  return path;
}

std::string Trial::check(const json::object& settings) {
  Child child({options_.program, "check", configure(settings)}, fmt::format("{}/check{}.log", directory_, ++round_));
  const Ended end = child.wait(start_patience);
  if (end.code == 0) return {};
  const std::string said = child.output();
  return end.code == 1 ? said : fmt::format("{}\n{}", end.sentence(), said);
}

std::string Trial::start() {
  const std::string ports = fmt::format("{}/ports{}.json", directory_, ++round_);
  child_ = std::make_unique<Child>(std::vector<std::string>{options_.program, "serve", "--strict", "--config",
                                                            configure(options_.settings), "--ports-file", ports},
                                   fmt::format("{}/serve{}.log", directory_, round_));
  breaches_ = 0;
  asked_ = false;
  const auto end = std::chrono::steady_clock::now() + start_patience;
  while (!fs::exists(ports)) {
    if (!child_->running() || std::chrono::steady_clock::now() > end)
      return fmt::format("{}\n{}", child_->wait(0ms).sentence(), complaints(child_->output()));
    std::this_thread::sleep_for(5ms);
  }
  const json::object said = json::parse(config::read_file(ports, 65536).text).as_object();
  admin_port_ = static_cast<unsigned>(said.at("admin").as_int64());
  port_ = static_cast<unsigned>(said.at("listeners").at("verify").as_int64());
  return {};
}

void Trial::ask_to_stop() {
  if (!asked_) child_->signal(SIGTERM);
  asked_ = true;
}

std::string Trial::stop() {
  ask_to_stop();
  const Ended end = child_->wait(stop_patience);
  return end.code == 0 ? std::string() : end.sentence();
}

std::optional<RawClient> Trial::session(unsigned* status) {
  RawClient client(port_);
  const unsigned answer = client.handshake(options_.path, options_.headers);
  if (status) *status = answer;
  if (answer != 101) return std::nullopt;
  for (const auto& text : options_.send) client.text(text);
  return client;
}

unsigned Trial::publish(const json::object& event) {
  RawClient client(admin_port_);
  return client.http("POST", "/publish",
                     {{"Authorization", fmt::format("Bearer {}", token)}, {"Content-Type", "application/json"}},
                     json::serialize(event));
}

std::string Trial::metrics() {
  RawClient client(admin_port_);
  std::string text;
  client.http("GET", "/metrics", {{"Authorization", fmt::format("Bearer {}", token)}, {"Connection", "close"}}, {},
              &text);
  return text;
}

bool Trial::gone() {
  return !child_ || !child_->running();
}

std::string Trial::trouble(bool sessions) {
  const std::string log = this->log();
  std::vector<std::string> broken;
  for (const auto what : breaches)
    for (auto& line : lines_with(log, what, 100)) broken.push_back(std::move(line));
  std::string out;
  if (broken.size() > breaches_) out = broken.back();
  breaches_ = broken.size();
  // A process that dies may take a moment to be gone.
  unsigned status = 0;
  const bool opens = !sessions || session(&status);
  if (!opens) std::this_thread::sleep_for(50ms);
  if (gone()) {
    const std::string how = child_->wait(0ms).sentence();
    return out.empty() ? fmt::format("the gateway is gone: {}", how) : fmt::format("{}; {}", out, how);
  }
  if (!opens && out.empty())
    return status ? fmt::format("a new session is refused with {} now", status)
                  : "the gateway does not answer within 10 s any more";
  return out;
}

}  // namespace dragoman::verify
