// SPDX-License-Identifier: Apache-2.0
// Clients of a dialect that know nothing of its protocol, but for what Options::send says.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <thread>

#include "codec/utf8.hpp"
#include "verify/nonsense.hpp"
#include "verify/scenarios.hpp"

namespace dragoman::verify {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr auto fuzzing_time = 20s;

constexpr const char* crash_advice =
    "Say --keep DIRECTORY to have the configuration and the last input there; then repeat it in a debugger: "
    "gdb --args dragoman serve --strict --config DIRECTORY/dragoman.yaml. A gateway and a plugin that are built with "
    "-fsanitize=address,undefined say more.";
constexpr const char* internal_advice =
    "Answer what a client says wrongly in the words of the dialect, or close the session with a code of 1002 to 1008: "
    "an error status or an exception of session_message() counts as a fault of the plugin.";

constexpr const char* unfinished_advice =
    "Who pauses a session resumes it, and who begins a message with DGM_PART_FIRST ends it with DGM_PART_LAST, also "
    "where something fails in between.";
constexpr const char* http_advice =
    "Answer each request with respond(), or with begin(), part() and end() or abort(), also where something fails; an "
    "error status or an exception of request() is answered with 500.";

class Dialect {
 public:
  Dialect(const Options& options, const Facts& facts, Trial& trial, Report& report)
      : options_(options), trial_(trial), report_(report), serves_http_(facts.has("dgm.http/1")) {}

  void run();

 private:
  // Runs one scenario, whose answer is what was seen to be wrong. False: the gateway is gone.
  template <class F>
  bool scenario(const std::string& name, F&& f, const char* advice = internal_advice) {
    if (stopped_) return false;
    const std::string wrong = f();
    if (const std::string trouble = trial_.trouble(); !trouble.empty())
      report_.fail(name, trouble, crash_advice);
    else if (!wrong.empty())
      report_.fail(name, wrong, unfinished_ ? unfinished_advice : advice);
    else
      report_.pass(name);
    stopped_ = unfinished_ || late_ || trial_.gone();
    if (stopped_) report_.skip("the rest", fmt::format("not tried after \"{}\"", name), "Mend what failed first.");
    return !stopped_;
  }

  RawClient session() {
    auto client = trial_.session();
    return client ? std::move(*client) : RawClient(trial_.port());
  }
  // Says it, and waits until all before it has been worked off; what is wrong with how that ends.
  std::string say(RawClient& client, int opcode, const std::string& message);
  std::string say_all(const std::vector<std::string>& messages, int opcode);
  void fuzz();

  std::string events();
  std::string hundred();
  std::string slow_reader();
  std::string resets();
  std::string half_close();
  std::string control_frames();
  std::string too_large();
  std::string invalid_utf8();
  void requests();
  void restart();

  const Options& options_;
  Trial& trial_;
  Report& report_;
  const bool serves_http_;
  std::vector<std::string> heard_;  // to fuzz with
  // Somebody waited in vain, as all others would: for what was begun, or for an answer.
  bool unfinished_ = false, late_ = false;
  bool stopped_ = false;
};

std::string Dialect::say(RawClient& client, int opcode, const std::string& message) {
  const auto end = std::chrono::steady_clock::now() + options_.patience;
  const auto after = [&] {
    return fmt::format(" after {} of {} bytes: {}", opcode == 1 ? "text" : "binary", message.size(),
                       json::serialize(json::string(message.substr(0, 60))));
  };
  trial_.given(opcode == 1 ? "text" : "binary", message);
  // A pong comes when the messages before the ping have been given to the plugin.
  if (client.frame(opcode, message)) client.frame(9, "?");
  for (bool answered = false;;) {
    const auto frame = client.next(100ms);
    if (!frame) {
      unfinished_ = std::chrono::steady_clock::now() > end;
      if (!unfinished_ && !trial_.stuck()) continue;
      return (answered ? "a message in parts has no last part" : "a session, perhaps paused, reads nothing more") +
             after();
    }
    answered = answered || frame->opcode == 10;
    if (answered && !client.inside_message()) return {};
    if (frame->opcode == 1 && !codec::valid_utf8(frame->payload)) return "a client was sent text that is not UTF-8";
    if (frame->opcode == 1 && heard_.size() < 100) heard_.push_back(frame->payload);
    if (frame->opcode != 8) continue;
    if (frame->code() == 1006 && trial_.dying()) return {};
    unfinished_ = client.inside_message() && frame->code() != 1006;
    if (unfinished_) return "the session ended inside a message in parts, without the last part," + after();
    client = session();
    if (frame->code() == 1011) return "the session ended with 1011 (internal error)" + after();
    return {};
  }
}

std::string Dialect::say_all(const std::vector<std::string>& messages, int opcode) {
  for (const auto& message : messages) {
    RawClient client = session();
    if (std::string wrong = say(client, opcode, message); !wrong.empty()) return wrong;
    if (trial_.gone()) break;
  }
  return {};
}

std::string Dialect::too_large() {
  RawClient client = session();
  client.text(std::string((1u << 20) + 1, 'x'));
  const auto end = client.next_of(8, 10s);
  if (!end || (end->code() != 1009 && end->code() != 1006))
    return "a message above message_bytes is not answered with 1009";
  RawClient other = session();
  return say(other, 1, "{\"a\":\"" + std::string((1u << 20) - 8, 'x') + "\"}");
}

std::string Dialect::invalid_utf8() {
  RawClient client = session();
  client.text("\xff\xfe");
  const auto end = client.next_of(8, 10s);
  return end ? std::string() : "text that is no UTF-8 does not end the session";
}

std::string Dialect::control_frames() {
  RawClient client = session();
  client.frame(9, "one");
  client.frame(1, "{\"a\"", false);
  client.frame(9, "two");
  client.frame(10, "unasked");
  client.frame(0, ":1}", true);
  for (int i = 0; i < 2; ++i) {
    const auto pong = client.next_of(10, 10s);
    if (!pong) return "a ping between fragments is not answered";
    if (pong->opcode == 8) return pong->code() == 1011 ? "a message in fragments ends the session with 1011" : "";
  }
  client.frame(8, std::string("\x03\xe8") + "bye");
  return client.next_of(8, 10s) ? std::string() : "a close is not answered";
}

std::string Dialect::half_close() {
  RawClient client = session();
  client.text("{}");
  client.half_close();
  return client.next_of(8, 40s) ? std::string() : "a session whose client has closed its half does not end";
}

std::string Dialect::resets() {
  for (int i = 0; i < 20; ++i) {
    RawClient client = session();
    client.text("{}");
    if (i % 2) client.bytes("\x81\xfe");
    client.reset();
  }
  return {};
}

std::string Dialect::hundred() {
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) {
    unsigned status = 0;
    auto client = trial_.session(&status);
    if (!client) return fmt::format("session {} of 100 is refused with {}", i + 1, status);
    clients.push_back(std::move(*client));
  }
  for (auto& client : clients) client.text("{}");
  trial_.publish({{"channel", "news"}, {"key", "all"}, {"body", "{}"}});
  for (auto& client : clients)
    if (std::string wrong = say(client, 1, "{}"); !wrong.empty()) return wrong;
  return {};
}

