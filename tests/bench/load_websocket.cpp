// SPDX-License-Identifier: Apache-2.0
#include "load_websocket.hpp"

#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <stdexcept>

namespace dragoman::bench {
namespace {

// One key and one mask for all: a benchmark has no proxies to guard against. RFC 6455 1.3 has the key and its answer.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
constexpr unsigned char kMask[4] = {0x5a, 0x17, 0xc3, 0x2e};
constexpr std::size_t kLargestInflated = 1 << 20;

void append_frame(std::string& out, unsigned char first, std::string_view payload) {
  out.push_back(static_cast<char>(first));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(0x80 | payload.size()));
  } else if (payload.size() < 65536) {
    out.push_back(static_cast<char>(0x80 | 126));
    out.push_back(static_cast<char>(payload.size() >> 8));
    out.push_back(static_cast<char>(payload.size() & 0xFF));
  } else {
    throw std::runtime_error("a message of the benchmark is too long");
  }
  out.append(reinterpret_cast<const char*>(kMask), sizeof kMask);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(payload[i]) ^ kMask[i & 3]));
  }
}

std::string inflate_message(std::string_view payload) {
  std::string input(payload);
  input.append("\x00\x00\xff\xff", 4);  // RFC 7692 7.2.2
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK) throw std::runtime_error("zlib does not start");
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  std::string output(kLargestInflated, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
  const int result = inflate(&stream, Z_SYNC_FLUSH);
  output.resize(stream.total_out);
  inflateEnd(&stream);
  if ((result != Z_OK && result != Z_STREAM_END) || stream.avail_in != 0) {
    throw std::runtime_error("a message cannot be inflated");
  }
  return output;
}

}  // namespace

void append_text_frame(std::string& out, std::string_view text) {
  append_frame(out, 0x81, text);
}

WebSocket::WebSocket(const Url& url, SSL_CTX* context, bool offer_deflate) : stream_(url, context) {
  std::string request =
      "GET " + url.target + " HTTP/1.1\r\nHost: " + url.host + ":" + std::to_string(url.port) +
      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
  request.append(kKey).append("\r\n");
  if (offer_deflate) {
    request +=
        "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover\r\n";
  }
  request += "\r\n";
  stream_.queue(request);
}

void WebSocket::queue_text(std::string_view text) {
  std::string frame;
  append_text_frame(frame, text);
  stream_.queue(frame);
}

void WebSocket::advance(const OnMessage& on_message) {
  static char buffer[1 << 17];
  stream_.flush();
  for (;;) {
    const std::size_t size = stream_.read(buffer, sizeof buffer);
    if (size == 0) break;
    std::string_view bytes(buffer, size);
    if (input_.empty() && open_) {
      const std::size_t used = take_frames(bytes, on_message);
      if (used != size) input_.assign(bytes.substr(used));
      continue;
    }
    input_.append(bytes);
    bytes = input_;
    if (!open_) bytes = upgrade(bytes);
    if (!open_) continue;
    const std::size_t used = take_frames(bytes, on_message);
    std::string(bytes.substr(used)).swap(input_);
  }
  stream_.flush();
}

// Returns what follows the answer to the upgrade.
std::string_view WebSocket::upgrade(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() > 65536) throw std::runtime_error("the answer to the upgrade has no end");
    return bytes;
  }
  const std::string_view head = bytes.substr(0, end);
  if (head.rfind("HTTP/1.1 101", 0) != 0) {
    throw std::runtime_error("the upgrade was refused: " + std::string(head.substr(0, head.find("\r\n"))));
  }
  if (head.find(kAccept) == std::string_view::npos) throw std::runtime_error("wrong Sec-WebSocket-Accept");
  deflate_ = head.find("permessage-deflate") != std::string_view::npos;
  open_ = true;
  return bytes.substr(end + 4);
}

// Returns how many bytes were whole frames.
std::size_t WebSocket::take_frames(std::string_view bytes, const OnMessage& on_message) {
  std::size_t at = 0;
  while (bytes.size() - at >= 2) {
    const auto* head = reinterpret_cast<const unsigned char*>(bytes.data()) + at;
    std::uint64_t length = head[1];
    std::size_t extended = 0;
    if (length >= 128) throw std::runtime_error("the server masks its frames");
    if (length == 126) extended = 2;
    if (length == 127) extended = 8;
    if (bytes.size() - at < 2 + extended) break;
    if (extended > 0) {
      length = 0;
      for (std::size_t i = 0; i < extended; ++i) length = length << 8 | head[2 + i];
    }
    if (length > kLargestInflated) throw std::runtime_error("a frame of the server is too long");
    if (bytes.size() - at < 2 + extended + length) break;
    take_frame(head[0], bytes.substr(at + 2 + extended, length), on_message);
    at += 2 + extended + length;
  }
  return at;
}

void WebSocket::take_frame(unsigned char first, std::string_view payload, const OnMessage& on_message) {
  switch (first) {
    case 0x81:
      return on_message(payload);
    case 0xC1:
      if (!deflate_) throw std::runtime_error("a compressed message without permessage-deflate");
      return on_message(inflate_message(payload));
    case 0x89: {
      std::string pong;
      append_frame(pong, 0x8A, payload);
      stream_.queue(pong);
      return;
    }
    case 0x8A:
      return;
    case 0x88: {
      std::string sentence = "the server closed";
      if (payload.size() >= 2) {
        const unsigned code =
            static_cast<unsigned>(static_cast<unsigned char>(payload[0])) << 8 | static_cast<unsigned char>(payload[1]);
        sentence += " with " + std::to_string(code) + " " + std::string(payload.substr(2));
      }
      throw std::runtime_error(sentence);
    }
    default:
      throw std::runtime_error("an unexpected frame of the server");
  }
}

}  // namespace dragoman::bench
