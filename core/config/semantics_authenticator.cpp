// SPDX-License-Identifier: Apache-2.0
#include "config/semantics_authenticator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/rfc3339.hpp"
#include "config/suggest.hpp"

namespace dragoman::config {
namespace {

namespace json = boost::json;

constexpr std::string_view placeholder = "{token}";

const json::object* mapping(const json::value* value) {
  return value ? value->if_object() : nullptr;
}

std::optional<std::string_view> text(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains({key.data(), key.size()});
  const json::string* found = value ? value->if_string() : nullptr;
  return found ? std::optional(std::string_view(found->data(), found->size())) : std::nullopt;
}

class Checker {
 public:
  Checker(const json::object& root, const Locations& locations, std::vector<Error>& errors)
      : root_(root), locations_(locations), errors_(errors) {}

  void authenticator(const json::object& from, const std::string& path) {
    const auto type = text(from, "type");
    const json::value* list = from.if_contains("tokens");
    if (const json::array* all = list ? list->if_array() : nullptr) {
      if (type && type != "static" && !all->empty())
        add(child_path(path, "tokens"), fmt::format("has no use with the type {}", *type));
      tokens(*all, child_path(path, "tokens"));
    }
    if (type == "static") no_use(from, path, *type, {"leeway", "identity"});
    if (type == "static" || type == "http") no_use(from, path, *type, {"keys", "issuer", "audience", "require"});
    if (type == "static" || type == "jwt")
      no_use(from, path, *type, {"upstream", "request", "accepted", "denied", "timeout", "outage", "cache", "recheck"});
    if (type == "jwt")
      if (const json::object* identity = mapping(from.if_contains("identity")))
        no_use(*identity, child_path(path, "identity"), *type, {"expires", "claims"});
    if (type == "http") http(from, path);
    if (type != "jwt") return;
    const json::value* keys = from.if_contains("keys");
    if (!keys) add(path, "the key \"keys\" is missing: without it no signature can be verified");
    const json::array* key_list = keys ? keys->if_array() : nullptr;
    for (std::size_t i = 0; key_list && i < key_list->size(); ++i)
      if (const json::object* key = mapping(&(*key_list)[i])) jwt_key(*key, child_path(child_path(path, "keys"), i));
  }

 private:
  void add(const std::string& path, std::string message) {
    add_error(errors_, {locations_.value(path), path, std::move(message)});
  }

  void no_use(const json::object& from, const std::string& path, std::string_view type,
              std::initializer_list<const char*> keys) {
    for (const char* key : keys)
      if (from.contains(key)) add(child_path(path, key), fmt::format("has no use with the type {}", type));
  }

  void http(const json::object& from, const std::string& path) {
    for (const char* key : {"upstream", "request"})
      if (!from.contains(key)) add(path, fmt::format("the key \"{}\" is missing", key));
    upstream_exists(from, child_path(path, "upstream"));
    if (const json::object* request = mapping(from.if_contains("request"))) {
      question(*request, child_path(path, "request"));
      const json::object* identity = mapping(from.if_contains("identity"));
      if (identity && !identity->empty() && text(*request, "method") == "HEAD")
        add(child_path(path, "identity"), "has no use here: the answer to HEAD has no body");
    }
    statuses(from, path);
    const json::object* recheck = mapping(from.if_contains("recheck"));
    if (!recheck) return;
    const std::string recheck_path = child_path(path, "recheck");
    statuses(*recheck, recheck_path);
    if (const json::object* request = mapping(recheck->if_contains("request")))
      return question(*request, child_path(recheck_path, "request"));
    for (const char* key : {"accepted", "denied"})
      if (recheck->contains(key)) add(child_path(recheck_path, key), "has no use without request beside it");
  }

  void statuses(const json::object& from, const std::string& path) {
    const json::value *accepted = from.if_contains("accepted"), *denied = from.if_contains("denied");
    if (!accepted || !denied || !accepted->is_array() || !denied->is_array()) return;
    for (const json::value& status : accepted->get_array())
      if (std::find(denied->get_array().begin(), denied->get_array().end(), status) != denied->get_array().end())
        return add(child_path(path, "denied"), "has a status in it that is in accepted too");
  }

