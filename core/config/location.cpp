// SPDX-License-Identifier: Apache-2.0
#include "config/location.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace dragoman::config {
namespace {

constexpr std::size_t most_errors = 200;
constexpr std::size_t longest_quote = 80;

bool plain_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// Without a bound, since two keys must never share a path.
std::string escaped(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

// The path of the enclosing value: up to the last separator that is not inside a quoted key.
std::string_view enclosing(std::string_view path) {
  std::size_t last = 0;
  bool in_quotes = false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (in_quotes) {
      if (path[i] == '\\') {
        ++i;
      } else if (path[i] == '"') {
        in_quotes = false;
      }
    } else if (path[i] == '"') {
      in_quotes = true;
    } else if (path[i] == '.' || path[i] == '[') {
      last = i;
    }
  }
  return path.substr(0, last);
}

}  // namespace

std::string Error::text() const {
  std::string out = where.file;
  if (where.line > 0) out += fmt::format(":{}:{}", where.line, where.column);
  if (!out.empty()) out += ": ";
  if (!path.empty()) out += path + ": ";
  return out + message;
}

void add_error(std::vector<Error>& errors, Error error) {
  if (errors.size() < most_errors) {
    errors.push_back(std::move(error));
  } else if (errors.size() == most_errors) {
    errors.push_back({{}, {}, "there are more errors, which are not listed"});
  }
}

bool wants_more(const std::vector<Error>& errors) {
  return errors.size() < most_errors;
}

void sort_errors(std::vector<Error>& errors) {
  std::stable_sort(errors.begin(), errors.end(), [](const Error& a, const Error& b) {
    // Those without a file speak of the whole.
    return std::tuple(a.where.file.empty(), std::string_view(a.where.file), a.where.line, a.where.column) <
           std::tuple(b.where.file.empty(), std::string_view(b.where.file), b.where.line, b.where.column);
  });
}

std::string child_path(std::string_view path, std::string_view key) {
  std::string out(path);
  if (!plain_key(key)) return out + "[" + escaped(key) + "]";
  if (!out.empty()) out += '.';
  return out.append(key);
}

std::string child_path(std::string_view path, std::size_t index) {
  return fmt::format("{}[{}]", path, index);
}

std::string quoted(std::string_view text) {
  if (text.size() <= longest_quote) return escaped(text);
  std::size_t end = longest_quote;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return escaped(text.substr(0, end)) + "...";
}

std::uint32_t Locations::add_file(std::string name) {
  files_.push_back(std::move(name));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

void Locations::put(std::string path, Mark key, Mark value) {
  places_[std::move(path)] = {key, value};
}

void Locations::set_secret(const std::string& path) {
  const auto at = places_.find(path);
  if (at != places_.end()) at->second.secret = true;
}

void Locations::set_refused(const std::string& path) {
  const auto at = places_.find(path);
  if (at != places_.end()) at->second.refused = true;
}

const Locations::Place* Locations::find(std::string_view path) const {
  for (;;) {
    const auto at = places_.find(path);
    if (at != places_.end()) return &at->second;
    if (path.empty()) return nullptr;
    path = enclosing(path);
  }
}

Location Locations::location(const Mark& mark) const {
  if (mark.file >= files_.size()) return {};
  return {files_[mark.file], mark.line, mark.column};
}

Location Locations::value(std::string_view path) const {
  const Place* place = find(path);
  return place ? location(place->value) : Location{};
}

Location Locations::key(std::string_view path) const {
  const Place* place = find(path);
  return place ? location(place->key) : Location{};
}

bool Locations::secret(std::string_view path) const {
  const auto at = places_.find(path);
  return at != places_.end() && at->second.secret;
}

bool Locations::refused(std::string_view path) const {
  const auto at = places_.find(path);
  return at != places_.end() && at->second.refused;
}

// Members of `a` are `a.b`, `a["b"]` and `a[0]`, so everything below a path stands in two ranges of the map.
template <class F>
void Locations::each_below(const std::map<std::string, Place, std::less<>>& places, const std::string& path, F&& f) {
  for (const char separator : {'.', '['}) {
    const std::string prefix = path + separator;
    for (auto at = places.lower_bound(prefix);
         at != places.end() && at->first.compare(0, prefix.size(), prefix) == 0;) {
      const auto current = at++;
      f(current);
    }
  }
}

Locations::Replacement::Replacement(Locations& base, const Locations& over)
    : base_(base), over_(over), first_file_(static_cast<std::uint32_t>(base.files_.size())) {
  base_.files_.insert(base_.files_.end(), over_.files_.begin(), over_.files_.end());
}

void Locations::Replacement::replace(const std::string& path) {
  each_below(base_.places_, path, [this](auto at) { base_.places_.erase(at); });
  const auto take = [this](auto at) {
    Place place = at->second;
    place.key.file += first_file_;
    place.value.file += first_file_;
    base_.places_[at->first] = place;
  };
  const auto self = over_.places_.find(path);
  if (self != over_.places_.end()) take(self);
  each_below(over_.places_, path, take);
}

}  // namespace dragoman::config
