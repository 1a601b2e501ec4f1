// SPDX-License-Identifier: Apache-2.0
// The settings of a wazo mount; schema.json says what each means (wazo digest section 11).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace wazo {

enum class V1Reply { document, both, upstream };

struct Settings {
  std::string channel = "xivo";
  V1Reply v1_reply = V1Reply::document;
  bool v1_strict = false;
  bool tls_required = true;
  std::uint16_t auth_down_close = 4002;
};

// json is valid against the schema, with defaults filled in.
Settings parse_settings(std::string_view json);

}  // namespace wazo
