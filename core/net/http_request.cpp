// SPDX-License-Identifier: Apache-2.0
#include "net/http_request.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/url/parse.hpp>
#include <optional>

namespace dragoman::net {
namespace http = boost::beast::http;

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

const std::string* HttpRequest::find(std::string_view name) const {
  for (const auto& header : headers)
    if (equal_ignoring_case(header.first, name)) return &header.second;
  return nullptr;
}

std::size_t HttpRequest::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(), [&](const auto& h) { return equal_ignoring_case(h.first, name); }));
}

bool HttpRequest::has_token(std::string_view name, std::string_view token) const {
  for (const auto& [header, value] : headers) {
    if (!equal_ignoring_case(header, name)) continue;
    for (std::size_t from = 0; from <= value.size();) {
      const std::size_t comma = std::min(value.find(',', from), value.size());
      std::string_view element = std::string_view(value).substr(from, comma - from);
      while (!element.empty() && (element.front() == ' ' || element.front() == '\t')) element.remove_prefix(1);
      while (!element.empty() && (element.back() == ' ' || element.back() == '\t')) element.remove_suffix(1);
      if (equal_ignoring_case(element, token)) return true;
      from = comma + 1;
    }
  }
  return false;
}

bool ambiguous_head(std::string_view head) {
  bool first = true;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    if (std::any_of(line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; })) return true;
    if (!first && !line.empty()) {
      if (line.front() == ' ' || line.front() == '\t') return true;
      const std::size_t colon = line.find(':');
      if (colon == line.npos || colon == 0 || line[colon - 1] == ' ' || line[colon - 1] == '\t') return true;
    }
    first = false;
    if (end == head.npos) return false;
    head.remove_prefix(end + 2);
  }
  return false;
}

namespace {

HttpParseResult refuse(int status, std::string_view text) {
  return {HttpParse::error, 0, status, text, false};
}

// uri-host [":" port] (RFC 9112 3.2); may be empty, for a target without an authority.
bool names_host(std::string_view value) {
  const auto authority = boost::urls::parse_authority({value.data(), value.size()});
  return authority && !authority->has_userinfo();
}

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

// Beast's grammar, read straight into a request.
class Reader final : public http::basic_parser<true> {
 public:
  explicit Reader(const HttpRequestLimits& limits) {
    eager(true);
    header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    body_limit(limits.body_bytes);
  }

  // Beast checks one Content-Length against another and against chunked; the rest of what makes two readers disagree is
  // here. large: the body is larger than its limit.
  HttpParseResult judge_head(const HttpRequestLimits& limits, bool large) const {
    if (request.version != 11 && request.version != 10) return refuse(505, "HTTP/1.1 is spoken here");
    for (const auto& [name, value] : request.headers)
      if (std::any_of(value.begin(), value.end(),
                      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }))
        return refuse(400, "control character in a header");
    if (!plain_length_) return refuse(400, "bad Content-Length");
    if (request.headers.size() > limits.header_count) return refuse(431, "too many headers");
    if (lengths_ > 1) return refuse(400, "more than one Content-Length");
    if (encodings_ && lengths_) return refuse(400, "Content-Length together with Transfer-Encoding");
    if (encodings_ > 1 || !known_encoding_) return refuse(501, "only the transfer encoding chunked is known");
    if (encodings_ && request.version == 10) return refuse(400, "HTTP/1.0 has no Transfer-Encoding");
    if (hosts_ > 1 || (hosts_ == 0 && request.version == 11)) return refuse(400, "exactly one Host header is needed");
    if (const std::string* host = request.find("Host"); host && !names_host(*host))
      return refuse(400, "bad Host header");
    const std::string_view target = request.target;
    if (target.empty() || (target.front() != '/' && target != "*" && target.find("://") == target.npos))
      return refuse(400, "bad request target");
    if (std::any_of(target.begin(), target.end(),
                    [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }))
      return refuse(400, "bad request target");
    // Last: whatever else is wrong would be wrong without the body.
    if (large) return refuse(413, "the body is too large");
    if (encodings_ && limits.body_bytes == 0) return refuse(413, "no body is taken here");
    return {};
  }

  HttpRequest request;

 private:
  using Error = boost::beast::error_code;

  void on_request_impl(http::verb, boost::beast::string_view method, boost::beast::string_view target, int version,
                       Error&) override {
    request.method = view(method);
    request.target = view(target);
    request.version = static_cast<unsigned>(version);
    request.headers.reserve(8);
  }
  void on_field_impl(http::field field, boost::beast::string_view name, boost::beast::string_view value,
                     Error&) override {
    // What follows a body in chunks was not there when the head was judged (RFC 9110 6.5.1 lets it be left out).
    if (is_header_done()) return;
    hosts_ += field == http::field::host;
    if (field == http::field::content_length) {
      ++lengths_;
      if (!std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) plain_length_ = false;
    } else if (field == http::field::transfer_encoding) {
      ++encodings_;
      known_encoding_ = equal_ignoring_case(view(value), "chunked");
    }
    request.headers.emplace_back(view(name), view(value));
  }
  void on_header_impl(Error&) override { request.keep_alive = keep_alive(); }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Error&) override {
    // Beast has compared it with the limit. What is not written costs no page.
    if (length) request.body.reserve(static_cast<std::size_t>(*length));
  }
  std::size_t on_body_impl(boost::beast::string_view part, Error&) override { return append(part); }
  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, Error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view part, Error&) override {
    return append(part);
  }
  void on_finish_impl(Error&) override {}
  void on_response_impl(int, boost::beast::string_view, int, Error&) override {}

  std::size_t append(boost::beast::string_view part) {
    request.body.append(part.data(), part.size());
    return part.size();
  }

  std::size_t hosts_ = 0, encodings_ = 0, lengths_ = 0;
  bool plain_length_ = true, known_encoding_ = true;
};

}  // namespace

