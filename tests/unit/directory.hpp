// SPDX-License-Identifier: Apache-2.0
// A directory of a test's own in the temporary one, removed with what is in it.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace unit {

class Directory {
 public:
  Directory() {
    std::string form = (std::filesystem::temp_directory_path() / "dragoman-unit-XXXXXX").string();
    if (!::mkdtemp(form.data())) throw std::runtime_error("mkdtemp " + form);
    path_ = form;
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace unit
