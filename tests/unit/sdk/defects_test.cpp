// SPDX-License-Identifier: Apache-2.0
// One dialect for each way to break a rule: the fake host names it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "dialects.hpp"

namespace dragoman::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What the host finds when a client says something and an event comes.
template <class D>
std::vector<std::string> problems_of(Options options = {}) {
  FakeHost host(entry_of<D>, std::move(options));
  if (host.load()) {
    auto client = host.connect();
    client.text("hello");
    host.publish({.channel = "news", .key = "k", .body = "{}"});
  }
  return host.finish();
}

TEST(Defects, NoneInAPlainDialect) {
  EXPECT_THAT(problems_of<Plain>(), IsEmpty());
}

struct SendsInEncode : Plain {
  using Plain::Plain;
  dgm_session session = 0;
  void open(sdk::Client client, Session& s, const sdk::Open& o) {
    Plain::open(client, s, o);
    session = client.id();
  }
  bool encode(const sdk::Event&, std::uint64_t, sdk::Writer&) {
    sdk::Client(host, session).send("now");
    return false;
  }
};
TEST(Defects, SendInEncode) {
  EXPECT_THAT(problems_of<SendsInEncode>(),
              ElementsAre(HasSubstr("send(): called where sending is not allowed, in encode")));
}

struct SendsInConfigure : Plain {
  using Plain::Plain;
  void configure(const sdk::Config&) { sdk::Client(host, 1).send("early"); }
};
TEST(Defects, SendBeforeStart) {
  EXPECT_THAT(problems_of<SendsInConfigure>(), ElementsAre(HasSubstr("send(): called before start()")));
}

struct CountsLate : Plain {
  using Plain::Plain;
  void message(sdk::Client, Session&, sdk::Opcode, std::string_view) { host.counter("late", ""); }
};
TEST(Defects, CounterOutsideConfigure) {
  EXPECT_THAT(problems_of<CountsLate>(), ElementsAre(HasSubstr("counter(): called outside configure()")));
}

struct EmitsAnywhere : Plain {
  using Plain::Plain;
  void map(const sdk::Event&) {}
  void message(sdk::Client, Session&, sdk::Opcode, std::string_view) { sdk::NewEvent("c", "k", "b").emit(host); }
};
TEST(Defects, EmitOutsideTheHomeShard) {
  Options options;
  options.shards = 2;
  FakeHost host(entry_of<EmitsAnywhere>, options);
  ASSERT_TRUE(host.load());
  host.connect("/", {}, {}, 0).text("x");
  EXPECT_EQ(host.emitted().size(), 1u);
  host.connect("/", {}, {}, 1).text("x");
  EXPECT_THAT(host.finish(), ElementsAre(HasSubstr("emit(): called outside the home shard")));
}

struct UsesAThread : Plain {
  using Plain::Plain;
  void message(sdk::Client client, Session&, sdk::Opcode, std::string_view) {
    std::thread([client] { client.send("from elsewhere"); }).join();
  }
};
TEST(Defects, AnotherThread) {
  EXPECT_THAT(problems_of<UsesAThread>(), ElementsAre(HasSubstr("send(): called from another thread")));
}

struct ClosesBadly : Plain {
  using Plain::Plain;
  void message(sdk::Client client, Session&, sdk::Opcode, std::string_view) { client.close(1006); }
};
TEST(Defects, CloseCode) {
  EXPECT_THAT(problems_of<ClosesBadly>(), ElementsAre(HasSubstr("close(): the close code may not be sent")));
}

struct NoUtf8 : Plain {
  using Plain::Plain;
  void message(sdk::Client client, Session&, sdk::Opcode, std::string_view) { client.send("\xff"); }
};
TEST(Defects, TextThatIsNoUtf8) {
  EXPECT_THAT(problems_of<NoUtf8>(), ElementsAre(HasSubstr("send(): the text is not UTF-8")));
}

struct LeavesParts : Plain {
  using Plain::Plain;
  void message(sdk::Client client, Session&, sdk::Opcode op, std::string_view) {
    client.send_part(op, "a", true, false);
  }
};
TEST(Defects, MessageWithoutItsLastPart) {
  EXPECT_THAT(problems_of<LeavesParts>(), ElementsAre(HasSubstr("without its last part")));
}

