// SPDX-License-Identifier: Apache-2.0
#include "config/scalar.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>

namespace dragoman::config {
namespace {

constexpr std::uint64_t largest_integer = std::uint64_t{1} << 53;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t count_digits(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  return n;
}

Scalar integer(std::string_view digits, int base, bool negative, std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error == std::errc::invalid_argument || end != digits.data() + digits.size())
    return {boost::json::string(text), {}};
  if (error == std::errc::result_out_of_range || number > largest_integer)
    return {nullptr, "integers beyond 2^53 lose digits in JSON; put the value in quotes if it is a string"};
  const auto signed_number = static_cast<std::int64_t>(number);
  return {negative ? -signed_number : signed_number, {}};
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_float(std::string_view text) {
  const std::size_t whole = count_digits(text);
  text.remove_prefix(whole);
  if (!text.empty() && text[0] == '.') {
    const std::size_t fraction = count_digits(text.substr(1));
    if (whole == 0 && fraction == 0) return false;
    text.remove_prefix(1 + fraction);
  } else if (whole == 0) {
    return false;
  }
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() && count_digits(text) == text.size();
}

}  // namespace

Scalar resolve_scalar(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return {nullptr, {}};
  if (text == "true" || text == "True" || text == "TRUE") return {true, {}};
  if (text == "false" || text == "False" || text == "FALSE") return {false, {}};

  const bool negative = text[0] == '-';
  const std::string_view body = negative || text[0] == '+' ? text.substr(1) : text;
  if (body == ".inf" || body == ".Inf" || body == ".INF" || text == ".nan" || text == ".NaN" || text == ".NAN")
    return {nullptr, "infinity and not-a-number have no place in a configuration"};
  if (text.size() > 2 && text.substr(0, 2) == "0x") return integer(text.substr(2), 16, false, text);
  if (text.size() > 2 && text.substr(0, 2) == "0o") return integer(text.substr(2), 8, false, text);
  if (!body.empty() && count_digits(body) == body.size()) {
    // YAML 1.1 reads 010 as eight, YAML 1.2 as ten, and who wrote it may have meant a string.
    if (body.size() > 1 && body[0] == '0')
      return {nullptr,
              "numbers must not begin with 0; put the value in quotes if it is a string, write 0o17 for octal"};
    return integer(body, 10, negative, text);
  }
  if (is_float(body)) {
    double number = 0;
    const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), number);
    if (error != std::errc() || end != body.data() + body.size() || !std::isfinite(number))
      return {nullptr, "the number is too large or too small"};
    return {negative ? -number : number, {}};
  }
  return {boost::json::string(text), {}};
}

}  // namespace dragoman::config
