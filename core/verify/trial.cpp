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

#include "codec/utf8.hpp"
#include "config/files.hpp"
#include "event/event.hpp"
#include "plugin/call_board.hpp"

namespace dragoman::verify {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;

// What the gateway waits for sessions at its end.
constexpr auto drain = 5s;
// For the clients of a dialect.
constexpr const char* token = "verify";
// Some dialects want ids of this form.
constexpr const char* account = "0123456789abcdef0123456789abcdef";
// Marks of a broken rule in the log.
constexpr std::string_view breaches[] = {"broke the contract", "exception crossed the plugin boundary"};

// What the plugin or its runtime library has printed, at most so many lines.
std::string printed(const std::string& log, std::size_t most) {
  std::string out;
  for (const auto& line : lines_with(log, "", 1000))
    if (most && !line.empty() && line.find("level=") == std::string::npos) out += "\n" + line, --most;
  return out;
}

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

// A plugin that came with the gateway. False: it did not.
bool link_neighbour(const std::vector<std::string>& neighbours, const std::string& directory, const std::string& name) {
  for (const auto& from : neighbours) {
    const fs::path file = fs::path(from) / (name + ".so");
    if (!fs::exists(file)) continue;
    link_plugin(file, directory, name);
    return true;
  }
  return false;
}

// What is stuck is in the longest call; what has crashed may be in any of those that were under way.
std::string inside(const std::string& calls, bool longest) {
  std::vector<std::string> names;
  for (const auto& call : plugin::open_calls(calls)) {
    std::string name = call.name + (call.name.ends_with(')') ? "" : "()");
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    if (longest) break;
  }
  return names.empty() ? std::string() : fmt::format(" inside {}", fmt::join(names, " or "));
}

}  // namespace

std::string end_of(const Ended& end, const std::string& calls) {
  return end.sentence() + inside(calls, end.late);
}

