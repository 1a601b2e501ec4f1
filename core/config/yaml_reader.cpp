// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_reader.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <deque>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "config/scalar.hpp"
#include "config/utf8_text.hpp"

namespace dragoman::config {
namespace {

namespace json = boost::json;

// One value as written. Aliases point to the node of their anchor, so the graph is no larger than the text.
struct Element {
  enum class Kind { scalar, list, mapping };
  struct Member {
    std::string key;
    Locations::Mark mark;
    const Element* value;
  };
  Kind kind = Kind::scalar;
  bool refused = false;
  bool complete = false;  // an alias to a node that is still open would be a value that contains itself
  Locations::Mark mark;
  json::value scalar;
  std::vector<const Element*> items;
  std::vector<Member> members;
};

// Ends the reading of a document that is beyond repair or beyond a bound.
struct Abort {
  Error error;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& name, std::vector<Error>& errors) : name_(name), errors_(errors) {}

  const Element* root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) abort(mark, "a second document begins here; a configuration file holds one");
  }
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark&, const std::string&) override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add_scalar(mark, "?", anchor, {}); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    add_scalar(mark, tag, anchor, value);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (wants_key()) {
      report(mark, "an alias cannot be a key");
      take_key({}, mark);
      return;
    }
    const auto at = anchors_.find(anchor);
    if (at == anchors_.end()) abort(mark, "the alias has no anchor");
    if (!at->second->complete) abort(mark, "the alias stands inside the value it refers to");
    attach(at->second);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Element::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Element::Kind::mapping);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Element* node;
    bool is_key = false;  // stands where a key should, which has been reported
    bool has_key = false;
    std::string key;
    Locations::Mark key_mark;
    std::unordered_set<std::string> keys;
  };

  static Locations::Mark convert(const YAML::Mark& mark) {
    return {0, static_cast<std::uint32_t>(std::max(mark.line, 0) + 1),
            static_cast<std::uint32_t>(std::max(mark.column, 0) + 1)};
  }
  Error error(const YAML::Mark& mark, std::string message) const {
    const Locations::Mark m = convert(mark);
    return {{name_, m.line, m.column}, {}, std::move(message)};
  }
  // `key`: the one that is being read.
  void report(const YAML::Mark& mark, std::string message, std::string_view key = {}) {
    Error found = error(mark, std::move(message));
    for (const Open& at : open_) {
      if (at.node->kind == Element::Kind::list) {
        found.path = child_path(found.path, at.node->items.size());
      } else if (!at.key.empty()) {
        found.path = child_path(found.path, at.key);
      }
    }
    if (!key.empty()) found.path = child_path(found.path, key);
    add_error(errors_, std::move(found));
  }
  [[noreturn]] void abort(const YAML::Mark& mark, std::string message) const {
    throw Abort{error(mark, std::move(message))};
  }

  bool wants_key() const {
    return !open_.empty() && open_.back().node->kind == Element::Kind::mapping && !open_.back().has_key;
  }

  Element* make(const YAML::Mark& mark, YAML::anchor_t anchor, Element::Kind kind) {
    if (nodes_.size() >= most_values) abort(mark, fmt::format("the file holds more than {} values", most_values));
    Element& node = nodes_.emplace_back();
    node.kind = kind;
    node.mark = convert(mark);
    if (anchor) anchors_[anchor] = &node;
    return &node;
  }

  void attach(const Element* node) {
    if (open_.empty()) {
      root_ = node;
      return;
    }
    Open& parent = open_.back();
    if (parent.node->kind == Element::Kind::list) {
      parent.node->items.push_back(node);
      return;
    }
    // The key of a member that was refused is empty; its value has been looked at for more errors and is dropped.
    if (!parent.key.empty()) parent.node->members.push_back({std::move(parent.key), parent.key_mark, node});
    parent.has_key = false;
    parent.key.clear();
  }

  void take_key(std::string key, const YAML::Mark& mark) {
    Open& parent = open_.back();
    parent.has_key = true;
    parent.key = std::move(key);
    parent.key_mark = convert(mark);
  }

  void add_scalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& text) {
    Scalar scalar;
    // yaml-cpp marks quoted scalars by "!" and unquoted ones by "?".
    if (tag == "?") {
      scalar = resolve_scalar(text);
    } else if (tag == "!" || tag == "tag:yaml.org,2002:str") {
      scalar.value = json::string(text);
    } else {
      scalar.problem = "tags are not supported; quotes make a string";
    }
    if (wants_key()) {
      add_key(mark, text, scalar);
      return;
    }
    Element* node = make(mark, anchor, Element::Kind::scalar);
    if (!scalar.problem.empty()) {
      report(mark, scalar.problem);
      node->refused = true;
      scalar.value = nullptr;
    }
    node->scalar = std::move(scalar.value);
    node->complete = true;
    attach(node);
  }

  void add_key(const YAML::Mark& mark, const std::string& text, const Scalar& scalar) {
    Open& parent = open_.back();
    std::string problem;
    if (text == "<<") {
      problem = "the merge key << is not part of YAML 1.2; write the keys out";
    } else if (text.size() > longest_key) {
      problem = fmt::format("a key must not be longer than {} bytes", longest_key);
    } else if (!scalar.problem.empty() || !scalar.value.is_string()) {
      problem = "a key must be a string; put it in quotes";
    } else if (text.empty()) {
      problem = "a key must not be empty";
    } else if (!parent.keys.insert(text).second) {
      const auto first = std::find_if(parent.node->members.begin(), parent.node->members.end(),
                                      [&](const Element::Member& member) { return member.key == text; });
      problem = "the key is written twice";
      if (first != parent.node->members.end()) problem += fmt::format("; first in line {}", first->mark.line);
      report(mark, problem, text);
      take_key({}, mark);
      return;
    }
    if (!problem.empty()) report(mark, problem);
    take_key(problem.empty() ? text : std::string(), mark);
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Element::Kind kind) {
    if (open_.size() >= deepest_nesting)
      abort(mark, fmt::format("more than {} levels inside each other", deepest_nesting));
    Open entry;
    entry.is_key = wants_key();
    if (entry.is_key) {
      report(mark, "a key must be a string; this one is a list or a mapping");
      take_key({}, mark);
    }
    const std::string_view expected = kind == Element::Kind::list ? "tag:yaml.org,2002:seq" : "tag:yaml.org,2002:map";
    if (tag != "?" && tag != "!" && !tag.empty() && tag != expected)
      report(mark, "tags are not supported; quotes make a string");
    entry.node = make(mark, anchor, kind);
    open_.push_back(std::move(entry));
  }

  void close() {
    Element* node = open_.back().node;
    node->complete = true;
    const bool was_key = open_.back().is_key;
    open_.pop_back();
    if (!was_key) attach(node);
  }

  const std::string& name_;
  std::vector<Error>& errors_;
  unsigned documents_ = 0;
  const Element* root_ = nullptr;
  std::deque<Element> nodes_;
  std::unordered_map<YAML::anchor_t, Element*> anchors_;
  std::vector<Open> open_;
};

