// SPDX-License-Identifier: Apache-2.0
#include "config/semantics.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/ip_address.hpp"
#include "config/address.hpp"
#include "config/semantics_authenticator.hpp"
#include "config/semantics_upstream.hpp"
#include "config/suggest.hpp"
#include "config/units.hpp"

namespace dragoman::config {
namespace {

namespace json = boost::json;

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

const json::value* member(const json::value& value, std::string_view key) {
  return value.is_object() ? value.get_object().if_contains({key.data(), key.size()}) : nullptr;
}

const json::string* text_member(const json::value& value, std::string_view key) {
  const json::value* found = member(value, key);
  return found ? found->if_string() : nullptr;
}

const json::array* list_member(const json::value& value, std::string_view key) {
  const json::value* found = member(value, key);
  return found ? found->if_array() : nullptr;
}

class Semantics {
 public:
  Semantics(const json::value& root, const Locations& locations, std::vector<Error>& errors)
      : root_(root), locations_(locations), errors_(errors) {}

  void check() {
    each("listeners", [this](const json::value& value, const std::string& path) { listener(value, path); });
    each("buses", [this](const json::value& value, const std::string& path) { bus(value, path); });
    check_upstreams(root_, locations_, errors_);
    check_authenticators(root_, locations_, errors_);
    each("mounts", [this](const json::value& value, const std::string& path) { mount(value, path); });
    if (const json::value* cluster_value = member(root_, "cluster")) cluster(*cluster_value);
    if (const json::value* admin_value = member(root_, "admin")) admin(*admin_value);
    const json::value* mounts = member(root_, "mounts");
    if (!member(root_, "admin") && (!mounts || (mounts->is_object() && mounts->get_object().empty())))
      add({}, "there is nothing to serve: neither a mount nor admin is configured");
  }

 private:
  void add(const std::string& path, std::string message) {
    add_error(errors_, {locations_.value(path), path, std::move(message)});
  }

  template <class F>
  void each(const std::string& section, F&& f) {
    const json::value* values = member(root_, section);
    if (!values || !values->is_object()) return;
    for (const auto& entry : values->get_object())
      f(entry.value(), child_path(section, std::string_view(entry.key().data(), entry.key().size())));
  }

  std::vector<std::string> names(std::string_view section) const {
    std::vector<std::string> out;
    const json::value* values = member(root_, section);
    if (values && values->is_object())
      for (const auto& entry : values->get_object()) out.emplace_back(entry.key());
    return out;
  }

  std::optional<Address> address(const json::value& value, const std::string& path) {
    const json::string* text = text_member(value, "address");
    if (!text) return std::nullopt;
    const std::string address_path = child_path(path, "address");
    auto parsed = parse_address(view(*text));
    if (!parsed) {
      add(address_path,
          "expected an IP address and a port such as 127.0.0.1:8080 or [::]:8080, unix:/absolute/path, or "
          "systemd:NAME");
      return std::nullopt;
    }
    const bool by_number = parsed->family == Address::Family::ipv4 || parsed->family == Address::Family::ipv6;
    if (by_number && parsed->port == 0) return parsed;
    const auto [first, fresh] = addresses_.emplace(std::pair(parsed->host, parsed->port), address_path);
    if (!fresh) add(address_path, "the same address as " + first->second);
    return parsed;
  }

  void listener(const json::value& value, const std::string& path) {
    address(value, path);
    proxies(value, path);
    const json::value* tls = member(value, "tls");
    if (!tls || !tls->is_object()) return;
    const std::string tls_path = child_path(path, "tls");
    const json::value* certificate = member(*tls, "certificate");
    const json::value* key = member(*tls, "key");
    const json::value* self_signed = member(*tls, "self_signed");
    if (certificate && !key) add(tls_path, "certificate needs key beside it");
    if (key && !certificate) add(tls_path, "key needs certificate beside it");
    // A value of the wrong type has been reported; what it was meant to be is not known.
    if (!certificate && !key && (!self_signed || (self_signed->is_bool() && !self_signed->get_bool())))
      add(tls_path, "needs certificate and key, or self_signed: true");
  }

