// SPDX-License-Identifier: Apache-2.0
#include "verify/child.hpp"

#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "../directory.hpp"
#include "plugin/call_board.hpp"
#include "verify/trial.hpp"

namespace dragoman::verify {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct ChildTest : testing::Test {
  unit::Directory directory;
  const std::string log = directory.path() / "log";
};

TEST_F(ChildTest, AnExceptionStaysInIt) {
  const pid_t parent = ::getpid();
  // What the parent cleans up.
  const auto destructor = [&](int*) {
    if (::getpid() != parent) ::_exit(9);
  };
  int object = 0;
  const std::unique_ptr<int, decltype(destructor)> cleanup(&object, destructor);
  Child known([]() -> int { throw std::runtime_error("the disk is full"); }, log);
  EXPECT_EQ(known.wait(20s).code, 1);
  EXPECT_EQ(known.output(), "the disk is full\n");
  EXPECT_EQ(Child([]() -> int { throw 7; }, log).wait(20s).code, 1);
}

// A process of the plugin's own, which the pipe shows to be there.
struct Grandchild {
  Grandchild() {
    if (::pipe(ends) != 0) throw std::runtime_error("pipe");
  }
  ~Grandchild() {
    ::close(ends[0]);
    if (ends[1] >= 0) ::close(ends[1]);
  }
  void start() {
    if (::fork() != 0) return;
    (void)!::write(ends[1], "x", 1);
    for (;;) ::pause();
  }
  bool started() {
    ::close(std::exchange(ends[1], -1));
    char byte;
    return ::read(ends[0], &byte, 1) == 1;
  }
  bool gone() {
    pollfd waiting{ends[0], POLLIN, 0};
    char byte;
    return ::poll(&waiting, 1, 20000) == 1 && ::read(ends[0], &byte, 1) == 0;
  }
  int ends[2];
};

TEST_F(ChildTest, WhatItHasStartedEndsWithIt) {
  Grandchild grandchild;
  Child child([&] { return grandchild.start(), 0; }, log);
  ASSERT_TRUE(grandchild.started());
  EXPECT_EQ(child.wait(20s).code, 0);
  EXPECT_TRUE(grandchild.gone());
}

TEST_F(ChildTest, WhatItHasStartedIsKilledWithIt) {
  Grandchild late, destroyed;
  const auto hang = [](Grandchild& grandchild) {
    grandchild.start();
    for (;;) ::pause();
    return 0;
  };
  Child child([&] { return hang(late); }, log);
  ASSERT_TRUE(late.started());
  EXPECT_TRUE(child.wait(0ms).late);
  EXPECT_TRUE(late.gone());
  {
    Child other([&] { return hang(destroyed); }, log);
    ASSERT_TRUE(destroyed.started());
  }
  EXPECT_TRUE(destroyed.gone());
}

TEST_F(ChildTest, AfterACrashEveryCallThatWasOpenIsNamed) {
  const std::string calls = directory.path() / "calls";
  const auto two_calls = [&](auto&& then) {
    plugin::keep_calls(calls);
    const plugin::CallMark mark("map");
    std::this_thread::sleep_for(2ms);  // the board counts milliseconds
    std::thread([&] {
      const plugin::CallMark other("encode");
      then();
    }).join();
    return 0;
  };
  Child crash([&] { return two_calls([] { ::raise(SIGKILL); }); }, log);
  EXPECT_THAT(end_of(crash.wait(20s), calls), AllOf(HasSubstr("signal 9"), HasSubstr("map()"), HasSubstr("encode()")));
  // The longest alone.
  Child hang(
      [&] {
        return two_calls([] {
          for (;;) ::pause();
        });
      },
      log);
  while (plugin::open_calls(calls).size() < 2) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(end_of(hang.wait(0ms), calls).find("encode()"), std::string::npos);
}

TEST_F(ChildTest, TheFileOfCallsIsNobodyElses) {
  const std::filesystem::path calls = directory.path() / "calls", victim = directory.path() / "victim";
  std::ofstream(victim) << "kept";
  std::filesystem::create_symlink(victim, calls);
  EXPECT_THROW(plugin::keep_calls(calls), std::runtime_error);
  EXPECT_EQ(std::filesystem::file_size(victim), 4u);
  std::filesystem::remove(calls);
  // One that others have open, or can write to.
  std::filesystem::create_hard_link(victim, calls);
  Child child([&] { return plugin::keep_calls(calls), 0; }, log);
  EXPECT_EQ(child.wait(20s).code, 0);
  EXPECT_EQ(std::filesystem::file_size(victim), 4u);
  EXPECT_EQ(std::filesystem::status(calls).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace
}  // namespace dragoman::verify
