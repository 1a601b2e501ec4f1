// SPDX-License-Identifier: Apache-2.0
#include "link.hpp"

#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/resolver.hpp"
#include "message.hpp"

namespace amqp {
namespace {

using std::chrono::milliseconds;

constexpr int largest_frame = 131072;
constexpr milliseconds farewell{1000};

timeval time_of(milliseconds time) {
  return {static_cast<time_t>(time.count() / 1000), static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

// Text of the broker's, for a sentence.
std::string said(amqp_bytes_t text) {
  std::string out;
  for (const char c : view(text).substr(0, 512)) out += c > 0x1f && c < 0x7f ? c : '?';
  return out;
}

struct Descriptor {
  int fd;
  explicit Descriptor(int f) : fd(f) {}
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

// Connected, or an error that ends the attempt. The library would wait where nobody can wake it.
int connect_tcp(const std::string& address, std::uint16_t port, Thread& thread,
                std::chrono::steady_clock::time_point deadline) {
  sockaddr_storage to{};
  socklen_t size;
  if (auto* const v4 = reinterpret_cast<sockaddr_in*>(&to); inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    size = sizeof *v4;
  } else {
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&to);
    if (inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) != 1) throw Lost("its address is not understood");
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    size = sizeof *v6;
  }
  Descriptor made(::socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (made.fd < 0) throw Lost(std::strerror(errno));
  if (::connect(made.fd, reinterpret_cast<const sockaddr*>(&to), size) != 0) {
    if (errno != EINPROGRESS) throw Lost(std::strerror(errno));
    for (;;) {
      const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
      if (thread.stopping() || left.count() <= 0) throw Lost("it did not answer in time");
      pollfd fds[] = {{made.fd, POLLOUT, 0}, {thread.wake().descriptor(), POLLIN, 0}};
      poll(fds, 2, static_cast<int>(left.count()));
      if (fds[1].revents) thread.wake().drain();
      if (fds[0].revents) break;
    }
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(made.fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error) throw Lost(std::strerror(error));
  }
  return std::exchange(made.fd, -1);
}

}  // namespace

Refused read_refusal(const amqp_frame_t& frame) {
  const auto& close = *static_cast<const amqp_channel_close_t*>(frame.payload.method.decoded);
  return {close.reply_code, said(close.reply_text)};
}

Link::Link(const Settings& settings, const buses::Endpoint& endpoint, Thread& thread)
    : settings_(settings),
      thread_(thread),
      deadline_(std::chrono::steady_clock::now() + settings.connect_timeout),
      release_{thread.cut()} {
  std::string why = "it has no address";
  for (const std::string& address :
       buses::resolve(endpoint.host, [&] { return !thread_.stopping() && left().count() > 0; })) {
    try {
      connect(endpoint, address);
      log_in(endpoint.path);
      const timeval patience = time_of(settings_.connect_timeout);
      check(amqp_set_rpc_timeout(state(), &patience));
      return;
    } catch (const Lost& lost) {
      why = lost.what();
    }
    thread_.cut().release();
    state_.reset();
    if (thread_.stopping() || left().count() <= 0) break;
  }
  throw Lost(why);
}

void Link::leave() noexcept {
  const timeval patience = time_of(farewell);
  amqp_set_rpc_timeout(state(), &patience);
  amqp_connection_close(state(), AMQP_REPLY_SUCCESS);
}

milliseconds Link::left() const {
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(deadline_ - std::chrono::steady_clock::now()));
}

void Link::connect(const buses::Endpoint& endpoint, const std::string& address) {
  state_.reset(amqp_new_connection());
  if (!state_) throw Lost("out of memory");
  const auto prepare = [this](int fd) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // What the broker does not take for so long ends the connection: the library would wait for ever.
    const auto most = static_cast<unsigned>(settings_.publish_timeout.count());
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &most, sizeof most);
    thread_.cut().hold(fd);
  };
  if (!endpoint.tls) {
    Descriptor fd(connect_tcp(address, endpoint.port, thread_, deadline_));
    amqp_socket_t* const socket = amqp_tcp_socket_new(state());
    if (!socket) throw Lost("out of memory");
    prepare(fd.fd);
    amqp_tcp_socket_set_sockfd(socket, std::exchange(fd.fd, -1));
    return;
  }
  amqp_socket_t* const socket = amqp_ssl_socket_new(state());
  if (!socket) throw Lost("out of memory");
  amqp_ssl_socket_set_verify_peer(socket, settings_.tls.verify);
  amqp_ssl_socket_set_verify_hostname(socket, 0);
  try {
    tls_ = std::make_unique<buses::Tls>(settings_.tls, endpoint.host,
                                        static_cast<SSL_CTX*>(amqp_ssl_socket_get_context(socket)));
  } catch (const std::exception& error) {
    throw Lost(error.what());
  }
  tls_->on_handshake(prepare);
  const timeval patience = time_of(left());
  const int status = amqp_socket_open_noblock(socket, address.c_str(), endpoint.port, &patience);
  tls_->on_handshake({});
  if (status == AMQP_STATUS_OK) return;
  if (!tls_->complaint().empty()) throw Lost("its certificate is not accepted: " + tls_->complaint());
  fail(status);
}

