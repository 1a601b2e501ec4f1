// SPDX-License-Identifier: Apache-2.0
// A token from a client in the request about it, and the answer of the server: the input is both, with a line end
// between.
#include <cstdlib>
#include <string>
#include <string_view>

#include "service/http/answer_reading.hpp"
#include "service/http/question.hpp"
#include "service/upstream_rules.hpp"

using namespace dragoman;
using namespace dragoman::service;

namespace {

config::HttpQuestion make_question() {
  config::HttpQuestion out;
  out.path = "/base/token/{token}/end";
  out.query = {{"t", "{token}"}};
  out.headers = {{"X-Token", "{token}"}};
  return out;
}

config::HttpAuthConfig make_rules() {
  config::HttpAuthConfig out;
  out.identity.user = {"/data/uuid", "/user"};
  out.identity.grants = {"/data/acl"};
  out.expires = {"/data/until"};
  out.claims = {"/data"};
  return out;
}

void ask(std::string_view token) {
  static const http::Question question(make_question(), 1000);
  const auto request = question.request(token);
  if (!request) return;
  const std::string_view target = request->target;
  static constexpr std::string_view begin = "/base/token/", end = "/end?t=";
  if (!target.starts_with(begin) || target.find_first_of("\r\n #\\") != target.npos) std::abort();
  const std::size_t query = target.find('?');
  if (query == target.npos || target.find('?', query + 1) != target.npos || target.find('&') != target.npos)
    std::abort();
  if (target.find('/', begin.size()) != target.find(end)) std::abort();
  if (!UpstreamRules::valid_headers(request->headers)) std::abort();
}

void read(std::string_view body) {
  static const config::HttpAuthConfig rules = make_rules();
  const auto identity = http::read_answer(rules, body);
  if (!identity) return;
  if (identity->claims.front() != '{' || identity->user.size() > 256 || identity->expires_ms < 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  ask(input.substr(0, line));
  if (line < input.size()) read(input.substr(line + 1));
  http::read_time(input);
  return 0;
}
