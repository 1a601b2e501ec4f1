// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_greeting.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace dragoman::net {

ProxyGreeting::ProxyGreeting(Loop& loop, Stream::Socket socket)
    : loop_(loop),
      socket_(std::move(socket)),
      timer_([](void* self) { static_cast<ProxyGreeting*>(self)->finish(End::refused); }, this) {}

void ProxyGreeting::start(std::uint32_t timeout_ms, Done done) {
  done_ = std::move(done);
  loop_.arm(timer_, timeout_ms);
  wait();
}

void ProxyGreeting::close() {
  done_ = nullptr;
  loop_.timers().cancel(timer_);
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void ProxyGreeting::wait() {
  socket_.async_wait(Stream::Socket::wait_read, [self = shared_from_this()](boost::system::error_code error) {
    if (!error && self->done_) self->read();
  });
}

void ProxyGreeting::read() {
  using Status = codec::ProxyHeaderParser::Status;
  auto& buffer = loop_.read_buffer();
  constexpr std::size_t most = 512;
  for (;;) {
    const ssize_t seen = ::recv(socket_.native_handle(), buffer.data(), most, MSG_PEEK);
    if (seen < 0 && errno == EINTR) continue;
    if (seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return wait();
    if (seen <= 0) return finish(End::left);
    const auto result = parser_.feed({buffer.data(), static_cast<std::size_t>(seen)});
    if (result.status == Status::error) return finish(End::refused);
    // What has been seen is there.
    if (::recv(socket_.native_handle(), buffer.data(), result.consumed, 0) != static_cast<ssize_t>(result.consumed))
      return finish(End::left);
    if (result.status == Status::complete) return finish(End::complete);
  }
}

void ProxyGreeting::finish(End end) {
  const auto self = shared_from_this();
  loop_.timers().cancel(timer_);
  if (end != End::complete) {
    // A wait that goes on would keep it open.
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  if (const Done done = std::exchange(done_, nullptr)) done(end);
}

}  // namespace dragoman::net
