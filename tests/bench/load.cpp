// SPDX-License-Identifier: Apache-2.0
// Load generator of the benchmarks, one thread: opens N sessions over WebSocket or SockJS, plays the script of the
// dialect on each, publishes events and checks that each subscriber gets each event once and in order. The next burst
// goes out only after everybody has the last one, so what is measured is work, not queueing. Prints one JSON object.
// Exit codes: 0; 1 something failed; 2 wrong usage; 3 events were lost, repeated, out of order or damaged.

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "load_body.hpp"
#include "load_latencies.hpp"
#include "load_options.hpp"
#include "load_publisher.hpp"
#include "load_sockjs.hpp"
#include "load_websocket.hpp"
#include "process_figures.hpp"

namespace dragoman::bench {
namespace {

using Clock = std::chrono::steady_clock;

// How many connections are between connect() and the end of their script at a time: below the backlog of the servers.
constexpr std::size_t kOpening = 128;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

struct Subscriber {
  std::unique_ptr<Session> socket;
  std::size_t step = 0;
  bool ready = false;
  std::uint32_t next = 0;  // sequence number that has to come
};

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options), body_(make_body(options)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::runtime_error("no epoll");
    if (options.url.tls()) context_ = make_ssl_context();
    if (options.url.scheme == "http") {
      sender_ = std::make_unique<XhrSender>(options.url);
      watch(sender_->fd(), kSender);
    }
    on_message_ = [this](std::string_view text) { message(text); };
  }

  int run() {
    const std::int64_t memory_before = options_.idle >= 0 ? private_bytes(options_.process) : 0;
    const double cpu_before_connecting = server_cpu();
    const auto begin_to_connect = Clock::now();
    connect_all();
    connect_seconds_ = seconds_between(begin_to_connect, Clock::now());
    connect_cpu_ = server_cpu() - cpu_before_connecting;
    if (options_.idle >= 0) return report_idle(memory_before);
    if (options_.events == 0) return 0;
    publisher_ = make_publisher(options_, *body_);
    watch(publisher_->fd(), kPublisher);
    wait_until([this] { return publisher_->ready(); }, "the publisher to connect");
    publish_all(options_.warm_up);
    measured_ = true;
    const double cpu_before = server_cpu();
    const auto begin = Clock::now();
    publish_all(options_.events);
    const double seconds = seconds_between(begin, Clock::now());
    // The server may still be finishing its turn; and what nobody waits for, a copy too many, gets time to arrive.
    linger(std::chrono::milliseconds(50));
    report(seconds, server_cpu() - cpu_before);
    return wrong() ? 3 : 0;
  }

 private:
  static constexpr std::uint64_t kPublisher = UINT64_MAX;
  static constexpr std::uint64_t kSender = UINT64_MAX - 1;

  std::unique_ptr<Session> open_session(std::size_t number) {
    Url url = options_.url;
    url.target = fill(url.target, number);
    if (sender_) return std::make_unique<XhrStream>(url, *sender_);
    if (options_.sockjs) return std::make_unique<SockjsWebSocket>(url, context_.get());
    return std::make_unique<WebSocket>(url, context_.get(), options_.deflate);
  }

  std::uint32_t group(const Subscriber& subscriber) const {
    return static_cast<std::uint32_t>(&subscriber - subscribers_.data()) % options_.groups;
  }

  std::string fill(std::string text, std::size_t number) const {
    const auto group = static_cast<std::uint32_t>(number) % options_.groups;
    const auto put = [&](std::string_view name, const auto& value) {
      for (std::size_t at; (at = text.find(name)) != std::string::npos;) text.replace(at, name.size(), value());
    };
    put("{n}", [&] { return std::to_string(number); });
    put("{g}", [&] { return std::to_string(group); });
    put("{token}", [&] { return options_.tokens.at(number); });
    put("{devices}", [&] {
      std::string list;
      for (std::uint32_t device = group; device < options_.devices; device += options_.groups)
        list.append(list.empty() ? "[" : ",").append(std::to_string(device));
      return list.append("]");
    });
    return text;
  }

