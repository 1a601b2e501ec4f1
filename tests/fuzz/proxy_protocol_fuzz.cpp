// SPDX-License-Identifier: Apache-2.0
// The header of the PROXY protocol: any input, whole and in pieces, gives the same and never takes what is behind it.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "codec/proxy_protocol.hpp"

namespace {

using dragoman::codec::ProxyHeader;
using dragoman::codec::ProxyHeaderParser;

struct Outcome {
  ProxyHeaderParser::Status status = ProxyHeaderParser::Status::need_more;
  std::size_t size = 0;
  ProxyHeader header;
};

Outcome read(std::string_view bytes, std::size_t step) {
  ProxyHeaderParser parser;
  Outcome out;
  while (out.size < bytes.size() && out.status == ProxyHeaderParser::Status::need_more) {
    const std::string_view piece = bytes.substr(out.size, step);
    const auto result = parser.feed(piece);
    if (result.consumed > piece.size()) std::abort();
    if (result.status == ProxyHeaderParser::Status::need_more && result.consumed != piece.size()) std::abort();
    out.status = result.status;
    out.size += result.consumed;
  }
  out.header = parser.header();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t step = data[0] % 64 + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read(bytes, bytes.size()), pieces = read(bytes, step);
  if (whole.status != pieces.status) std::abort();
  if (whole.status != ProxyHeaderParser::Status::complete) return 0;
  if (whole.size != pieces.size || whole.header.client != pieces.header.client ||
      whole.header.source.text() != pieces.header.source.text())
    std::abort();
  if (whole.size > 16 + ProxyHeaderParser::v2_bytes) std::abort();
  const bool v1 = bytes.front() == 'P';
  if (v1 && (whole.size > ProxyHeaderParser::v1_bytes || bytes.substr(whole.size - 2, 2) != "\r\n")) std::abort();
  if (read(bytes.substr(0, whole.size - 1), step).status != ProxyHeaderParser::Status::need_more) std::abort();
  return 0;
}
