// SPDX-License-Identifier: Apache-2.0
#include "plugin/bus_instance.hpp"

#include <algorithm>
#include <exception>

#include "base/log.hpp"
#include "codec/utf8.hpp"
#include "plugin/arguments.hpp"
#include "plugin/call_board.hpp"
#include "plugin/events.hpp"
#include "plugin/writer.hpp"

namespace dragoman::plugin {
namespace {

constexpr std::size_t why_limit = 4096;
// Of one letter to the shards: more events than this go as several, so that a full mailbox takes what it has room for.
constexpr std::size_t letter_limit = 256 << 10;

dgm_str raw(std::string_view text) {
  return {text.data(), text.size()};
}

BusInstance& of(dgm_host* host) {
  return *reinterpret_cast<BusInstance*>(host);
}

void log(dgm_host* host, dgm_session, int32_t level, dgm_str text) noexcept {
  if (!host || (!text.ptr && text.len)) return;
  try {
    base::log(static_cast<base::LogLevel>(std::clamp(level, 1, 4)), view(text).substr(0, 8192),
              {{"bus", of(host).name()}, {"plugin", of(host).plugin().name}});
  } catch (...) {
    // A line that cannot be written is not worth more.
  }
}

dgm_status deliver(dgm_host* host, const dgm_event* events, std::size_t n, dgm_published done, void* user) noexcept {
  try {
    return host && (events || !n) ? of(host).deliver(events, n, done, user) : DGM_E_INVALID;
  } catch (...) {
    return DGM_E_INTERNAL;
  }
}

void connected(dgm_host* host, int32_t is, dgm_str why) noexcept {
  try {
    if (host && readable(why, why_limit)) of(host).set_connected(is != 0, view(why));
  } catch (...) {
    // Told again with the next change.
  }
}

void dropped(dgm_host* host, uint64_t messages) noexcept {
  if (host) of(host).count_dropped(messages);
}

constexpr dgm_host_bus bus_table = {sizeof bus_table, 0, deliver, connected, dropped};

const void* query(dgm_host*, dgm_str id) noexcept {
  return view(id) == DGM_EXT_BUS ? &bus_table : nullptr;
}

constexpr dgm_host_api host_table = {sizeof host_table, DGM_ABI_MAJOR, DGM_ABI_MINOR, query, log};

event::PublishStatus status_of(dgm_status status) {
  if (status >= 0) return event::PublishStatus::accepted;
  if (status == DGM_E_DROPPED) return event::PublishStatus::overloaded;
  return status == DGM_E_INVALID ? event::PublishStatus::impossible : event::PublishStatus::unavailable;
}

struct Publishing {
  std::function<void(event::PublishStatus)> done;
  BusCounters& counters;
  std::size_t events;
  void tell(dgm_status status) {
    (status >= 0 ? counters.published : counters.failed).fetch_add(events, std::memory_order_relaxed);
    done(status_of(status));
  }
};

void published(void* user, dgm_status status) noexcept {
  const std::unique_ptr<Publishing> waiting(static_cast<Publishing*>(user));
  try {
    waiting->tell(status);
  } catch (...) {
    // There is nobody left to tell.
  }
}

std::vector<dgm_wish> raw(const std::vector<bus::Wish>& from) {
  std::vector<dgm_wish> to;
  to.reserve(from.size());
  for (const bus::Wish& wish : from) to.push_back({raw(wish.channel), raw(wish.key), wish.literal ? 1u : 0u, 0});
  return to;
}

}  // namespace

BusInstance::BusInstance(std::shared_ptr<const Plugin> plugin, std::string name, std::string state_directory,
                         std::size_t mailbox_bytes)
    : plugin_(std::move(plugin)),
      name_(std::move(name)),
      state_directory_(std::move(state_directory)),
      mailbox_bytes_(mailbox_bytes) {}

BusInstance::~BusInstance() {
  stop();
  if (inst_)
    guarded("destroy()", [&](dgm_writer*) {
      plugin_->api.destroy(inst_);
      return DGM_OK;
    });
}

template <class Call>
std::string BusInstance::guarded(const char* function, Call&& call) {
  Writer why(why_limit);
  std::string thrown;
  dgm_status status = DGM_E_INTERNAL;
  const CallMark mark(function);
  try {
    status = call(why.begin());
  } catch (const std::exception& error) {
    thrown = error.what();
  } catch (...) {
    thrown = "an exception without a text";
  }
  if (status >= 0) return {};
  if (!thrown.empty())
    return std::string(function) + " threw an exception, which must not cross the boundary: " + thrown;
  if (why.intact() && !why.text().empty() && codec::valid_utf8(why.text())) return std::string(why.text());
  return std::string("the plugin gave no reason why ") + function + " failed";
}

std::string BusInstance::prepare(std::string_view settings, bool check_only) {
  std::string why = guarded("create()", [&](dgm_writer*) {
    return plugin_->api.create(&host_table, reinterpret_cast<dgm_host*>(this), &inst_);
  });
  if (!why.empty() || !plugin_->api.configure) return why;
  return guarded("configure()", [&](dgm_writer* sentence) {
    dgm_config config{};
    config.size = sizeof config;
    config.flags = check_only ? DGM_CONFIG_CHECK : 0;
    config.mount = raw(name_);
    config.settings = raw(settings);
    config.state = raw(state_directory_);
    return plugin_->api.configure(inst_, &config, sentence);
  });
}

std::string BusInstance::start(Deliver deliver) {
  deliver_ = std::move(deliver);
  started_ = true;
  if (!plugin_->api.start) return {};
  std::string why = guarded("start()", [&](dgm_writer*) { return plugin_->api.start(inst_); });
  if (!why.empty()) started_ = false;
  return why;
}

void BusInstance::stop() {
  if (!started_) return;
  started_ = false;
  if (plugin_->api.stop)
    guarded("stop()", [&](dgm_writer*) {
      plugin_->api.stop(inst_);
      return DGM_OK;
    });
  connected_ = false;
}

void BusInstance::publish(event::Batch batch, std::function<void(event::PublishStatus)> done) {
  auto waiting = std::make_unique<Publishing>(Publishing{std::move(done), counters_, batch.size()});
  dgm_status status = DGM_E_INTERNAL;
  try {
    std::vector<std::vector<dgm_field>> fields(batch.size());
    std::vector<dgm_event> events;
    events.reserve(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) events.push_back(event_view(*batch[i], 0, fields[i]));
    const std::lock_guard lock(calls_);
    const CallMark mark("publish()");
    status = plugin_->bus->publish(inst_, events.data(), events.size(), published, waiting.get());
  } catch (...) {
    base::log(base::LogLevel::error, "exception crossed the plugin boundary", {{"bus", name_}, {"hook", "publish"}});
  }
  if (status >= 0)
    waiting.release();
  else
    waiting->tell(status);
}

void BusInstance::watch(const std::vector<bus::Wish>& added, const std::vector<bus::Wish>& removed) {
  const auto more = raw(added), less = raw(removed);
  try {
    const std::lock_guard lock(calls_);
    const CallMark mark("watch()");
    plugin_->bus->watch(inst_, more.data(), more.size(), less.data(), less.size());
  } catch (...) {
    base::log(base::LogLevel::error, "exception crossed the plugin boundary", {{"bus", name_}, {"hook", "watch"}});
  }
}

dgm_status BusInstance::deliver(const dgm_event* events, std::size_t n, dgm_published done, void* user) {
  for (std::size_t i = 0; i < n; ++i)
    if (events[i].size != sizeof(dgm_event) || wrong_with(events[i])) return DGM_E_INVALID;
  event::Batch all;
  all.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    all.push_back(copy_event(events[i]));
    if (all.back()->bytes() > mailbox_bytes_) {
      counters_.refused.fetch_add(n, std::memory_order_relaxed);
      return DGM_E_TOO_LARGE;
    }
  }
  event::ReceiptPtr receipt;
  // Below 0 the caller is told by the answer, not by done.
  auto armed = std::make_shared<std::atomic<bool>>(false);
  if (done)
    receipt = std::make_shared<event::Receipt>([done, user, armed](event::PublishStatus status) {
      if (*armed) done(user, status == event::PublishStatus::accepted ? DGM_OK : DGM_E_UNAVAILABLE);
    });
  const std::lock_guard lock(order_);
  const std::size_t limit = std::min(letter_limit, mailbox_bytes_);
  for (auto from = all.begin(); from != all.end();) {
    std::size_t bytes = (*from)->bytes();
    auto to = from + 1;
    while (to != all.end() && bytes + (*to)->bytes() <= limit) bytes += (*to++)->bytes();
    if (deliver_(event::Batch(from, to), receipt, true) != Delivered::ok) {
      counters_.refused.fetch_add(static_cast<std::size_t>(all.end() - from), std::memory_order_relaxed);
      return DGM_E_CANCELED;
    }
    counters_.delivered.fetch_add(static_cast<std::size_t>(to - from), std::memory_order_relaxed);
    from = to;
  }
  *armed = true;
  return DGM_OK;
}

std::string BusInstance::trouble() const {
  const std::lock_guard lock(state_);
  return trouble_;
}

void BusInstance::set_connected(bool is, std::string_view why) {
  const std::lock_guard lock(state_);
  if (is) {
    if (connected_.exchange(true)) return;
    counters_.connections.fetch_add(1, std::memory_order_relaxed);
    trouble_.clear();
    if (changed_) changed_(true);
    return base::log(base::LogLevel::info, "bus connected", {{"bus", name_}});
  }
  const bool was = connected_.exchange(false);
  if (was && changed_) changed_(false);
  // Each attempt fails for the same reason as the one before: once is enough.
  if (!was && trouble_ == why) return;
  trouble_ = why;
  base::log(base::LogLevel::warn, was ? "bus lost" : "bus cannot be reached", {{"bus", name_}, {"why", why}});
}

}  // namespace dragoman::plugin
