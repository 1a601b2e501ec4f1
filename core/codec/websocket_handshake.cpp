// SPDX-License-Identifier: Apache-2.0
#include "codec/websocket_handshake.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace dragoman::codec {
namespace {

// RFC 7230 3.2.6.
bool token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool end() {
    skip();
    return text_.empty();
  }
  bool take(char c) {
    skip();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string token() {
    skip();
    std::size_t n = 0;
    while (n < text_.size() && token_character(text_[n])) ++n;
    std::string out(text_.substr(0, n));
    text_.remove_prefix(n);
    for (char& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
  }
  std::optional<std::string> value() {
    if (!take('"')) {
      std::string t = token();
      if (t.empty()) return std::nullopt;
      return t;
    }
    std::string out;
    while (!text_.empty()) {
      char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') return out;
      if (c == '\\') {
        if (text_.empty()) return std::nullopt;
        c = text_.front();
        text_.remove_prefix(1);
      }
      out += c;
    }
    return std::nullopt;
  }

 private:
  void skip() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\t')) text_.remove_prefix(1);
  }
  std::string_view text_;
};

// 8 to 15, as RFC 7692 7.1.2 writes it: decimal without leading zero.
int window_bits(const std::optional<std::string>& value) {
  if (!value) return 0;
  if (value->size() == 1 && (*value == "8" || *value == "9")) return (*value)[0] - '0';
  if (value->size() == 2 && (*value)[0] == '1' && (*value)[1] >= '0' && (*value)[1] <= '5')
    return 10 + (*value)[1] - '0';
  return 0;
}

struct Offer {
  std::string name;
  std::vector<std::pair<std::string, std::optional<std::string>>> parameters;
};

bool acceptable(const Offer& offer) {
  if (offer.name != "permessage-deflate") return false;
  std::vector<std::string> seen;
  for (const auto& [name, value] : offer.parameters) {
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return false;
    seen.push_back(name);
    if (name == "server_no_context_takeover" || name == "client_no_context_takeover") {
      if (value) return false;
    } else if (name == "server_max_window_bits") {
      if (!window_bits(value)) return false;
    } else if (name == "client_max_window_bits") {
      if (value && !window_bits(value)) return false;
    } else {
      return false;
    }
  }
  return true;
}

// False when the header is malformed.
bool parse_offers(std::string_view header, std::vector<Offer>& offers) {
  Reader in(header);
  do {
    Offer offer{in.token(), {}};
    if (offer.name.empty()) return false;
    while (in.take(';')) {
      std::string name = in.token();
      if (name.empty()) return false;
      std::optional<std::string> value;
      if (in.take('=')) {
        value = in.value();
        if (!value) return false;
      }
      offer.parameters.emplace_back(std::move(name), std::move(value));
    }
    offers.push_back(std::move(offer));
  } while (in.take(','));
  return in.end();
}

}  // namespace

std::string accept_key(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  unsigned char base64[64];
  const int length = EVP_EncodeBlock(base64, digest, static_cast<int>(size));
  return std::string(reinterpret_cast<char*>(base64), static_cast<std::size_t>(length));
}

bool valid_key(std::string_view key) {
  if (key.size() != 24 || !key.ends_with("==")) return false;
  return std::all_of(key.begin(), key.end() - 2, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/';
  });
}

std::optional<DeflateAnswer> negotiate_deflate(const std::vector<std::string_view>& headers) {
  std::vector<Offer> offers;
  for (const auto header : headers)
    if (!parse_offers(header, offers)) return std::nullopt;
  for (const auto& offer : offers) {
    if (!acceptable(offer)) continue;
    DeflateAnswer answer{"permessage-deflate; server_no_context_takeover; client_no_context_takeover"};
    for (const auto& [name, value] : offer.parameters) {
      if (name != "server_max_window_bits") continue;
      answer.extension += "; server_max_window_bits=" + *value;
      answer.window_bits = static_cast<std::uint8_t>(window_bits(value));
    }
    return answer;
  }
  return std::nullopt;
}

}  // namespace dragoman::codec
