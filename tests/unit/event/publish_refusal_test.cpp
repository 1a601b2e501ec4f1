// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "publish_support.hpp"

namespace dragoman::event {
namespace {

struct Case {
  std::string body;
  std::string answer;
};

void expect(const char* content_type, const std::vector<Case>& cases) {
  for (const Case& c : cases)
    EXPECT_EQ(refusal({{"Content-Type", content_type}}, c.body), c.answer) << c.body.substr(0, 200);
}

std::string with(const std::string& more) {
  return R"({"specversion":"1.0","type":"t","source":"/s","id":"1")" + more + "}";
}

std::string error(const std::string& sentence, const std::string& path) {
  return "400 {\"error\":\"" + sentence + "\",\"path\":\"" + path + "\"}";
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(PublishRefusal, MediaTypes) {
  const std::string expected =
      "expected application/json, application/cloudevents+json or application/cloudevents-batch+json, or a CloudEvent "
      "in ce-* headers\",\"header\":\"Content-Type\"}";
  EXPECT_EQ(refusal({}, "{}"), "415 {\"error\":\"Content-Type is missing; " + expected);
  EXPECT_EQ(refusal({{"Content-Type", "text/plain"}}, "{}"),
            "415 {\"error\":\"Content-Type \\\"text/plain\\\" is not understood; " + expected);
  EXPECT_EQ(refusal({{"Content-Type", "text/\xff"}}, "{}"),
            "415 {\"error\":\"Content-Type \\\"text/?\\\" is not understood; " + expected);
  EXPECT_EQ(refusal({{"Content-Type", "application/cloudevents+avro"}, {"ce-id", "1"}}, "{}"),
            "415 {\"error\":\"Content-Type \\\"application/cloudevents+avro\\\" is not understood; " + expected);
  for (const char* type : {"application/json", "application/cloudevents+json", "application/cloudevents-batch+json"})
    EXPECT_EQ(refusal({{"Content-Type", std::string(type) + "; charset=\"ISO-8859-1\""}}, "{}"),
              R"(415 {"error":"JSON is sent in UTF-8, not in \"ISO-8859-1\"","header":"Content-Type"})");
}

TEST(PublishRefusal, EncodedBodies) {
  const HeaderList binary = {{"ce-specversion", "1.0"}, {"ce-id", "1"}, {"ce-source", "/s"}, {"ce-type", "t"}};
  for (HeaderList headers : {binary, HeaderList{{"Content-Type", "application/json"}}}) {
    headers.emplace_back("Content-Encoding", "gzip");
    EXPECT_EQ(refusal(headers, "{\"body\":1}"),
              R"(415 {"error":"the body is sent as it is, not in \"gzip\"","header":"Content-Encoding"})");
    headers.back().second = "Identity";
    EXPECT_EQ(refusal(headers, "{\"body\":1}"), "taken");
  }
}

TEST(PublishRefusal, TextsThatAreNoJson) {
  const std::vector<Case> cases = {
      {"", R"(400 {"error":"the body is empty"})"},
      {" ", R"(400 {"error":"the JSON ends too early"})"},
      {"{", R"(400 {"error":"the JSON ends too early"})"},
      {"{\"a\":1,}", R"(400 {"error":"the body is not valid JSON: syntax error at byte 7"})"},
      {"{} {}", R"(400 {"error":"the body is not valid JSON: extra data at byte 3"})"},
      {"{'a':1}", R"(400 {"error":"the body is not valid JSON: syntax error at byte 1"})"},
      {"{\"a\":NaN}", R"(400 {"error":"the body is not valid JSON: syntax error at byte 5"})"},
      {nested(33), R"(400 {"error":"the JSON is nested deeper than 32 levels"})"},
      {std::string(1000000, '['), R"(400 {"error":"the JSON is nested deeper than 32 levels"})"},
  };
  for (const char* type : {"application/json", "application/cloudevents+json", "application/cloudevents-batch+json"})
    expect(type, cases);
  EXPECT_THAT(refusal({{"Content-Type", "application/json"}}, "{\"a\":\"\xff\"}"),
              testing::StartsWith("400 {\"error\":\"the body is not valid JSON: "));
}

TEST(PublishRefusal, PlainEvents) {
  const std::string most(256, 'k');
  std::string many = "{\"body\":1,\"attributes\":{";
  for (int i = 0; i < 65; ++i) many += (i ? ",\"a" : "\"a") + std::to_string(i) + "\":\"\"";
  many += "}}";
  expect("application/json",
         {
             {"[]", R"(400 {"error":"a plain event is a JSON object, not an array"})"},
             {"1", R"(400 {"error":"a plain event is a JSON object, not a number"})"},
             {"{}", error("body is missing", "/body")},
             {R"({"body":1,"body":2})", R"(400 {"error":"\"body\" is given twice"})"},
             {R"({"body":1,"b\u006fdy":2})", R"(400 {"error":"a name is given twice"})"},
             {R"({"body":1,"topic":"x"})",
              error("a plain event has channel, key, attributes, body, id, time and content_type, but no \\\"topic\\\"",
                    "/topic")},
             {R"({"body":1,"a/b~c":"x"})",
              error("a plain event has channel, key, attributes, body, id, time and content_type, but no \\\"a/b~c\\\"",
                    "/a~1b~0c")},
             {R"({"body":1,"key":7})", error("this must be a string, not a number", "/key")},
             {R"({"body":1,"channel":null})", error("this must be a string, not null", "/channel")},
             {R"({"body":1,"key":"a\nb"})", error("control characters are not allowed here", "/key")},
             {R"({"body":1,"key":"a\u0000b"})", error("control characters are not allowed here", "/key")},
             {R"({"body":1,"key":"a\u0085b"})", error("control characters are not allowed here", "/key")},
             {"{\"body\":1,\"key\":\"" + most + "\"}", error("this has 256 bytes, at most 255 are allowed", "/key")},
             {"{\"body\":1,\"channel\":\"" + most + "\"}",
              error("this has 256 bytes, at most 255 are allowed", "/channel")},
             {"{\"body\":1,\"id\":\"" + most + "\"}", error("this has 256 bytes, at most 255 are allowed", "/id")},
             {R"({"body":1,"id":""})", error("this must not be empty", "/id")},
             {R"({"body":1,"content_type":""})", error("this must not be empty", "/content_type")},
             {R"({"body":1,"time":"2024-01-01"})",
              error("\\\"2024-01-01\\\" is not a time of RFC 3339, such as 2024-05-31T17:31:00Z", "/time")},
             {R"({"body":1,"time":1})", error("this must be a string, not a number", "/time")},
             {R"({"body":1,"attributes":[]})", error("this must be an object, not an array", "/attributes")},
             {R"({"body":1,"attributes":{"":"x"}})", error("this must not be empty", "/attributes/")},
             {R"({"body":1,"attributes":{"a":{}}})",
              error("an attribute is a string, a number or a boolean, not an object", "/attributes/a")},
             {R"({"body":1,"attributes":{"a":null}})",
              error("an attribute is a string, a number or a boolean, not null", "/attributes/a")},
             {R"({"body":1,"attributes":{"a":1,"a":1}})", error("\\\"a\\\" is given twice", "/attributes")},
             {many, error("65 members are too many, at most 64 are allowed", "/attributes")},
         });
}

