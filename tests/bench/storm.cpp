// SPDX-License-Identifier: Apache-2.0
// What happens to a gateway when another one dies: its residents get an event every 50 ms, the clients of the other are
// connected there, the other is killed, and each of its clients comes to this one at a random time within three
// seconds. Clients use TOKENS tokens and INTERESTS names of events in turn; residents have tokens of their own. Says {}
// when all are connected and waits for a line; prints a JSON object at the end. Exit codes: 0; 1 something failed; 2
// wrong usage; 3 a resident did not get every event once and in order.
//   bench_storm PORT ADMIN_PORT PID VICTIM_PORT VICTIM_PID RESIDENTS CLIENTS TOKENS INTERESTS
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "load_body.hpp"
#include "load_latencies.hpp"
#include "load_publisher.hpp"
#include "load_websocket.hpp"
#include "process_figures.hpp"

namespace dragoman::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kOpening = 128;
constexpr milliseconds kEvery{50}, kBefore{5000}, kSpread{3000}, kPatience{120000};

struct Arguments {
  std::uint16_t port, admin_port;
  pid_t process;
  std::uint16_t victim_port;
  pid_t victim;
  std::size_t residents, clients, tokens, interests;
};

struct Client {
  std::unique_ptr<WebSocket> socket;
  std::size_t replies = 0;  // of three: init, subscribe, start
  bool ready = false;
  bool back = false;        // at the survivor
  Clock::time_point since;  // connect()
  std::uint32_t next = 0;   // of a resident: the event that has to come
};