// Resolves aliases by copying, within bounds: a few lines of aliases to aliases can stand for billions of values.
class Expander {
 public:
  Expander(const std::string& name, Locations& locations) : name_(name), locations_(locations) {}

  json::value expand(const Element& node, const std::string& path, const Locations::Mark& key, unsigned depth) {
    if (++values_ > most_values) refuse(key, fmt::format("aliases make more than {} values of this file", most_values));
    if (depth > deepest_nesting)
      refuse(key, fmt::format("aliases nest more than {} levels inside each other", deepest_nesting));
    spend(path.size(), key);
    // The first key of a block mapping is no good place for what is wrong with the whole.
    locations_.put(path, key, node.kind == Element::Kind::scalar && !node.scalar.is_null() ? node.mark : key);
    if (node.refused) locations_.set_refused(path);
    switch (node.kind) {
      case Element::Kind::list: {
        json::array out;
        for (const Element* item : node.items) {
          const std::string item_path = child_path(path, out.size());
          out.push_back(expand(*item, item_path, item->mark, depth + 1));
        }
        return out;
      }
      case Element::Kind::mapping: {
        json::object out;
        for (const Element::Member& member : node.members) {
          spend(member.key.size(), member.mark);
          json::value value = expand(*member.value, child_path(path, member.key), member.mark, depth + 1);
          out.emplace(member.key, std::move(value));
        }
        return out;
      }
      case Element::Kind::scalar:
        break;
    }
    if (node.scalar.is_string()) spend(node.scalar.get_string().size(), key);
    return node.scalar;
  }

