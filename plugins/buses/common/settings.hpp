// SPDX-License-Identifier: Apache-2.0
// Reads settings that are complete and valid against a schema. Sentences of dragoman::sdk::ConfigError name the setting
// and never its value: it may be a secret.
#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "common/tls.hpp"

namespace buses {

[[noreturn]] void refuse(std::string_view name, const std::string& what);

class SettingsReader {
 public:
  SettingsReader(std::string_view json, std::string_view state_directory);
  const boost::json::value& at(const char* name) const { return object_.at(name); }
  // Text without control characters.
  std::string text(const char* name) const;
  std::string secret(const char* name) const;
  bool flag(const char* name) const { return at(name).as_bool(); }
  template <class N>
  N number(const char* name) const {
    return at(name).template to_number<N>();
  }
  std::chrono::milliseconds time(const char* name) const;
  // Below the state directory unless it is absolute; empty if the setting is.
  std::string path(const char* name) const;
  // ca, certificate, key and verify.
  TlsFiles tls() const;

 private:
  boost::json::object object_;
  std::string state_directory_;
};

}  // namespace buses
