// SPDX-License-Identifier: Apache-2.0
#include "common/settings.hpp"

#include <boost/json.hpp>
#include <dragoman/sdk/host.hpp>
#include <filesystem>

#include "common/text.hpp"

namespace buses {

void refuse(std::string_view name, const std::string& what) {
  throw dragoman::sdk::ConfigError("settings." + std::string(name) + " " + what);
}

SettingsReader::SettingsReader(std::string_view json, std::string_view state_directory)
    : object_(boost::json::parse({json.data(), json.size()}).as_object()), state_directory_(state_directory) {}

std::string SettingsReader::text(const char* name) const {
  std::string value = secret(name);
  if (!is_text(value)) refuse(name, "must be UTF-8 without control characters");
  return value;
}

std::string SettingsReader::secret(const char* name) const {
  return boost::json::value_to<std::string>(at(name));
}

std::chrono::milliseconds SettingsReader::time(const char* name) const {
  return std::chrono::milliseconds(number<std::int64_t>(name));
}

std::string SettingsReader::path(const char* name) const {
  const std::string given = secret(name);
  return given.empty() ? given : (std::filesystem::path(state_directory_) / given).string();
}

TlsFiles SettingsReader::tls() const {
  TlsFiles out{path("ca"), path("certificate"), path("key"), flag("verify")};
  if (out.certificate.empty() != out.key.empty()) refuse("certificate", "and settings.key need each other");
  return out;
}

}  // namespace buses
