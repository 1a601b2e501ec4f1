// SPDX-License-Identifier: Apache-2.0
#include "cli/process.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "../directory.hpp"
#include "cli/commands.hpp"

namespace dragoman::cli {
namespace {

std::string directory() {
  static std::deque<unit::Directory> made;
  return made.emplace_back().path().string();
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Supervisor {
 public:
  // name: a path, or '@' and a name of the abstract namespace.
  explicit Supervisor(const std::string& name) : fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~Supervisor() {
    ::close(fd_);
    ::unsetenv("NOTIFY_SOCKET");
  }
  std::string heard() const {
    char buffer[64];
    const ssize_t n = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
    return n < 0 ? "nothing" : std::string(buffer, static_cast<std::size_t>(n));
  }

 private:
  int fd_;
};

TEST(NotifySupervisor, TellsASocketWithAPathOrAnAbstractName) {
  const std::string path = directory() + "/notify";
  for (const std::string& name : {path, "@dragoman-test-" + std::to_string(::getpid())}) {
    const Supervisor supervisor(name);
    EXPECT_TRUE(notify_supervisor("READY=1"));
    EXPECT_EQ(supervisor.heard(), "READY=1");
  }
}

TEST(NotifySupervisor, WithoutOneNothingHappens) {
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_TRUE(notify_supervisor("READY=1"));
}

TEST(NotifySupervisor, SaysWhenItCouldNot) {
  for (const std::string& name : {std::string("relative"), "/" + std::string(200, 'x'), directory() + "/nobody"}) {
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    EXPECT_FALSE(notify_supervisor("READY=1")) << name;
  }
  ::unsetenv("NOTIFY_SOCKET");
}

TEST(PortsFile, IsWrittenInWhole) {
  const std::string in = directory();
  const std::string path = in + "/ports.json";
  write_ports_file(path, {{"b", 2}, {"a", 65535}}, 0);
  write_ports_file(path, {{"wazo", 9502}}, 9600);
  EXPECT_EQ(read(path), "{\"listeners\":{\"wazo\":9502},\"admin\":9600}\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(in), {}), 1);
}

TEST(PortsFile, SaysWhyItCannotBeWritten) {
  try {
    write_ports_file("/nonexistent/ports.json", {}, 0);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_NE(std::string(failure.what()).find("No such file or directory"), std::string::npos) << failure.what();
  }
  const std::string in = directory();
  EXPECT_THROW(write_ports_file(in, {}, 0), Failure);  // a directory is in the way
  EXPECT_TRUE(std::filesystem::is_empty(in));
}

TEST(Signals, ATermIsWaitedForAndTheSecondOneEndsTheProcess) {
  EXPECT_EXIT(
      {
        Signals signals;
        ::raise(SIGPIPE);
        ::raise(SIGHUP);
        if (signals.wait() != SIGHUP) ::_exit(1);
        ::raise(SIGTERM);
        if (signals.wait() != SIGTERM) ::_exit(2);
        signals.make_fatal();
        ::raise(SIGTERM);
        ::_exit(3);
      },
      testing::ExitedWithCode(128 + SIGTERM), "");
}

}  // namespace
}  // namespace dragoman::cli