TEST(PublishRefusal, StructuredEvents) {
  std::string many;
  for (int i = 0; i < 64; ++i) many += ",\"a" + std::to_string(i) + "\":\"\"";
  const std::string integer = "an integer attribute has 32 bits; send a larger one as a string";
  expect("application/cloudevents+json",
         {
             {"[]", R"(400 {"error":"a CloudEvent is a JSON object, not an array"})"},
             {"{}", error("this required attribute is missing", "/specversion")},
             {R"({"specversion":"1.0","source":"/s","id":"1"})", error("this required attribute is missing", "/type")},
             {R"({"specversion":"1.0","source":"/s","type":"t"})", error("this required attribute is missing", "/id")},
             {R"({"specversion":"1.0","id":"1","type":"t"})", error("this required attribute is missing", "/source")},
             {R"({"specversion":"1.0","id":"1","type":"t","source":null})",
              error("this required attribute is missing", "/source")},
             {R"({"specversion":"1.0","id":"1","type":"t","source":""})", error("this must not be empty", "/source")},
             {R"({"specversion":"1.0","id":"","type":"t","source":"/s"})", error("this must not be empty", "/id")},
             {R"({"specversion":"1.0","id":"1","type":"","source":"/s"})", error("this must not be empty", "/type")},
             {R"({"specversion":"1.1","id":"1","type":"t","source":"/s"})",
              error("CloudEvents version \\\"1.1\\\" is not spoken here, only \\\"1.0\\\"", "/specversion")},
             {R"({"specversion":1.0,"id":"1","type":"t","source":"/s"})",
              error("this must be a string, not a number", "/specversion")},
             {with(R"(,"id":"2")"), R"(400 {"error":"\"id\" is given twice"})"},
             {with(R"(,"Key":"2")"), error("the name of an attribute is made of a-z and 0-9 only", "/Key")},
             {with(R"(,"my_key":"2")"), error("the name of an attribute is made of a-z and 0-9 only", "/my_key")},
             {with(R"(,"":"2")"), error("the name of an attribute is made of a-z and 0-9 only", "/")},
             {with(",\"" + std::string(256, 'x') + "\":\"\""),
              error("the name of this attribute is too long", "/" + std::string(256, 'x'))},
             {with(R"(,"x":2147483648)"), error(integer, "/x")},
             {with(R"(,"x":-2147483649)"), error(integer, "/x")},
             {with(R"(,"x":18446744073709551615)"), error(integer, "/x")},
             {with(R"(,"x":1.5)"),
              error("a number with a fraction or exponent is no attribute; send it as a string", "/x")},
             {with(R"(,"x":{})"), error("an attribute is a string, a boolean or an integer, not an object", "/x")},
             {with(R"(,"x":[])"), error("an attribute is a string, a boolean or an integer, not an array", "/x")},
             {with(R"(,"x":"a\tb")"), error("control characters are not allowed here", "/x")},
             {with(R"(,"channel":1)"), error("this must be a string, not a number", "/channel")},
             {with(R"(,"subject":"")"), error("this must not be empty", "/subject")},
             {with(R"(,"dataschema":"")"), error("this must not be empty", "/dataschema")},
             {with(R"(,"datacontenttype":"")"), error("this must not be empty", "/datacontenttype")},
             {with(R"(,"time":"now")"),
              error("\\\"now\\\" is not a time of RFC 3339, such as 2024-05-31T17:31:00Z", "/time")},
             {with(R"(,"data":1,"data_base64":"")"), error("data and data_base64 exclude each other", "/data_base64")},
             {with(R"(,"data_base64":1)"), error("this must be a string, not a number", "/data_base64")},
             {with(R"(,"data_base64":"Zg")"),
              error("this is not base64 (RFC 4648 section 4, with padding)", "/data_base64")},
             {with(R"(,"data_base64":"====")"),
              error("this is not base64 (RFC 4648 section 4, with padding)", "/data_base64")},
             {with(R"(,"data_base64":"Zg==Zg==")"),
              error("this is not base64 (RFC 4648 section 4, with padding)", "/data_base64")},
             {with(R"(,"data_base64":"Zm9_")"),
              error("this is not base64 (RFC 4648 section 4, with padding)", "/data_base64")},
             {with(R"(,"data_base64":"Zm 9")"),
              error("this is not base64 (RFC 4648 section 4, with padding)", "/data_base64")},
             {with(R"(,"datacontenttype":"text/plain","data":{})"),
              error("data of type \\\"text/plain\\\" is a string or data_base64, not an object", "/data")},
             {with(many), R"(400 {"error":"the event has 65 attributes, at most 64 are allowed"})"},
         });
}

