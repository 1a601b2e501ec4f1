// SPDX-License-Identifier: Apache-2.0
#include "net/http_connection.hpp"

namespace dragoman::net {

HttpConnection::HttpConnection(Loop& loop, Stream stream, std::string peer, const HttpLimits& limits, Host& host)
    : loop_(loop),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      encrypted_(stream_->encrypted()),
      limits_(limits),
      host_(host),
      timer_([](void* self) { static_cast<HttpConnection*>(self)->on_timer(); }, this),
      parser_(HttpRequestLimits{limits.header_bytes, limits.body_bytes}) {}

HttpConnection::~HttpConnection() = default;

void HttpConnection::start() {
  loop_.arm(timer_, limits_.handshake_timeout_ms);
  wait_input();
}

void HttpConnection::wait_input() {
  if (waiting_ || phase_ == Phase::closed) return;
  waiting_ = true;
  stream_->wait_readable([self = shared_from_this()](boost::system::error_code error) {
    self->waiting_ = false;
    if (!error) self->read();
  });
}

void HttpConnection::read() {
  // A few rounds, then others have their turn.
  for (int round = 0; round < 4; ++round) {
    if (phase_ == Phase::closed || phase_ == Phase::answering || phase_ == Phase::writing) return;
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
  if (result.status == HttpParse::need_more) return;
  if (result.status == HttpParse::error) return refuse(result.http_status, result.text);
  HttpRequest request = parser_.take();
  phase_ = Phase::answering;
  keep_alive_ = keep_alive_ && request.keep_alive;
  loop_.timers().cancel(timer_);
  host_.on_request(shared_from_this(), request);
}

void HttpConnection::refuse(int status, std::string_view text) {
  phase_ = Phase::answering;
  keep_alive_ = false;
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
  output_ = serialize(response);
  written_ = 0;
  phase_ = Phase::writing;
  loop_.arm(timer_, limits_.idle_timeout_ms);
  write();
}

void HttpConnection::write() {
  while (written_ < output_.size()) {
    const iovec piece{output_.data() + written_, output_.size() - written_};
    const IoResult result = stream_->write(&piece, 1);
    written_ += result.bytes;
    if (result.status == IoStatus::ok) continue;
    if (result.status != IoStatus::wait_write && result.status != IoStatus::wait_read) return close();
    stream_->wait_writable([self = shared_from_this()](boost::system::error_code error) {
      if (!error && self->phase_ == Phase::writing) self->write();
    });
    return;
  }
  // TLS may still hold the last record.
  const IoResult rest = stream_->write(nullptr, 0);
  if (rest.status == IoStatus::wait_write) {
    stream_->wait_writable([self = shared_from_this()](boost::system::error_code error) {
      if (!error && self->phase_ == Phase::writing) self->write();
    });
    return;
  }
  output_.clear();
  output_.shrink_to_fit();
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
  Stream stream = std::move(*stream_);
  stream_.reset();
  host_.on_closed(*this);
  return stream;
}

void HttpConnection::drain() {
  keep_alive_ = false;
  if (phase_ == Phase::request && parser_.idle() && input_.empty()) close();
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
