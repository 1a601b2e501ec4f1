// SPDX-License-Identifier: Apache-2.0
#include "cli/websocket_client.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <cstdio>
#include <optional>
#include <type_traits>

#include "cli/commands.hpp"
#include "cli/line_reader.hpp"
#include "cli/printable.hpp"
#include "codec/utf8.hpp"

namespace dragoman::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using Plain = beast::tcp_stream;
using Encrypted = beast::ssl_stream<beast::tcp_stream>;
using asio::ip::tcp;

constexpr std::size_t largest_message = 64 << 20;
constexpr auto opening_patience = std::chrono::seconds(30);
constexpr auto closing_patience = std::chrono::seconds(2);
constexpr auto foreground_poll = std::chrono::milliseconds(200);
constexpr std::chrono::milliseconds default_wait(1000);

bool is_address(const std::string& host) {
  beast::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

std::string words_of(beast::error_code error) {
  return error == beast::error::timeout ? "it took too long" : error.message();
}

// The session was given up before it was open.
struct GivenUp {};

template <class Stream>
class Session {
 public:
  template <class... More>
  Session(asio::io_context& context, const WebSocketOptions& options, More&... more)
      : context_(context),
        options_(options),
        socket_(context, more...),
        input_(context),
        signals_(context, SIGINT, SIGTERM),
        deadline_(context),
        closing_timer_(context),
        wait_timer_(context),
        escape_(::isatty(STDOUT_FILENO) == 1 ? Escape::terminal : Escape::line_ends) {}

  int run() {
    signals_.async_wait([this](beast::error_code error, int signal) {
      if (error) return;
      // A second one ends the process at once.
      signals_.clear();
      if (opened_) return finish();
      give_up(128 + signal, "");
    });
    if (options_.timeout) {
      deadline_.expires_after(*options_.timeout);
      deadline_.async_wait([this](beast::error_code error) {
        if (!error) on_deadline();
      });
    }
    try {
      connect();
      handshake();
      opened_ = true;
      if (::isatty(STDERR_FILENO)) fmt::print(stderr, "connected\n");
      watch_failing();
      receive();
      input_.assign(::dup(STDIN_FILENO));
      send_next();
      context_.run();
    } catch (const GivenUp&) {
    }
    if (!failure_.empty()) throw Failure(failure_);
    return code_;
  }

 private:
  tcp::socket& lowest() { return beast::get_lowest_layer(socket_).socket(); }

  // An operation of the opening, which timers and signals may cut off.
  template <class Start>
  beast::error_code await(Start start) {
    std::optional<beast::error_code> result;
    start([&result](beast::error_code error) { result = error; });
    while (!result && !given_up_) context_.run_one();
    if (given_up_) throw GivenUp();
    return *result;
  }

  void connect() {
    const std::string where = fmt::format("{}:{}", options_.host, options_.port);
    tcp::resolver resolver(context_);
    tcp::resolver::results_type endpoints;
    const auto unknown = await([&](auto done) {
      resolver.async_resolve(options_.host, options_.port, [&endpoints, done](beast::error_code error, auto found) {
        if (!error) endpoints = std::move(found);
        done(error);
      });
    });
    if (unknown) throw Failure(fmt::format("cannot find the address of {}: {}", options_.host, unknown.message()));
    auto& lowest_layer = beast::get_lowest_layer(socket_);
    lowest_layer.expires_after(opening_patience);
    const auto unreached = await([&](auto done) {
      lowest_layer.async_connect(endpoints, [done](beast::error_code error, const auto&) { done(error); });
    });
    if (unreached) throw Failure(fmt::format("cannot connect to {}: {}", where, words_of(unreached)));
    beast::error_code ignored;
    lowest().set_option(tcp::no_delay(true), ignored);
    if constexpr (std::is_same_v<Stream, Encrypted>) {
      auto& tls = socket_.next_layer();
      // RFC 6066 section 3: a name, never an address.
      if (!is_address(options_.host)) SSL_set_tlsext_host_name(tls.native_handle(), options_.host.c_str());
      if (!options_.insecure) tls.set_verify_callback(asio::ssl::host_name_verification(options_.host));
      const auto refused = await([&](auto done) { tls.async_handshake(asio::ssl::stream_base::client, done); });
      const long verdict = SSL_get_verify_result(tls.native_handle());
      if (refused && !options_.insecure && verdict != X509_V_OK)
        throw Failure(fmt::format("the certificate of {} is not trusted: {}; --insecure would accept it", where,
                                  X509_verify_cert_error_string(verdict)));
      if (refused) throw Failure(fmt::format("cannot speak TLS with {}: {}", where, words_of(refused)));
    }
    lowest_layer.expires_never();
  }

  void handshake() {
    websocket::stream_base::timeout limits{opening_patience, websocket::stream_base::none(), false};
    socket_.set_option(limits);
    socket_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      request.set(http::field::user_agent, "dragoman/" DRAGOMAN_VERSION);
      std::string subprotocols;
      for (const auto& name : options_.subprotocols) subprotocols += (subprotocols.empty() ? "" : ", ") + name;
      if (!subprotocols.empty()) request.set(http::field::sec_websocket_protocol, subprotocols);
      for (const auto& [name, value] : options_.headers) {
        const auto field = http::string_to_field(name);
        if (field == http::field::host || field == http::field::user_agent)
          request.set(field, value);
        else
          request.insert(name, value);
      }
    }));
    socket_.read_message_max(largest_message);
    socket_.auto_fragment(false);
    socket_.text(true);
    websocket::response_type answer;
    const auto error =
        await([&](auto done) { socket_.async_handshake(answer, options_.host_header, options_.target, done); });
    if (error == websocket::error::upgrade_declined) {
      std::string text =
          fmt::format("the server refused with {} {}", answer.result_int(), printable(std::string(answer.reason())));
      if (const auto location = answer[http::field::location]; !location.empty())
        text += ", Location: " + printable(std::string(location.substr(0, 200)));
      const std::string_view body = answer.body();
      if (!body.empty()) text += ": " + printable(body.substr(0, std::min<std::size_t>(body.find('\n'), 200)));
      throw Failure(text);
    }
    if (error) throw Failure("the WebSocket handshake failed: " + words_of(error));
    // RFC 6455 section 4.1: what was not offered must not be agreed to.
    const std::string chosen(answer[http::field::sec_websocket_protocol]);
    const auto& offered = options_.subprotocols;
    if (!chosen.empty() && std::find(offered.begin(), offered.end(), chosen) == offered.end())
      throw Failure("the server chose a subprotocol that was not offered: " + printable(chosen.substr(0, 200)));
    if (answer.count(http::field::sec_websocket_extensions))
      throw Failure("the server chose an extension, but none was offered");
  }

  void receive() {
    socket_.async_read(buffer_, [this](beast::error_code error, std::size_t bytes) {
      if (error) {
        context_.stop();
        return ended(error);
      }
      if (!closing_) show({static_cast<const char*>(buffer_.data().data()), bytes});
      buffer_.consume(bytes);
      receive();
    });
  }

  void show(std::string_view message) {
    std::string line =
        socket_.got_text() ? printable(message, escape_) : printable_binary(message, options_.hexadecimal);
    line += '\n';
    if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size() || std::fflush(stdout) != 0)
      throw Failure("cannot write to standard output");
    if (++received_ == options_.count) finish();
  }

  void ended(beast::error_code error) {
    const auto& reason = socket_.reason();
    // Once a close has come it does not matter how the connection below it ended.
    if (error == websocket::error::closed || reason) {
      const auto code = static_cast<unsigned>(reason.code);
      const std::string_view words(reason.reason.data(), reason.reason.size());
      fmt::print(stderr, "closed: {}{}{}\n", code == websocket::close_code::none ? 1005 : code,
                 words.empty() ? "" : " ", printable(words));
      if (!closing_) code_ = reason.code == websocket::close_code::normal ? exit_ok : exit_failure;
    } else if (closing_) {
      fmt::print(stderr, "closed: the server did not answer the close\n");
    } else if (cut_off_) {
      throw Failure("the server broke the WebSocket protocol, or closed without a code, and did not hang up");
    } else if (error == websocket::error::message_too_big) {
      throw Failure(fmt::format("the server sent a message of more than {} MiB", largest_message >> 20));
    } else if (error.category() == beast::error_code(websocket::error::closed).category()) {
      throw Failure("the server broke the WebSocket protocol: " + error.message());
    } else {
      throw Failure("the connection ended without a close: " + error.message());
    }
  }

  void send_next() {
    if (closing_) return;
    if (sent_ < options_.send.size()) return send(options_.send[sent_++]);
    std::string_view line;
    for (;;) {
      switch (lines_.next(line)) {
        case LineStatus::need_more:
          return wait_input();
        case LineStatus::line:
          if (codec::valid_utf8(line)) return send(line);
          fmt::print(stderr, "dragoman: line {} is not UTF-8 and was not sent\n", lines_.number());
          break;
        case LineStatus::too_long:
          fmt::print(stderr, "dragoman: line {} is longer than {} MiB and was not sent\n", lines_.number(),
                     largest_message >> 20);
          break;
        case LineStatus::end:
          return wait_answers();
      }
    }
  }

  // text: stays until it is sent.
  void send(std::string_view text) {
    socket_.async_write(asio::buffer(text.data(), text.size()), [this](beast::error_code error, std::size_t) {
      // When this fails, reading fails too and says why.
      if (!error) send_next();
    });
  }

  void wait_input() {
    const auto fill = [this] {
      // Reading would stop a job of a shell, and with it what comes from the server.
      if (in_background()) return wait_foreground();
      lines_.fill();
      send_next();
    };
    if (input_always_ready_) return asio::post(context_, fill);
    input_.async_wait(asio::posix::stream_descriptor::wait_read, [this, fill](beast::error_code error) {
      // A file cannot be waited for, and need not be.
      input_always_ready_ = error == asio::error::operation_not_supported;
      if (!error || input_always_ready_) fill();
    });
  }

  static bool in_background() {
    const pid_t group = ::tcgetpgrp(STDIN_FILENO);
    return group != -1 && group != ::getpgrp();
  }

  void wait_foreground() {
    wait_timer_.expires_after(foreground_poll);
    wait_timer_.async_wait([this](beast::error_code error) {
      if (!error && !closing_) wait_input();
    });
  }

  void wait_answers() {
    const bool endless = ::isatty(STDIN_FILENO) == 1 || !options_.send.empty() || options_.count;
    if (endless && !options_.wait) return;
    wait_timer_.expires_after(options_.wait.value_or(default_wait));
    wait_timer_.async_wait([this](beast::error_code error) {
      if (!error) finish();
    });
  }

  // Beast closes when a frame is broken and then waits for the server to hang up, for as long as it takes.
  void watch_failing() {
    closing_timer_.expires_after(closing_patience);
    closing_timer_.async_wait([this](beast::error_code error) {
      if (error) return;
      if (socket_.is_open()) return watch_failing();
      cut_off_ = true;
      lowest().close(error);
    });
  }

  // Our own end of the session.
  void finish() {
    if (closing_ || !socket_.is_open()) return;
    closing_ = true;
    closing_timer_.expires_after(closing_patience);
    closing_timer_.async_wait([this](beast::error_code error) {
      if (!error) lowest().close(error);
    });
    socket_.async_close(websocket::close_code::normal, [](beast::error_code) {});
  }

  void give_up(int code, const std::string& failure) {
    code_ = code;
    failure_ = failure;
    given_up_ = true;
  }

  void on_deadline() {
    if (!opened_) return give_up(exit_failure, "there was no session in time");
    if (options_.count && !closing_)
      failure_ = fmt::format("{} of {} messages came in time", received_, options_.count);
    finish();
  }

  asio::io_context& context_;
  const WebSocketOptions& options_;
  websocket::stream<Stream> socket_;
  asio::posix::stream_descriptor input_;
  asio::signal_set signals_;
  asio::steady_timer deadline_, closing_timer_, wait_timer_;
  const Escape escape_;
  beast::flat_buffer buffer_;
  LineReader lines_{STDIN_FILENO, largest_message};
  bool input_always_ready_ = false;
  std::size_t sent_ = 0;  // of options_.send
  std::uint64_t received_ = 0;
  bool opened_ = false, closing_ = false, cut_off_ = false, given_up_ = false;
  int code_ = exit_ok;
  std::string failure_;
};

}  // namespace

int run_websocket(const WebSocketOptions& options) {
  asio::io_context context(1);
  if (!options.encrypted) return Session<Plain>(context, options).run();
  asio::ssl::context tls(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  if (options.insecure) {
    tls.set_verify_mode(asio::ssl::verify_none);
  } else {
    tls.set_default_verify_paths();
    tls.set_verify_mode(asio::ssl::verify_peer);
  }
  return Session<Encrypted>(context, options, tls).run();
}

}  // namespace dragoman::cli
