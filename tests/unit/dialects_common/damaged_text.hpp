// SPDX-License-Identifier: Apache-2.0
// Damaged text for the tests of robustness. The same of every run: the caller seeds.
#pragma once
#include <random>
#include <string>
#include <string_view>

namespace dialects {

// One to four changes; `likely` are the bytes that damage most.
inline std::string damaged(std::string text, std::string_view likely, std::mt19937& random) {
  for (std::size_t changes = 1 + random() % 4; changes > 0 && !text.empty(); --changes) {
    const std::size_t at = random() % text.size();
    switch (random() % 4) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text[at] = likely[random() % likely.size()];
        break;
      case 2:
        text.erase(at, 1 + random() % 8);
        break;
      default:
        text.insert(at, text, random() % text.size(), random() % 16);
    }
  }
  return text;
}

// Up to 47 bytes, of any kind or such as JSON is made of.
inline std::string random_text(std::mt19937& random) {
  static constexpr std::string_view letters = "{}[]\",:\\ \nab1-.eu";
  const bool any = random() % 2 == 0;
  std::string text(random() % 48, ' ');
  for (char& c : text) c = any ? static_cast<char>(random()) : letters[random() % letters.size()];
  return text;
}

}  // namespace dialects