bool Facts::has(std::string_view role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

Trial::Trial(const Options& options, const Facts& facts, const std::string& directory)
    : options_(options), facts_(facts), directory_(directory), token_(std::string_view(event::make_event_id())) {}

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
                    {"admin", {{"address", "127.0.0.1:0"}, {"token", token_}}}};
  if (facts_.has("dgm.bus/1")) {
    root["buses"] = {{"main", plugin}};
    // A dialect that wants all events of a channel, so that the bus is asked for them.
    if (!channel().empty() && link_neighbour(options_.neighbours, plugins, "wazo")) {
      root["authenticators"] = {{"verify", {{"type", "static"}, {"tokens", {{{"token", token_}, {"grants", {"#"}}}}}}}};
      root["mounts"] = {{"verify",
                         {{"plugin", "wazo"},
                          {"listen", {{{"listener", "verify"}, {"path", "/"}}}},
                          {"bus", "main"},
                          {"authenticator", "verify"},
                          {"settings", {{"tls", "off"}, {"channel", channel()}}}}}};
    }
  }
  if (facts_.has("dgm.journal/1")) root["journals"] = {{"main", plugin}};
  if (facts_.has("dgm.dialect/1")) {
    root["authenticators"] = {
        {"verify",
         {{"type", "static"},
          {"tokens", {{{"token", token}, {"user", token}, {"account", account}, {"grants", json::array{"#"}}}}}}}};
    json::object mount = plugin;
    mount["listen"] = json::array{{{"listener", "verify"}, {"path", "/"}}};
    mount["bus"] = "main";
    mount["authenticator"] = "verify";
    // More than any dialect's defaults: one address is all clients.
    mount["limits"] = {{"connections_per_user", 0},
                       {"connections_per_address", 0},
                       {"connections_per_minute", 0},
                       {"messages_per_second", 0}};
    if (link_neighbour(options_.neighbours, plugins, "sqlite")) {
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

std::string Trial::check(const json::object& settings, bool* ended) {
  const std::string calls = fmt::format("{}/check{}.calls", directory_, ++round_);
  Child child({options_.program, "check", "--calls-file", calls, configure(settings)},
              fmt::format("{}/check{}.log", directory_, round_));
  const Ended end = child.wait(options_.patience);
  if (ended) *ended = end.code == 0 || end.code == 1;
  if (end.code == 0) return {};
  const std::string said = child.output();
  return end.code == 1 ? said : fmt::format("{}\n{}", end_of(end, calls), said);
}

std::string Trial::start() {
  const std::string ports = fmt::format("{}/ports{}.json", directory_, ++round_);
  calls_ = fmt::format("{}/serve{}.calls", directory_, round_);
  child_ = std::make_unique<Child>(
      std::vector<std::string>{options_.program, "serve", "--strict", "--config", configure(options_.settings),
                               "--ports-file", ports, "--calls-file", calls_},
      fmt::format("{}/serve{}.log", directory_, round_));
  breaches_ = 0;
  asked_ = false;
  const auto end = std::chrono::steady_clock::now() + options_.patience;
  while (!fs::exists(ports)) {
    if (!child_->running() || std::chrono::steady_clock::now() > end)
      return fmt::format("{}\n{}", end_of(child_->wait(0ms), calls_), complaints(child_->output()));
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
  const Ended end = child_->wait(options_.patience + drain);
  return end.code == 0 ? std::string() : end_of(end, calls_) + printed(log(), 10);
}

std::optional<RawClient> Trial::session(unsigned* status) {
  RawClient client(port_, options_.patience);
  const unsigned answer = client.handshake(options_.path, options_.headers);
  if (status) *status = answer;
  if (answer != 101) return std::nullopt;
  for (const auto& text : options_.send) client.text(text);
  return client;
}

unsigned Trial::request(const std::string& method, const std::string& target, std::string_view body, bool& whole) {
  given(fmt::format("{} {} with a body", method, target), body);
  RawClient client(port_, options_.patience);
  auto headers = options_.headers;
  headers.emplace_back("Connection", "close");
  std::string answer;
  const unsigned status = client.http(method, target, headers, body, &answer);
  whole = client.at_end();
  return status;
}

unsigned Trial::publish(const json::object& event) {
  const std::string text = json::serialize(event);
  given("an event", text);
  RawClient client(admin_port_, options_.patience);
  return client.http("POST", "/publish",
                     {{"Authorization", fmt::format("Bearer {}", token_)}, {"Content-Type", "application/json"}}, text);
}

std::string Trial::metrics() {
  RawClient client(admin_port_);
  std::string text;
  client.http("GET", "/metrics", {{"Authorization", fmt::format("Bearer {}", token_)}, {"Connection", "close"}}, {},
              &text);
  return text;
}

double Trial::metric(const std::string& name) {
  double sum = 0;
  for (const auto& line : lines_with(metrics(), name + "{", 1000)) sum += std::atof(line.c_str() + line.rfind(' '));
  return sum;
}

void Trial::given(std::string_view what, std::string_view content) {
  if (gone()) return;
  last_what_ = what;
  last_size_ = content.size();
  last_start_ = codec::valid_utf8(content) ? codec::cut_utf8(content, 200) : "(not UTF-8)";
  std::ofstream(directory_ + "/input", std::ios::binary) << content;
}

bool Trial::stuck() {
  if (!stuck_.empty()) return true;
  const auto open = plugin::open_calls(calls_);
  if (open.empty() || open.front().since < options_.patience || gone()) return false;
  stuck_ = inside(calls_, true);
  child_->signal(SIGKILL);
  child_->wait(1s);
  return true;
}

std::string Trial::channel() const {
  if (!options_.channel.empty()) return options_.channel;
  const auto* const of_all = options_.settings.if_contains("channel");
  return of_all && of_all->is_string() ? std::string(of_all->get_string()) : std::string();
}

bool Trial::dying() {
  unsigned status = 0;
  session(&status);
  for (int i = 0; status == 0 && !stuck() && !gone() && i < 200; ++i) std::this_thread::sleep_for(10ms);
  return gone();
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
  unsigned status = 0;
  const bool opens = !sessions || session(&status);
  if (!opens && status == 0) dying();
  if (stuck() || gone()) {
    if (!stuck_.empty())
      out = fmt::format("a call has not returned after {} s:{}", options_.patience.count(), stuck_);
    else if (out.empty())
      out = "the gateway is gone: " + end_of(child_->wait(0ms), calls_) + printed(this->log(), 10);
    else
      out += "; " + child_->wait(0ms).sentence();
    if (!last_what_.empty())
      out += fmt::format("\nlast it was given {} of {} bytes: {}{}", last_what_, last_size_,
                         json::serialize(json::string(last_start_)), last_size_ > last_start_.size() ? "..." : "");
    return out;
  }
  if (!opens && out.empty())
    return status ? fmt::format("a new session is refused with {} now", status)
                  : fmt::format("the gateway does not answer within {} s any more", options_.patience.count());
  return out;
}

}  // namespace dragoman::verify
