// SPDX-License-Identifier: Apache-2.0
#include "master_tenant.hpp"

#include <algorithm>

#include "common/json_text.hpp"

namespace wazo {
namespace {

constexpr std::uint32_t timeout_ms = 10'000;
// wazo digest 3.1: a token of the service lives for 6 h, and a new one is fetched after 5.1 h.
constexpr std::string_view request_body = R"({"expiration": 21600})";
constexpr std::uint32_t renewal_ms = 18'360'000;
constexpr std::uint32_t first_retry_ms = 1'000, longest_retry_ms = 32'000;

}  // namespace

std::string tenant_of_login(std::string_view body) {
  using dialects::Json;
  const auto document = dialects::parse_json(body);
  const Json* data = document ? document->find("data", Json::Kind::object) : nullptr;
  const Json* metadata = data ? data->find("metadata", Json::Kind::object) : nullptr;
  const Json* tenant = metadata ? metadata->find("tenant_uuid", Json::Kind::string) : nullptr;
  return tenant ? tenant->text : std::string();
}

void MasterTenant::start(const Settings& settings) {
  settings_ = &settings;
  uuid_ = settings.master_tenant;
  if (!settings.login.upstream.empty()) again(0);
}

void MasterTenant::again(std::uint32_t delay_ms) {
  sdk::Client(host_, 0).after(delay_ms, [this](dgm_status status) {
    if (status == DGM_OK) log_in();
  });
}

void MasterTenant::log_in() {
  sdk::Fetch fetch;
  fetch.upstream = settings_->login.upstream;
  fetch.method = "POST";
  fetch.path = settings_->login.path;
  fetch.headers = {{"Accept", "application/json"}, {"Content-Type", "application/json"}};
  fetch.body = request_body;
  fetch.timeout_ms = timeout_ms;
  const dgm_status status = sdk::Upstreams(host_).fetch(
      0, fetch, [this](dgm_status result, const sdk::Fetched* answer, std::string_view why) {
        if (result == DGM_E_CANCELED) return;
        if (!answer) return failed(why);
        if (answer->status() != 200) return failed("it answered with status " + std::to_string(answer->status()));
        std::string tenant = tenant_of_login(answer->body());
        if (tenant.empty()) return failed("its answer names no tenant");
        uuid_ = std::move(tenant);
        failures_ = 0;
        again(renewal_ms);
      });
  if (status < 0) failed("the upstream does not take the request");
}

void MasterTenant::failed(std::string_view why) {
  if (failures_ == 0)
    host_.log(sdk::LogLevel::warn,
              std::string(uuid_.empty() ? "the master tenant is not known: " : "the service cannot log in: ") +
                  std::string(why));
  again(std::min(first_retry_ms << std::min(failures_++, 5u), longest_retry_ms));
}

}  // namespace wazo
