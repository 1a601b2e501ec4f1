// SPDX-License-Identifier: Apache-2.0
// What the admin API needs from the gateway. Any thread; what is returned lives until the API is gone.
#pragma once
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
  virtual bus::Bus* find_bus(const std::string& name) = 0;
  virtual service::StaticAuthenticator* find_static_authenticator(const std::string& name) = 0;
  virtual gateway::Readiness readiness() const = 0;
  // As gateway::Gateway::sessions().
  virtual bool sessions(const std::string& mount, std::size_t most, gateway::SessionsDone done) = 0;
  virtual std::vector<service::MetricFamily> metrics() const = 0;
};

class GatewayBackend final : public AdminBackend {
 public:
  explicit GatewayBackend(gateway::Gateway& gateway) : gateway_(gateway) {}
  bus::Bus* find_bus(const std::string& name) override { return gateway_.find_bus(name); }
  service::StaticAuthenticator* find_static_authenticator(const std::string& name) override {
    return gateway_.find_static_authenticator(name);
  }
  gateway::Readiness readiness() const override { return gateway_.readiness(); }
  bool sessions(const std::string& mount, std::size_t most, gateway::SessionsDone done) override {
    return gateway_.sessions(mount, most, std::move(done));
  }
  std::vector<service::MetricFamily> metrics() const override { return gateway_.metrics(); }

 private:
  gateway::Gateway& gateway_;
};

}  // namespace dragoman::admin
