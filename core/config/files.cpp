// SPDX-License-Identifier: Apache-2.0
#include "config/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace dragoman::config {
namespace {

constexpr std::size_t most_files = 256;

struct Descriptor {
  int number;
  explicit Descriptor(const std::string& path)
      : number(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

std::string reason(int error) {
  return "cannot be read: " + std::generic_category().message(error);
}

}  // namespace

FileText read_file(const std::string& path, std::size_t limit) {
  const Descriptor file(path);
  struct stat status {};
  if (file.number < 0 || ::fstat(file.number, &status) != 0) return {{}, reason(errno)};
  if (!S_ISREG(status.st_mode)) return {{}, "is not a regular file"};
  FileText out;
  for (;;) {
    char block[16384];
    const ssize_t n = ::read(file.number, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return {{}, reason(errno)};
    if (n == 0) return out;
    out.text.append(block, static_cast<std::size_t>(n));
    if (out.text.size() > limit) return {{}, fmt::format("is larger than {} KiB", limit >> 10)};
  }
}

std::vector<std::string> extra_files(const std::string& path, std::string& problem) {
  namespace fs = std::filesystem;
  const fs::path directory = fs::path(path).parent_path() / "conf.d";
  std::vector<std::string> out;
  std::error_code error;
  if (!fs::is_directory(directory, error)) return out;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name[0] == '.' || at->path().extension() != ".yaml") continue;
    out.push_back(at->path().string());
    if (out.size() > most_files) {
      problem = fmt::format("{} holds more than {} files", directory.string(), most_files);
      return {};
    }
  }
  if (error) problem = fmt::format("{} cannot be read: {}", directory.string(), error.message());
  std::sort(out.begin(), out.end());
  return out;
}

std::string relative_to(const std::string& file, const std::string& path) {
  return (std::filesystem::path(file).parent_path() / path).lexically_normal().string();
}

}  // namespace dragoman::config