 private:
  void spend(std::size_t bytes, const Locations::Mark& at) {
    bytes_ += bytes;
    if (bytes_ > largest_expansion)
      refuse(at, fmt::format("aliases make more than {} MiB of this file", largest_expansion >> 20));
  }
  [[noreturn]] void refuse(const Locations::Mark& at, std::string message) const {
    throw Abort{{{name_, at.line, at.column}, {}, std::move(message)}};
  }

  const std::string& name_;
  Locations& locations_;
  std::size_t values_ = 0, bytes_ = 0;
};

Location locate(std::string_view text, std::size_t offset, const std::string& name) {
  const std::string_view before = text.substr(0, offset);
  const auto line = static_cast<unsigned>(std::count(before.begin(), before.end(), '\n')) + 1;
  const std::size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const auto column = std::count_if(before.begin() + static_cast<std::ptrdiff_t>(start), before.end(),
                                    [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  return {name, line, static_cast<unsigned>(column) + 1};
}

// Whether line `number`, counted from 0, has a tab before its first word.
bool tab_indents(std::string_view text, int number) {
  std::size_t start = 0;
  for (int i = 0; i < number; ++i) {
    start = text.find('\n', start);
    if (start == std::string_view::npos) return false;
    ++start;
  }
  const std::string_view line = text.substr(start);
  return line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
}

}  // namespace

std::optional<json::value> read_yaml(std::string_view text, const std::string& name, Locations& locations,
                                     std::vector<Error>& errors) {
  if (text.size() > largest_file) {
    std::string message = fmt::format("the file is larger than {} MiB", largest_file >> 20);
    add_error(errors, {{name, 0, 0}, {}, std::move(message)});
    return std::nullopt;
  }
  const TextProblem problem = check_text(text);
  if (!problem.message.empty()) {
    add_error(errors, {locate(text, problem.offset, name), {}, problem.message});
    return std::nullopt;
  }
  locations.add_file(name);
  TreeBuilder builder(name, errors);
  try {
    // The scanner takes a quote that is never closed for closed when a line ends the file; with an empty comment behind
    // it does not.
    std::istringstream stream(std::string(text) + (!text.empty() && text.back() == '\n' ? "#" : ""));
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) continue;
    if (!builder.root()) {
      locations.put({}, {0, 1, 1}, {0, 1, 1});
      return json::value(nullptr);
    }
    return Expander(name, locations).expand(*builder.root(), {}, builder.root()->mark, 1);
  } catch (const Abort& abort) {
    add_error(errors, abort.error);
  } catch (const YAML::Exception& e) {
    const auto place = [](int n) { return static_cast<unsigned>(std::max(n, 0) + 1); };
    std::string message = "not valid YAML: " + e.msg;
    if (tab_indents(text, std::max(e.mark.line, 0))) message += "; tabs must not be used for indentation";
    add_error(errors, {{name, place(e.mark.line), place(e.mark.column)}, {}, std::move(message)});
  }
  return std::nullopt;
}

}  // namespace dragoman::config
