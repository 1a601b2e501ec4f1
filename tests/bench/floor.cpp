// SPDX-License-Identifier: Apache-2.0
// The least that a WebSocket fan-out can cost on this machine: one thread, one epoll, no subscriptions, no limits, no
// queues. Every message of a connection at /pub is encoded once and sent to every connection at any other path, either
// with one send() per message and socket, or with one send() per loop turn and socket. A message of a connection at
// /pub/group begins with a number and a blank, and goes to those at /sub/NUMBER. Prints its port when it listens.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct Connection {
  int fd = -1;
  bool open = false;
  bool publisher = false, to_group = false;
  std::size_t group = 0;
  std::string input;
};

struct Group {
  std::vector<int> subscribers;
  std::string turn;
};

std::string accept_key(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 4.2.2
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  unsigned char encoded[32];
  const int size = EVP_EncodeBlock(encoded, digest, sizeof digest);
  return std::string(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size));
}

class Floor {
 public:
  Floor(std::uint16_t port, bool coalesce) : coalesce_(coalesce) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int one = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("bind");
    if (listen(listener_, 4096) != 0) fail("listen");
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    watch(listener_);
    std::printf("%u\n", static_cast<unsigned>(ntohs(address.sin_port)));
    std::fflush(stdout);
  }

  [[noreturn]] void run() {
    std::vector<epoll_event> events(512);
    for (;;) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_) {
          accept_all();
        } else {
          readable(fd);
        }
      }
      for (Group* group : touched_) send_to(*group);
      touched_.clear();
    }
  }

 private:
  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
  }

  void accept_all() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int one = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      auto connection = std::make_unique<Connection>();
      connection->fd = fd;
      connections_[fd] = std::move(connection);
      watch(fd);
    }
  }

  void drop(int fd) {
    std::erase(groups_[connections_[fd]->group].subscribers, fd);
    connections_.erase(fd);
    close(fd);
  }

  void readable(int fd) {
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    Connection& connection = *found->second;
    char buffer[65536];
    const ssize_t size = recv(fd, buffer, sizeof buffer, 0);
    if (size <= 0) {
      if (size == 0 || (errno != EAGAIN && errno != EINTR)) drop(fd);
      return;
    }
    if (connection.open && !connection.publisher) return;
    connection.input.append(buffer, static_cast<std::size_t>(size));
    if (!connection.open) {
      upgrade(connection);
    } else {
      take_messages(connection);
    }
  }

  void upgrade(Connection& connection) {
    if (connection.input.find("\r\n\r\n") == std::string::npos) return;
    constexpr std::string_view kName = "Sec-WebSocket-Key: ";
    const std::size_t begin = connection.input.find(kName);
    if (begin == std::string::npos) return drop(connection.fd);
    const std::size_t end = connection.input.find("\r\n", begin);
    const std::string key = connection.input.substr(begin + kName.size(), end - begin - kName.size());
    const std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
        accept_key(key) + "\r\n\r\n";
    send_whole(connection.fd, answer);
    connection.open = true;
    connection.publisher = connection.input.rfind("GET /pub", 0) == 0;
    connection.to_group = connection.input.rfind("GET /pub/group", 0) == 0;
    constexpr std::string_view kSub = "GET /sub/";
    if (connection.input.rfind(kSub, 0) == 0)
      connection.group = std::strtoul(connection.input.c_str() + kSub.size(), nullptr, 10);
    connection.input.clear();
    connection.input.shrink_to_fit();
    if (!connection.publisher) groups_[connection.group].subscribers.push_back(connection.fd);
  }

  // Only what bench_load sends: whole text messages, masked, shorter than 64 KiB.
  void take_messages(Connection& connection) {
    std::string& input = connection.input;
    std::size_t at = 0;
    while (input.size() - at >= 6) {
      const auto* bytes = reinterpret_cast<const unsigned char*>(input.data()) + at;
      std::size_t length = bytes[1] & 0x7F;
      std::size_t head = 2;
      if (length == 126) {
        length = static_cast<std::size_t>(bytes[2]) << 8 | bytes[3];
        head = 4;
      }
      if (input.size() - at < head + 4 + length) break;
      if (bytes[0] == 0x81) {
        message_.clear();
        for (std::size_t i = 0; i < length; ++i)
          message_.push_back(static_cast<char>(bytes[head + 4 + i] ^ bytes[head + (i & 3)]));
        take_message(connection, message_);
      }
      at += head + 4 + length;
    }
    input.erase(0, at);
  }

  void take_message(const Connection& connection, std::string_view message) {
    std::size_t number = 0;
    if (connection.to_group) {
      number = std::strtoul(message.data(), nullptr, 10);
      message.remove_prefix(std::min(message.find(' ') + 1, message.size()));
    }
    Group& group = groups_[number];
    if (group.turn.empty()) touched_.push_back(&group);
    group.turn.push_back(static_cast<char>(0x81));
    if (message.size() < 126) {
      group.turn.push_back(static_cast<char>(message.size()));
    } else {
      group.turn.append({126, static_cast<char>(message.size() >> 8), static_cast<char>(message.size())});
    }
    group.turn += message;
    if (coalesce_) return;
    send_to(group);
    touched_.clear();
  }

  void send_to(Group& group) {
    for (const int fd : group.subscribers) send_whole(fd, group.turn);
    group.turn.clear();
  }

  void send_whole(int fd, std::string_view bytes) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent == static_cast<ssize_t>(bytes.size())) return;
    // A subscriber that has just gone is dropped at its next read; a full socket would make the figures wrong.
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return;
    fail("send");
  }

  bool coalesce_;
  int listener_ = -1;
  int epoll_ = -1;
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
  std::unordered_map<std::size_t, Group> groups_;
  std::vector<Group*> touched_;  // those with frames of this loop turn that are not sent yet
  std::string message_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc == 3 ? argv[2] : "";
  if (mode != "send" && mode != "coalesce") {
    std::fputs("usage: bench_floor PORT send|coalesce\n", stderr);
    return 2;
  }
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  Floor(static_cast<std::uint16_t>(std::strtoul(argv[1], nullptr, 10)), mode == "coalesce").run();
}
