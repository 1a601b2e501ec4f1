// SPDX-License-Identifier: Apache-2.0
// Checks JSON values against a documented subset of JSON Schema (docs/configuration.md, "The subset of JSON Schema")
// and makes them ready for use: defaults are filled in, sizes become bytes, durations become milliseconds.
//
// Keywords: type, properties, required, additionalProperties, propertyNames, enum, const, minimum, maximum, minLength,
// maxLength, pattern, items, minItems, maxItems, uniqueItems, default, format (size, duration), $ref to #/$defs/NAME,
// $defs, and without effect $schema, $id, title, description, examples, and at the root limits
// (of a plugin's mounts: mount_limits.hpp) and exclusive (of a plugin's buses: plugin/handshake.hpp). A schema with any
// other keyword is refused: a constraint that is silently not checked is worse than none.
#pragma once
#include <boost/json/value.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/location.hpp"

namespace dragoman::config {

// The schema itself is wrong; what() says where and why.
struct SchemaError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Immutable: any thread. Copies share.
class Schema {
 public:
  // Accepts everything.
  Schema() = default;
  // Throws SchemaError.
  static Schema parse(std::string_view json_text);

  // Checks the value, whose path is `path`, and completes it in place. Adds all that is wrong to `errors`; the value is
  // only fit for use when nothing was added. To be called once per value: a duration that has become milliseconds would
  // count as seconds. Neither throws nor shows a value that came from a reference (Locations::secret).
  void check(boost::json::value& value, const std::string& path, const Locations& locations,
             std::vector<Error>& errors) const;

 private:
  struct Compiled;
  friend class SchemaCompiler;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace dragoman::config
