// SPDX-License-Identifier: Apache-2.0
// Plain HTTP on the paths of a mount. A dialect with a type Request and a member
// request(HttpCall, Request&, const HttpRequest&) answers it; see sdk.hpp.
#pragma once
#include <dragoman/ext/http.h>
#include <dragoman/sdk/client.hpp>

#include <initializer_list>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace dragoman::sdk {

// A view, valid during the call that got it.
class HttpRequest {
 public:
  explicit HttpRequest(const dgm_http_request& r) : r_(r) {}
  std::string_view method() const { return view(r_.method); }
  // Below the mount's path, still percent-encoded.
  std::string_view path() const { return view(r_.path); }
  std::string_view query() const { return view(r_.query); }
  std::string_view peer() const { return view(r_.peer); }
  std::string_view body() const { return view(r_.body); }
  bool encrypted() const { return r_.flags & DGM_HTTP_TLS; }
  bool head() const { return r_.flags & DGM_HTTP_HEAD; }
  std::vector<std::pair<std::string_view, std::string_view>> headers() const {
    std::vector<std::pair<std::string_view, std::string_view>> out;
    for (std::size_t i = 0; i < r_.header_count; ++i)
      out.emplace_back(view(r_.headers[i].name), view(r_.headers[i].value));
    return out;
  }
  // The first header of that name, in any case.
  std::optional<std::string_view> header(std::string_view name) const {
    return find_header(r_.headers, r_.header_count, name);
  }

 private:
  const dgm_http_request& r_;
};

// A request that waits for its answer. Copyable; calls about one that has ended answer DGM_E_GONE.
class HttpCall {
 public:
  using Headers = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  HttpCall(Host host, dgm_request id) : host_(host), id_(id) {}
  dgm_request id() const { return id_; }
  const Host& host() const { return host_; }

  dgm_status respond(unsigned status, std::string_view body, Headers headers = {}) const {
    return respond(status, body, std::span(headers.begin(), headers.size()));
  }
  dgm_status respond(unsigned status, std::string_view body,
                     std::span<const std::pair<std::string_view, std::string_view>> headers) const {
    const auto fields = raw_fields(headers);
    return host_.http_table().respond(host_.self(), id_, status, fields.data(), fields.size(), raw(body));
  }
  // An answer in parts of at most 64 KiB; after DGM_PRESSURE wait for request_writable().
  dgm_status begin(unsigned status, Headers headers = {}) const {
    const auto fields = raw_fields(std::span(headers.begin(), headers.size()));
    return host_.http_table().begin(host_.self(), id_, status, fields.data(), fields.size());
  }
  dgm_status part(std::string_view data) const { return host_.http_table().part(host_.self(), id_, raw(data)); }
  dgm_status end() const { return host_.http_table().end(host_.self(), id_); }
  // Cuts the connection: the client sees that the answer is not whole.
  dgm_status abort() const { return host_.http_table().abort(host_.self(), id_); }

  // As of a client; the request's end cancels it.
  dgm_status authenticate(std::string_view credential, std::uint32_t timeout_ms, Client::Authenticated done) const {
    return Client(host_, id_).authenticate(credential, timeout_ms, std::move(done));
  }

 private:
  static std::vector<dgm_field> raw_fields(std::span<const std::pair<std::string_view, std::string_view>> headers) {
    std::vector<dgm_field> out;
    for (const auto& [name, value] : headers) out.push_back({raw(name), raw(value)});
    return out;
  }
  Host host_;
  dgm_request id_;
};

}  // namespace dragoman::sdk