  void question(const json::object& from, const std::string& path) {
    bool named = false;
    const auto look = [&](const json::value* value, const std::string& value_path) {
      const json::string* found = value ? value->if_string() : nullptr;
      if (!found) return;
      std::string_view rest(found->data(), found->size());
      for (std::size_t brace; (brace = rest.find_first_of("{}")) != rest.npos;) {
        rest.remove_prefix(brace);
        if (!rest.starts_with(placeholder))
          return add(value_path, "braces are for {token} only, which stands for the token");
        named = true;
        rest.remove_prefix(placeholder.size());
      }
    };
    look(from.if_contains("path"), child_path(path, "path"));
    for (const char* part : {"query", "headers"})
      if (const json::object* values = mapping(from.if_contains(part)))
        for (const auto& entry : *values)
          look(&entry.value(),
               child_path(child_path(path, part), std::string_view(entry.key().data(), entry.key().size())));
    if (!named) add(path, "the token is not in it: {token} must stand in path, query or headers");
  }

  void tokens(const json::array& list, const std::string& list_path) {
    std::unordered_map<std::string_view, std::size_t> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const json::object* from = mapping(&list[i]);
      if (!from) continue;
      const std::string path = child_path(list_path, i);
      if (const auto token = text(*from, "token")) {
        const auto [first, fresh] = seen.emplace(*token, i);
        if (!fresh)
          add(child_path(path, "token"),
              "the same token as " + child_path(child_path(list_path, first->second), "token"));
      }
      const auto expires = text(*from, "expires");
      if (expires && !base::parse_rfc3339(*expires))
        add(child_path(path, "expires"), "expected a time as in RFC 3339, such as 2030-01-31T12:00:00Z");
    }
  }

  void jwt_key(const json::object& from, const std::string& path) {
    std::string_view kind;
    unsigned kinds = 0;
    for (const char* one : {"secret", "secret_base64", "pem", "jwks", "upstream"})
      if (from.contains(one)) {
        kind = one;
        ++kinds;
      }
    if (kinds != 1) return add(path, "needs exactly one of secret, secret_base64, pem, jwks and upstream");
    const bool secret = kind == "secret" || kind == "secret_base64", upstream = kind == "upstream";
    if (from.contains("id") && (kind == "jwks" || upstream))
      add(child_path(path, "id"), "has no use here: the keys of a JWK Set have their own");
    for (const char* key : {"path", "refresh"})
      if (from.contains(key) && !upstream) add(child_path(path, key), "has no use without upstream");
    if (upstream && !from.contains("path")) add(path, "the key \"path\" is missing");
    if (upstream) upstream_exists(from, child_path(path, "upstream"));
    const json::value* list = from.if_contains("algorithms");
    const json::array* algorithms = list ? list->if_array() : nullptr;
    for (std::size_t i = 0; algorithms && i < algorithms->size(); ++i)
      if (const json::string* name = (*algorithms)[i].if_string())
        algorithm({name->data(), name->size()}, secret, kind, child_path(child_path(path, "algorithms"), i));
  }

  void algorithm(std::string_view name, bool secret, std::string_view kind, const std::string& path) {
    const bool hmac = name.starts_with("HS");
    if (secret && !hmac)
      add(path, "does not fit: a secret is for HS256, HS384 and HS512");
    else if (hmac && (kind == "pem" || kind == "upstream"))
      add(path, "does not fit: HS256, HS384 and HS512 need a secret, and this is public");
  }

  void upstream_exists(const json::object& from, const std::string& path) {
    const auto name = text(from, "upstream");
    const json::value* section = root_.if_contains("upstreams");
    if (!name || (section && (!section->is_object() || section->get_object().contains({name->data(), name->size()}))))
      return;
    if (locations_.secret(path)) return add(path, "there is no upstream of that name");
    std::vector<std::string> names;
    if (section)
      for (const auto& entry : section->get_object()) names.emplace_back(entry.key());
    const std::string hint = wants_more(errors_) ? suggestion(*name, names) : std::string();
    add(path, fmt::format("there is no upstream {}{}", quoted(*name), hint));
  }

  const json::object& root_;
  const Locations& locations_;
  std::vector<Error>& errors_;
};

}  // namespace

void check_authenticators(const json::value& root, const Locations& locations, std::vector<Error>& errors) {
  const json::object* all = mapping(&root);
  const json::object* authenticators = all ? mapping(all->if_contains("authenticators")) : nullptr;
  if (!authenticators) return;
  Checker checker(*all, locations, errors);
  for (const auto& entry : *authenticators)
    if (const json::object* authenticator = mapping(&entry.value()))
      checker.authenticator(*authenticator,
                            child_path("authenticators", std::string_view(entry.key().data(), entry.key().size())));
}

}  // namespace dragoman::config
