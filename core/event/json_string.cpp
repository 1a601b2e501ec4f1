// SPDX-License-Identifier: Apache-2.0
#include "event/json_string.hpp"

namespace dragoman::event {

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    out += '\\';
    if (byte == '"' || byte == '\\')
      out += text[i];
    else if (byte == '\n')
      out += 'n';
    else if (byte == '\t')
      out += 't';
    else if (byte == '\r')
      out += 'r';
    else
      out.append({'u', '0', '0', digits[byte >> 4], digits[byte & 15]});
  }
  out.append(text, plain).append(1, '"');
}

}  // namespace dragoman::event