std::string Dialect::slow_reader() {
  RawClient client = session();
  const std::string message = "{\"type\":\"" + std::string(60'000, 'x') + "\"}";
  for (int i = 0; i < 100; ++i) {
    if (!client.text(message)) break;
    trial_.publish({{"channel", "news"}, {"key", "flood"}, {"body", std::string(60'000, 'y')}});
  }
  client.reset();
  return {};
}

std::string Dialect::events() {
  RawClient client = session();
  for (const json::object& event : options_.events)
    if (const unsigned status = trial_.publish(event); status != 200)
      return fmt::format("publishing {} is answered with {}", json::serialize(event), status);
  const std::string large(1u << 20, 'z');
  const char* const bodies[] = {"{}",
                                "null",
                                "[]",
                                "7",
                                "\"text\"",
                                "not json",
                                "",
                                "{\"a\":",
                                "{\"name\":1,\"data\":[]}",
                                "\xc3\xa9\\u0000",
                                large.c_str()};
  for (const char* const channel : {"news", "", "\xc3\xa9 \"x\"", "a.b"})
    for (const char* const key : {"a.b.c", "", "*", "#", "..."})
      for (const char* const body : bodies) {
        const bool huge = body == large.c_str();
        if (huge && (*key != 'a' || *channel != 'n')) continue;
        const unsigned status =
            trial_.publish({{"channel", channel},
                            {"key", key},
                            {"body", body},
                            {"attributes", {{"name", body == bodies[1] ? "x" : ""}, {"\xc3\xa9", key}}}});
        if (status && status != 200 && status != 503)
          return fmt::format("publishing an event is answered with {}", status);
        if (!status) return "publishing an event is not answered within 10 s";
      }
  return say(client, 1, "{}");
}

void Dialect::fuzz() {
  std::vector<std::string> corpus = options_.send;
  corpus.insert(corpus.end(), heard_.begin(), heard_.end());
  Fuzzer fuzzer(options_.seed, std::move(corpus));
  std::vector<std::string> bodies;
  for (const json::object& event : options_.events)
    if (const auto* const body = event.if_contains("body"))
      bodies.push_back(body->is_string() ? std::string(body->get_string()) : json::serialize(*body));
  Fuzzer body_fuzzer(options_.seed, std::move(bodies));
  const auto publish = [&](std::size_t i) {
    json::object event{{"channel", "news"}, {"key", "fuzz"}};
    if (!options_.events.empty()) event = options_.events[i % options_.events.size()];
    event["body"] = body_fuzzer.next();
    trial_.publish(event);
  };
  const auto end = std::chrono::steady_clock::now() + fuzzing_time;
  unsigned n = 0;
  const auto in_time = [&] { return n < options_.messages && std::chrono::steady_clock::now() < end; };
  scenario(fmt::format("fuzzing with the seed {}", options_.seed), [&]() -> std::string {
    while (in_time()) {
      RawClient client = session();
      for (int i = 0; i < 20 && in_time(); ++i, ++n) {
        const std::string message = fuzzer.next();
        if (n % 7 == 0) publish(n / 7);
        if (std::string wrong = say(client, n % 11 ? 1 : 2, message); !wrong.empty()) return wrong;
        if (trial_.gone()) return {};
      }
    }
    return {};
  });
}

void Dialect::requests() {
  if (options_.requests.empty()) {
    if (serves_http_ && !stopped_)
      report_.skip("plain HTTP", "no request was said", "Say what it answers: --request 'GET /path'.");
    return;
  }
  scenario(
      "plain HTTP",
      [&]() -> std::string {
        for (const auto& request : options_.requests) {
          const auto space = request.find(' ');
          const std::string method = request.substr(0, space), target = request.substr(space + 1);
          std::vector<std::string> bodies = {""};
          if (method != "GET" && method != "HEAD") bodies.insert(bodies.end(), nonsense().begin(), nonsense().end());
          for (const auto& body : bodies) {
            bool whole = false;
            const unsigned status = trial_.request(method, target, body, whole);
            if (!status && trial_.dying()) return {};
            late_ = !status || !whole;
            const std::string what = fmt::format("{} with a body of {} bytes", request, body.size());
            if (!status) return what + " is not answered";
            if (!whole) return what + " gets an answer that does not end";
            if (status == 500) return what + " is answered with 500";
          }
        }
        return {};
      },
      http_advice);
}

void Dialect::restart() {
  if (stopped_) return;
  std::vector<RawClient> clients;
  for (int i = 0; i < 20; ++i)
    if (auto client = trial_.session()) clients.push_back(std::move(*client));
  for (auto& client : clients) client.text("{}");
  trial_.ask_to_stop();
  // Whoever comes now may be refused.
  for (int i = 0; i < 5; ++i) RawClient(trial_.port()).handshake(options_.path, options_.headers);
  const auto deadline = std::chrono::steady_clock::now() + options_.patience;
  const auto untold = std::count_if(clients.begin(), clients.end(), [&](RawClient& client) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const auto end = client.next_of(8, std::max(left, 0ms));
    client.frame(8, end ? end->payload : std::string());
    return !end || end->code() == 1006;
  });
  if (const std::string wrong = trial_.stop(); !wrong.empty())
    return report_.fail("shutdown with 20 sessions",
                        fmt::format("{}\n{}", wrong, fmt::join(lines_with(trial_.log(), "level=error", 3), "\n")),
                        "stop() and session_close() must return at once; destroy() frees what is left.");
  if (untold)
    report_.fail("shutdown with 20 sessions", fmt::format("{} clients were not told", untold),
                 "Say nothing in stop(): the gateway closes sessions with 1001 when it is done.");
  else
    report_.pass("shutdown with 20 sessions");
  if (std::string wrong = trial_.start(); !wrong.empty()) {
    report_.fail("restart", wrong, "What it left in the state directory keeps it from starting.");
    return;
  }
  scenario("restart", [] { return std::string(); });
  if (const std::string wrong = trial_.stop(); !wrong.empty()) report_.fail("shutdown", wrong, crash_advice);
}

void Dialect::run() {
  unsigned status = 0;
  if (!trial_.session(&status)) {
    if (const std::string trouble = trial_.trouble(false); !trouble.empty())
      return report_.fail("open", trouble, crash_advice);
    if (status == 0 || status >= 500)
      return report_.fail("open", fmt::format("the handshake is answered with {}", status),
                          "upgrade() failed, or the session could not be opened.");
    return report_.skip("sessions", fmt::format("the handshake at {} is answered with {}", options_.path, status),
                        "Say where and how sessions are opened: --path '/ws?token=verify', --header 'NAME: VALUE'. The "
                        "token \"verify\" is one that the authenticator knows.");
  }
  scenario("open", [&] {
    RawClient client = session();
    return say(client, 1, "{}");
  });
  scenario("nonsense as text", [&] { return say_all(nonsense(), 1); });
  scenario("nonsense as binary", [&] { return say_all(nonsense(), 2); });
  scenario("large messages", [&] { return too_large(); });
  scenario("text that is no UTF-8", [&] { return invalid_utf8(); });
  scenario("control frames and fragments", [&] { return control_frames(); });
  scenario("half-closed connections", [&] { return half_close(); });
  requests();
  scenario("reset connections", [&] { return resets(); });
  scenario("100 sessions", [&] { return hundred(); });
  scenario("a client that does not read", [&] { return slow_reader(); });
  scenario("events of all kinds", [&] { return events(); });
  fuzz();
  if (!stopped_) judge_hooks(trial_, report_);
  restart();
}

}  // namespace

void try_dialect(const Options& options, const Facts& facts, Trial& trial, Report& report) {
  Dialect(options, facts, trial, report).run();
}

}  // namespace dragoman::verify
