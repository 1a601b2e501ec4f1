// SPDX-License-Identifier: Apache-2.0
#include "country.hpp"

#include <arpa/inet.h>
#include <maxminddb.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

namespace honeytrap {
namespace {

// Not MMDB_lookup_string: that asks the resolver and takes spellings such as "1" or an address with a zone.
std::optional<sockaddr_storage> parse_address(std::string_view text) {
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN || text.find('\0') != text.npos) return std::nullopt;
  char terminated[INET6_ADDRSTRLEN] = {};
  std::copy(text.begin(), text.end(), terminated);
  sockaddr_storage storage{};
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET, terminated, &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
  } else if (inet_pton(AF_INET6, terminated, &v6.sin6_addr) == 1) {
    if (!IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      v6.sin6_family = AF_INET6;
      std::memcpy(&storage, &v6, sizeof v6);
      return storage;
    }
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, v6.sin6_addr.s6_addr + 12, 4);
  } else {
    return std::nullopt;
  }
  std::memcpy(&storage, &v4, sizeof v4);
  return storage;
}

}  // namespace

void CountryDatabase::Close::operator()(MMDB_s* database) const {
  MMDB_close(database);
  delete database;
}

std::optional<CountryDatabase> CountryDatabase::open(const std::string& path, std::string& error) {
  std::error_code failure;
  // A pipe would make the open wait for ever.
  if (!std::filesystem::is_regular_file(path, failure)) {
    error = "the country database " + path + " cannot be used: " + (failure ? failure.message() : "it is not a file");
    return std::nullopt;
  }
  auto database = std::make_unique<MMDB_s>();
  if (const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, database.get()); status != MMDB_SUCCESS) {
    error = "the country database " + path + " cannot be used: " + MMDB_strerror(status);
    return std::nullopt;
  }
  return CountryDatabase(std::unique_ptr<MMDB_s, Close>(database.release()));
}

std::optional<CountryCode> CountryDatabase::lookup(std::string_view address) const {
  const auto parsed = parse_address(address);
  if (!parsed) return std::nullopt;
  int status = MMDB_SUCCESS;
  MMDB_lookup_result_s found =
      MMDB_lookup_sockaddr(database_.get(), reinterpret_cast<const sockaddr*>(&*parsed), &status);
  if (status != MMDB_SUCCESS || !found.found_entry) return std::nullopt;
  MMDB_entry_data_s value{};
  const char* const path[] = {"country", "iso_code", nullptr};
  if (MMDB_aget_value(&found.entry, &value, path) != MMDB_SUCCESS || !value.has_data ||
      value.type != MMDB_DATA_TYPE_UTF8_STRING)
    return std::nullopt;
  return country_code({value.utf8_string, value.data_size});
}

}  // namespace honeytrap
