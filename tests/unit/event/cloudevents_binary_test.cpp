// SPDX-License-Identifier: Apache-2.0
// CloudEvents 1.0.2, HTTP binding sections 3.1.2 to 3.1.4.
#include <gmock/gmock.h>

#include "base/rfc3339.hpp"
#include "publish_support.hpp"

namespace dragoman::event {
namespace {

HeaderList headers(const HeaderList& more) {
  HeaderList out{{"Host", "x"}, {"ce-specversion", "1.0"}, {"ce-type", "t"}, {"ce-id", "1"}, {"ce-source", "/s"}};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

TEST(CloudEventsBinary, ExampleOfTheBinding) {
  const auto input = taken(HeaderList{{"Host", "webhook.example.com"},
                                      {"ce-specversion", "1.0"},
                                      {"ce-type", "com.example.someevent"},
                                      {"ce-time", "2018-04-05T03:56:24Z"},
                                      {"ce-id", "1234-1234-1234"},
                                      {"ce-source", "/mycontext/subcontext"},
                                      {"Content-Type", "application/json; charset=utf-8"}},
                           "{ \"a\" : 1.0 }");
  EXPECT_FALSE(input.batch);
  const Event& e = *input.events.at(0);
  EXPECT_EQ(e.key, "com.example.someevent");
  EXPECT_EQ(e.id, "1234-1234-1234");
  EXPECT_EQ(e.time_ms, base::parse_rfc3339("2018-04-05T03:56:24Z"));
  EXPECT_EQ(e.content_type, "application/json; charset=utf-8");
  EXPECT_EQ(e.body, "{ \"a\" : 1.0 }");
  ASSERT_EQ(e.attributes.size(), 1u);
  EXPECT_EQ(attribute(e, "source"), "/mycontext/subcontext");
}

TEST(CloudEventsBinary, DecodesHeaderValues) {
  const auto value = [](const char* sent) {
    return attribute(*taken(headers({{"CE-Ext", sent}}), "").events.at(0), "ext");
  };
  EXPECT_EQ(value("Euro%20%E2%82%AC%20%F0%9F%98%80"), "Euro \xe2\x82\xac \xf0\x9f\x98\x80");
  EXPECT_EQ(value("Euro%20%e2%82%ac"), "Euro \xe2\x82\xac");
  EXPECT_EQ(value("a b"), "a b");
  EXPECT_EQ(value("100%25"), "100%");
  EXPECT_EQ(value("%2525"), "%25");
  EXPECT_EQ(value("%41"), "A");
  EXPECT_EQ(value("\"a \\\"b\\\" %25\\\\\""), "a \"b\" %\\");
  EXPECT_EQ(value("%22a%22"), "\"a\"");
  EXPECT_EQ(value("\""), "\"");
  EXPECT_EQ(value("\xe2\x82\xac"), "\xe2\x82\xac");
  EXPECT_EQ(value("5"), "5");
}

TEST(CloudEventsBinary, TheBodyIsAnyBytes) {
  const std::string bytes("\x00\xff\xfe{", 4);
  EXPECT_EQ(taken(headers({{"content-type", "image/png"}}), bytes).events.at(0)->body, bytes);
  EXPECT_EQ(taken(headers({}), bytes).events.at(0)->content_type, "application/octet-stream");
  EXPECT_EQ(taken(headers({}), "").events.at(0)->content_type, "");
}

TEST(CloudEventsBinary, ChannelAndFurtherAttributes) {
  const EventPtr e =
      taken(headers({{"ce-channel", "xivo"}, {"ce-subject", "x/y"}, {"ce-dataschema", "urn:x"}, {"ce-n1", "1"}}), "")
          .events.at(0);
  EXPECT_EQ(e->channel, "xivo");
  EXPECT_EQ(attribute(*e, "subject"), "x/y");
  EXPECT_EQ(attribute(*e, "dataschema"), "urn:x");
  EXPECT_EQ(attribute(*e, "n1"), "1");
}

TEST(CloudEventsBinary, RefusalsNameTheHeader) {
  struct Case {
    HeaderList more;
    const char* answer;
  };
  const std::string most(256, 'x');
  const Case cases[] = {
      {{{"ce-id", "2"}}, R"(400 {"error":"this attribute is given twice","header":"ce-id"})"},
      {{{"ce-time", "yesterday"}},
       R"(400 {"error":"\"yesterday\" is not a time of RFC 3339, such as 2024-05-31T17:31:00Z","header":"ce-time"})"},
      {{{"ce-x", "50%"}},
       R"(400 {"error":"'%' must be followed by two hexadecimal digits; a percent sign itself is sent as %25","header":"ce-x"})"},
      {{{"ce-x", "%zz"}},
       R"(400 {"error":"'%' must be followed by two hexadecimal digits; a percent sign itself is sent as %25","header":"ce-x"})"},
      {{{"ce-x", "%ff"}}, R"(400 {"error":"this is not UTF-8","header":"ce-x"})"},
      {{{"ce-x", "\xff"}}, R"(400 {"error":"this is not UTF-8","header":"ce-x"})"},
      {{{"ce-x", "a%0Ab"}}, R"(400 {"error":"control characters are not allowed here","header":"ce-x"})"},
      {{{"ce-x_y", "1"}}, R"(400 {"error":"the name of an attribute is made of a-z and 0-9 only","header":"ce-x_y"})"},
      {{{"ce-", "1"}}, R"(400 {"error":"the name of an attribute is made of a-z and 0-9 only","header":"ce-"})"},
      {{{"ce-data", "1"}}, R"(400 {"error":"the data is sent as the body of the request","header":"ce-data"})"},
      {{{"ce-datacontenttype", "text/plain"}},
       R"(400 {"error":"the type of the data is sent as Content-Type","header":"ce-datacontenttype"})"},
      {{{"ce-subject", ""}}, R"(400 {"error":"this must not be empty","header":"ce-subject"})"},
      {{{"Content-Type", most.c_str()}},
       R"(400 {"error":"this has 256 bytes, at most 255 are allowed","header":"Content-Type"})"},
      {{{"ce-channel", most.c_str()}},
       R"(400 {"error":"this has 256 bytes, at most 255 are allowed","header":"ce-channel"})"},
      {{{"Content-Type", "text/plain"}, {"content-type", "text/plain"}},
       R"(400 {"error":"Content-Type is given twice","header":"Content-Type"})"},
  };
  for (const Case& c : cases) EXPECT_EQ(refusal(headers(c.more), "x"), c.answer);
  EXPECT_EQ(refusal({{"ce-type", "t"}}, ""),
            R"(400 {"error":"this required attribute is missing","header":"ce-specversion"})");
  EXPECT_EQ(
      refusal({{"ce-specversion", "0.3"}}, ""),
      R"(400 {"error":"CloudEvents version \"0.3\" is not spoken here, only \"1.0\"","header":"ce-specversion"})");
}

}  // namespace
}  // namespace dragoman::event
