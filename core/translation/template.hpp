// SPDX-License-Identifier: Apache-2.0
// Strings with placeholders, ${/pointer}, ${attribute.name}, ${key.2} and so on (docs/translations.md), and bodies made
// of them. Immutable; any thread.
#pragma once
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "translation/source.hpp"

namespace dragoman::translation {

enum class Outcome {
  made,
  missing,    // something that a placeholder stands for is not there
  invalid,    // what is there cannot stand at this place
  too_large,  // longer than the limit
  too_many,   // of one event; no template says so
};

struct Placeholder {
  enum class Kind { pointer, body, attribute, key, key_token, time, id };
  Kind kind = Kind::pointer;
  Pointer pointer;
  std::string attribute;
  std::size_t token = 0;
  // ${...:OFFSET:LENGTH}, in characters
  bool cut = false;
  std::size_t offset = 0, length = std::string::npos;
  // In place of what is missing or null: as it stands in a text, and alone.
  struct Fallback {
    std::string text, json;
  };
  std::optional<Fallback> fallback;
};

class Template {
 public:
  // Nothing, and `why` as a sentence, when it is not understood.
  static std::optional<Template> parse(std::string_view text, std::string& why);

  struct Part {
    std::string text;  // without a placeholder
    std::optional<Placeholder> placeholder;
  };
  const std::vector<Part>& parts() const { return parts_; }
  // Without placeholders: what it stands for always.
  std::optional<std::string> constant() const;

  // These append to `out`, which has at most `limit` bytes then.
  Outcome text(Source& source, std::string& out, std::size_t limit) const;
  // The same for a key: what comes of the event's data is percent-encoded, so it is one token or part of one.
  Outcome key(Source& source, std::string& out, std::size_t limit) const;
  // As JSON: a string, or, for a lone placeholder, the value that it stands for.
  Outcome value(Source& source, std::string& out, std::size_t limit) const;

 private:
  Outcome append(Source& source, std::string& out, std::size_t limit, bool as_key) const;
  std::vector<Part> parts_;
};

// JSON text whose strings are templates.
class BodyTemplate {
 public:
  // Errors are added with paths below `path`.
  struct Problem {
    std::string path, why;
  };
  static BodyTemplate compile(const boost::json::value& from, const std::string& path, std::vector<Problem>& problems);

  Outcome write(Source& source, std::string& out, std::size_t limit) const;
  template <class F>
  void each_template(F&& f) const {
    for (const Piece& piece : pieces_)
      if (piece.value) f(*piece.value);
  }

 private:
  struct Piece {
    std::string text;               // JSON as it is
    std::optional<Template> value;  // behind it
  };
  void add(const boost::json::value& from, const std::string& path, std::vector<Problem>& problems);
  std::string& tail();
  std::vector<Piece> pieces_;
};

}  // namespace dragoman::translation