class Storm {
 public:
  explicit Storm(const Arguments& arguments) : arguments_(arguments), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::runtime_error("no epoll");
    options_.publish = {"http", "127.0.0.1", arguments.admin_port, "/publish"};
    options_.bearer = "bench";
    body_ = make_body(options_);
    clients_.resize(arguments.residents + arguments.clients);
  }

  int run() {
    open_in_turn(0, arguments_.residents, arguments_.port);
    open_in_turn(arguments_.residents, clients_.size(), arguments_.victim_port);
    std::puts("{}");
    std::fflush(stdout);
    if (std::getchar() == EOF) throw std::runtime_error("nobody wants to know");
    publisher_ = make_publisher(options_, *body_);
    watch(publisher_->fd(), clients_.size());
    next_tick_ = Clock::now();
    publishing_ = true;
    until([end = Clock::now() + kBefore] { return Clock::now() >= end; });
    storm_ = true;
    if (kill(arguments_.victim, SIGKILL) != 0) throw std::runtime_error("the other gateway is gone");
    // The end of thousands of connections is work of the kernel on this machine, and none of the survivor's.
    latencies_ = &ending_;
    until([this] { return ended_ == arguments_.clients; });
    for (std::size_t i = arguments_.residents; i < clients_.size(); ++i) return_soon(i);
    latencies_ = &during_;
    std::puts("{}");
    std::fflush(stdout);
    const double cpu = cpu_seconds(arguments_.process);
    const auto begin = Clock::now();
    until([this] { return back_ == arguments_.clients; });
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    const double storm_cpu = cpu_seconds(arguments_.process) - cpu;
    publishing_ = false;
    until([this] { return publisher_->ready() && behind() == 0; });
    std::printf(
        "{\"clients\": %zu, \"seconds\": %.3f, \"cpu_s\": %.3f, \"ready_p50_us\": %zu, \"ready_p99_us\": %zu, "
        "\"before_p50_us\": %zu, \"before_p99_us\": %zu, \"p50_us\": %zu, \"p99_us\": %zu, \"retries\": %zu, "
        "\"lost\": %zu, \"repeated\": %zu}\n",
        arguments_.clients, seconds, storm_cpu, times_.quantile(0.5), times_.quantile(0.99), before_.quantile(0.5),
        before_.quantile(0.99), during_.quantile(0.5), during_.quantile(0.99), retries_, lost_, repeated_);
    return lost_ + repeated_ > 0 ? 3 : 0;
  }

 private:
  bool resident(std::size_t number) const { return number < arguments_.residents; }

  void watch(int fd, std::size_t tag) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP;
    event.data.u64 = tag;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) throw std::runtime_error("epoll_ctl failed");
  }

  void open(std::size_t number, std::uint16_t port) {
    Client& client = clients_[number];
    client.since = Clock::now();
    client.replies = 0;
    client.ready = false;
    const std::string token = (resident(number) ? "resident-" : "token-") + std::to_string(number % arguments_.tokens);
    client.socket = std::make_unique<WebSocket>(Url{"ws", "127.0.0.1", port, "/?token=" + token}, nullptr, false);
    watch(client.socket->fd(), number);
  }

  void open_in_turn(std::size_t begin, std::size_t end, std::uint16_t port) {
    std::size_t next = begin;
    until([&] {
      std::size_t opening = 0;
      for (std::size_t i = begin; i < next; ++i) opening += !clients_[i].ready;
      for (; next < end && opening < kOpening; ++next, ++opening) open(next, port);
      return next == end && opening == 0;
    });
  }

  template <class Done>
  void until(Done done) {
    const auto give_up = Clock::now() + kPatience;
    while (!done()) {
      if (Clock::now() > give_up) throw std::runtime_error("waited in vain");
      turn();
    }
  }

  void turn() {
    const int count = epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), 1);
    now_ = Clock::now();
    for (int i = 0; i < count; ++i) {
      const std::size_t tag = events_[static_cast<std::size_t>(i)].data.u64;
      if (tag == clients_.size())
        publisher_->advance();
      else
        advance(tag);
    }
    for (auto due = returning_.begin(); due != returning_.end() && due->first <= now_; due = returning_.begin()) {
      const std::size_t number = due->second;
      returning_.erase(due);
      clients_[number].back = true;
      open(number, arguments_.port);
    }
    // From when it was due: a publisher that has to wait makes it late, too.
    if (publishing_ && now_ >= next_tick_ && publisher_->ready()) {
      due_.push_back(next_tick_);
      next_tick_ += kEvery;
      publisher_->publish(static_cast<std::uint32_t>(due_.size() - 1), 1);
    }
  }

  void advance(std::size_t number) {
    Client& client = clients_[number];
    if (!client.socket) return;
    try {
      client.socket->advance([&](std::string_view text) { message(number, text); });
    } catch (const std::exception&) {
      if (!storm_ || resident(number) || (client.back && client.ready)) throw;
      client.socket.reset();
      if (!client.back) {
        ++ended_;
        return;
      }
      ++retries_;
      return_soon(number);
    }
  }

  void return_soon(std::size_t number) {
    returning_.emplace(Clock::now() + milliseconds(random_() % static_cast<unsigned>(kSpread.count())), number);
  }

  void message(std::size_t number, std::string_view text) {
    Client& client = clients_[number];
    if (client.ready) return event(client, text);
    constexpr std::array<std::string_view, 3> expected = {"init", "subscribe", "start"};
    if (text.find(expected[client.replies]) == text.npos)
      throw std::runtime_error("unexpected message: " + std::string(text.substr(0, 200)));
    if (client.replies == 0) {
      const std::string name = resident(number) ? "bench" : "event-" + std::to_string(number % arguments_.interests);
      client.socket->queue_text(R"({"op":"subscribe","data":{"event_name":")" + name + "\"}}");
    } else if (client.replies == 1) {
      client.socket->queue_text(R"({"op":"start"})");
    }
    if (++client.replies < expected.size()) return;
    client.ready = true;
    if (!client.back) return;
    times_.add(now_ - client.since);
    ++back_;
  }

  void event(Client& client, std::string_view text) {
    std::uint32_t sequence = 0;
    if (!body_->read(text, sequence) || sequence >= due_.size()) throw std::runtime_error("an event nobody wants");
    if (sequence < client.next) {
      ++repeated_;
      return;
    }
    lost_ += sequence - client.next;
    client.next = sequence + 1;
    latencies_->add(now_ - due_[sequence]);
  }

  std::size_t behind() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < arguments_.residents; ++i) count += clients_[i].next < due_.size();
    return count;
  }

  const Arguments arguments_;
  Options options_;
  std::unique_ptr<EventBody> body_;
  int epoll_;
  std::vector<epoll_event> events_ = std::vector<epoll_event>(1024);
  std::vector<Client> clients_;  // residents first
  std::unique_ptr<Publisher> publisher_;
  std::multimap<Clock::time_point, std::size_t> returning_;
  std::mt19937 random_{1};
  std::vector<Clock::time_point> due_;  // of events by their number
  Clock::time_point now_, next_tick_;
  Latencies times_, before_, ending_, during_;
  Latencies* latencies_ = &before_;
  bool publishing_ = false, storm_ = false;
  std::size_t ended_ = 0, back_ = 0, retries_ = 0, lost_ = 0, repeated_ = 0;
};

}  // namespace
}  // namespace dragoman::bench

int main(int argc, char** argv) {
  if (argc != 10) {
    std::fprintf(stderr,
                 "usage: bench_storm PORT ADMIN_PORT PID VICTIM_PORT VICTIM_PID RESIDENTS CLIENTS TOKENS INTERESTS\n");
    return 2;
  }
  const auto number = [&](int i) { return std::strtoul(argv[i], nullptr, 10); };
  const auto port = [&](int i) { return static_cast<std::uint16_t>(number(i)); };
  const auto process = [&](int i) { return static_cast<pid_t>(number(i)); };
  try {
    dragoman::bench::Storm storm(
        {port(1), port(2), process(3), port(4), process(5), number(6), number(7), number(8), number(9)});
    return storm.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_storm: %s\n", error.what());
    return 1;
  }
}
