// SPDX-License-Identifier: Apache-2.0
// Damaged text, with a fixed seed: whatever comes out must be well formed.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <random>

#include "common/json_string.hpp"
#include "dialects_common/damaged_text.hpp"
#include "envelope.hpp"
#include "examples.hpp"
#include "http_query.hpp"
#include "json_text.hpp"
#include "protocol.hpp"
#include "record.hpp"

namespace honeytrap {
namespace {

namespace json = boost::json;

void use(const std::string& text) {
  static const Classifier classifier;
  for (const bool lenient : {false, true}) {
    const Request request = parse_request(text, lenient);
    ASSERT_NE(request.type.has_value(), !request.error.empty());
    std::string error;
    parse_event_query(text, text, lenient, error);

    const Ingest how{classifier, 1'491'440'400'123, lenient};
    const auto batch = normalise_batch(text, how, error);
    const auto record = normalise(text, how, error);
    if (record) {
      json::error_code failure;
      const json::value value = json::parse(record->json, failure);
      ASSERT_FALSE(failure) << record->json;
      ASSERT_TRUE(value.is_object());
      ASSERT_TRUE(value.get_object().contains("date"));
      ASSERT_EQ(normalise(record->json, how, error)->json, record->json);
      const auto source = to_source_keys(record->json);
      ASSERT_TRUE(source);
      ASSERT_EQ(normalise(*source, how, error)->json, record->json);
      ASSERT_TRUE(batch);
      if (const auto flat = flatten(record->json, std::nullopt)) json::parse(flat->json);
    }
  }
  // Text that nobody checked, as a damaged store would give.
  read_members(text);
  read_elements(text);
  dialects::read_string(text);
  to_source_keys(text);
  flatten(text, CountryCode{'N', 'L'});
  std::string out;
  append_compact(out, text);
  out.clear();
  dialects::append_json_string(out, text);
  json::error_code failure;
  json::parse(out, failure);
  ASSERT_FALSE(failure);
}

const std::vector<std::string>& samples() {
  static const std::vector<std::string> texts = {
      fetch_sessions_example,
      fetch_events_example,
      error_example,
      session_example,
      event_example,
      example_payload(session_example),
      example_frame(6, session_example),
      R"({"page":1,"response_per_page":2,"types":[1,"a"],"sensors":["^a","(b|c)*"]})",
      R"({"event_type":"SESSION:USER:OPENED","host_addr":"[::1]:9","a\u00e9":"\ud83d\ude00","n":-1.5e+3,"type":5})"};
  return texts;
}

TEST(HoneytrapRobustness, TruncatedText) {
  for (const std::string& text : samples())
    for (std::size_t size = 0; size <= text.size(); ++size) ASSERT_NO_FATAL_FAILURE(use(text.substr(0, size)));
}

TEST(HoneytrapRobustness, ChangedText) {
  std::mt19937 random(1);
  static constexpr std::string_view likely = "{}[]\",:\\ue0123\n\x80\xff";
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = dialects::damaged(samples()[random() % samples().size()], likely, random);
    ASSERT_NO_FATAL_FAILURE(use(text));
  }
}

TEST(HoneytrapRobustness, RandomText) {
  std::mt19937 random(2);
  for (int round = 0; round < 20'000; ++round) ASSERT_NO_FATAL_FAILURE(use(dialects::random_text(random)));
}

}  // namespace
}  // namespace honeytrap
