// SPDX-License-Identifier: Apache-2.0
// Any bytes as a configuration: the loader must neither crash nor hang nor take much memory, and it must either load or
// explain.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.hpp"

namespace config = dragoman::config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Nothing outside of the input is read.
  config::LoadOptions options;
  options.sources.environment = [](const std::string& name) {
    return name.empty() || name[0] == 'N' ? std::nullopt : std::optional<std::string>("value of " + name);
  };
  options.sources.file = [](const std::string& path) {
    return path.size() % 2 ? config::FileText{"text\n", {}} : config::FileText{{}, "cannot be read"};
  };

  std::vector<config::Error> errors;
  const auto loaded = config::load_text({reinterpret_cast<const char*>(data), size}, "fuzz.yaml", options, errors);
  if (loaded.has_value() != errors.empty()) std::abort();
  for (const config::Error& error : errors) {
    if (error.message.empty() || error.text().find('\0') != std::string::npos) std::abort();
  }
  if (loaded) {
    for (const auto& mount : loaded->mounts)
      if (mount.bus.empty() || mount.listen.empty()) std::abort();
    if (loaded->admin.enabled && loaded->admin.token.empty()) std::abort();
  }
  return 0;
}
