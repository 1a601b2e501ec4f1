// SPDX-License-Identifier: Apache-2.0
#include "config/references.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "config/utf8_text.hpp"

namespace dragoman::config {
namespace {

namespace json = boost::json;

bool valid_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

class Resolver {
 public:
  Resolver(const ReferenceSources& sources, Locations& locations, std::vector<Error>& errors)
      : sources_(sources), locations_(locations), errors_(errors) {}

  void walk(json::value& value, const std::string& path) {
    // Strings there are templates, which have a ${ of their own.
    if (path == "translations") return;
    if (value.is_object()) {
      for (auto& member : value.get_object())
        walk(member.value(), child_path(path, std::string_view(member.key().data(), member.key().size())));
    } else if (value.is_array()) {
      json::array& list = value.get_array();
      for (std::size_t i = 0; i < list.size(); ++i) walk(list[i], child_path(path, i));
    } else if (value.is_string()) {
      const std::string_view text(value.get_string().data(), value.get_string().size());
      if (text.find("${") == std::string_view::npos) return;
      const std::optional<std::string> replaced = resolve(text, path);
      if (replaced) {
        value = json::string(*replaced);
      } else {
        value = nullptr;
        locations_.set_refused(path);
      }
    }
  }

 private:
  void report(const std::string& path, std::string message) {
    add_error(errors_, {locations_.value(path), path, std::move(message)});
  }

  // Nothing after an error, which has been reported.
  std::optional<std::string> resolve(std::string_view text, const std::string& path) {
    std::string out;
    for (;;) {
      const std::size_t at = text.find("${");
      if (at == std::string_view::npos) return out.append(text);
      if (at > 0 && text[at - 1] == '$') {
        out.append(text.substr(0, at - 1)).append("${");
        text.remove_prefix(at + 2);
        continue;
      }
      out.append(text.substr(0, at));
      const std::size_t end = text.find('}', at);
      if (end == std::string_view::npos) {
        report(path, "a reference is not closed; write ${env:NAME} or ${file:PATH}, or $${ for a literal ${");
        return std::nullopt;
      }
      const FileText found = look_up(std::string(text.substr(at + 2, end - at - 2)), path);
      if (!found.problem.empty()) {
        report(path, found.problem);
        return std::nullopt;
      }
      locations_.set_secret(path);
      spent_ += found.text.size();
      if (spent_ > largest_references) {
        if (!exhausted_) report(path, fmt::format("references bring in more than {} MiB", largest_references >> 20));
        exhausted_ = true;
        return std::nullopt;
      }
      out += found.text;
      text.remove_prefix(end + 1);
    }
  }

  FileText look_up(const std::string& reference, const std::string& path) {
    FileText found;
    std::string what;
    if (reference.compare(0, 4, "env:") == 0) {
      const std::string name = reference.substr(4);
      if (!valid_name(name)) return {{}, fmt::format("{} is not a name of an environment variable", quoted(name))};
      what = "the environment variable " + name;
      const auto value = environment(name);
      if (!value) return {{}, what + " is not set"};
      found.text = *value;
    } else if (reference.compare(0, 5, "file:") == 0) {
      const std::string name = reference.substr(5);
      if (name.empty()) return {{}, "the path of ${file:PATH} is missing"};
      const std::string full = relative_to(locations_.value(path).file, name);
      what = "the file " + quoted(full);
      found = sources_.file ? sources_.file(full) : read_file(full, largest_reference);
      if (!found.problem.empty()) return {{}, what + " " + found.problem};
      if (!found.text.empty() && found.text.back() == '\n') {
        found.text.pop_back();
        if (!found.text.empty() && found.text.back() == '\r') found.text.pop_back();
      }
    } else {
      if (valid_name(reference)) return {{}, fmt::format("unknown reference; did you mean ${{env:{}}}?", reference)};
      return {{}, "unknown reference; write ${env:NAME} or ${file:PATH}, or $${ for a literal ${"};
    }
    if (found.text.size() > largest_reference)
      return {{}, fmt::format("{} is larger than {} KiB", what, largest_reference >> 10)};
    if (!check_text(found.text).message.empty())
      return {{}, what + " does not hold UTF-8 text without control characters"};
    return found;
  }

  std::optional<std::string> environment(const std::string& name) const {
    if (sources_.environment) return sources_.environment(name);
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  }

  const ReferenceSources& sources_;
  Locations& locations_;
  std::vector<Error>& errors_;
  std::size_t spent_ = 0;
  bool exhausted_ = false;
};

}  // namespace

void resolve_references(json::value& root, const ReferenceSources& sources, Locations& locations,
                        std::vector<Error>& errors) {
  Resolver(sources, locations, errors).walk(root, {});
}

}  // namespace dragoman::config
