// SPDX-License-Identifier: Apache-2.0
// One file, held open, and what is in it: two files are the same when their content is.
#pragma once
#include <sys/types.h>

#include <array>
#include <optional>
#include <string>
#include <utility>

namespace dragoman::plugin {

class FileContent {
 public:
  using Inode = std::pair<dev_t, ino_t>;
  using Digest = std::array<unsigned char, 32>;  // SHA-256

  // Nothing if it cannot be read; errno says why.
  static std::optional<FileContent> open(const std::string& path);
  FileContent(FileContent&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), inode_(std::move(other.inode_)), digest_(other.digest_) {}
  FileContent& operator=(FileContent&&) = delete;
  ~FileContent();

  const Inode& inode() const { return inode_; }
  const Digest& digest() const { return digest_; }
  // Another path of this file, of the process, as long as the object lives.
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }
  // For ever.
  void keep_open() { fd_ = -1; }

 private:
  explicit FileContent(int fd) : fd_(fd) {}
  bool read();

  int fd_;
  Inode inode_{};
  Digest digest_{};
};

}  // namespace dragoman::plugin
