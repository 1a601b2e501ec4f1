// SPDX-License-Identifier: Apache-2.0
#include "net/http_connection.hpp"

namespace dragoman::net {

HttpConnection::HttpConnection(Loop& loop, Stream stream, Peer peer, const HttpLimits& limits, Host& host)
    : loop_(loop),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      encrypted_(stream_->encrypted()),
      limits_(limits),
      host_(host),
      timer_([](void* self) { static_cast<HttpConnection*>(self)->on_timer(); }, this),
      parser_(HttpRequestLimits{limits.header_bytes, limits.body_bytes}) {}

HttpConnection::HttpConnection(Loop& loop, Taken taken, const HttpLimits& limits, Host& host)
    : HttpConnection(loop, std::move(taken.stream), std::move(taken.peer), limits, host) {
  input_ = std::move(taken.input);
  keep_alive_ = taken.keep_alive;
  version_ = taken.request.version;
  phase_ = Phase::answering;
}

HttpConnection::~HttpConnection() = default;

HttpConnection::Taken HttpConnection::hand_over(Loop& to, HttpRequest request) {
  Taken taken{stream_->move_to(to.io()), peer_, std::move(input_), std::move(request), keep_alive_};
  phase_ = Phase::closed;
  stream_.reset();
  host_.on_closed(*this);
  return taken;
}

void HttpConnection::answer_adopted(HttpRequest request) {
  host_.on_request(shared_from_this(), request);
}

bool HttpConnection::read_ahead() {
  static constexpr std::size_t most = 64 * 1024;
  while (input_.size() < most) {
    auto& buffer = loop_.read_buffer();
    const IoResult result = stream_->read(buffer);
    if (result.status == IoStatus::ok)
      input_.append(buffer.data(), result.bytes);
    else
      return result.status == IoStatus::wait_read || result.status == IoStatus::wait_write;
  }
  // It sends without end while it should listen: what it does later shows when writing.
  watching_ = false;
  return true;
}

void HttpConnection::watch() {
  if (phase_ != Phase::answering && phase_ != Phase::streaming) return;
  watching_ = true;
  wait_input();
}

bool HttpConnection::gone() {
  return phase_ == Phase::closed || !read_ahead();
}

void HttpConnection::start() {
  loop_.arm(timer_, limits_.handshake_timeout_ms);
  wait_input();
}

void HttpConnection::wait_input() {
  if (waiting_ || phase_ == Phase::closed) return;
  waiting_ = true;
  stream_->wait_readable([self = shared_from_this()](boost::system::error_code error) {
    self->waiting_ = false;
    if (error) return;
    if (self->phase_ != Phase::answering && self->phase_ != Phase::streaming) return self->read();
    if (!self->watching_) return;
    if (!self->read_ahead()) return self->close();
    if (self->watching_) self->wait_input();
  });
}

void HttpConnection::read() {
  // A few rounds, then others have their turn.
  for (int round = 0; round < 4; ++round) {
    if (phase_ == Phase::closed || phase_ == Phase::answering || phase_ == Phase::streaming || phase_ == Phase::writing)
      return;
    auto& buffer = loop_.read_buffer();
    const IoResult result = stream_->read(buffer);
    switch (result.status) {
      case IoStatus::ok:
        if (phase_ == Phase::lingering) continue;
        if (parser_.idle() && input_.empty()) loop_.arm(timer_, limits_.handshake_timeout_ms);
        input_.append(buffer.data(), result.bytes);
        parse();
        continue;
      case IoStatus::wait_read:
        return wait_input();
      case IoStatus::wait_write: {
        stream_->wait_writable([self = shared_from_this()](boost::system::error_code error) {
          if (!error) self->read();
        });
        return;
      }
      default:
        return close();
    }
  }
  wait_input();
}

void HttpConnection::parse() {
  const auto result = parser_.feed(input_);
  input_.erase(0, result.consumed);
  if (result.status == HttpParse::need_more) {
    if (result.send_continue) send_continue();
    return;
  }
  if (result.status == HttpParse::complete) return answer(parser_.take());
  if (result.http_status != 413) return refuse(result.http_status, result.text);
  HttpRequest request = parser_.take();
  if (host_.takes_body(request)) return refuse(result.http_status, result.text);
  request.body = {};
  request.keep_alive = false;
  answer(std::move(request));
}

void HttpConnection::answer(HttpRequest request) {
  client_.clear();
  phase_ = Phase::answering;
  keep_alive_ = keep_alive_ && request.keep_alive;
  version_ = request.version;
  head_ = request.method == "HEAD";
  loop_.timers().cancel(timer_);
  host_.on_request(shared_from_this(), request);
}

// Nothing waits to be written while a request is read, so a client that leaves no room for this reads nothing.
void HttpConnection::send_continue() {
  static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
  const iovec piece{const_cast<char*>(text.data()), text.size()};
  if (stream_->write(&piece, 1).bytes != text.size()) close();
}

void HttpConnection::refuse(int status, std::string_view text) {
  phase_ = Phase::answering;
  keep_alive_ = false;
  head_ = false;
  HttpResponse response;
  response.status = status;
  response.body = std::string(text) + "\n";
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  respond(std::move(response));
}

void HttpConnection::respond(HttpResponse response) {
  if (phase_ != Phase::answering) return;
  keep_alive_ = keep_alive_ && response.keep_alive;
  response.keep_alive = keep_alive_;
  // HTTP/1.0 clients take silence for a close (RFC 9112 9.3).
  if (keep_alive_ && version_ == 10) response.headers.emplace_back("Connection", "keep-alive");
  response.head_only = response.head_only || head_;
  output_ = serialize(response);
  written_ = 0;
  phase_ = Phase::writing;
  write();
}

void HttpConnection::begin(HttpResponse head) {
  if (phase_ != Phase::answering) return;
  if (version_ == 10) keep_alive_ = false;
  keep_alive_ = keep_alive_ && head.keep_alive;
  head.keep_alive = keep_alive_;
  head.chunked = version_ != 10;
  head.until_close = version_ == 10;
  body_ = head.head_only ? Body::none : head.chunked ? Body::chunked : Body::until_close;
  output_ = serialize(head);
  written_ = 0;
  pressure_ = false;
  phase_ = Phase::streaming;
  write();
}

bool HttpConnection::part(std::string_view data) {
  static constexpr std::size_t high_water = 128 * 1024;
  if (phase_ != Phase::streaming) return true;
  if (body_ == Body::none || data.empty()) return true;
  if (written_ == output_.size()) {
    output_.clear();
    written_ = 0;
  } else if (written_ > high_water) {
    output_.erase(0, written_);
    written_ = 0;
  }
  if (body_ == Body::chunked)
    append_chunk(output_, data);
  else
    output_.append(data);
  write();
  pressure_ = phase_ == Phase::streaming && output_.size() - written_ > high_water;
  return !pressure_;
}

void HttpConnection::end() {
  if (phase_ != Phase::streaming) return;
  if (body_ == Body::chunked) output_ += last_chunk;
  phase_ = Phase::writing;
  write();
}

// True when everything is written.
bool HttpConnection::write_some() {
  const auto wait = [this] {
    if (waiting_write_) return;
    waiting_write_ = true;
    loop_.arm(timer_, limits_.idle_timeout_ms);
    stream_->wait_writable([self = shared_from_this()](boost::system::error_code error) {
      self->waiting_write_ = false;
      if (!error && (self->phase_ == Phase::writing || self->phase_ == Phase::streaming)) self->write();
    });
  };
  if (waiting_write_) return false;
  while (written_ < output_.size()) {
    const iovec piece{output_.data() + written_, output_.size() - written_};
    const IoResult result = stream_->write(&piece, 1);
    written_ += result.bytes;
    if (result.status == IoStatus::ok) continue;
    if (result.status == IoStatus::wait_write || result.status == IoStatus::wait_read)
      wait();
    else
      close();
    return false;
  }
  // TLS may still hold the last record.
  if (stream_->write(nullptr, 0).status != IoStatus::wait_write) return true;
  wait();
  return false;
}

void HttpConnection::write() {
  if (!write_some()) return;
  if (phase_ == Phase::streaming) {
    // The time that the dialect takes is not the client's.
    loop_.timers().cancel(timer_);
    if (!pressure_) return;
    pressure_ = false;
    // From the loop: the dialect may be inside part().
    loop_.post([self = shared_from_this()] {
      if (self->phase_ == Phase::streaming) self->host_.on_writable(*self);
    });
    return;
  }
  output_.clear();
  output_.shrink_to_fit();
  watching_ = false;
  if (!keep_alive_) return linger();
  phase_ = Phase::request;
  loop_.arm(timer_, input_.empty() ? limits_.idle_timeout_ms : limits_.handshake_timeout_ms);
  if (input_.empty()) return wait_input();
  // A pipelined request; from the loop, so that a long pipeline does not nest.
  loop_.post([self = shared_from_this()] {
    if (self->phase_ != Phase::request) return;
    self->parse();
    if (self->phase_ == Phase::request) self->wait_input();
  });
}

// What the client still sends is read and thrown away for a moment: closing with unread input would reset the
// connection and could take the answer with it.
void HttpConnection::linger() {
  phase_ = Phase::lingering;
  stream_->shutdown_send();
  loop_.arm(timer_, 2000);
  wait_input();
}

Stream HttpConnection::upgrade(std::string& leftover) {
  leftover = std::move(input_);
  phase_ = Phase::closed;
  if (waiting_) stream_->cancel_waits();
  Stream stream = std::move(*stream_);
  stream_.reset();
  host_.on_closed(*this);
  return stream;
}

void HttpConnection::drain() {
  keep_alive_ = false;
  if (phase_ == Phase::request) close();
}

void HttpConnection::on_timer() {
  if (phase_ == Phase::request && !(parser_.idle() && input_.empty()))
    return refuse(408, "the request did not arrive in time");
  close();
}

void HttpConnection::close() {
  if (phase_ == Phase::closed) return;
  const auto self = shared_from_this();
  phase_ = Phase::closed;
  stream_->close();
  host_.on_closed(*this);
}

}  // namespace dragoman::net
