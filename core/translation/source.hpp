// SPDX-License-Identifier: Apache-2.0
// The event that is being translated. Its body is read when a rule asks for it first, and only once. One thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "event/event.hpp"
#include "translation/document.hpp"

namespace dragoman::translation {

class Source {
 public:
  static constexpr std::size_t largest_body = 1 << 20;

  // The event outlives it.
  explicit Source(const event::Event& event) : event_(event) {}
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  const event::Event& event() const { return event_; }
  std::optional<std::string_view> attribute(std::string_view name) const;
  // Counted from 0.
  std::optional<std::string_view> key_token(std::size_t number) const;
  // RFC 3339.
  const std::string& time();
  // Null if it is no JSON, nested too deep, or larger than largest_body.
  const Document* body();
  // Somebody asked for the body, and it could not be read.
  bool unreadable() const { return asked_ && !body_; }

 private:
  const event::Event& event_;
  bool asked_ = false;
  std::optional<Document> body_;
  std::string time_;
};

}  // namespace dragoman::translation
