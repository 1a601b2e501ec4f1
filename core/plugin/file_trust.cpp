// SPDX-License-Identifier: Apache-2.0
#include "plugin/file_trust.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/log.hpp"

namespace dragoman::plugin {
namespace {

std::string distrust_one(const std::string& path, const char* kind, mode_t type) {
  std::string shown;
  base::append_log_value(shown, path);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return fmt::format("{} {} cannot be examined ({}); mend its permissions", kind, shown, std::strerror(errno));
  if ((status.st_mode & S_IFMT) != type) return fmt::format("{} is not a regular file; name a shared object", shown);
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return fmt::format(
        "{} {} belongs to the user with id {}, and only root and the gateway's own user (id {}) may own "
        "plugins; run \"chown root {}\" if you trust it",
        kind, shown, status.st_uid, ::geteuid(), shown);
  if (status.st_mode & (S_IWGRP | S_IWOTH))
    return fmt::format(
        "{} {} can be written by {} (mode {:04o}), who could so put code into the gateway; run "
        "\"chmod go-w {}\"",
        kind, shown, status.st_mode & S_IWOTH ? "everybody" : "its group", status.st_mode & 07777, shown);
  return {};
}

}  // namespace

std::string distrust(const std::string& path) {
  std::string wrong = distrust_one(path, "the file", S_IFREG);
  if (wrong.empty()) wrong = distrust_one(std::filesystem::path(path).parent_path().string(), "the directory", S_IFDIR);
  return wrong;
}

}  // namespace dragoman::plugin
