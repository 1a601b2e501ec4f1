// SPDX-License-Identifier: Apache-2.0
#include "verify/nonsense.hpp"

#include <algorithm>

#include "codec/utf8.hpp"

namespace dragoman::verify {
namespace {

constexpr std::size_t longest = 60'000;

const char* const words[] = {"null",
                             "true",
                             "-1",
                             "0",
                             "1e999",
                             "18446744073709551616",
                             "\"\"",
                             "[]",
                             "{}",
                             "{",
                             "}",
                             "[",
                             "]",
                             "\"",
                             "\\u0000",
                             "\\ud800",
                             ",",
                             ":",
                             "#",
                             "*",
                             ".",
                             "..",
                             "/",
                             "%00",
                             "\n",
                             "\r\n",
                             "\t",
                             "\xc3\xa9",
                             "\xf0\x9f\x90\x89",
                             "<script>",
                             "'",
                             " "};

}  // namespace

const std::vector<std::string>& nonsense() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> out = {"",
                                    " ",
                                    "nonsense",
                                    "{",
                                    "}",
                                    "[",
                                    "\"",
                                    "null",
                                    "0",
                                    "[]",
                                    "{}",
                                    "[{}]",
                                    "{\"a\":1,\"a\":2}",
                                    "{\"type\":null}",
                                    "{\"type\":[]}",
                                    "{\"type\":{\"type\":{}}}",
                                    "{\"type\":-1e999}",
                                    "{\"id\":18446744073709551616}",
                                    "{\"\":\"\\u0000\"}",
                                    "{\"type\":\"\\ud800\"}",
                                    "{} {}",
                                    "GET / HTTP/1.1\r\n\r\n",
                                    "\xef\xbb\xbf{}",
                                    "\xe2\x80\xa8",
                                    std::string("a\0b", 3)};
    out.push_back(std::string(100'000, '['));
    out.push_back(std::string(100'000, '{'));
    std::string nested;
    for (int i = 0; i < 20'000; ++i) nested += "{\"a\":";
    out.push_back(nested);
    out.push_back("{\"type\":\"" + std::string(200'000, 'x') + "\"}");
    std::string members = "{";
    for (int i = 0; i < 10'000; ++i) members += "\"m" + std::to_string(i) + "\":1,";
    out.push_back(members + "\"z\":1}");
    return out;
  }();
  return texts;
}

Fuzzer::Fuzzer(std::uint64_t seed, std::vector<std::string> corpus) : random_(seed), corpus_(std::move(corpus)) {
  std::erase_if(corpus_, [](const std::string& text) { return text.size() > longest; });
  for (const auto& text : nonsense())
    if (text.size() < 100) corpus_.push_back(text);
}

std::string Fuzzer::next() {
  std::string text = corpus_[below(corpus_.size())];
  for (std::size_t changes = 1 + below(6); changes; --changes) {
    const std::size_t at = below(text.size() + 1), length = below(std::min<std::size_t>(text.size() - at, 12) + 1);
    switch (below(6)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, words[below(std::size(words))]);
        break;
      case 2:
        text.replace(at, length, words[below(std::size(words))]);
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(below(128));
        break;
      case 4:
        text.insert(at, text.substr(at, length));
        break;
      default: {
        const std::string& other = corpus_[below(corpus_.size())];
        text = text.substr(0, at) + other.substr(below(other.size() + 1));
      }
    }
  }
  if (text.size() > longest) text.resize(longest);
  // What is no UTF-8 the gateway answers itself.
  if (!codec::valid_utf8(text))
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return text;
}

}  // namespace dragoman::verify
