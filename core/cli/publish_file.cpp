// SPDX-License-Identifier: Apache-2.0
#include "cli/publish_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "cli/commands.hpp"
#include "cli/event_line.hpp"
#include "cli/event_sender.hpp"
#include "cli/http_client.hpp"
#include "cli/line_reader.hpp"
#include "cli/progress.hpp"
#include "cli/settings.hpp"
#include "cli/stop_signal.hpp"

namespace dragoman::cli {
namespace {

// The bound of admin.body_bytes is the gateway's to know; this one keeps memory bounded whatever it is.
constexpr std::size_t longest_line = 16 << 20;
constexpr std::size_t batch_bytes = 1 << 20;

class Input {
 public:
  explicit Input(const std::string& path) : fd_(path == "-" ? STDIN_FILENO : open_file(path)) {
    struct stat status {};
    if (::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode)) size_ = static_cast<std::uint64_t>(status.st_size);
  }
  ~Input() {
    if (fd_ != STDIN_FILENO) ::close(fd_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  int fd() const { return fd_; }
  std::uint64_t size() const { return size_; }  // 0: not known

 private:
  static int open_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) throw Failure(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    return fd;
  }
  int fd_;
  std::uint64_t size_ = 0;
};

class FilePublisher {
 public:
  explicit FilePublisher(const PublishFileOptions& options)
      : skip_bad_(options.skip_bad),
        input_(options.file),
        lines_(input_.fd(), longest_line),
        progress_(input_.size()),
        client_(options.url, options.token, &stop_),
        sender_(client_, stop_, {options.target, std::chrono::seconds(options.retry_seconds)},
                {[this] { progress_.show(lines_.bytes(), sender_.accepted()); },
                 [this](std::uint64_t line, const std::string& sentence) { bad(line, sentence); },
                 [this](const std::string& reason) { say(fmt::format("{}; trying again", reason)); }}) {
    if (options.bodies) envelope_.emplace(options.channel, options.key, options.attributes);
  }

  int run() {
    int code = exit_ok;
    std::string failure;
    try {
      send_all();
    } catch (const Failure& error) {
      code = exit_failure;
      failure = error.what();
    } catch (const Interrupted& interrupted) {
      code = 128 + interrupted.signal;
    }
    progress_.clear();
    fmt::print("{}\n", summary());
    std::fflush(stdout);
    if (!failure.empty()) throw Failure(failure);
    return code;
  }

 private:
  void send_all() {
    std::string_view line;
    for (;;) {
      switch (lines_.next(line)) {
        case LineStatus::need_more:
          // Whoever writes a line now and then wants it sent now.
          if (!stop_.wait(input_.fd(), 0)) {
            flush();
            stop_.wait(input_.fd(), -1);
          }
          lines_.fill();
          progress_.show(lines_.bytes(), sender_.accepted());
          break;
        case LineStatus::line:
          add(line);
          break;
        case LineStatus::too_long:
          flush();
          bad(lines_.number(), fmt::format("the line is longer than {}", size_text(longest_line)));
          break;
        case LineStatus::end:
          return flush();
      }
    }
  }

  void add(std::string_view line) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) return;
    EventLine event;
    try {
      event = envelope_ ? envelope_->event(lines_.number(), line) : read_event_line(lines_.number(), line);
    } catch (const BadLine& error) {
      // What stands before it is sent, so that everything before the reported line is done.
      if (!skip_bad_) flush();
      return bad(lines_.number(), error.what());
    }
    if (pending_bytes_ + event.text.size() > batch_bytes) flush();
    pending_bytes_ += event.text.size();
    pending_.push_back(std::move(event));
    if (pending_.size() >= SenderOptions().batch_events) flush();
  }

  void flush() {
    sender_.send(pending_);
    pending_.clear();
    pending_bytes_ = 0;
  }

  void bad(std::uint64_t number, const std::string& sentence) {
    const std::string text = fmt::format("line {}: {}", number, sentence);
    if (!skip_bad_) throw Failure(text);
    ++skipped_;
    say(text);
  }

  void say(const std::string& text) {
    progress_.clear();
    fmt::print(stderr, "dragoman: {}\n", text);
  }

  std::string summary() const {
    const double seconds = progress_.seconds();
    std::string out = fmt::format("{} accepted in {:.2f} s ({}/s)", count_of(sender_.accepted(), "event"), seconds,
                                  rate_of(sender_.accepted(), seconds));
    if (skipped_) out += fmt::format(", {} skipped", count_of(skipped_, "bad line"));
    if (const auto n = sender_.unanswered()) out += fmt::format(", {} sent without an answer", n);
    return out;
  }

  const bool skip_bad_;
  const StopSignal stop_;
  Input input_;
  LineReader lines_;
  Progress progress_;
  HttpClient client_;
  EventSender sender_;
  std::optional<BodyEnvelope> envelope_;
  std::vector<EventLine> pending_;
  std::size_t pending_bytes_ = 0;
  std::size_t skipped_ = 0;
};

}  // namespace

int publish_file(const PublishFileOptions& options) {
  return FilePublisher(options).run();
}

}  // namespace dragoman::cli
