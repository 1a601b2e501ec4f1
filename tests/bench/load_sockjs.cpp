// SPDX-License-Identifier: Apache-2.0
#include "load_sockjs.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace dragoman::bench {
namespace {

// [TEXT] as JSON; the benchmark sends ASCII without control characters.
std::string send_body(std::string_view text) {
  std::string body = "[\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') body += '\\';
    body += c;
  }
  return body += "\"]";
}

char unescaped(std::string_view frame, std::size_t& at) {
  constexpr std::string_view kLetters = "bfnrt";
  constexpr std::string_view kMeant = "\b\f\n\r\t";
  const char c = at < frame.size() ? frame[at++] : '\0';
  if (c == '"' || c == '\\' || c == '/') return c;
  if (const std::size_t letter = kLetters.find(c); letter != std::string_view::npos) return kMeant[letter];
  if (c == 'u' && frame.size() - at >= 4) {
    const unsigned long code = std::strtoul(std::string(frame.substr(at, 4)).c_str(), nullptr, 16);
    at += 4;
    if (code < 0x80) return static_cast<char>(code);
  }
  throw std::runtime_error("an escape the benchmark does not know: " + std::string(frame.substr(0, 200)));
}

void take_array(std::string_view frame, const Session::OnMessage& on_message) {
  static std::string message;
  std::size_t at = 1;
  while (at < frame.size() && (frame[at] == '[' || frame[at] == ',') && frame.substr(at + 1, 1) == "\"") {
    message.clear();
    for (at += 2;;) {
      const std::size_t stop = frame.find_first_of("\"\\", at);
      if (stop == std::string_view::npos) throw std::runtime_error("a string without an end");
      message.append(frame.substr(at, stop - at));
      at = stop + 1;
      if (frame[stop] == '"') break;
      message += unescaped(frame, at);
    }
    on_message(message);
  }
  if (frame.substr(at) != "]") throw std::runtime_error("a broken frame: " + std::string(frame.substr(0, 200)));
}

void take_frame(std::string_view frame, const Session::OnMessage& on_message) {
  switch (frame.empty() ? '\0' : frame[0]) {
    case 'o':
      return on_message(frame);
    case 'h':
      return;
    case 'a':
      return take_array(frame, on_message);
    default:
      throw std::runtime_error("an unexpected frame of the server: " + std::string(frame.substr(0, 200)));
  }
}

std::string post(const std::string& target, const std::string& host, std::string_view body) {
  return "POST " + target + " HTTP/1.1\r\nHost: " + host +
         "\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

}  // namespace

void SockjsWebSocket::queue_text(std::string_view text) {
  socket_.queue_text(send_body(text));
}

void SockjsWebSocket::advance(const OnMessage& on_message) {
  socket_.advance([&on_message](std::string_view frame) { take_frame(frame, on_message); });
}

void XhrSender::send(const std::string& target, std::string_view text) {
  requests_.push_back(post(target, host_, send_body(text)));
  if (requests_.size() == 1) send_next();
}

void XhrSender::send_next() {
  stream_.queue(requests_.front());
  stream_.flush();
}

void XhrSender::advance() {
  stream_.flush();
  char buffer[4096];
  while (const std::size_t size = stream_.read(buffer, sizeof buffer)) answer_.append(buffer, size);
  const std::size_t end = answer_.find("\r\n\r\n");
  if (end == std::string::npos) return;
  if (answer_.rfind("HTTP/1.1 204", 0) != 0 || requests_.empty()) {
    throw std::runtime_error("xhr_send is answered with " + answer_.substr(0, 200));
  }
  answer_.erase(0, end + 4);
  requests_.pop_front();
  if (!requests_.empty()) send_next();
}

XhrStream::XhrStream(const Url& url, XhrSender& sender)
    : sender_(sender), send_target_(url.target), stream_(url, nullptr) {
  constexpr std::string_view kHere = "/xhr_streaming";
  const std::size_t at = send_target_.find(kHere);
  if (at == std::string::npos) throw std::runtime_error("the URL of a stream has no /xhr_streaming");
  send_target_.replace(at, kHere.size(), "/xhr_send");
  stream_.queue(post(url.target, url.host + ":" + std::to_string(url.port), ""));
}

void XhrStream::advance(const OnMessage& on_message) {
  static char buffer[1 << 17];
  stream_.flush();
  while (const std::size_t size = stream_.read(buffer, sizeof buffer)) {
    input_.append(buffer, size);
    if (!head_taken_) take_head();
    if (!head_taken_) continue;
    take_chunks();
    take_lines(on_message);
  }
}

void XhrStream::take_head() {
  const std::size_t end = input_.find("\r\n\r\n");
  if (end == std::string::npos) return;
  std::string head = input_.substr(0, end + 2);
  std::transform(head.begin(), head.end(), head.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (head.rfind("http/1.1 200", 0) != 0 || head.find("\r\ntransfer-encoding: chunked\r\n") == std::string::npos) {
    throw std::runtime_error("the stream is answered with " + input_.substr(0, 200));
  }
  input_.erase(0, end + 4);
  head_taken_ = true;
}

void XhrStream::take_chunks() {
  std::size_t at = 0;
  while (at < input_.size()) {
    if (chunk_left_ == 0) {
      const std::size_t line = input_.find("\r\n", at);
      if (line == std::string::npos) break;
      const unsigned long size = std::strtoul(input_.c_str() + at, nullptr, 16);
      if (size == 0) throw std::runtime_error("the server ended a stream");
      chunk_left_ = size + 2;
      at = line + 2;
      continue;
    }
    const std::size_t here = std::min(chunk_left_, input_.size() - at);
    // The last two bytes are the CRLF.
    if (chunk_left_ > 2) lines_.append(input_, at, std::min(here, chunk_left_ - 2));
    chunk_left_ -= here;
    at += here;
  }
  input_.erase(0, at);
}

void XhrStream::take_lines(const OnMessage& on_message) {
  std::size_t at = 0;
  for (std::size_t end; (end = lines_.find('\n', at)) != std::string::npos; at = end + 1) {
    take_frame(std::string_view(lines_).substr(at, end - at), on_message);
  }
  lines_.erase(0, at);
}

}  // namespace dragoman::bench
