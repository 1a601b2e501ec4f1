// SPDX-License-Identifier: Apache-2.0
#include "verify/raw_client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace dragoman::verify {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

bool ready(int fd, short events, Clock::time_point end) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd poll_fd{fd, events, 0};
    const int n = ::poll(&poll_fd, 1, left < 0 ? 0 : static_cast<int>(left));
    if (n > 0) return true;
    if (n == 0 || errno != EINTR) return false;
  }
}

std::string head_of(std::string_view method, const std::string& target,
                    const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\n", method, target);
  for (const auto& [name, value] : headers) out += fmt::format("{}: {}\r\n", name, value);
  return out;
}

}  // namespace

std::uint16_t Frame::code() const {
  if (payload.size() < 2) return payload.empty() ? 1005 : 1006;
  return static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                    static_cast<unsigned char>(payload[1]));
}

RawClient::RawClient(unsigned port, std::chrono::milliseconds patience) : patience_(patience) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd_ < 0) throw std::runtime_error(fmt::format("no socket: {}", std::strerror(errno)));
  // Two frames in a row are two writes: the second must not wait for the peer.
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  int error = 0;
  socklen_t size = sizeof error;
  at_end_ = !ready(fd_, POLLOUT, Clock::now() + patience_) ||
            ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0;
}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

RawClient::RawClient(RawClient&& other) noexcept
    : patience_(other.patience_),
      fd_(std::exchange(other.fd_, -1)),
      at_end_(other.at_end_),
      inside_message_(other.inside_message_),
      in_(std::move(other.in_)) {}

RawClient& RawClient::operator=(RawClient&& other) noexcept {
  std::swap(patience_, other.patience_);
  std::swap(fd_, other.fd_);
  std::swap(at_end_, other.at_end_);
  std::swap(inside_message_, other.inside_message_);
  std::swap(in_, other.in_);
  return *this;
}

bool RawClient::bytes(std::string_view raw) {
  while (!raw.empty()) {
    if (at_end_) return false;
    const ssize_t n = ::send(fd_, raw.data(), raw.size(), MSG_NOSIGNAL);
    if (n > 0) {
      raw.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR && (errno != EAGAIN || !ready(fd_, POLLOUT, Clock::now() + patience_))) {
      return false;
    }
  }
  return true;
}

bool RawClient::frame(int opcode, std::string_view payload, bool last) {
  std::string out(1, static_cast<char>((last ? 0x80 : 0) | opcode));
  const std::size_t n = payload.size();
  if (n < 126) {
    out += static_cast<char>(0x80 | n);
  } else {
    const int bytes = n < 65536 ? 2 : 8;
    out += static_cast<char>(0x80 | (bytes == 2 ? 126 : 127));
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(n >> (8 * i));
  }
  static constexpr char mask[] = {0x1f, 0x2e, 0x3d, 0x4c};
  out.append(mask, 4);
  const std::size_t head = out.size();
  out += payload;
  for (std::size_t i = 0; i < n; ++i) out[head + i] = static_cast<char>(out[head + i] ^ mask[i % 4]);
  return bytes(out);
}

void RawClient::half_close() {
  ::shutdown(fd_, SHUT_WR);
}

void RawClient::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(fd_, -1));
  at_end_ = true;
}

bool RawClient::receive(Clock::time_point end) {
  if (at_end_ || !ready(fd_, POLLIN, end)) return false;
  char buffer[65536];
  const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
  if (n > 0)
    in_.append(buffer, static_cast<std::size_t>(n));
  else if (n == 0 || (errno != EAGAIN && errno != EINTR))
    at_end_ = true;
  return !at_end_;
}

unsigned RawClient::handshake(const std::string& target,
                              const std::vector<std::pair<std::string, std::string>>& headers) {
  auto all = headers;
  all.insert(all.end(), {{"Upgrade", "websocket"},
                         {"Connection", "Upgrade"},
                         {"Sec-WebSocket-Version", "13"},
                         {"Sec-WebSocket-Key", "ZHJhZ29tYW4gdmVyaWZ5IQ=="}});
  return http("GET", target, all, {});
}

unsigned RawClient::http(std::string_view method, const std::string& target,
                         const std::vector<std::pair<std::string, std::string>>& headers, std::string_view body,
                         std::string* answer) {
  std::string request = head_of(method, target, headers);
  if (!body.empty()) request += fmt::format("Content-Length: {}\r\n", body.size());
  request += "\r\n";
  request += body;
  if (!bytes(request)) return 0;
  const auto end = Clock::now() + patience_;
  std::size_t head = 0;
  while ((head = in_.find("\r\n\r\n")) == std::string::npos)
    if (!receive(end)) return 0;
  const unsigned status = in_.size() > 12 ? static_cast<unsigned>(std::atoi(in_.c_str() + 9)) : 0;
  in_.erase(0, head + 4);
  if (answer) {
    // The caller has asked for an end of the connection.
    while (receive(end)) {
    }
    *answer = std::exchange(in_, {});
  }
  return status;
}

std::optional<Frame> RawClient::next(std::chrono::milliseconds patience) {
  const auto end = Clock::now() + patience;
  for (;;) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(in_[i]); };
    if (in_.size() >= 2) {
      std::size_t head = 2, n = byte(1) & 0x7f;
      const std::size_t bytes = n == 126 ? 2 : n == 127 ? 8 : 0;
      if (in_.size() >= head + bytes) {
        if (bytes) n = 0;
        for (std::size_t i = 0; i < bytes; ++i) n = n << 8 | byte(2 + i);
        head += bytes;
        if (in_.size() - head >= n) {
          Frame frame{byte(0) & 0x0f, in_.substr(head, n)};
          if (frame.opcode < 8) inside_message_ = !(byte(0) & 0x80);
          in_.erase(0, head + n);
          return frame;
        }
      }
    }
    if (receive(end)) continue;
    if (at_end_) return Frame{8, std::string("\x03\xee", 2)};
    if (Clock::now() >= end) return std::nullopt;
  }
}

std::optional<Frame> RawClient::next_of(int opcode, std::chrono::milliseconds patience) {
  const auto end = Clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    auto frame = next(std::max(left, 0ms));
    if (!frame || frame->opcode == opcode) return frame;
    if (frame->opcode == 8) return frame;
  }
}

}  // namespace dragoman::verify