TEST(PublishRefusal, ABatchIsRefusedAsAWhole) {
  std::string many = "[";
  for (int i = 0; i < 10000; ++i) many += "{},";
  many += "{}]";
  expect(
      "application/cloudevents-batch+json",
      {
          {"{}", R"(400 {"error":"a batch is a JSON array of CloudEvents, not an object"})"},
          {"[" + with("") + ",{}]",
           R"(400 {"error":"this required attribute is missing","path":"/specversion","index":1})"},
          {"[" + with("") + "," + with("") + ",7]",
           R"(400 {"error":"a CloudEvent is a JSON object, not a number","index":2})"},
          {"[" + with(",\"x\":[]") + "]",
           R"(400 {"error":"an attribute is a string, a boolean or an integer, not an array","path":"/x","index":0})"},
          {many, R"(413 {"error":"the batch has 10001 events, at most 10000 are allowed"})"},
      });
}

TEST(PublishRefusal, TheAnswerStaysShort) {
  const std::string huge(1000000, 'n');
  EXPECT_LT(refusal({{"Content-Type", "application/json"}}, "{\"body\":1,\"" + huge + "\":1}").size(), 300u);
  EXPECT_LT(refusal({{"Content-Type", "application/cloudevents+json"}}, with(",\"time\":\"" + huge + "\"")).size(),
            300u);
}

}  // namespace
}  // namespace dragoman::event
