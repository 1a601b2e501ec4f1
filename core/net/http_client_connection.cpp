// SPDX-License-Identifier: Apache-2.0
#include "net/http_client_connection.hpp"

#include <algorithm>
#include <boost/asio/write.hpp>

namespace dragoman::net {

namespace asio = boost::asio;

HttpClientConnection::HttpClientConnection(Owner& owner, Loop& loop, const HttpOrigin& server,
                                           std::shared_ptr<HostLookup> lookup)
    : owner_(owner),
      loop_(loop),
      server_(server),
      lookup_(std::move(lookup)),
      tls_(server.tls),
      socket_(loop.io()),
      timer_([](void* self) { static_cast<HttpClientConnection*>(self)->due(); }, this) {}

HttpClientConnection::~HttpClientConnection() = default;

std::string HttpClientConnection::name() const {
  return server_.host + " port " + std::to_string(server_.port);
}

std::uint32_t HttpClientConnection::rest_ms() const {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(connect_until_ms_ - base::monotonic_ms(), 0));
}

void HttpClientConnection::connect() {
  connect_until_ms_ = base::monotonic_ms() + server_.connect_timeout_ms;
  loop_.arm(timer_, server_.connect_timeout_ms);
  lookup_->find(
      [self = shared_from_this()](const std::vector<HostLookup::Endpoint>& addresses, const std::string& why) {
        if (self->state_ == State::closed) return;
        if (addresses.empty())
          return self->fail(Failure::no_connection, "the host " + self->server_.host + " cannot be found: " + why);
        self->addresses_ = addresses;
        self->try_next();
      });
}

void HttpClientConnection::try_next() {
  if (next_address_ == addresses_.size() || rest_ms() == 0) {
    lookup_->forget();
    return fail(Failure::no_connection, "cannot connect to " + name() + ": " + last_error_);
  }
  // An address that swallows everything leaves time for those behind it.
  loop_.arm(timer_, rest_ms() / static_cast<std::uint32_t>(addresses_.size() - next_address_));
  late_ = false;
  boost::system::error_code ignored;
  socket_.close(ignored);
  const HostLookup::Endpoint address = addresses_[next_address_++];
  socket_.async_connect(address, [self = shared_from_this(), address](boost::system::error_code error) {
    if (self->state_ == State::closed) return;
    if (!error && !self->late_) {
      self->lookup_->prefer(address);
      self->socket_.set_option(asio::ip::tcp::no_delay(true), error);
      return self->tls_ ? self->handshake() : self->ready();
    }
    self->last_error_ = self->late_ ? "it did not answer in time" : error.message();
    self->try_next();
  });
}

void HttpClientConnection::handshake() {
  secure_.emplace(socket_, tls_->context());
  SSL* ssl = secure_->native_handle();
  loop_.arm(timer_, rest_ms());
  if (!tls_->expect_host(ssl, server_.host)) return fail(Failure::no_connection, "TLS cannot be set up");
  secure_->async_handshake(asio::ssl::stream_base::client,
                           [self = shared_from_this()](boost::system::error_code error) {
                             if (self->state_ == State::closed) return;
                             if (!error) return self->ready();
                             std::string why = TlsClient::certificate_problem(self->secure_->native_handle());
                             if (why.empty()) why = self->late_ ? "it did not answer in time" : error.message();
                             self->fail(Failure::no_connection, "no TLS with " + self->name() + ": " + why);
                           });
}

void HttpClientConnection::ready() {
  loop_.timers().cancel(timer_);
  addresses_.clear();
  state_ = State::idle;
  read();
  owner_.connected(*this);
}

void HttpClientConnection::due() {
  if (state_ == State::connecting) {
    late_ = true;
    // Without addresses the host is still being looked up, which nothing can hasten.
    if (addresses_.empty()) return fail(Failure::no_connection, "the host " + server_.host + " was not found in time");
    boost::system::error_code ignored;
    socket_.close(ignored);
  } else if (state_ == State::idle) {
    fail(Failure::idle, {});
  }
}

void HttpClientConnection::send(std::shared_ptr<const HttpOutgoing> request) {
  loop_.timers().cancel(timer_);
  state_ = State::busy;
  request_ = std::move(request);
  parser_.emplace(server_.max_body, request_->to_head);
  sent_ = false;
  const std::array<asio::const_buffer, 2> pieces = {asio::buffer(request_->head), asio::buffer(request_->body)};
  const auto done = [self = shared_from_this()](boost::system::error_code error, std::size_t) {
    // A server may refuse a request before it has read all of it: then its answer is still to be read.
    if (!error) self->sent_ = true;
  };
  if (secure_)
    asio::async_write(*secure_, pieces, done);
  else
    asio::async_write(socket_, pieces, done);
}

// There is always a read in progress: without a request it tells when the server closes.
void HttpClientConnection::read() {
  const auto done = [self = shared_from_this()](boost::system::error_code error, std::size_t n) {
    self->read_done(error, n);
  };
  if (secure_)
    secure_->async_read_some(asio::buffer(buffer_), done);
  else
    socket_.async_read_some(asio::buffer(buffer_), done);
}

void HttpClientConnection::read_done(boost::system::error_code error, std::size_t n) {
  if (state_ == State::closed) return;
  if (state_ == State::idle) return fail(Failure::idle, {});
  if (!error) return judge(parser_->feed(std::string_view(buffer_.data(), n)));
  if (!parser_->started()) return fail(Failure::closed_early, name() + " closed the connection instead of answering");
  // Only an end in order may end a body that has no other (over TLS: with a close_notify).
  if (error == asio::error::eof) return judge(parser_->end());
  fail(Failure::broken, "the answer of " + name() + " is not whole: " + error.message());
}

void HttpClientConnection::judge(HttpAnswerParser::State parsed) {
  switch (parsed) {
    case HttpAnswerParser::State::need_more:
      return read();
    case HttpAnswerParser::State::broken:
      return fail(Failure::broken, "the answer of " + name() + " is broken: " + std::string(parser_->why()));
    case HttpAnswerParser::State::too_large:
      return fail(Failure::too_large, "the answer of " + name() + " is larger than max_body");
    case HttpAnswerParser::State::complete:
      break;
  }
  HttpAnswer answer = parser_->take();
  const bool keep = parser_->reusable() && sent_ && server_.idle_ms != 0;
  parser_.reset();
  request_.reset();
  used_ = true;
  const auto self = shared_from_this();
  if (keep) {
    state_ = State::idle;
    loop_.arm(timer_, server_.idle_ms);
    read();
  } else {
    close();
  }
  owner_.answered(*this, std::move(answer));
}

void HttpClientConnection::fail(Failure failure, const std::string& why) {
  const auto self = shared_from_this();
  close();
  owner_.failed(*this, failure, why);
}

void HttpClientConnection::close() {
  state_ = State::closed;
  loop_.timers().cancel(timer_);
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace dragoman::net
