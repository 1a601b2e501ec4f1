// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "dialects_common/checked_settings.hpp"
#include "settings_schema.hpp"

namespace honeytrap {
namespace {

std::optional<Settings> read(const std::string& text) {
  const auto checked = dialects::checked_settings(settings_schema, text);
  if (!checked) return std::nullopt;
  return parse_settings(*checked);
}

TEST(HoneytrapSettings, DefaultsOfTheSchemaAreThoseOfTheCode) {
  const auto defaults = read("{}");
  ASSERT_TRUE(defaults);
  EXPECT_EQ(*defaults, Settings());
}

TEST(HoneytrapSettings, EveryOptionIsRead) {
  const auto s = read(R"({"dialect":"envelope","channel":"c","frame":"mirror","swap_new_codes":true,
    "error_payload":"string","empty_payload":"null","event_keys":"source","lenient_json":false,
    "events_include_sessions":true,"paging_keys":"both","reply_limit":7,
    "sessions":{"kinds":[3],"kind_names":["A"],"kind_prefixes":["B"],"sensors":["C"],"sensor_suffixes":["D"]},
    "geoip_database":"/g","ingest":{"token":"t"},
    "metadata":{"version":"1","release_tag":"2","commitid":"3","shortcommitid":"4"}})");
  ASSERT_TRUE(s);
  const Settings expected{Language::envelope,
                          "c",
                          Frame::mirror,
                          true,
                          ErrorPayload::string,
                          EmptyPayload::null,
                          EventKeys::source,
                          false,
                          true,
                          PagingKeys::both,
                          7,
                          {{3}, {"A"}, {"B"}, {"C"}, {"D"}},
                          "/g",
                          "t",
                          {"1", "2", "3", "4"}};
  EXPECT_EQ(*s, expected);
  EXPECT_EQ(read(R"({"frame":"binary"})")->frame, Frame::binary);
}

TEST(HoneytrapSettings, OtherValuesAreRefused) {
  for (const char* text : {R"({"dialect":"raw"})", R"({"frame":"both"})", R"({"channel":""})", R"({"reply_limit":-1})",
                           R"({"sessions":{"kinds":["a"]}})", R"({"sessions":{"sensor_suffixes":[""]}})",
                           R"({"ingest":{"tokens":""}})", R"({"swap":true})"})
    EXPECT_FALSE(read(text)) << text;
}

}  // namespace
}  // namespace honeytrap
