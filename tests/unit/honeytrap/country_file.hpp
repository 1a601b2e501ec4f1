// SPDX-License-Identifier: Apache-2.0
// Writes small country databases in the MaxMind DB format, version 2.0: a search tree over the bits of an IPv6 address
// (IPv4 stands below ::/96), 16 zero bytes, the data, and the metadata.
#pragma once
#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace honeytrap {

class CountryFile {
 public:
  // prefix: bits of the IPv6 address. code: the iso_code as encoded data, see text().
  void add(const char* address, unsigned prefix, const std::string& code) {
    unsigned char bytes[16];
    inet_pton(AF_INET6, address, bytes);
    const std::size_t offset = data_.size();
    data_ += map(1) + text("country") + map(1) + text("iso_code") + code;
    std::size_t node = 0;
    for (unsigned bit = 0;; ++bit) {
      const std::size_t side = bytes[bit / 8] >> (7 - bit % 8) & 1;
      if (bit + 1 == prefix) {
        nodes_[node][side] = {Record::data, offset};
        return;
      }
      if (nodes_[node][side].kind != Record::node) {
        nodes_[node][side] = {Record::node, nodes_.size()};
        nodes_.emplace_back();
      }
      node = nodes_[node][side].value;
    }
  }

  std::string bytes() const {
    std::string out;
    for (const auto& node : nodes_)
      for (const Record& record : node) {
        const std::size_t value = record.kind == Record::node   ? record.value
                                  : record.kind == Record::none ? nodes_.size()
                                                                : nodes_.size() + 16 + record.value;
        out += number(value, 3);
      }
    out.append(16, '\0').append(data_).append("\xab\xcd\xefMaxMind.com");
    out += map(9) + text("node_count") + "\xc4" + number(nodes_.size(), 4);
    out += text("record_size") + "\xa1\x18" + text("ip_version") + "\xa1\x06";
    out += text("database_type") + text("Test-Country") + text("languages") + std::string("\x00\x04", 2);
    out += text("binary_format_major_version") + "\xa1\x02" + text("binary_format_minor_version") + "\xa0";
    out += text("build_epoch") + std::string("\x01\x02\x01", 3) + text("description") + map(0);
    return out;
  }

  // Up to 28 bytes.
  static std::string text(const std::string& value) { return static_cast<char>(0x40 | value.size()) + value; }

 private:
  struct Record {
    enum { none, node, data } kind = none;
    std::size_t value = 0;
  };

  static std::string map(std::size_t members) { return {static_cast<char>(0xe0 | members)}; }
  static std::string number(std::size_t value, unsigned size) {
    std::string out;
    while (size > 0) out += static_cast<char>(value >> (8 * --size));
    return out;
  }

  std::vector<std::array<Record, 2>> nodes_{1};
  std::string data_;
};

}  // namespace honeytrap