  void watch(int fd, std::uint64_t tag) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP;
    event.data.u64 = tag;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) throw std::runtime_error("epoll_ctl failed");
  }

  void connect_all() {
    subscribers_.resize(options_.connections);
    std::size_t begun = 0;
    const auto open_more = [&] {
      while (begun < subscribers_.size() && begun - ready_ < kOpening) {
        Subscriber& subscriber = subscribers_[begun];
        subscriber.socket = open_session(begun);
        subscriber.next = group(subscriber);
        watch(subscriber.socket->fd(), begun);
        ++begun;
      }
      return ready_ == subscribers_.size();
    };
    wait_until(open_more, "the subscribers to connect");
  }

  template <class Done>
  void wait_until(Done done, const char* what) {
    auto last = Clock::now();
    std::uint64_t progress = progress_;
    while (!done()) {
      turn(100);
      const auto now = Clock::now();
      if (progress != progress_) {
        progress = progress_;
        last = now;
      } else if (seconds_between(last, now) > options_.patience) {
        gave_up_ = true;
        throw std::runtime_error(std::string("nothing happened while waiting for ") + what);
      }
    }
  }

  void linger(std::chrono::milliseconds duration) {
    const auto end = Clock::now() + duration;
    while (Clock::now() < end) turn(10);
  }

  void turn(int timeout_ms) {
    const int count = epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), timeout_ms);
    now_ = Clock::now();
    for (int i = 0; i < count; ++i) {
      const std::uint64_t tag = events_[static_cast<std::size_t>(i)].data.u64;
      if (tag == kPublisher) {
        publisher_->advance();
        ++progress_;
      } else if (tag == kSender) {
        sender_->advance();
      } else {
        current_ = &subscribers_[tag];
        current_->socket->advance(on_message_);
        if (!current_->ready && current_->socket->open()) play();
      }
    }
  }

  // Sends what the script says up to the next message it waits for.
  void play() {
    const std::size_t size = options_.script.size();
    while (current_->step < size && options_.script[current_->step].send) {
      current_->socket->queue_text(
          fill(options_.script[current_->step].text, static_cast<std::size_t>(current_ - subscribers_.data())));
      ++current_->step;
    }
    current_->socket->flush();
    if (current_->step == size) {
      current_->ready = true;
      ++ready_;
      if (current_->socket->deflate()) ++deflating_;
    }
    ++progress_;
  }

  void message(std::string_view text) {
    if (!current_->ready) {
      const bool expected = current_->step < options_.script.size() && !options_.script[current_->step].send;
      if (!expected || text.find(options_.script[current_->step].text) == std::string_view::npos) {
        throw std::runtime_error("unexpected message: " + std::string(text.substr(0, 200)));
      }
      ++current_->step;
      play();
      return;
    }
    ++progress_;
    std::uint32_t sequence = 0;
    if (!body_->read(text, sequence) || sequence >= published_ || sequence % options_.groups != group(*current_)) {
      ++damaged_;
      return;
    }
    if (sequence < current_->next) {
      ++repeated_;
      return;
    }
    lost_ += (sequence - current_->next) / options_.groups;
    current_->next = sequence + options_.groups;
    ++received_;
    if (measured_) latencies_.add(now_ - burst_begin_);
  }

  void publish_all(std::uint32_t events) {
    for (std::uint32_t done = 0; done < events;) {
      const std::uint32_t count = std::min(options_.burst, events - done);
      const std::uint64_t wanted =
          received_ + lost_ + static_cast<std::uint64_t>(count) * subscribers_.size() / options_.groups;
      burst_begin_ = Clock::now();
      const std::uint32_t first = published_;
      published_ += count;
      publisher_->publish(first, count);
      wait_until([&] { return received_ + lost_ >= wanted && publisher_->ready(); }, "an event to be delivered");
      done += count;
    }
  }

  double server_cpu() const { return options_.process > 0 ? cpu_seconds(options_.process) : 0; }

  int report_idle(std::int64_t memory_before) {
    linger(std::chrono::milliseconds(static_cast<std::int64_t>(options_.idle * 1000)));
    const std::int64_t grown = private_bytes(options_.process) - memory_before;
    std::printf(
        "{\"connections\": %zu, \"deflate\": %s, \"bytes_per_connection\": %.0f, \"connect_s\": %.3f, "
        "\"connect_cpu_s\": "
        "%.3f}\n",
        subscribers_.size(), deflating_ == subscribers_.size() ? "true" : "false",
        static_cast<double>(grown) / static_cast<double>(subscribers_.size()), connect_seconds_, connect_cpu_);
    return 0;
  }

  void report(double seconds, double cpu) const {
    const double deliveries =
        static_cast<double>(options_.events) * static_cast<double>(subscribers_.size()) / options_.groups;
    std::printf("{\"deliveries\": %.0f, \"seconds\": %.6f, ", deliveries, seconds);
    if (options_.process > 0) {
      std::printf("\"cpu_s\": %.6f, \"cpu_s_per_million\": %.6f, ", cpu, cpu / deliveries * 1e6);
    }
    std::printf("\"p50_us\": %zu, \"p99_us\": %zu, \"lost\": %llu, \"repeated\": %llu, \"damaged\": %llu}\n",
                latencies_.quantile(0.5), latencies_.quantile(0.99), static_cast<unsigned long long>(lost_),
                static_cast<unsigned long long>(repeated_), static_cast<unsigned long long>(damaged_));
  }

 public:
  // Waiting in vain for deliveries is loss, too.
  bool wrong() const { return lost_ + repeated_ + damaged_ > 0 || (gave_up_ && published_ > 0); }

 private:
  const Options& options_;
  std::unique_ptr<EventBody> body_;
  SslContext context_;
  int epoll_;
  std::vector<epoll_event> events_ = std::vector<epoll_event>(1024);
  std::unique_ptr<XhrSender> sender_;
  std::vector<Subscriber> subscribers_;
  std::unique_ptr<Publisher> publisher_;
  Session::OnMessage on_message_;
  Subscriber* current_ = nullptr;  // whose bytes are taken now
  Latencies latencies_;
  Clock::time_point now_;
  Clock::time_point burst_begin_;
  bool measured_ = false;
  bool gave_up_ = false;
  double connect_seconds_ = 0, connect_cpu_ = 0;
  std::size_t ready_ = 0;
  std::size_t deflating_ = 0;
  std::uint64_t progress_ = 0;  // changes whenever something happened
  std::uint32_t published_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t repeated_ = 0;  // a second time, or after a later one
  std::uint64_t damaged_ = 0;
};

}  // namespace
}  // namespace dragoman::bench

int main(int argc, char** argv) {
  const dragoman::bench::Options options = dragoman::bench::parse_options(argc, argv);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  std::unique_ptr<dragoman::bench::Load> load;
  try {
    load = std::make_unique<dragoman::bench::Load>(options);
    return load->run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_load: %s\n", error.what());
    return load && load->wrong() ? 3 : 1;
  }
}
