// SPDX-License-Identifier: Apache-2.0
// A bus runs beside the gateway, takes events or says that it cannot, and gives them back to a dialect that wants all
// of its channel. A broker that is not there is no fault of the plugin.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <thread>

#include "verify/nonsense.hpp"
#include "verify/scenarios.hpp"

namespace dragoman::verify {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* answer_advice =
    "publish() answers at once, and completes every event exactly once: with DGM_OK when the broker has it, with "
    "DGM_E_INVALID when it never can, and with DGM_E_UNAVAILABLE while there is no broker.";
constexpr const char* crash_advice =
    "Say --keep DIRECTORY to have the configuration there; then repeat it in a debugger: gdb --args dragoman serve "
    "--strict --config DIRECTORY/dragoman.yaml.";
// After the first attempt that failed, or that nobody has heard of.
constexpr auto second_attempt = 1s, first_attempt = 10s;

template <class F>
bool soon(std::chrono::milliseconds patience, F&& holds) {
  const auto end = Clock::now() + patience;
  while (!holds()) {
    if (Clock::now() > end) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

// Of a line of the log.
std::string sentence_of(const std::string& line) {
  const auto at = line.find("why=");
  return at == std::string::npos ? line : line.substr(at + 4);
}

class Bus {
 public:
  Bus(const Options& options, Trial& trial, Report& report) : options_(options), trial_(trial), report_(report) {}

  void run() {
    connect();
    if (trouble("connection")) return;
    // Without one that wants them the bus need not ask for events.
    const bool heard = connected_ && !trial_.channel().empty() && trial_.port() && subscribed();
    publish();
    if (trouble("publishing")) return;
    if (!wrong_.empty()) return report_.fail("publishing", wrong_, answer_advice);
    report_.pass("publishing", fmt::format("{} events taken, {} refused", taken_, refused_));
    if (heard) return come_back();
    if (connected_)
      report_.skip("events come back", "nobody wanted events of the bus",
                   "Say --channel with a channel that the broker has, where the plugin wazo came with the gateway.");
  }

 private:
  bool trouble(const char* scenario) {
    const std::string trouble = trial_.trouble(false);
    if (!trouble.empty()) report_.fail(scenario, trouble, crash_advice);
    return !trouble.empty();
  }

  void connect() {
    const auto is = [&] { return trial_.metric("dragoman_bus_connected") > 0; };
    const auto failed = [&] { return lines_with(trial_.log(), "bus cannot be reached", 1); };
    soon(first_attempt, [&] { return trial_.gone() || is() || !failed().empty(); });
    connected_ = soon(second_attempt, [&] { return trial_.gone() || is(); }) && !trial_.gone();
    if (trial_.gone()) return;
    if (connected_) return report_.pass("connection");
    const auto why = failed();
    report_.skip("connection",
                 why.empty() ? "the broker does not answer, and nothing was logged" : sentence_of(why.front()),
                 "There is nothing at the address of the settings, which the plugin is not to be blamed for. Start a "
                 "broker, and try again: what follows shows only how the plugin does without.");
  }

  bool subscribed() {
    client_ = trial_.session();
    return client_ && client_->next_of(1, options_.patience);
  }

  void publish(const std::string& channel, const std::string& key, const std::string& body) {
    const unsigned status = trial_.publish(
        {{"channel", channel}, {"key", key}, {"body", body}, {"attributes", {{"name", "verify"}, {"key", key}}}});
    if (status == 200) ++taken_;
    // Not for this bus, or not there: each is an answer.
    if (status == 400 || status == 413 || status == 422 || status == 429 || status == 503) ++refused_;
    if (!wrong_.empty()) return;
    if (!status && trial_.dying()) return;
    if (!status)
      wrong_ = fmt::format("there was no answer within {} s", options_.patience.count());
    else if (status != 200 && status >= 500 && status != 503)
      wrong_ = fmt::format("the answer is {}", status);
  }

  void publish() {
    for (int i = 0; i < 20 && wrong_.empty(); ++i)
      publish(trial_.channel(), fmt::format("a.{}", i), "{\"name\":\"x\"}");
    good_ = taken_;
    const std::string large(1u << 20, 'z'), name(255, 'n');
    for (const char* const key : {"", "*", "#", ">", "...", "/", "+/$x", " ", "\xc3\xa9", name.c_str()})
      for (const std::string& channel : {trial_.channel(), std::string("\xc3\xa9 \"x\"")})
        if (wrong_.empty()) publish(channel, key, "{}");
    for (const auto& body : nonsense())
      if (wrong_.empty()) publish(trial_.channel(), "nonsense", body);
    if (wrong_.empty()) publish(trial_.channel(), "large", large);
  }

  void come_back() {
    const auto came = [&] { return trial_.metric("dragoman_bus_events_total"); };
    if (!good_)
      return report_.skip("events come back",
                          fmt::format("the broker took no event of the channel {}", trial_.channel()),
                          "Say --channel with one that it has.");
    if (!soon(options_.patience, [&] { return came() >= good_ || trial_.gone(); }))
      return report_.fail("events come back", fmt::format("{} events of {} came", came(), good_),
                          "watch() asks the broker for what is wanted, and deliver() gets what comes.");
    if (!trouble("events come back")) report_.pass("events come back", fmt::format("{} events", came()));
  }

  const Options& options_;
  Trial& trial_;
  Report& report_;
  bool connected_ = false;
  unsigned taken_ = 0, refused_ = 0, good_ = 0;
  std::optional<RawClient> client_;
  std::string wrong_;
};

}  // namespace

void try_bus(const Options& options, Trial& trial, Report& report) {
  Bus(options, trial, report).run();
}

}  // namespace dragoman::verify
