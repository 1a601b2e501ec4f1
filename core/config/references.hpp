// SPDX-License-Identifier: Apache-2.0
// ${env:NAME} and ${file:PATH} in the strings of a configuration, so that secrets need not stand in it.
#pragma once
#include <boost/json/value.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/files.hpp"
#include "config/location.hpp"

namespace dragoman::config {

constexpr std::size_t largest_reference = 64 << 10;   // bytes of one value
constexpr std::size_t largest_references = 16 << 20;  // bytes of all values

// Where the values come from; an empty function means the process's environment and the file system.
struct ReferenceSources {
  std::function<std::optional<std::string>(const std::string& name)> environment;
  std::function<FileText(const std::string& path)> file;
};

// Replaces the references in all strings of `root`, but not in keys. What is put in is not looked at again and stays a
// string; it is marked in `locations` as secret. $${ stands for a literal ${. A file loses one line end at its end; its
// path is relative to the configuration file that names it. What is below `translations` stays as it is.
void resolve_references(boost::json::value& root, const ReferenceSources& sources, Locations& locations,
                        std::vector<Error>& errors);

}  // namespace dragoman::config
