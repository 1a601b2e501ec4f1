// SPDX-License-Identifier: Apache-2.0
#include "service/jwt/key_source.hpp"

#include <sys/stat.h>

namespace dragoman::service::jwt {

FileMark mark_of(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) return {};
  return {s.st_mtim.tv_sec, s.st_mtim.tv_nsec, s.st_size, s.st_ino, s.st_dev};
}

ReadKeys KeySource::parse(const std::string& from) const {
  const Algorithms wanted = algorithms_of(config.algorithms);
  if (!config.secret.empty()) return key_from_secret(config.secret, wanted, config.id);
  if (!config.secret_base64.empty()) return key_from_base64(config.secret_base64, wanted, config.id);
  if (!config.pem.empty()) return key_from_pem(from, wanted, config.id);
  return keys_from_jwks(from, wanted, !fetched());
}

}  // namespace dragoman::service::jwt
