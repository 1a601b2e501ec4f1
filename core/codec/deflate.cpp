// SPDX-License-Identifier: Apache-2.0
#include "codec/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace dragoman::codec {
namespace {

constexpr std::size_t chunk = 16384;

Bytef* bytes(const char* p) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(p));
}

}  // namespace

struct Deflater::State {
  z_stream z{};
  bool ready = false;
  char out[chunk];
};

// zlib's 256 KiB are taken when the first message is compressed.
Deflater::Deflater() : state_(std::make_unique<State>()) {}
Deflater::~Deflater() {
  if (state_->ready) deflateEnd(&state_->z);
}

void Deflater::compress(std::string_view message, std::string& out) {
  z_stream& z = state_->z;
  if (!state_->ready) {
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
    state_->ready = true;
  } else {
    deflateReset(&z);
  }
  const std::size_t begin = out.size();
  z.next_in = bytes(message.data());
  z.avail_in = static_cast<uInt>(message.size());
  do {
    z.next_out = bytes(state_->out);
    z.avail_out = chunk;
    ::deflate(&z, Z_SYNC_FLUSH);
    out.append(state_->out, chunk - z.avail_out);
  } while (z.avail_out == 0);
  // RFC 7692 7.2.1: the flush ends in 00 00 ff ff, which the receiver adds again.
  if (out.size() - begin >= 4) out.resize(out.size() - 4);
  // An empty message is one byte (RFC 7692 7.2.3.6).
  if (out.size() == begin) out.push_back('\0');
}

struct Inflater::State {
  z_stream z{};
  bool ready = false;
  char out[chunk];
};

Inflater::Inflater() : state_(std::make_unique<State>()) {}
Inflater::~Inflater() {
  if (state_->ready) inflateEnd(&state_->z);
}

InflateStatus Inflater::inflate(std::string_view message, std::string& out, std::size_t limit) {
  z_stream& z = state_->z;
  if (!state_->ready) {
    if (inflateInit2(&z, -15) != Z_OK) throw std::bad_alloc();
    state_->ready = true;
  } else {
    inflateReset(&z);
  }
  static constexpr char tail[] = {0, 0, static_cast<char>(0xff), static_cast<char>(0xff)};
  const std::size_t begin = out.size();
  for (const std::string_view part : {message, std::string_view(tail, sizeof tail)}) {
    z.next_in = bytes(part.data());
    z.avail_in = static_cast<uInt>(part.size());
    for (;;) {
      z.next_out = bytes(state_->out);
      z.avail_out = chunk;
      const int result = ::inflate(&z, Z_SYNC_FLUSH);
      const std::size_t made = chunk - z.avail_out;
      if (made > limit - std::min(limit, out.size() - begin)) return InflateStatus::too_large;
      out.append(state_->out, made);
      if (result == Z_STREAM_END) {
        // A block marked as the last one is legal and begins the next message anew (RFC 7692 7.2.3.4); more of it after
        // that is padding.
        inflateReset(&z);
        if (!z.avail_in) break;
        continue;
      }
      if (result == Z_BUF_ERROR) break;
      if (result != Z_OK) return InflateStatus::bad_data;
      if (z.avail_out != 0 && z.avail_in == 0) break;
    }
  }
  return InflateStatus::ok;
}

}  // namespace dragoman::codec
