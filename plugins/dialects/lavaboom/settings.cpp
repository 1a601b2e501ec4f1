// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <boost/json.hpp>

namespace lavaboom {

Settings parse_settings(std::string_view given) {
  namespace json = boost::json;
  const json::object o = json::parse({given.data(), given.size()}).as_object();
  const auto text = [&](const char* key) { return json::value_to<std::string>(o.at(key)); };
  const auto yes = [&](const char* key) { return o.at(key).as_bool(); };
  Settings s;
  s.upstream = text("upstream");
  s.channel = text("channel");
  s.sockjs_prefix = text("sockjs_prefix");
  s.token_check = text("token_check") == "authenticator" ? TokenCheck::authenticator : TokenCheck::upstream;
  s.check_token_expiry = yes("check_token_expiry");
  s.require_auth_type = yes("require_auth_type");
  s.result_type = text("result_type") == "result" ? ResultType::result : ResultType::response;
  s.minimal_events = yes("minimal_events");
  s.lookup_names = yes("lookup_names");
  s.ignore_unknown_types = yes("ignore_unknown_types");
  s.double_reply = yes("double_reply");
  s.allowed_methods = json::value_to<std::vector<std::string>>(o.at("allowed_methods"));
  for (std::string& method : s.allowed_methods)
    for (char& c : method)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c & ~0x20);
  s.forward_get_body = yes("forward_get_body");
  s.max_parallel_requests = o.at("max_parallel_requests").to_number<std::uint32_t>();
  s.max_queued_requests = o.at("max_queued_requests").to_number<std::uint32_t>();
  s.request_timeout = std::chrono::milliseconds(o.at("request_timeout").to_number<std::int64_t>());
  s.max_response_body = o.at("max_response_body").to_number<std::uint64_t>();
  s.proxy_other_paths = yes("proxy_other_paths");
  return s;
}

}  // namespace lavaboom
