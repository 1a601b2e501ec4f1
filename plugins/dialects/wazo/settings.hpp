// SPDX-License-Identifier: Apache-2.0
// The settings of a wazo mount; schema.json says what each means (wazo digest section 11).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace wazo {

// How events say what they are: in the body, or in headers, which are attributes of the event (wazo digest section 8).
enum class Mode { topic, headers };
enum class V1Reply { document, both, upstream };

struct Settings {
  Mode mode = Mode::topic;
  std::string channel = "xivo";
  std::string origin_uuid;    // of the PBX whose events count; not empty in headers mode
  std::string master_tenant;  // empty: not known
  // Where the service logs in to be told the master tenant; no upstream: it does not.
  struct {
    std::string upstream, path;
  } login;
  V1Reply v1_reply = V1Reply::document;
  bool v1_strict = false;
  bool tls_required = true;
  std::uint16_t auth_down_close = 4002;
};

// json is valid against the schema, with defaults filled in.
Settings parse_settings(std::string_view json);

}  // namespace wazo
