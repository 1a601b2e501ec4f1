// SPDX-License-Identifier: Apache-2.0
#include "plugin/handshake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "test_plugin.hpp"

namespace dragoman::plugin {
namespace {

using testing::HasSubstr;

const dgm_dialect whole_dialect = test_dialect();

const void* whole_query(dgm_str id) {
  return std::string_view(id.ptr, id.len) == DGM_EXT_DIALECT ? &whole_dialect : nullptr;
}

const dgm_plugin_api whole_api = [] {
  dgm_plugin_api api = test_api();
  api.query = whole_query;
  return api;
}();

dgm_plugin_entry whole_entry() {
  return {DGM_ENTRY_MAGIC, sizeof(dgm_plugin_entry), DGM_ABI_MAJOR, DGM_ABI_MINOR, DGM_ABI_MINOR, 0, "whole",
          "1.2.3",         R"({"type":"object"})",   &whole_api};
}

TEST(Handshake, TakesAWholeEntry) {
  const dgm_plugin_entry entry = whole_entry();
  const LoadResult result = validate(&entry);
  ASSERT_TRUE(result) << result.file.refusal;
  EXPECT_EQ(result.plugin->name, "whole");
  EXPECT_EQ(result.plugin->version, "1.2.3");
  EXPECT_THAT(result.file.roles, testing::ElementsAre("dgm.dialect/1"));
  EXPECT_EQ(result.file.abi, std::to_string(DGM_ABI_MAJOR) + "." + std::to_string(DGM_ABI_MINOR));
  ASSERT_TRUE(result.plugin->dialect);
  EXPECT_TRUE(result.plugin->dialect->encode);
}

TEST(Handshake, RefusesNoEntry) {
  EXPECT_THAT(validate(nullptr).file.refusal, HasSubstr("has no entry"));
}

TEST(Handshake, NamesLinkedPlugins) {
  dgm_plugin_entry entry = whole_entry();
  entry.api = nullptr;
  EXPECT_EQ(validate(&entry).file.refusal,
            "plugin whole 1.2.3 (linked in) is refused: its entry has no api; set the member api of dgm_plugin_entry.");
}

TEST(Handshake, IgnoresUnknownTailsOfTables) {
  struct Later {
    dgm_plugin_api known = whole_api;
    void (*unknown)() = [] {};
  };
  static Later later;
  later.known.size = sizeof later;
  dgm_plugin_entry entry = whole_entry();
  entry.api = &later.known;
  EXPECT_TRUE(validate(&entry));
}

TEST(Handshake, ShortTablesLackTheirLastMembers) {
  static dgm_dialect short_dialect = whole_dialect;
  short_dialect.size = offsetof(dgm_dialect, map);
  static dgm_plugin_api api = whole_api;
  api.query = [](dgm_str id) -> const void* {
    return std::string_view(id.ptr, id.len) == DGM_EXT_DIALECT ? &short_dialect : nullptr;
  };
  dgm_plugin_entry entry = whole_entry();
  entry.api = &api;
  const LoadResult result = validate(&entry);
  ASSERT_TRUE(result) << result.file.refusal;
  EXPECT_TRUE(result.plugin->dialect->session_close);
  EXPECT_FALSE(result.plugin->dialect->map);
  EXPECT_FALSE(result.plugin->dialect->encode);
}

TEST(Handshake, MapFeedsNeedsMap) {
  static dgm_dialect dialect = whole_dialect;
  dialect.flags = DGM_DIALECT_MAP_FEEDS;
  static dgm_plugin_api api = whole_api;
  api.query = [](dgm_str id) -> const void* {
    return std::string_view(id.ptr, id.len) == DGM_EXT_DIALECT ? &dialect : nullptr;
  };
  dgm_plugin_entry entry = whole_entry();
  entry.api = &api;
  EXPECT_TRUE(validate(&entry));
  dialect.map = nullptr;
  EXPECT_THAT(validate(&entry).file.refusal, HasSubstr("map"));
}

TEST(Handshake, SurvivesAQueryThatThrows) {
  static dgm_plugin_api api = whole_api;
  api.query = [](dgm_str) -> const void* { throw 1; };
  dgm_plugin_entry entry = whole_entry();
  entry.api = &api;
  EXPECT_THAT(validate(&entry).file.refusal, HasSubstr("its query() threw an exception"));
}

TEST(Handshake, ReadsNoMoreThanTheEntryHas) {
  // An entry that ends after its size, at the end of its own memory (seen by AddressSanitizer).
  const std::uint32_t head[2] = {DGM_ENTRY_MAGIC, 8};
  auto memory = std::make_unique<std::uint32_t[]>(2);
  std::memcpy(memory.get(), head, sizeof head);
  EXPECT_THAT(validate(reinterpret_cast<const dgm_plugin_entry*>(memory.get())).file.refusal,
              HasSubstr("it has 8 bytes"));
}

TEST(Handshake, NameForm) {
  EXPECT_TRUE(valid_plugin_name("a"));
  EXPECT_TRUE(valid_plugin_name("wazo-2_x"));
  EXPECT_TRUE(valid_plugin_name(std::string(32, 'a')));
  for (const std::string& bad :
       {std::string(), std::string("A"), std::string("1a"), std::string("-a"), std::string("a.b"), std::string("a/b"),
        std::string("a b"), std::string("é"), std::string(33, 'a')})
    EXPECT_FALSE(valid_plugin_name(bad)) << bad;
}

TEST(Handshake, BoundsTexts) {
  const std::string longest(200, 'a');
  dgm_plugin_entry entry = whole_entry();
  entry.name = longest.c_str();
  EXPECT_THAT(validate(&entry).file.refusal, HasSubstr("longer than 128 bytes"));
  entry = whole_entry();
  entry.version = longest.c_str();
  EXPECT_THAT(validate(&entry).file.refusal, HasSubstr("longer than 64 bytes"));
  entry.version = "1\n2";
  EXPECT_THAT(validate(&entry).file.refusal, HasSubstr(R"(its version "1\n2" is not printable text)"));
}

}  // namespace
}  // namespace dragoman::plugin
