// SPDX-License-Identifier: Apache-2.0
// What the admin API needs from the gateway. Any thread; what is returned keeps working while it is held.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "gateway/gateway.hpp"
#include "service/metrics.hpp"
#include "service/static_authenticator.hpp"

namespace dragoman::admin {

class AdminBackend {
 public:
  virtual ~AdminBackend() = default;
  // name empty: the only bus, or null when there are several.
  virtual std::shared_ptr<bus::Bus> find_bus(const std::string& name) = 0;
  virtual std::shared_ptr<service::StaticAuthenticator> find_static_authenticator(const std::string& name) = 0;
  virtual gateway::Readiness readiness() const = 0;
  // As gateway::Gateway::sessions().
  virtual bool sessions(const std::string& mount, std::size_t most, gateway::SessionsDone done) = 0;
  // As gateway::Gateway::reload().
  virtual void reload(gateway::Gateway::Reloaded done) = 0;
  virtual std::vector<service::MetricFamily> metrics() const = 0;
};

class GatewayBackend final : public AdminBackend {
 public:
  using Reload = std::function<void(gateway::Gateway::Reloaded)>;
  // reload: reads the configuration again and applies it.
  GatewayBackend(gateway::Gateway& gateway, Reload reload) : gateway_(gateway), reload_(std::move(reload)) {}
  std::shared_ptr<bus::Bus> find_bus(const std::string& name) override { return gateway_.find_bus(name); }
  std::shared_ptr<service::StaticAuthenticator> find_static_authenticator(const std::string& name) override {
    return gateway_.find_static_authenticator(name);
  }
  gateway::Readiness readiness() const override { return gateway_.readiness(); }
  bool sessions(const std::string& mount, std::size_t most, gateway::SessionsDone done) override {
    return gateway_.sessions(mount, most, std::move(done));
  }
  void reload(gateway::Gateway::Reloaded done) override { reload_(std::move(done)); }
  std::vector<service::MetricFamily> metrics() const override { return gateway_.metrics(); }

 private:
  gateway::Gateway& gateway_;
  const Reload reload_;
};

}  // namespace dragoman::admin
