// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>
#include <vector>

namespace {

using dragoman::base::append_log_value;
using dragoman::base::log;
using dragoman::base::LogLevel;
using dragoman::base::redact_query;

std::string value_of(std::string_view text) {
  std::string out;
  append_log_value(out, text);
  return out;
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

TEST(LogValue, HarmlessWordsStayBare) {
  EXPECT_EQ(value_of("mount-1"), "mount-1");
  EXPECT_EQ(value_of("[2001:db8::1]:50000"), "[2001:db8::1]:50000");
  EXPECT_EQ(value_of("/api/auth/0.1"), "/api/auth/0.1");
}

TEST(LogValue, QuotesWhatCouldBeMisread) {
  EXPECT_EQ(value_of(""), R"("")");
  EXPECT_EQ(value_of("two words"), R"("two words")");
  EXPECT_EQ(value_of("a=b"), R"("a=b")");
  EXPECT_EQ(value_of(R"(say "hi" \o/)"), R"("say \"hi\" \\o/")");
  EXPECT_EQ(value_of("é€😀"), R"("é€😀")");
}

TEST(LogValue, EscapesWhatSteersATerminal) {
  EXPECT_EQ(value_of("a\nlevel=error"), R"("a\nlevel=error")");
  EXPECT_EQ(value_of("\x1b[31m"), R"("\x1b[31m")");
  EXPECT_EQ(value_of(std::string_view("\0\r\x7f", 3)), R"("\x00\x0d\x7f")");
  EXPECT_EQ(value_of("\xc2\x9b"), R"("\xc2\x9b")");          // C1 CSI
  EXPECT_EQ(value_of("\xe2\x80\xae"), R"("\xe2\x80\xae")");  // right-to-left override
  EXPECT_EQ(value_of("\xff\xc0\xaf"), R"("\xff\xc0\xaf")");  // no UTF-8
  EXPECT_EQ(value_of("\xed\xa0\x80"), R"("\xed\xa0\x80")");  // a surrogate
  EXPECT_EQ(value_of("ok\xe2\x82"), R"("ok\xe2\x82")");      // cut inside a character
}

TEST(LogValue, CutsWithoutBound) {
  const auto out = value_of(std::string(1 << 20, 'x'));
  EXPECT_LT(out.size(), 20000u);
  EXPECT_EQ(out.substr(out.size() - 4), "...\"");
}

TEST(RedactQuery, HidesCredentials) {
  EXPECT_EQ(redact_query("/"), "/");
  EXPECT_EQ(redact_query("/?token=abc&version=2"), "/?token=***&version=2");
  EXPECT_EQ(redact_query("/ws?a=1;access_token=x=y&b"), "/ws?a=1;access_token=***&b");
  // A semicolon may be part of the value.
  EXPECT_EQ(redact_query("/ws?token=abc;def&b=1;2"), "/ws?token=***&b=1;2");
  EXPECT_EQ(redact_query("/?%74oken=abc&JWT=q&apiKey=k"), "/?%74oken=***&JWT=***&apiKey=***");
  EXPECT_EQ(redact_query("/?auth=&token"), "/?auth=***&token");
  EXPECT_EQ(redact_query("/?x=1?token=2&Password=3"), "/?x=1?token=2&Password=***");
  EXPECT_EQ(redact_query("/?"), "/?");
}

TEST(Log, WritesDirectlyBeforeStart) {
  testing::internal::CaptureStderr();
  log(LogLevel::debug, "hidden");
  log(LogLevel::info, "session opened", {{"session", 12}, {"peer", "192.0.2.1:5"}, {"agent", "evil \"x\"\n"}});
  const auto out = testing::internal::GetCapturedStderr();
  ASSERT_EQ(count(out, "\n"), 1u) << out;
  EXPECT_EQ(out.substr(0, 5), "time=");
  EXPECT_EQ(out[28], 'Z');
  EXPECT_EQ(out.substr(29),
            " level=info msg=\"session opened\" session=12 peer=192.0.2.1:5 agent=\"evil \\\"x\\\"\\n\"\n");
}

TEST(Log, BackgroundWritesEverythingAtStop) {
  testing::internal::CaptureStderr();
  dragoman::base::log_start(LogLevel::debug);
  EXPECT_TRUE(dragoman::base::log_enabled(LogLevel::debug));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      for (int i = 0; i < 100; ++i) log(LogLevel::debug, "line", {{"thread", t}, {"i", i}});
    });
  for (auto& thread : threads) thread.join();
  dragoman::base::log_stop();
  const auto out = testing::internal::GetCapturedStderr();
  EXPECT_EQ(count(out, "\n"), 400u);
  EXPECT_EQ(count(out, " level=debug msg=line thread=3 i=99\n"), 1u);
  EXPECT_EQ(dragoman::base::log_dropped(), 0u);

  testing::internal::CaptureStderr();
  log(LogLevel::error, "after");
  EXPECT_NE(testing::internal::GetCapturedStderr().find("level=error msg=after\n"), std::string::npos);
}

TEST(Log, AReaderThatDoesNotReadCostsLinesAndNotTime) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const int saved = ::dup(STDERR_FILENO);
  ASSERT_GE(saved, 0);
  ::dup2(pipe_ends[1], STDERR_FILENO);
  ::close(pipe_ends[1]);

  const auto before = dragoman::base::log_dropped();
  dragoman::base::log_start(LogLevel::info);
  for (int i = 0; i < 20000; ++i) log(LogLevel::info, "nobody reads this line", {{"i", i}});
  EXPECT_GT(dragoman::base::log_dropped(), before);

  std::string last;
  std::thread reader([&] {
    char buffer[65536];
    for (ssize_t n; (n = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;)
      last.assign(buffer, static_cast<std::size_t>(n));
  });
  dragoman::base::log_stop();
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  reader.join();
  ::close(pipe_ends[0]);
  EXPECT_NE(last.find("i=19999\n"), std::string::npos);  // the oldest are dropped, not the newest
}

}  // namespace
