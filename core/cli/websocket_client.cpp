// SPDX-License-Identifier: Apache-2.0
#include "cli/websocket_client.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <cstdio>
#include <exception>
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
constexpr auto default_wait = std::chrono::seconds(1);
constexpr auto await = asio::as_tuple(asio::use_awaitable);

bool is_address(const std::string& host) {
  beast::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

std::string words_of(beast::error_code error) {
  return error == beast::error::timeout ? "it took too long" : error.message();
}

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
    asio::co_spawn(context_, session(), [this](const std::exception_ptr& error) {
      error_ = error;
      context_.stop();
    });
    context_.run();
    std::fflush(stdout);
    // What was cut off fails in some way or other; why it was cut off is known.
    if (!failure_.empty()) throw Failure(failure_);
    if (error_ && !given_up_) std::rethrow_exception(error_);
    return code_;
  }

 private:
  tcp::socket& lowest() { return beast::get_lowest_layer(socket_).socket(); }

  asio::awaitable<void> session() {
    co_await connect();
    co_await handshake();
    opened_ = true;
    watch_failing();
    if (::isatty(STDERR_FILENO)) fmt::print(stderr, "connected\n");
    asio::co_spawn(context_, send_all(), [this](const std::exception_ptr& error) {
      if (!error || closing_) return;
      error_ = error;
      context_.stop();
    });
    co_await receive_all();
  }

  asio::awaitable<void> connect() {
    const std::string where = fmt::format("{}:{}", options_.host, options_.port);
    tcp::resolver resolver(context_);
    const auto [unknown, endpoints] = co_await resolver.async_resolve(options_.host, options_.port, await);
    if (unknown) throw Failure(fmt::format("cannot find the address of {}: {}", options_.host, unknown.message()));
    auto& lowest_layer = beast::get_lowest_layer(socket_);
    lowest_layer.expires_after(opening_patience);
    const auto [unreached, endpoint] = co_await lowest_layer.async_connect(endpoints, await);
    if (unreached) throw Failure(fmt::format("cannot connect to {}: {}", where, words_of(unreached)));
    beast::error_code ignored;
    lowest().set_option(tcp::no_delay(true), ignored);
    if constexpr (std::is_same_v<Stream, Encrypted>) {
      auto& tls = socket_.next_layer();
      // RFC 6066 section 3: a name, never an address.
      if (!is_address(options_.host)) SSL_set_tlsext_host_name(tls.native_handle(), options_.host.c_str());
      if (!options_.insecure) tls.set_verify_callback(asio::ssl::host_name_verification(options_.host));
      const auto [refused] = co_await tls.async_handshake(asio::ssl::stream_base::client, await);
      const long verdict = SSL_get_verify_result(tls.native_handle());
      if (refused && !options_.insecure && verdict != X509_V_OK)
        throw Failure(fmt::format("the certificate of {} is not trusted: {}; --insecure would accept it", where,
                                  X509_verify_cert_error_string(verdict)));
      if (refused) throw Failure(fmt::format("cannot speak TLS with {}: {}", where, words_of(refused)));
    }
    lowest_layer.expires_never();
  }

  asio::awaitable<void> handshake() {
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
    const auto [error] = co_await socket_.async_handshake(answer, options_.host_header, options_.target, await);
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

  asio::awaitable<void> receive_all() {
    std::uint64_t received = 0;
    beast::flat_buffer buffer;
    for (;;) {
      const auto [error, bytes] = co_await socket_.async_read(buffer, await);
      if (error) {
        ended(error);
        co_return;
      }
      if (closing_) {
        buffer.consume(bytes);
        continue;
      }
      show({static_cast<const char*>(buffer.data().data()), bytes});
      buffer.consume(bytes);
      received_ = ++received;
      if (received == options_.count) finish();
    }
  }

  void show(std::string_view message) {
    std::string line =
        socket_.got_text() ? printable(message, escape_) : printable_binary(message, options_.hexadecimal);
    line += '\n';
    if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size() || std::fflush(stdout) != 0)
      throw Failure("cannot write to standard output");
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

  asio::awaitable<void> send_all() {
    for (const auto& text : options_.send) co_await send(text);
    const bool terminal = ::isatty(STDIN_FILENO) == 1;
    co_await send_input();
    std::chrono::milliseconds wait = default_wait;
    if (options_.wait)
      wait = *options_.wait;
    else if (terminal || !options_.send.empty() || options_.count)
      co_return;
    wait_timer_.expires_after(wait);
    const auto [error] = co_await wait_timer_.async_wait(await);
    if (!error) finish();
  }

  asio::awaitable<void> send_input() {
    const int fd = ::dup(STDIN_FILENO);
    if (fd < 0) co_return;
    input_.assign(fd);
    bool always_ready = false;
    LineReader lines(STDIN_FILENO, largest_message);
    std::string_view line;
    for (;;) {
      switch (lines.next(line)) {
        case LineStatus::need_more:
          if (!always_ready) {
            const auto [error] = co_await input_.async_wait(asio::posix::stream_descriptor::wait_read, await);
            // A file cannot be waited for, and need not be.
            always_ready = error == asio::error::operation_not_supported;
            if (error && !always_ready) co_return;
          }
          lines.fill();
          break;
        case LineStatus::line:
          if (codec::valid_utf8(line))
            co_await send(line);
          else
            fmt::print(stderr, "dragoman: line {} is not UTF-8 and was not sent\n", lines.number());
          break;
        case LineStatus::too_long:
          fmt::print(stderr, "dragoman: line {} is longer than {} MiB and was not sent\n", lines.number(),
                     largest_message >> 20);
          break;
        case LineStatus::end:
          co_return;
      }
    }
  }

  asio::awaitable<void> send(std::string_view text) {
    if (closing_) co_return;
    // When this fails, reading fails too and says why.
    co_await socket_.async_write(asio::buffer(text.data(), text.size()), await);
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
    context_.stop();
  }

  void on_deadline() {
    if (!opened_) return give_up(exit_failure, "there was no session in time");
    if (options_.count && !closing_) {
      failure_ = fmt::format("{} of {} messages came in time", received_, options_.count);
    }
    finish();
  }

  asio::io_context& context_;
  const WebSocketOptions& options_;
  websocket::stream<Stream> socket_;
  asio::posix::stream_descriptor input_;
  asio::signal_set signals_;
  asio::steady_timer deadline_, closing_timer_, wait_timer_;
  const Escape escape_;
  std::uint64_t received_ = 0;
  bool opened_ = false, closing_ = false, cut_off_ = false, given_up_ = false;
  int code_ = exit_ok;
  std::string failure_;
  std::exception_ptr error_;
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
