// SPDX-License-Identifier: Apache-2.0
#include "admin/demo_page.hpp"

#include <string>

#include "admin/demo_files.hpp"

namespace dragoman::admin {
namespace {

constexpr std::string_view root = "/demo";
// The page opens sockets wherever its user says.
constexpr const char* policy =
    "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view media_type(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "text/javascript; charset=utf-8";
}

net::HttpResponse redirect() {
  net::HttpResponse response;
  response.status = 308;
  response.headers = {{"Location", std::string(root) + "/"}, {"Cache-Control", "no-cache"}};
  return response;
}

}  // namespace

std::optional<net::HttpResponse> demo_response(std::string_view path) {
  if (!path.starts_with(root)) return {};
  path.remove_prefix(root.size());
  if (path.empty()) return redirect();
  if (path == "/") path = "/index.html";
  for (const DemoFile& file : demo_files) {
    if (path.front() != '/' || path.substr(1) != file.name) continue;
    net::HttpResponse response;
    response.headers = {{"Content-Type", std::string(media_type(file.name))},
                        {"Content-Security-Policy", policy},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Referrer-Policy", "no-referrer"},
                        {"Cache-Control", "no-cache"}};
    response.body = file.text;
    return response;
  }
  return {};
}

}  // namespace dragoman::admin
