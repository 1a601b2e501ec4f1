// SPDX-License-Identifier: Apache-2.0
// An admin API over a backend without a gateway.
#pragma once
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "admin/admin_api.hpp"

namespace dragoman::admin {

struct FakeBus : bus::Bus {
  void publish(event::Batch batch, std::function<void(bus::PublishStatus)> done) override {
    batches.push_back(std::move(batch));
    if (status)
      done(*status);
    else
      waiting.push_back(std::move(done));
  }
  void watch(const std::vector<bus::Wish>&, const std::vector<bus::Wish>&) override {}
  bool connected() const override { return true; }

  std::optional<bus::PublishStatus> status = bus::PublishStatus::accepted;  // empty: answered later
  std::vector<event::Batch> batches;
  std::vector<std::function<void(bus::PublishStatus)>> waiting;
};

struct FakeBackend : AdminBackend {
  // This object owns what it gives.
  template <class T>
  static std::shared_ptr<T> borrowed(T& one) {
    return {std::shared_ptr<void>(), &one};
  }
  std::shared_ptr<bus::Bus> find_bus(const std::string& name) override {
    if (name.empty()) return buses.size() == 1 ? borrowed<bus::Bus>(buses.begin()->second) : nullptr;
    const auto found = buses.find(name);
    return found == buses.end() ? nullptr : borrowed<bus::Bus>(found->second);
  }
  std::shared_ptr<service::StaticAuthenticator> find_static_authenticator(const std::string& name) override {
    return name == "tokens" ? borrowed(tokens) : nullptr;
  }
  void reload(gateway::Gateway::Reloaded done) override { done(reloaded); }
  gateway::Readiness readiness() const override { return state; }
  bool sessions(const std::string& mount, std::size_t most, gateway::SessionsDone done) override {
    if (mount != "wazo") return false;
    gateway::SessionList list;
    list.total = reports.size();
    for (const auto& report : reports)
      if (list.sessions.size() < most) list.sessions.push_back(to_json(report));
    done(std::move(list));
    return true;
  }
  std::vector<service::MetricFamily> metrics() const override {
    return {{"dragoman_test", "A test", service::MetricFamily::Kind::gauge, {{{{"mount", "wazo"}}, 7}}}};
  }

  std::map<std::string, FakeBus> buses;
  service::StaticAuthenticator tokens{100};
  gateway::Readiness state{true, {}};
  gateway::ReloadReport reloaded;
  std::vector<gateway::SessionReport> reports;
};

class AdminApiTest : public testing::Test {
 protected:
  AdminApiTest() { backend.buses["main"]; }

  static net::HttpRequest request(const std::string& method, const std::string& target, std::string body = {}) {
    net::HttpRequest out;
    out.method = method;
    out.target = target;
    const auto mark = target.find('?');
    out.path = target.substr(0, mark);
    if (mark != std::string::npos) out.query = target.substr(mark + 1);
    out.headers = {{"Host", "x"}, {"Authorization", "Bearer s3cret"}, {"Content-Type", "application/json"}};
    out.body = std::move(body);
    return out;
  }

  net::HttpResponse answer(const net::HttpRequest& r) {
    std::vector<net::HttpResponse> answers;
    api.handle(r, [&](net::HttpResponse response) { answers.push_back(std::move(response)); });
    EXPECT_EQ(answers.size(), 1u);
    return answers.empty() ? net::HttpResponse{0, {}, {}} : answers[0];
  }
  net::HttpResponse answer(const std::string& method, const std::string& target, std::string body = {}) {
    return answer(request(method, target, std::move(body)));
  }
  // "200 {...}"
  std::string text(const std::string& method, const std::string& target, std::string body = {}) {
    const auto response = answer(method, target, std::move(body));
    EXPECT_EQ(response.body.empty() ? '\n' : response.body.back(), '\n');
    return std::to_string(response.status) + ' ' + response.body.substr(0, response.body.size() - 1);
  }
  static std::string header(const net::HttpResponse& response, std::string_view name) {
    for (const auto& [n, value] : response.headers)
      if (net::equal_ignoring_case(n, name)) return value;
    return "(none)";
  }

  FakeBackend backend;
  AdminApi api{backend, "s3cret", event::PublishLimits{}};
};

}  // namespace dragoman::admin
