// SPDX-License-Identifier: Apache-2.0
#include "http_query.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <charconv>
#include <limits>

#include "common/json_check.hpp"
#include "common/percent.hpp"

namespace honeytrap {
namespace {

namespace json = boost::json;

constexpr std::string_view size_keys[] = {"response_per_page", "responser_per_page"};

// Fills a query from one source; the first that gives a key is the one that counts.
class Reader {
 public:
  explicit Reader(EventQuery& query, std::string& error) : query_(query), error_(error) {}

  bool number(bool& have, std::int64_t& to, std::optional<std::int64_t> value, std::string_view key) {
    if (!value) return refuse(key, " must be an integer");
    if (!have) to = *value;
    return have = true;
  }

  bool page(std::optional<std::int64_t> value) { return number(have_page_, query_.page, value, "page"); }
  bool size(std::optional<std::int64_t> value) { return number(have_size_, query_.size, value, size_keys[0]); }

  // An integer or a string.
  template <class Value>
  bool type(std::vector<Kind>& types, Value value) {
    if (types.size() == most_types) return refuse("types", " has too many entries");
    types.emplace_back(std::move(value));
    return true;
  }

  bool sensor(std::string_view expression) {
    if (++expressions_ > most_expressions) return refuse("sensors", " has too many entries");
    if (expression.size() > longest_expression) return true;
    RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    options.set_max_mem(256 << 10);
    auto compiled = std::make_shared<const RE2>(re2::StringPiece(expression.data(), expression.size()), options);
    if (compiled->ok()) query_.sensors->push_back(std::move(compiled));
    return true;
  }

  bool refuse(std::string_view key, std::string_view what) {
    error_ = std::string(key).append(what);
    return false;
  }

  EventQuery& query() { return query_; }

 private:
  EventQuery& query_;
  std::string& error_;
  bool have_page_ = false, have_size_ = false;
  std::size_t expressions_ = 0;
};

std::optional<std::int64_t> integer(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  return std::nullopt;
}

std::optional<std::int64_t> integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

bool read_types(Reader& reader, const json::array& list) {
  auto& types = reader.query().types.emplace();
  for (const json::value& item : list) {
    if (item.is_int64()) {
      if (!reader.type(types, item.get_int64())) return false;
    } else if (const json::string* name = item.if_string()) {
      if (!reader.type(types, std::string(view(*name)))) return false;
    } else {
      return reader.refuse("types", " must be a list of integers or strings");
    }
  }
  if (types.empty()) reader.query().types.reset();
  return true;
}

bool read_sensors(Reader& reader, const json::array& list) {
  if (!list.empty()) reader.query().sensors.emplace();
  for (const json::value& item : list) {
    const json::string* expression = item.if_string();
    if (!expression) return reader.refuse("sensors", " must be a list of strings");
    if (!reader.sensor(view(*expression))) return false;
  }
  return true;
}

bool read_body(Reader& reader, std::string_view body, bool lenient, std::string& error) {
  if (body.find_first_not_of(" \t\r\n") == body.npos) return true;
  unsigned char memory[4096];
  json::monotonic_resource resource(memory);
  json::parse_options options;
  options.max_depth = dialects::deepest_json;
  options.allow_trailing_commas = lenient;
  json::error_code failure;
  const json::value value = json::parse({body.data(), body.size()}, failure, &resource, options);
  if (failure || !value.is_object()) {
    error = failure ? "the body is not valid JSON: " + failure.message() : "the body is not a JSON object";
    return false;
  }
  const json::object& root = value.get_object();
  const auto given = [&](std::string_view key) -> const json::value* {
    const json::value* found = root.if_contains({key.data(), key.size()});
    return found && !found->is_null() ? found : nullptr;
  };
  if (const auto* page = given("page"))
    if (!reader.page(integer(*page))) return false;
  for (const std::string_view key : size_keys)
    if (const auto* size = given(key))
      if (!reader.size(integer(*size))) return false;
  if (const auto* types = given("types")) {
    if (!types->is_array()) return reader.refuse("types", " must be a list");
    if (!read_types(reader, types->get_array())) return false;
  }
  if (const auto* sensors = given("sensors")) {
    if (!sensors->is_array()) return reader.refuse("sensors", " must be a list");
    if (!read_sensors(reader, sensors->get_array())) return false;
  }
  return true;
}

bool read_url(Reader& reader, std::string_view rest) {
  EventQuery& query = reader.query();
  const bool types_known = query.types.has_value(), sensors_known = query.sensors.has_value();
  while (const auto pair = dialects::next_pair(rest)) {
    const auto& [key, value] = *pair;
    if (key == "page") {
      if (!reader.page(integer(value))) return false;
    } else if (key == size_keys[0] || key == size_keys[1]) {
      if (!reader.size(integer(value))) return false;
    } else if (key == "types" && !types_known) {
      if (!query.types) query.types.emplace();
      for (std::string_view list = value; !list.empty();) {
        const std::string_view item = dialects::cut(list, ',');
        const auto number = integer(item);
        if (number ? !reader.type(*query.types, *number) : !reader.type(*query.types, std::string(item))) return false;
      }
    } else if (key == "sensors" && !sensors_known) {
      if (!query.sensors) query.sensors.emplace();
      if (!reader.sensor(value)) return false;
    }
  }
  return true;
}

}  // namespace

bool EventQuery::matches(const Kind& kind, std::string_view sensor) const {
  if (types && std::find(types->begin(), types->end(), kind) == types->end()) return false;
  if (!sensors) return true;
  const re2::StringPiece text(sensor.data(), std::min(sensor.size(), longest_matched));
  return std::any_of(sensors->begin(), sensors->end(),
                     [&](const auto& expression) { return RE2::PartialMatch(text, *expression); });
}

std::optional<EventQuery> parse_event_query(std::string_view body, std::string_view url_query, bool lenient,
                                            std::string& error) {
  EventQuery query;
  if (body.size() > largest_query || url_query.size() > largest_query) {
    error = "the request is too large";
    return std::nullopt;
  }
  Reader reader(query, error);
  if (!read_body(reader, body, lenient, error) || !read_url(reader, url_query)) return std::nullopt;
  return query;
}

PageWindow::PageWindow(const EventQuery& query) : left_(std::numeric_limits<std::uint64_t>::max()) {
  if (!query.paged()) return;
  left_ = static_cast<std::uint64_t>(query.size);
  // A page no store reaches is empty; the product must not wrap around to one that exists.
  if (__builtin_mul_overflow(static_cast<std::uint64_t>(query.page - 1), left_, &skip_)) left_ = 0;
}

bool PageWindow::take() {
  if (skip_ > 0) {
    --skip_;
    return false;
  }
  if (left_ == 0) return false;
  --left_;
  return true;
}

void append_answer_head(std::string& out, const EventQuery& query, std::uint64_t total, PagingKeys keys) {
  out += R"({"response_per_page":)" + std::to_string(query.size);
  if (keys == PagingKeys::both) out += R"(,"responser_per_page":)" + std::to_string(query.size);
  out += R"(,"page":)" + std::to_string(query.page);
  out += R"(,"total":)" + std::to_string(total) + R"(,"events":[)";
}

}  // namespace honeytrap
