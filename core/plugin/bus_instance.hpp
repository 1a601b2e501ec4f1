// SPDX-License-Identifier: Apache-2.0
// A bus plugin as a bus of the gateway: its life and its table, with the guards that every plugin gets.
#pragma once
#include <dragoman/ext/bus.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "bus/bus.hpp"
#include "plugin/handshake.hpp"

namespace dragoman::plugin {

// Counted by several threads.
struct BusCounters {
  std::atomic<std::uint64_t> delivered{0}, refused{0}, published{0}, failed{0}, connections{0};
};

class BusInstance final : public bus::Bus {
 public:
  // plugin->bus is there. name: of the bus in the configuration. mailbox_bytes: no larger event can be delivered.
  BusInstance(std::shared_ptr<const Plugin> plugin, std::string name, std::string state_directory,
              std::size_t mailbox_bytes);
  ~BusInstance() override;
  BusInstance(const BusInstance&) = delete;
  BusInstance& operator=(const BusInstance&) = delete;

  // Creates and configures it. A sentence for the admin, or nothing when it went well.
  std::string prepare(std::string_view settings, bool check_only);
  // From here on events come, on the plugin's threads. deliver is called until stop() has returned.
  std::string start(Deliver deliver);
  // Once; on a thread that is no shard's.
  void stop();
  // Before start(). Called with every change, one call at a time, on any thread; must not block.
  void on_change(std::function<void(bool connected)> changed) { changed_ = std::move(changed); }

  // bus::Bus
  void publish(event::Batch batch, std::function<void(event::PublishStatus)> done) override;
  bool connected() const override { return connected_.load(std::memory_order_acquire); }
  void watch(const std::vector<bus::Wish>& added, const std::vector<bus::Wish>& removed) override;

  // For the plugin: ext/bus.h.
  dgm_status deliver(const dgm_event* events, std::size_t n, dgm_published done, void* user);
  void set_connected(bool connected, std::string_view why);

  const std::string& name() const { return name_; }
  const Plugin& plugin() const { return *plugin_; }
  // Why there is no connection, as far as the plugin has said.
  std::string trouble() const;
  void count_dropped(std::uint64_t messages) { counters_.refused.fetch_add(messages, std::memory_order_relaxed); }
  const BusCounters& counters() const { return counters_; }

 private:
  template <class Call>
  std::string guarded(const char* function, Call&& call);

  std::shared_ptr<const Plugin> plugin_;
  const std::string name_, state_directory_;
  const std::size_t mailbox_bytes_;
  void* inst_ = nullptr;
  bool started_ = false;
  Deliver deliver_;
  std::function<void(bool connected)> changed_;
  std::mutex calls_;          // publish() and watch() of the plugin: one at a time
  std::mutex order_;          // of deliveries
  mutable std::mutex state_;  // of the log lines about the connection
  std::atomic<bool> connected_{false};
  std::string trouble_;  // the latest that was logged
  BusCounters counters_;
};

}  // namespace dragoman::plugin
