// SPDX-License-Identifier: Apache-2.0
#include "net/http_request.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
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

struct HttpRequestParser::Impl {
  explicit Impl(const HttpRequestLimits& l) : limits(l) { reset(); }

  void reset() {
    parser.emplace();
    parser->eager(true);
    parser->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser->body_limit(limits.body_bytes);
    head_judged = false;
    started = false;
  }

  // Beast checks one Content-Length against another and against chunked; the rest of what makes two readers disagree is
  // here.
  HttpParseResult judge_head() {
    const auto& head = parser->get();
    const auto refuse = [](int status, std::string_view text) {
      return HttpParseResult{HttpParse::error, 0, status, text};
    };
    if (head.version() != 11 && head.version() != 10) return refuse(505, "HTTP/1.1 is spoken here");
    std::size_t hosts = 0, fields = 0, encodings = 0, lengths = 0;
    for (const auto& field : head) {
      ++fields;
      const auto value = field.value();
      if (std::any_of(value.begin(), value.end(),
                      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }))
        return refuse(400, "control character in a header");
      hosts += field.name() == http::field::host;
      encodings += field.name() == http::field::transfer_encoding;
      if (field.name() == http::field::content_length) {
        ++lengths;
        if (!std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; }))
          return refuse(400, "bad Content-Length");
      }
    }
    if (fields > limits.header_count) return refuse(431, "too many headers");
    if (lengths > 1) return refuse(400, "more than one Content-Length");
    if (encodings && lengths) return refuse(400, "Content-Length together with Transfer-Encoding");
    if (encodings &&
        (encodings > 1 || !equal_ignoring_case(std::string_view(head[http::field::transfer_encoding].data(),
                                                                head[http::field::transfer_encoding].size()),
                                               "chunked")))
      return refuse(501, "only the transfer encoding chunked is known");
    if (encodings && head.version() == 10) return refuse(400, "HTTP/1.0 has no Transfer-Encoding");
    if (hosts > 1 || (hosts == 0 && head.version() == 11)) return refuse(400, "exactly one Host header is needed");
    if (const auto length = parser->content_length(); length && *length > limits.body_bytes)
      return refuse(413, "the body is too large");
    if (encodings && limits.body_bytes == 0) return refuse(413, "no body is taken here");
    const std::string_view target(head.target().data(), head.target().size());
    if (target.empty() || (target.front() != '/' && target != "*" && target.find("://") == target.npos))
      return refuse(400, "bad request target");
    if (std::any_of(target.begin(), target.end(),
                    [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }))
      return refuse(400, "bad request target");
    return {};
  }

  HttpRequestLimits limits;
  std::optional<http::request_parser<http::string_body>> parser;
  bool head_judged = false;
  bool started = false;
};

namespace {

HttpParseResult refusal(boost::system::error_code error) {
  const auto refuse = [](int status, std::string_view text) {
    return HttpParseResult{HttpParse::error, 0, status, text};
  };
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
  auto& parser = *impl_->parser;
  HttpParseResult total;
  // Empty lines before a request are skipped (RFC 9112 2.2).
  while (!impl_->started && bytes.starts_with("\r\n")) {
    bytes.remove_prefix(2);
    total.consumed += 2;
  }
  if (bytes.empty() || (!impl_->started && bytes == "\r")) return total;
  if (!parser.is_header_done()) {
    // The head is looked at whole, so that nothing is half consumed when it must be refused.
    const std::size_t end = bytes.find("\r\n\r\n");
    const std::string_view head = bytes.substr(0, end == bytes.npos ? bytes.npos : end + 2);
    if (head.size() > impl_->limits.header_bytes)
      return {HttpParse::error, total.consumed, 431, "the headers are too large"};
    if (end == bytes.npos) {
      // A head without any CR LF in sight is judged when it grows; one with a bare LF is refused at once.
      const std::size_t lf = bytes.find('\n');
      if (lf != bytes.npos && (lf == 0 || bytes[lf - 1] != '\r'))
        return {HttpParse::error, total.consumed, 400, "malformed request"};
      return total;
    }
    if (ambiguous_head(head)) return {HttpParse::error, total.consumed, 400, "malformed header"};
  }
  impl_->started = true;
  for (;;) {
    boost::system::error_code error;
    const std::size_t n = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    total.consumed += n;
    bytes.remove_prefix(n);
    if (error == http::error::need_more) error = {};
    if (error) {
      HttpParseResult refused = refusal(error);
      refused.consumed = total.consumed;
      return refused;
    }
    if (parser.is_header_done() && !impl_->head_judged) {
      impl_->head_judged = true;
      HttpParseResult verdict = impl_->judge_head();
      if (verdict.status == HttpParse::error) {
        verdict.consumed = total.consumed;
        return verdict;
      }
    }
    if (parser.is_done()) {
      total.status = HttpParse::complete;
      return total;
    }
    if (n == 0 || bytes.empty()) return total;
  }
}

HttpRequest HttpRequestParser::take() {
  auto message = impl_->parser->release();
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  std::string_view target = request.target;
  // The absolute form is what a proxy is asked for (RFC 9112 3.2.2).
  if (const std::size_t scheme = target.find("://"); target.front() != '/' && scheme != target.npos) {
    const std::size_t slash = target.find('/', scheme + 3);
    target = slash == target.npos ? std::string_view("/") : target.substr(slash);
  }
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != target.npos) request.query = target.substr(mark + 1);
  request.version = message.version();
  request.keep_alive = message.keep_alive();
  request.headers.reserve(static_cast<std::size_t>(std::distance(message.begin(), message.end())));
  for (const auto& field : message)
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  request.body = std::move(message.body());
  impl_->reset();
  return request;
}

}  // namespace dragoman::net
