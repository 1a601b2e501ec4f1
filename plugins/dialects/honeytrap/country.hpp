// SPDX-License-Identifier: Apache-2.0
// The country of an address by a MaxMind database (GeoLite2-Country.mmdb).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "envelope.hpp"

struct MMDB_s;

namespace honeytrap {

// lookup() from any thread. The file stays mapped: replace it by renaming another over it, never by writing into it.
class CountryDatabase {
 public:
  // Nothing: `error` is a sentence that says why the file cannot be used. Blocks for the disk.
  static std::optional<CountryDatabase> open(const std::string& path, std::string& error);

  // Takes any bytes. Nothing: no address, no country for it, or a damaged file.
  std::optional<CountryCode> lookup(std::string_view address) const;

 private:
  struct Close {
    void operator()(MMDB_s* database) const;
  };
  explicit CountryDatabase(std::unique_ptr<MMDB_s, Close> database) : database_(std::move(database)) {}
  std::unique_ptr<MMDB_s, Close> database_;
};

}  // namespace honeytrap
