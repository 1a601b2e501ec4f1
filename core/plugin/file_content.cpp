// SPDX-License-Identifier: Apache-2.0
#include "plugin/file_content.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

namespace dragoman::plugin {

std::optional<FileContent> FileContent::open(const std::string& path) {
  FileContent out(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (out.fd_ < 0 || !out.read()) return std::nullopt;
  return out;
}

FileContent::~FileContent() {
  if (fd_ >= 0) ::close(fd_);
}

bool FileContent::read() {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) return false;
  inode_ = {status.st_dev, status.st_ino};
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::array<char, 65536> part;
  for (off_t at = 0;;) {
    const ssize_t n = ::pread(fd_, part.data(), part.size(), at);
    if (n < 0) return false;
    if (n == 0) break;
    EVP_DigestUpdate(context.get(), part.data(), static_cast<std::size_t>(n));
    at += n;
  }
  EVP_DigestFinal_ex(context.get(), digest_.data(), nullptr);
  return true;
}

}  // namespace dragoman::plugin
