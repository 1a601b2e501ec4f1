// SPDX-License-Identifier: Apache-2.0
// The schema checker as the settings of plugins see it.
#include "config/schema.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "config/configuration.hpp"

namespace dragoman::config {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

std::string refusal(std::string_view schema) {
  try {
    Schema::parse(schema);
  } catch (const SchemaError& e) {
    return e.what();
  }
  return "accepted";
}

// The completed value, or the errors.
std::string check(std::string_view schema, std::string_view value) {
  json::value document = json::parse({value.data(), value.size()});
  std::vector<Error> errors;
  Schema::parse(schema).check(document, "s", Locations(), errors);
  if (errors.empty()) return json::serialize(document);
  std::string out;
  for (const Error& error : errors) out += (out.empty() ? "" : " | ") + error.text();
  return out;
}

TEST(Schema, WhatIsSaidOfAPluginStandsAtTheRoot) {
  EXPECT_EQ(refusal(R"({"exclusive": ["a"], "limits": {}, "properties": {"a": {"type": "string"}}})"), "accepted");
  EXPECT_EQ(refusal(R"({"exclusive": "a"})"), "#/exclusive: must be an array");
  EXPECT_THAT(refusal(R"({"exclusive": [1]})"), HasSubstr("#/exclusive: "));
  EXPECT_THAT(refusal(R"({"properties": {"a": {"exclusive": []}}})"), HasSubstr("\"exclusive\" is not supported"));
}

TEST(Schema, UnknownKeywordsAreRefused) {
  EXPECT_EQ(refusal(R"({"oneOf": []})"), "#: the keyword \"oneOf\" is not supported");
  EXPECT_EQ(refusal(R"({"properties": {"a": {"exclusiveMinimum": 1}}})"),
            "#/properties/a: the keyword \"exclusiveMinimum\" is not supported");
  EXPECT_EQ(refusal(R"({"properties": {"a": {"$defs": {}}}})"),
            "#/properties/a: the keyword \"$defs\" is not supported");
}

TEST(Schema, BadSchemasAreRefused) {
  EXPECT_THAT(refusal("{"), HasSubstr("the schema is not valid JSON"));
  EXPECT_EQ(refusal("[]"), "#: must be an object");
  EXPECT_EQ(refusal(R"({"type": "text"})"),
            "#/type: type must be null, boolean, integer, number, string, array, object, or a list of these");
  EXPECT_EQ(refusal(R"({"type": []})"), "#/type: must not be empty");
  EXPECT_EQ(refusal(R"({"minLength": -1})"), "#/minLength: must be a whole number that is not negative");
  EXPECT_EQ(refusal(R"({"enum": []})"), "#/enum: must be an array that is not empty");
  EXPECT_EQ(refusal(R"({"format": "email"})"), "#/format: must be size or duration");
  EXPECT_THAT(refusal(R"({"pattern": "("})"), HasSubstr("#/pattern: is not a regular expression"));
  EXPECT_EQ(refusal(R"({"properties": {"a": {}}, "required": ["b"]})"),
            "#: required names \"b\", which is not among the properties");
  EXPECT_EQ(refusal(R"({"items": true})"), "#/items: must be an object");
  EXPECT_EQ(refusal(R"({"title": 1})"), "#/title: must be a string");
}

TEST(Schema, ReferencesMustLeadSomewhere) {
  EXPECT_EQ(refusal(R"({"items": {"$ref": "#/$defs/a"}})"),
            "#/items/$ref: must be #/$defs/NAME, and NAME must be there");
  EXPECT_EQ(refusal(R"({"items": {"$ref": "other.json"}})"),
            "#/items/$ref: must be #/$defs/NAME, and NAME must be there");
  EXPECT_THAT(refusal(R"({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}})"),
              HasSubstr("refers to itself"));
  EXPECT_THAT(refusal(R"({"items": {"$ref": "#/$defs/a", "type": "string"}, "$defs": {"a": {}}})"),
              HasSubstr("beside $ref only"));
  EXPECT_EQ(check(R"({"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}})", "1"),
            "s: expected a string, found an integer (in quotes it is a string)");
  // A type that contains itself is fine: the value ends somewhere.
  const auto tree =
      R"({"$ref": "#/$defs/t", "$defs": {"t": {"type": "object", "additionalProperties": {"$ref": "#/$defs/t"}}}})";
  EXPECT_EQ(check(tree, R"({"a": {"b": {}}})"), R"({"a":{"b":{}}})");
  EXPECT_EQ(check(tree, R"({"a": {"b": 1}})"), "s.a.b: expected a mapping, found an integer");
}

TEST(Schema, DefaultsMustFitAndEnd) {
  EXPECT_EQ(refusal(R"({"type": "string", "default": 1})"),
            "#: the default does not fit: expected a string, found an integer (in quotes it is a string)");
  EXPECT_THAT(refusal(R"({"properties": {"a": {"type": "string", "format": "size", "default": "1M"}}})"),
              HasSubstr("does not fit"));
  EXPECT_THAT(refusal(R"({"$ref": "#/$defs/t",
      "$defs": {"t": {"properties": {"a": {"$ref": "#/$defs/t", "default": {}},
                                     "b": {"$ref": "#/$defs/t", "default": {}}}}}})"),
              HasSubstr("nest too deep"));
}

TEST(Schema, DefaultsAreFilledIn) {
  const auto schema = R"({"type": "object", "additionalProperties": false, "properties": {
      "mode": {"type": "string", "enum": ["a", "b"], "default": "a"},
      "wait": {"type": ["string", "number"], "format": "duration", "default": "30s"},
      "room": {"type": ["string", "integer"], "format": "size", "default": "1KiB"},
      "inner": {"type": "object", "default": {}, "properties": {"x": {"type": "integer", "default": 1}}},
      "free": {"type": "string"}}})";
  EXPECT_EQ(check(schema, "{}"), R"({"mode":"a","wait":30000,"room":1024,"inner":{"x":1}})");
  EXPECT_EQ(check(schema, R"({"inner": {"x": 2}, "wait": 0.5, "room": 7, "mode": "b"})"),
            R"({"inner":{"x":2},"wait":500,"room":7,"mode":"b"})");
  EXPECT_EQ(
      check(schema, R"({"mod": "b", "mode": "c"})"),
      "s.mod: unknown key; expected one of wait, room, inner, free | s.mode: must be one of a, b; did you mean \"a\"?");
}