struct StaysPaused : Plain {
  using Plain::Plain;
  void message(sdk::Client client, Session&, sdk::Opcode, std::string_view) { client.pause(); }
};
TEST(Defects, PausedForEver) {
  EXPECT_THAT(problems_of<StaysPaused>(), ElementsAre(HasSubstr("a session is paused")));
}

struct ForgetsRequests : Plain {
  using Plain::Plain;
  struct Request {};
  void configure(const sdk::Config&) {
    host.route("GET", "/a");
    host.websocket_route("/");
  }
  void request(sdk::HttpCall, Request&, const sdk::HttpRequest&) {}
};
TEST(Defects, RequestWithoutAnAnswer) {
  FakeHost host(entry_of<ForgetsRequests>);
  ASSERT_TRUE(host.load());
  EXPECT_FALSE(host.request("GET", "/a").answered());
  EXPECT_EQ(host.request("GET", "/b").status(), 404u);
  EXPECT_EQ(host.request("POST", "/a").status(), 405u);
  EXPECT_THAT(host.finish(), ElementsAre(HasSubstr("a request was not answered")));
}

struct Asks : Plain {
  using Plain::Plain;
  void message(sdk::Client client, Session&, sdk::Opcode, std::string_view text) {
    client.authenticate(text, 0, [](dgm_status, const sdk::Identity*, std::string_view) {});
  }
};
TEST(Defects, TimeoutOfNothing) {
  EXPECT_THAT(problems_of<Asks>(), ElementsAre(HasSubstr("authenticate(): the timeout is 0")));
}

// What the SDK does not let through, a plugin in C or without the SDK can do.
dgm_dialect raw_dialect;
const void* raw_query(dgm_str id) {
  return sdk::view(id) == DGM_EXT_DIALECT ? &raw_dialect : nullptr;
}
std::vector<std::string> problems_of_raw() {
  dgm_plugin_api api = sdk::Glue<Plain>::api;
  api.query = raw_query;
  dgm_plugin_entry entry = entry_of<Plain>;
  entry.api = &api;
  FakeHost host(entry);
  if (host.load()) {
    auto client = host.connect();
    client.text("hello");
    host.publish({.channel = "news", .key = "k", .body = "{}"});
  }
  return host.finish();
}

TEST(Defects, ExceptionThatLeavesAHook) {
  raw_dialect = sdk::Glue<Plain>::dialect;
  raw_dialect.session_message = [](void*, dgm_session, void*, std::int32_t, dgm_str) -> dgm_status { throw 1; };
  EXPECT_THAT(problems_of_raw(), ElementsAre("an exception left session_message()"));
}
TEST(Defects, WriterThatCannotBe) {
  raw_dialect = sdk::Glue<Plain>::dialect;
  raw_dialect.encode = [](void*, const dgm_event*, std::uint64_t, dgm_writer* w) -> dgm_status {
    w->len = w->cap + 1;
    return DGM_OK;
  };
  EXPECT_THAT(problems_of_raw(), ElementsAre(HasSubstr("encode() left the writer")));
}
TEST(Defects, NoSessionClose) {
  raw_dialect = sdk::Glue<Plain>::dialect;
  raw_dialect.session_close = nullptr;
  EXPECT_THAT(problems_of_raw(), ElementsAre(HasSubstr("lacks session_open, session_message or session_close")));
}

struct Lingers : Plain {
  using Plain::Plain;
  static inline std::optional<sdk::Client> client;
  void open(sdk::Client c, Session&, const sdk::Open&) { client = c; }
};
TEST(Defects, CallAfterDestroy) {
  FakeHost host(entry_of<Lingers>);
  ASSERT_TRUE(host.load());
  host.connect();
  EXPECT_THAT(host.finish(), IsEmpty());
  Lingers::client->send("too late");
  EXPECT_THAT(host.finish(), ElementsAre(HasSubstr("send(): called after destroy()")));
}

TEST(DefectsDeathTest, ATestThatForgetsToAskIsAborted) {
  EXPECT_DEATH(
      {
        FakeHost host(entry_of<NoUtf8>);
        host.load();
        host.connect().text("x");
      },
      "the text is not UTF-8");
}

}  // namespace
}  // namespace dragoman::testing
