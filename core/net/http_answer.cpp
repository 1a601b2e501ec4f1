// SPDX-License-Identifier: Apache-2.0
#include "net/http_answer.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "net/http_request.hpp"

namespace dragoman::net {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t head_limit = 64 * 1024;  // also of the line of a chunk and of a trailer
constexpr std::size_t field_limit = 256;
constexpr std::size_t name_limit = 4096;
constexpr unsigned interim_limit = 32;

}  // namespace

struct HttpAnswerParser::Impl {
  Impl(std::size_t bound, bool head) : body_bytes(bound), to_head(head) { reset(); }

  void reset() {
    parser.emplace();
    parser->header_limit(static_cast<std::uint32_t>(head_limit));
    parser->body_limit(body_bytes);
    parser->skip(to_head);
    head_judged = false;
  }

  State broken(std::string_view text) {
    why = text;
    return State::broken;
  }

  State failed(boost::system::error_code error) {
    if (error == http::error::body_limit) return State::too_large;
    if (error == http::error::header_limit) return broken("its header is too large");
    if (error == http::error::bad_content_length || error == http::error::multiple_content_length)
      return broken("it has a bad Content-Length");
    if (error == http::error::partial_message || error == http::error::end_of_stream) return broken("it is not whole");
    if (error == http::error::bad_chunk || error == http::error::bad_chunk_extension)
      return broken("it has a broken chunk");
    return broken("it is not HTTP/1.1");
  }

  // Beast checks one Content-Length against another and against chunked; the rest is here.
  State judge_head() {
    const auto& head = parser->get();
    if (head.version() != 11 && head.version() != 10) return broken("it is not HTTP/1.1");
    std::size_t fields = 0, encodings = 0, lengths = 0;
    for (const auto& field : head) {
      ++fields;
      const std::string_view value(field.value().data(), field.value().size());
      if (field.name_string().size() > name_limit) return broken("it has a header with a name that is too long");
      if (!is_field_value(value)) return broken("it has a control character in a header");
      if (field.name() == http::field::transfer_encoding) {
        ++encodings;
        if (!equal_ignoring_case(value, "chunked")) return broken("it has a transfer encoding other than chunked");
      }
      if (field.name() == http::field::content_length) {
        ++lengths;
        if (value.empty() || !std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; }))
          return broken("it has a bad Content-Length");
      }
    }
    if (fields > field_limit) return broken("it has too many headers");
    if (lengths > 1) return broken("it has more than one Content-Length");
    if (encodings > 1) return broken("it has more than one Transfer-Encoding");
    if (encodings && lengths) return broken("it has Content-Length together with Transfer-Encoding");
    if (encodings && head.version() == 10) return broken("it has a Transfer-Encoding in HTTP/1.0");
    const unsigned status = head.result_int();
    if (status < 100 || status > 599) return broken("it has a status that HTTP has not");
    if (status == 101) return broken("it changes the protocol");
    return State::need_more;
  }

  void copy_head() {
    answer.status = parser->get().result_int();
    for (const auto& field : parser->get())
      answer.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    drop_connection_fields(answer.headers);
  }

  // Consumes from the front of bytes.
  State parse(std::string_view& bytes) {
    for (;;) {
      if (!parser->is_header_done()) {
        // The head is looked at as a whole: it must not be ambiguous.
        const std::size_t end = bytes.find("\r\n\r\n");
        if (std::min(end, bytes.size()) > head_limit) return broken("its header is too large");
        if (end == bytes.npos) {
          const std::size_t lf = bytes.find('\n');
          if (lf != bytes.npos && (lf == 0 || bytes[lf - 1] != '\r')) return broken("it is not HTTP/1.1");
          static constexpr std::string_view name = "HTTP/1.";
          if (!name.starts_with(bytes.substr(0, name.size()))) return broken("it is not HTTP/1.1");
          return State::need_more;
        }
        if (ambiguous_head(bytes.substr(0, end + 2))) return broken("it has a malformed header");
      }
      boost::system::error_code error;
      const std::size_t n = parser->put(boost::asio::buffer(bytes.data(), bytes.size()), error);
      bytes.remove_prefix(n);
      if (error == http::error::need_more) error = {};
      // What the head says wrong about the body is worse than what it says too large.
      if (parser->is_header_done() && !head_judged) {
        head_judged = true;
        if (const State verdict = judge_head(); verdict == State::broken) return verdict;
        if (!error && parser->get().result_int() >= 200) copy_head();
        // Not earlier: with the body come trailers, which the parser puts among the headers.
        parser->eager(true);
      }
      if (error) return failed(error);
      if (parser->is_done()) {
        if (parser->get().result_int() >= 200) return State::complete;
        if (++interim > interim_limit) return broken("it has too many interim answers");
        reset();
        if (bytes.empty()) return State::need_more;
        continue;
      }
      if (n == 0 || bytes.empty()) {
        if (bytes.size() > head_limit) return broken("it has a chunk header or a trailer that is too large");
        return State::need_more;
      }
    }
  }

  std::size_t body_bytes;
  bool to_head;
  std::optional<http::response_parser<http::string_body>> parser;
  bool head_judged = false, started = false, leftover = false;
  unsigned interim = 0;
  std::string pending;  // input that the parser wants to see with more behind it
  std::string_view why;
  HttpAnswer answer;
};

HttpAnswerParser::HttpAnswerParser(std::size_t body_bytes, bool to_head)
    : impl_(std::make_unique<Impl>(body_bytes, to_head)) {}
HttpAnswerParser::~HttpAnswerParser() = default;

HttpAnswerParser::State HttpAnswerParser::feed(std::string_view bytes) {
  impl_->started = impl_->started || !bytes.empty();
  std::string& pending = impl_->pending;
  State state;
  if (pending.empty()) {
    state = impl_->parse(bytes);
    pending.assign(bytes);
  } else {
    pending.append(bytes);
    std::string_view rest = pending;
    state = impl_->parse(rest);
    pending.erase(0, pending.size() - rest.size());
  }
  impl_->leftover = state == State::complete && !pending.empty();
  return state;
}

HttpAnswerParser::State HttpAnswerParser::end() {
  if (!impl_->parser->is_header_done()) return impl_->broken("it is not whole");
  boost::system::error_code error;
  impl_->parser->put_eof(error);
  if (error) return impl_->failed(error);
  return State::complete;
}

bool HttpAnswerParser::started() const {
  return impl_->started;
}
bool HttpAnswerParser::reusable() const {
  return !impl_->leftover && impl_->parser->keep_alive();
}
std::string_view HttpAnswerParser::why() const {
  return impl_->why;
}

HttpAnswer HttpAnswerParser::take() {
  HttpAnswer out = std::move(impl_->answer);
  out.body = std::move(impl_->parser->get().body());
  return out;
}

}  // namespace dragoman::net