TEST(Schema, NumbersAndTheirBounds) {
  EXPECT_EQ(check(R"({"type": "integer"})", "1e3"), "1000");
  EXPECT_EQ(check(R"({"type": "integer"})", "1.5"), "s: expected an integer, found a number");
  EXPECT_EQ(check(R"({"type": "integer"})", "1e300"), "s: expected an integer, found a number");
  EXPECT_EQ(check(R"({"type": "number"})", "3"), "3");
  EXPECT_EQ(check(R"({"type": ["integer", "null"]})", "null"), "null");
  EXPECT_EQ(check(R"({"minimum": 2, "maximum": 3})", "1"), "s: must be at least 2");
  EXPECT_EQ(check(R"({"minimum": 2, "maximum": 3})", "3.5"), "s: must be at most 3");
  EXPECT_EQ(check(R"({"format": "duration", "minimum": 60})", "\"59s\""), "s: must be at least 1m");
  EXPECT_EQ(check(R"({"format": "duration", "maximum": 0.25})", "\"1s\""), "s: must be at most 250ms");
  EXPECT_EQ(check(R"({"format": "size", "maximum": 1048576})", "1048577"), "s: must be at most 1MiB");
}

TEST(Schema, StringsListsAndKeys) {
  EXPECT_EQ(check(R"({"minLength": 2})", "\"\xc3\xbc\""), "s: must have at least 2 characters");
  EXPECT_EQ(check(R"({"maxLength": 1})", "\"\xc3\xbc\""), "\"\xc3\xbc\"");
  EXPECT_EQ(check(R"({"maxLength": 1})", "\"ab\""), "s: must have at most 1 character");
  EXPECT_EQ(check(R"({"pattern": "b"})", "\"abc\""), "\"abc\"");
  EXPECT_EQ(check(R"({"pattern": "^b"})", "\"abc\""), "s: does not match the pattern ^b");
  EXPECT_EQ(check(R"({"pattern": "^(a|b)*$"})", "\"" + std::string(100'000, 'a') + "\""),
            "s: must not be longer than 1024 bytes");
  EXPECT_EQ(check(R"({"minItems": 1, "maxItems": 2})", "[]"), "s: must have at least 1 entry");
  EXPECT_EQ(check(R"({"minItems": 1, "maxItems": 2})", "[1,2,3]"), "s: must have at most 2 entries");
  EXPECT_EQ(check(R"({"uniqueItems": true, "items": {"type": "integer"}})", "[1,\"x\",1]"),
            "s[1]: expected an integer, found a string | s[2]: is in the list twice");
  EXPECT_EQ(check(R"({"propertyNames": {"pattern": "^[a-z]+$"}, "additionalProperties": {"type": "integer"}})",
                  R"({"A": 1, "b": "x"})"),
            "s.A: does not match the pattern ^[a-z]+$ | s.b: expected an integer, found a string");
  EXPECT_EQ(check(R"({"const": 5})", "6"), "s: must be 5");
  EXPECT_EQ(check(R"({"required": ["a"]})", "{}"), "s: the key \"a\" is missing");
}

TEST(Schema, WithoutOneEverythingIsFine) {
  json::value value = 1;
  std::vector<Error> errors;
  Schema().check(value, "s", Locations(), errors);
  EXPECT_TRUE(errors.empty());
}

TEST(Schema, SettingsAreCheckedWithTheirPlaces) {
  std::vector<Error> errors;
  const auto loaded = load_text(
      "listeners: {l: {address: 127.0.0.1:80}}\nbuses: {b: {plugin: embedded}}\n"
      "mounts:\n  m:\n    plugin: p\n    listen: [{listener: l}]\n    settings:\n      moed: 1\n",
      "f", {}, errors);
  ASSERT_TRUE(loaded);
  const Schema schema = Schema::parse(R"({"type": "object", "additionalProperties": false, "required": ["key"],
                                          "properties": {"mode": {}, "key": {}}})");
  json::value settings = loaded->mounts[0].settings;
  schema.check(settings, loaded->mounts[0].settings_path, loaded->locations, errors);
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].text(), "f:8:7: mounts.m.settings.moed: unknown key; did you mean \"mode\"?");
  EXPECT_EQ(errors[1].text(), "f:7:5: mounts.m.settings: the key \"key\" is missing");
}

}  // namespace
}  // namespace dragoman::config