  void proxies(const json::value& value, const std::string& path) {
    const std::string list_path = child_path(path, "trusted_proxies");
    const json::array* trusted = list_member(value, "trusted_proxies");
    for (std::size_t i = 0; trusted && i < trusted->size(); ++i) {
      const json::string* entry = (*trusted)[i].if_string();
      if (entry && *entry != "unix" && !base::IpNetwork::parse(view(*entry)))
        add(child_path(list_path, i),
            "expected an IP address, a network such as 10.0.0.0/8 with no bit set behind its prefix, or unix");
    }
    const json::value* protocol = member(value, "proxy_protocol");
    const bool none = trusted ? trusted->empty() : !member(value, "trusted_proxies");
    if (protocol && protocol->is_bool() && protocol->get_bool() && none)
      add(child_path(path, "proxy_protocol"), "needs trusted_proxies, which say whose connections are taken");
  }

  void bus(const json::value& value, const std::string& path) {
    const json::string* plugin = text_member(value, "plugin");
    const json::value* settings = member(value, "settings");
    if (plugin && *plugin == "embedded" && settings && settings->is_object() && !settings->get_object().empty())
      add(child_path(path, "settings"), "the embedded bus has no settings");
  }

  void cluster(const json::value& value) {
    const json::string* name = text_member(value, "bus");
    if (!name) return;
    const std::string path = child_path("cluster", "bus");
    must_exist("buses", "bus", *name, path);
    const json::value* buses = member(root_, "buses");
    const json::value* bus = buses ? member(*buses, view(*name)) : nullptr;
    const json::string* plugin = bus ? text_member(*bus, "plugin") : nullptr;
    if (plugin && *plugin == "embedded") add(path, "nobody else is on the embedded bus: a broker is needed");
  }

  void mount(const json::value& value, const std::string& path) {
    const json::string* transport = text_member(value, "transport");
    const bool sockjs = transport && *transport == "sockjs";
    if (const json::array* listen = list_member(value, "listen")) {
      const std::string list_path = child_path(path, "listen");
      for (std::size_t i = 0; i < listen->size(); ++i) mount_listen((*listen)[i], child_path(list_path, i), sockjs);
    }
    if (value.is_object()) mount_bus(value, path);
    if (const json::string* name = text_member(value, "journal"))
      must_exist("journals", "journal", *name, child_path(path, "journal"));
    if (const json::string* name = text_member(value, "authenticator"))
      must_exist("authenticators", "authenticator", *name, child_path(path, "authenticator"));
  }

  void mount_listen(const json::value& value, const std::string& path, bool sockjs) {
    const json::string* listener_name = text_member(value, "listener");
    const json::string* url_path = text_member(value, "path");
    if (listener_name) must_exist("listeners", "listener", *listener_name, child_path(path, "listener"));
    if (sockjs && url_path && !view(*url_path).ends_with('/'))
      add(child_path(path, "path"), "SockJS is served below a path: it must end in /");
    if (!listener_name || !url_path) return;
    const auto place = std::pair(std::string(*listener_name), std::string(*url_path));
    const auto [first, fresh] = served_.emplace(place, path);
    if (!fresh) add(path, "the same listener and path as " + first->second);
  }

  void mount_bus(const json::value& value, const std::string& path) {
    const json::value* name = member(value, "bus");
    if (name) {
      if (name->is_string()) must_exist("buses", "bus", name->get_string(), child_path(path, "bus"));
      return;
    }
    const json::value* values = member(root_, "buses");
    if (values && !values->is_object()) return;
    const std::size_t buses = values ? values->get_object().size() : 0;
    if (buses == 0) add(path, "there is no bus; configure one under buses");
    if (buses > 1) add(path, "the key \"bus\" is missing, and there are several buses");
  }

  void must_exist(std::string_view section, std::string_view kind, const json::string& name, const std::string& path) {
    const json::value* values = member(root_, section);
    if (values && (!values->is_object() || values->get_object().contains(name))) return;
    if (locations_.secret(path)) {
      add(path, fmt::format("there is no {} of that name", kind));
      return;
    }
    const std::string hint = wants_more(errors_) ? suggestion(view(name), names(section)) : std::string();
    add(path, fmt::format("there is no {} {}{}", kind, quoted(view(name)), hint));
  }

  void admin(const json::value& value) {
    const auto where = address(value, "admin");
    if (where && !where->loopback)
      add("admin.address", "the admin API has no TLS: it listens on 127.0.0.1, [::1] or unix:/absolute/path only");
  }

  const json::value& root_;
  const Locations& locations_;
  std::vector<Error>& errors_;
  std::map<std::pair<std::string, std::uint16_t>, std::string> addresses_;
  std::map<std::pair<std::string, std::string>, std::string> served_;
};

}  // namespace

void check_semantics(const json::value& root, const Locations& locations, std::vector<Error>& errors) {
  Semantics(root, locations, errors).check();
}

}  // namespace dragoman::config
