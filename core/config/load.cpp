// SPDX-License-Identifier: Apache-2.0
// The way of a configuration: text, JSON with places, merged, references resolved, checked, typed.
#include <utility>

#include "config/configuration.hpp"
#include "config/files.hpp"
#include "config/merge.hpp"
#include "config/schema.hpp"
#include "config/semantics.hpp"
#include "config/typed.hpp"
#include "config/yaml_reader.hpp"

namespace dragoman::config {
namespace {

namespace json = boost::json;

struct Document {
  json::value root = json::object();
  Locations locations;
};

// Nothing when the text cannot be checked any further.
std::optional<Document> read_document(std::string_view text, const std::string& name, std::vector<Error>& errors) {
  Document document;
  auto root = read_yaml(text, name, document.locations, errors);
  if (!root) return std::nullopt;
  // A file without content, such as one that is all comments, says nothing, which is fine.
  document.root = root->is_null() ? json::value(json::object()) : std::move(*root);
  if (document.root.is_object()) return document;
  add_error(errors, {document.locations.value({}), {}, "expected a mapping at the top of the file"});
  return std::nullopt;
}

std::optional<Document> read_document_file(const std::string& path, std::vector<Error>& errors) {
  const FileText file = read_file(path, largest_file);
  if (file.problem.empty()) return read_document(file.text, path, errors);
  add_error(errors, Error{Location{path, 0, 0}, {}, file.problem});
  return std::nullopt;
}

const Schema& file_schema() {
  static const Schema schema = Schema::parse(schema_text());
  return schema;
}

std::optional<Configuration> finish(Document document, const LoadOptions& options, std::vector<Error>& errors) {
  resolve_references(document.root, options.sources, document.locations, errors);
  file_schema().check(document.root, {}, document.locations, errors);
  check_semantics(document.root, document.locations, errors);
  if (!errors.empty()) {
    if (options.further) options.further(document.root, document.locations, errors);
    sort_errors(errors);
    return std::nullopt;
  }
  return make_configuration(document.root, document.locations, options.state_directory);
}

}  // namespace

std::optional<Configuration> load_text(std::string_view yaml, std::string_view name, const LoadOptions& options,
                                       std::vector<Error>& errors) {
  errors.clear();
  auto document = read_document(yaml, std::string(name), errors);
  if (!document) return std::nullopt;
  return finish(std::move(*document), options, errors);
}

std::optional<Configuration> load_file(const std::string& path, const LoadOptions& options,
                                       std::vector<Error>& errors) {
  errors.clear();
  auto document = read_document_file(path, errors);
  std::string problem;
  const std::vector<std::string> extras = extra_files(path, problem);
  if (!problem.empty()) add_error(errors, Error{Location{path, 0, 0}, {}, problem});
  bool complete = document.has_value();
  for (const std::string& extra : extras) {
    auto over = read_document_file(extra, errors);
    complete = complete && over;
    if (complete) merge(document->root, document->locations, std::move(over->root), over->locations);
  }
  // Without one of the files every reference into it would be reported too.
  if (!complete) return std::nullopt;
  return finish(std::move(*document), options, errors);
}

}  // namespace dragoman::config
