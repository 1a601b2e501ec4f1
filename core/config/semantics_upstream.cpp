// SPDX-License-Identifier: Apache-2.0
#include "config/semantics_upstream.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "config/header_name.hpp"
#include "config/url.hpp"

namespace dragoman::config {
namespace {

namespace json = boost::json;

const json::object* mapping(const json::value* value) {
  return value ? value->if_object() : nullptr;
}

// The gateway's own in every message, or of one connection only.
bool reserved(std::string_view name) {
  static constexpr std::string_view names[] = {
      "connection",       "content-length",    "expect", "host",    "keep-alive",
      "proxy-connection", "transfer-encoding", "te",     "trailer", "upgrade"};
  return std::any_of(std::begin(names), std::end(names),
                     [&](std::string_view reserved_name) { return same_header(reserved_name, name); });
}

class Checker {
 public:
  Checker(const Locations& locations, std::vector<Error>& errors) : locations_(locations), errors_(errors) {}

  void upstream(const json::object& from, const std::string& path) {
    const json::value* url = from.if_contains("url");
    const json::value* answers = from.if_contains("static");
    if (!url && !answers) add(path, "needs url or static");
    if (url && answers) add(path, "has both url and static; only one of them can answer");
    if (url && url->is_string()) server(from, *url, path);
    if (!url && from.contains("ca")) add(child_path(path, "ca"), "has no use without a url that begins with https://");
    if (const json::object* headers = mapping(from.if_contains("request_headers")))
      fields(headers->if_contains("add"), child_path(child_path(path, "request_headers"), "add"));
    if (!answers || !answers->is_array()) return;
    for (std::size_t i = 0; i < answers->get_array().size(); ++i)
      if (const json::object* answer = mapping(&answers->get_array()[i]))
        fields(answer->if_contains("headers"), child_path(child_path(child_path(path, "static"), i), "headers"));
  }

 private:
  void add(const std::string& path, std::string message) {
    add_error(errors_, {locations_.value(path), path, std::move(message)});
  }

  void server(const json::object& from, const json::value& url, const std::string& path) {
    const json::string& text = url.get_string();
    const auto parsed = parse_http_url({text.data(), text.size()});
    if (!parsed) {
      add(child_path(path, "url"),
          "expected http:// or https:// with a host, such as https://pbx.example.org:9486/1.1; without user, query and "
          "fragment");
      return;
    }
    if (!from.contains("ca")) return;
    const json::value* verify = from.if_contains("verify");
    if (!parsed->tls)
      add(child_path(path, "ca"), "has no use without a url that begins with https://");
    else if (verify && verify->is_bool() && !verify->get_bool())
      add(child_path(path, "ca"), "has no use beside verify: false");
  }

  void fields(const json::value* value, const std::string& path) {
    const json::object* headers = mapping(value);
    if (!headers) return;
    for (const auto& entry : *headers) {
      const std::string_view name(entry.key().data(), entry.key().size());
      if (reserved(name)) add(child_path(path, name), "the gateway sets this header itself");
      const json::string* text = entry.value().if_string();
      if (text && std::any_of(text->begin(), text->end(),
                              [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }))
        add(child_path(path, name), "a header has no line ends and no other control characters");
    }
  }

  const Locations& locations_;
  std::vector<Error>& errors_;
};

}  // namespace

void check_upstreams(const json::value& root, const Locations& locations, std::vector<Error>& errors) {
  const json::object* all = mapping(&root);
  const json::object* upstreams = all ? mapping(all->if_contains("upstreams")) : nullptr;
  if (!upstreams) return;
  Checker checker(locations, errors);
  for (const auto& entry : *upstreams)
    if (const json::object* upstream = mapping(&entry.value()))
      checker.upstream(*upstream, child_path("upstreams", std::string_view(entry.key().data(), entry.key().size())));
}

}  // namespace dragoman::config