void Link::log_in(const std::string& vhost) {
  const timeval patience = time_of(std::max(left(), milliseconds(1)));
  check(amqp_set_handshake_timeout(state(), &patience));
  amqp_table_entry_t capabilities[] = {{bytes("connection.blocked"), {AMQP_FIELD_KIND_BOOLEAN, {}}},
                                       {bytes("consumer_cancel_notify"), {AMQP_FIELD_KIND_BOOLEAN, {}}}};
  for (auto& one : capabilities) one.value.value.boolean = 1;
  amqp_table_entry_t properties[] = {{bytes("capabilities"), {AMQP_FIELD_KIND_TABLE, {}}},
                                     {bytes("connection_name"), {AMQP_FIELD_KIND_UTF8, {}}}};
  properties[0].value.value.table = {2, capabilities};
  properties[1].value.value.bytes = bytes("dragoman");
  const amqp_table_t table = {2, properties};
  const amqp_rpc_reply_t reply = amqp_login_with_properties(
      state(), vhost.c_str(), 0, largest_frame, static_cast<int>(settings_.heartbeat.count()), &table,
      AMQP_SASL_METHOD_PLAIN, settings_.username.c_str(), settings_.password.c_str());
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) fail(reply.library_error);
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD)
    throw Lost("it refuses this client: " +
               said(static_cast<const amqp_connection_close_t*>(reply.reply.decoded)->reply_text));
  throw Lost("it does not let this client in");
}

void Link::fail(int status) const {
  if (status == AMQP_STATUS_TIMEOUT) throw Lost("it did not answer in time");
  throw Lost(amqp_error_string2(status));
}

void Link::check(int status) const {
  if (status < 0) fail(status);
}

std::optional<Refused> Link::answer() {
  const amqp_rpc_reply_t reply = amqp_get_rpc_reply(state());
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return std::nullopt;
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) fail(reply.library_error);
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
    const auto& close = *static_cast<const amqp_channel_close_t*>(reply.reply.decoded);
    return Refused{close.reply_code, said(close.reply_text)};
  }
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD)
    throw Lost("it has ended the connection: " +
               said(static_cast<const amqp_connection_close_t*>(reply.reply.decoded)->reply_text));
  throw Lost("it has sent what was not asked for");
}

void Link::require() {
  if (const auto refused = answer()) throw Lost("it refuses: " + refused->why);
}

void Link::open_channel(amqp_channel_t channel) {
  amqp_channel_open(state(), channel);
  require();
}

void Link::reopen_channel(amqp_channel_t channel) {
  amqp_channel_close_ok_t ok{};
  send(channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
  open_channel(channel);
}

void Link::send(amqp_channel_t channel, amqp_method_number_t method, void* decoded) {
  check(amqp_send_method(state(), channel, method, decoded));
}

std::optional<amqp_frame_t> Link::receive() {
  amqp_frame_t frame;
  const timeval none{};
  const int status = amqp_simple_wait_frame_noblock(state(), &frame, &none);
  if (status == AMQP_STATUS_TIMEOUT) return std::nullopt;
  check(status);
  if (frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id == AMQP_CONNECTION_CLOSE_METHOD)
    throw Lost("it has ended the connection: " +
               said(static_cast<const amqp_connection_close_t*>(frame.payload.method.decoded)->reply_text));
  return frame;
}

}  // namespace amqp