struct HttpRequestParser::Impl {
  explicit Impl(const HttpRequestLimits& l) : limits(l) { reset(); }

  void reset() {
    reader.emplace(limits);
    head_judged = false;
    started = false;
  }

  HttpRequestLimits limits;
  std::optional<Reader> reader;
  bool head_judged = false;
  bool started = false;
};

namespace {

HttpParseResult refusal(boost::system::error_code error) {
  if (error == http::error::header_limit) return refuse(431, "the headers are too large");
  if (error == http::error::body_limit) return refuse(413, "the body is too large");
  if (error == http::error::bad_version) return refuse(505, "HTTP/1.1 is spoken here");
  if (error == http::error::bad_content_length || error == http::error::multiple_content_length)
    return refuse(400, "bad Content-Length");
  if (error == http::error::bad_transfer_encoding) return refuse(400, "bad Transfer-Encoding");
  if (error == http::error::bad_obs_fold) return refuse(400, "folded header");
  return refuse(400, "malformed request");
}

}  // namespace

HttpRequestParser::HttpRequestParser(const HttpRequestLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
HttpRequestParser::~HttpRequestParser() = default;
HttpRequestParser::HttpRequestParser(HttpRequestParser&&) noexcept = default;

bool HttpRequestParser::idle() const {
  return !impl_->started;
}

HttpParseResult HttpRequestParser::feed(std::string_view bytes) {
  auto& reader = *impl_->reader;
  HttpParseResult total;
  const bool head_was_judged = impl_->head_judged;
  // Empty lines before a request are skipped (RFC 9112 2.2).
  while (!impl_->started && bytes.starts_with("\r\n")) {
    bytes.remove_prefix(2);
    total.consumed += 2;
  }
  if (bytes.empty() || (!impl_->started && bytes == "\r")) return total;
  if (!reader.is_header_done()) {
    // The head is looked at whole, so that nothing is half consumed when it must be refused.
    const std::size_t end = bytes.find("\r\n\r\n");
    const std::string_view head = bytes.substr(0, end == bytes.npos ? bytes.npos : end + 2);
    if (head.size() > impl_->limits.header_bytes)
      return {HttpParse::error, total.consumed, 431, "the headers are too large", false};
    if (end == bytes.npos) {
      // A head without any CR LF in sight is judged when it grows; one with a bare LF is refused at once.
      const std::size_t lf = bytes.find('\n');
      if (lf != bytes.npos && (lf == 0 || bytes[lf - 1] != '\r'))
        return {HttpParse::error, total.consumed, 400, "malformed request", false};
      return total;
    }
    if (ambiguous_head(head)) return {HttpParse::error, total.consumed, 400, "malformed header", false};
  }
  impl_->started = true;
  for (;;) {
    boost::system::error_code error;
    const std::size_t n = reader.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    total.consumed += n;
    bytes.remove_prefix(n);
    if (error == http::error::need_more) error = {};
    if (error) {
      // Beast compares a Content-Length with the limit before it is done with the head.
      HttpParseResult refused = error == http::error::body_limit && !impl_->head_judged
                                    ? reader.judge_head(impl_->limits, true)
                                    : refusal(error);
      refused.consumed = total.consumed;
      return refused;
    }
    if (reader.is_header_done() && !impl_->head_judged) {
      impl_->head_judged = true;
      HttpParseResult verdict = reader.judge_head(impl_->limits, false);
      if (verdict.status == HttpParse::error) {
        verdict.consumed = total.consumed;
        return verdict;
      }
    }
    if (reader.is_done()) {
      total.status = HttpParse::complete;
      return total;
    }
    if (n == 0 || bytes.empty()) {
      // Of a body only the line before a chunk and the trailer wait for more bytes.
      if (reader.is_header_done() && bytes.size() > impl_->limits.header_bytes)
        return {HttpParse::error, total.consumed, 431, "the line before a chunk, or the trailer, is too large", false};
      total.send_continue = impl_->head_judged && !head_was_judged && bytes.empty() && reader.request.body.empty() &&
                            reader.request.version == 11 && reader.request.has_token("Expect", "100-continue");
      return total;
    }
  }
}

HttpRequest HttpRequestParser::take() {
  HttpRequest request = std::move(impl_->reader->request);
  impl_->reset();
  std::string_view target = request.target;
  // The absolute form is what a proxy is asked for (RFC 9112 3.2.2).
  if (const std::size_t scheme = target.find("://"); target.front() != '/' && scheme != target.npos) {
    const std::size_t slash = target.find('/', scheme + 3);
    target = slash == target.npos ? std::string_view("/") : target.substr(slash);
  }
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != target.npos) request.query = target.substr(mark + 1);
  return request;
}

}  // namespace dragoman::net
