// SPDX-License-Identifier: Apache-2.0
// What GET /events and GET /sessions ask for and answer (honeytrap digest section 7). Any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "classifier.hpp"
#include "settings.hpp"

namespace re2 {
class RE2;
}

namespace honeytrap {

inline constexpr std::size_t largest_query = 64 * 1024;  // bytes, body and URL query each
inline constexpr std::size_t most_types = 256;
inline constexpr std::size_t most_expressions = 64;
inline constexpr std::size_t longest_expression = 512;  // bytes
// Of a sensor's name, that expressions are tried on: their time grows with it.
inline constexpr std::size_t longest_matched = 1024;

struct EventQuery {
  std::int64_t page = 0, size = 0;  // as given, 0 when not; paged when both are positive
  std::optional<std::vector<Kind>> types;
  // RE2, the syntax of the source, in time linear in the text. An expression that is invalid, too long or needs too
  // much memory is not here; when none is left nothing matches.
  std::optional<std::vector<std::shared_ptr<const re2::RE2>>> sensors;

  bool paged() const { return page > 0 && size > 0; }
  // An event must fit one of each list that was given.
  bool matches(const Kind& kind, std::string_view sensor) const;
};

// body: JSON or nothing but blanks. url_query: what stands behind the question mark, percent-encoded, with the keys of
// the body; `types` separated by commas, `types` and `sensors` may be repeated. What is in the body counts when a key
// is in both. Nothing: `error` is the text of a 400.
std::optional<EventQuery> parse_event_query(std::string_view body, std::string_view url_query, bool lenient,
                                            std::string& error);

// Chooses the events of the page out of the matching ones, which are offered in storage order.
class PageWindow {
 public:
  explicit PageWindow(const EventQuery& query);
  // Whether the next matching event is on the page.
  bool take();
  // Nothing more will be taken.
  bool full() const { return left_ == 0; }

 private:
  std::uint64_t skip_ = 0, left_;
};

// The pieces of an answer: head, the events with commas between them, tail. total: all stored, before filtering.
void append_answer_head(std::string& out, const EventQuery& query, std::uint64_t total, PagingKeys keys);
inline constexpr std::string_view answer_tail = "]}";

}  // namespace honeytrap
