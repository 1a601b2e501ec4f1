// SPDX-License-Identifier: Apache-2.0
#include "cli/event_sender.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/refusal.hpp"
#include "cli/stop_signal.hpp"

namespace dragoman::cli {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds first_delay(100), longest_delay(5000);

bool temporary(unsigned status) {
  return status == 503 || status == 408;
}

}  // namespace

EventSender::EventSender(HttpClient& client, const StopSignal& stop, SenderOptions options, Reports reports)
    : client_(client),
      stop_(stop),
      options_(std::move(options)),
      reports_(std::move(reports)),
      most_(options_.batch_events),
      window_(options_.batch_events) {}

void EventSender::send(const std::vector<EventLine>& events) {
  std::size_t from = 0, end_of_request = 0;
  while (from < events.size()) {
    // After a refusal within a batch what stood before it is sent first.
    const std::size_t limit = end_of_request > from ? std::min(window_, end_of_request - from) : window_;
    std::size_t count = next_request(events, from, limit);
    const HttpAnswer answer = post(events, from, count);
    if (answer.status == 200) {
      accepted_ += count;
      from += count;
      window_ = std::min(most_, window_ * 2);
      reports_.accepted();
    } else if (answer.status == 413 && count > 1) {
      window_ = most_ = count / 2;
    } else if (answer.status == 400 || answer.status == 413) {
      const std::size_t index = count == 1 ? 0 : refused_index(answer.body).value_or(count);
      if (index >= count) throw Failure(sentence_of(answer));
      if (index > 0) {
        end_of_request = from + index;
        continue;
      }
      reports_.bad(events[from].number, sentence_of(answer));
      ++from;
    } else {
      throw Failure(sentence_of(answer));
    }
  }
}

HttpAnswer EventSender::post(const std::vector<EventLine>& events, std::size_t from, std::size_t& count) {
  static constexpr std::string_view plain = "application/json", batch = "application/cloudevents-batch+json";
  for (;;) {
    std::string reason;
    unsigned retry_after = 0;
    try {
      HttpAnswer answer =
          client_.post(options_.target, events[from].cloud_event ? batch : plain, request_text(events, from, count));
      unanswered_ = 0;
      reached_ = true;
      if (!temporary(answer.status)) {
        since_.reset();
        return answer;
      }
      reason = sentence_of(answer);
      retry_after = answer.retry_after;
      // A batch may be more than a busy gateway has room for at any time.
      if (count > 1) window_ = count /= 2;
    } catch (const Interrupted&) {
      unanswered_ = count;
      throw;
    } catch (const ConnectionLost& lost) {
      if (lost.begun) unanswered_ = count;
      // An address where nobody ever listened is a mistake, not an outage.
      reached_ = reached_ || lost.begun;
      if (!reached_) throw;
      reason = lost.what();
    }
    pause(reason, retry_after);
  }
}

void EventSender::pause(const std::string& reason, unsigned retry_after) {
  const auto now = Clock::now();
  if (!since_) {
    since_ = now;
    delay_ = first_delay;
  } else if (delay_ == first_delay * 2) {
    // The first time may be a connection that the gateway has closed because nothing came.
    reports_.retrying(reason);
  }
  const auto left = std::chrono::duration_cast<milliseconds>(*since_ + options_.retry_for - now);
  if (left.count() <= 0) throw Failure(reason);
  const milliseconds asked = std::chrono::seconds(std::min(retry_after, 60U));
  stop_.wait(-1, static_cast<int>(std::min(left, std::max(delay_, asked)).count()));
  delay_ = std::min(longest_delay, delay_ * 2);
}

}  // namespace dragoman::cli
