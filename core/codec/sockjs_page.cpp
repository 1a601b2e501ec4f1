// SPDX-License-Identifier: Apache-2.0
#include "codec/sockjs_page.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace dragoman::codec {

bool valid_sockjs_script_url(std::string_view url) {
  if (!url.starts_with('/') && !url.starts_with("http://") && !url.starts_with("https://")) return false;
  return url.size() <= 2048 && std::all_of(url.begin(), url.end(), [](char c) {
           return c > ' ' && c < '\x7f' && c != '"' && c != '\'' && c != '<' && c != '>';
         });
}

std::string sockjs_iframe_page(std::string_view script_url) {
  std::string page =
      "<!DOCTYPE html>\n"
      "<html>\n"
      "<head>\n"
      "  <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\" />\n"
      "  <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" />\n"
      "  <script src=\"";
  page += script_url;
  page +=
      "\"></script>\n"
      "  <script>\n"
      "    document.domain = document.domain;\n"
      "    SockJS.bootstrap_iframe();\n"
      "  </script>\n"
      "</head>\n"
      "<body>\n"
      "  <h2>Don't panic!</h2>\n"
      "  <p>This is a SockJS hidden iframe. It's used for cross domain magic.</p>\n"
      "</body>\n"
      "</html>";
  return page;
}

std::string sockjs_etag(std::string_view body) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(body.data(), body.size(), digest, &size, EVP_sha256(), nullptr);
  constexpr char hex[] = "0123456789abcdef";
  std::string tag = "\"";
  // Half of the hash is enough to tell bodies apart.
  for (unsigned i = 0; i < size / 2; ++i) (tag += hex[digest[i] >> 4]) += hex[digest[i] & 15];
  return tag += '"';
}

std::string sockjs_info(bool websocket, bool cookie_needed, std::uint32_t entropy) {
  const auto word = [](bool b) { return b ? "true" : "false"; };
  return std::string("{\"websocket\":") + word(websocket) +
         ",\"origins\":[\"*:*\"],\"cookie_needed\":" + word(cookie_needed) + ",\"entropy\":" + std::to_string(entropy) +
         "}";
}

}  // namespace dragoman::codec
