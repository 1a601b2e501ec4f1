// SPDX-License-Identifier: Apache-2.0
#include "cli/http_client.hpp"

#include <fmt/format.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/url.hpp>
#include <charconv>
#include <chrono>
#include <optional>
#include <vector>

#include "cli/settings.hpp"
#include "cli/stop_signal.hpp"

namespace dragoman::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Protocol = asio::generic::stream_protocol;

constexpr auto patience = std::chrono::seconds(30);
constexpr std::size_t largest_answer = 16 << 20;

struct Address {
  std::string path;        // of a Unix socket, or
  std::string host, port;  // of TCP
  std::string host_header = "localhost";
};

Address parse_address(const std::string& url) {
  Address out;
  static constexpr std::string_view unix_scheme = "unix:";
  if (url.compare(0, unix_scheme.size(), unix_scheme) == 0) {
    out.path = url.substr(unix_scheme.size());
    if (out.path.empty()) throw WrongUsage("--url wants the path of a socket behind unix:");
    if (out.path.size() >= sizeof(sockaddr_un::sun_path))
      throw WrongUsage("the path in " + url + " is too long for a socket");
    return out;
  }
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->scheme() != "http" || parsed->host_address().empty() || parsed->has_query() ||
      parsed->has_userinfo() || (!parsed->port().empty() && !is_port(parsed->port())) ||
      (!parsed->encoded_path().empty() && parsed->encoded_path() != "/"))
    throw WrongUsage(fmt::format("--url wants http://HOST:PORT or unix:/PATH, not \"{}\"", url));
  out.host = parsed->host_address();
  out.port = parsed->port().empty() ? "80" : std::string(parsed->port());
  out.host_header = std::string(parsed->encoded_host_and_port());
  return out;
}

}  // namespace

struct HttpClient::Impl {
  Impl(const std::string& url_given, const std::string& token, const StopSignal* stop_signal)
      : url(url_given), address(parse_address(url_given)), stop(stop_signal), watch(context) {
    if (!token.empty()) authorization = "Bearer " + token;
    if (!stop) return;
    const int fd = ::dup(stop->fd());
    if (fd < 0) throw Failure("cannot watch for signals");
    watch.assign(fd);
  }

  std::vector<Protocol::endpoint> endpoints() {
    if (!address.path.empty()) return {asio::local::stream_protocol::endpoint(address.path)};
    asio::ip::tcp::resolver resolver(context);
    beast::error_code error;
    const auto found = resolver.resolve(address.host, address.port, error);
    if (error)
      throw ConnectionLost(fmt::format("cannot find the address of {}: {}", address.host, error.message()), false);
    std::vector<Protocol::endpoint> out;
    for (const auto& entry : found) out.emplace_back(entry.endpoint());
    return out;
  }

  void connect() {
    const auto candidates = endpoints();
    stream.emplace(context);
    buffer.clear();
    const auto error = await([&](auto done) {
      stream->async_connect(candidates, [done](beast::error_code code, const Protocol::endpoint&) { done(code); });
    });
    if (error) lost("cannot connect to", error, false);
    beast::error_code ignored;  // a Unix socket has no such option
    stream->socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  }

  HttpAnswer request(http::verb method, const std::string& target, std::string_view content_type,
                     std::string_view body) {
    http::request<http::span_body<const char>> request(method, target, 11);
    request.set(http::field::host, address.host_header);
    request.set(http::field::user_agent, "dragoman/" DRAGOMAN_VERSION);
    if (!content_type.empty())
      request.set(http::field::content_type, beast::string_view(content_type.data(), content_type.size()));
    request.set(http::field::accept, "application/json");
    if (!authorization.empty()) request.set(http::field::authorization, authorization);
    request.body() = {body.data(), body.size()};
    request.prepare_payload();
    if (!stream) connect();
    return exchange(request);
  }

  HttpAnswer exchange(const http::request<http::span_body<const char>>& request) {
    const auto unsent = await([&](auto done) {
      http::async_write(*stream, request, [done](beast::error_code code, std::size_t) { done(code); });
    });
    // A gateway that refuses a request may do so before it has read it to its end.
    http::response_parser<http::string_body> parser;
    parser.body_limit(largest_answer);
    const auto unanswered = await([&](auto done) {
      http::async_read(*stream, buffer, parser, [done](beast::error_code code, std::size_t) { done(code); });
    });
    if (unanswered.category() == beast::error_code(http::error::bad_version).category() &&
        unanswered != http::error::end_of_stream && unanswered != http::error::partial_message) {
      stream.reset();
      throw Failure(fmt::format("what answers at {} does not speak HTTP: {}", url, unanswered.message()));
    }
    if (unanswered) lost(unsent ? "cannot send to" : "there is no answer from", unsent ? unsent : unanswered, true);
    HttpAnswer out{parser.get().result_int(), {}, 0};
    const auto after = parser.get()[http::field::retry_after];
    std::from_chars(after.data(), after.data() + after.size(), out.retry_after);
    if (!parser.get().keep_alive()) stream.reset();
    out.body = std::move(parser.get().body());
    return out;
  }

  // An operation that is started, awaited, limited in time and ended by a signal: plain blocking calls of Asio know
  // neither.
  template <class Start>
  beast::error_code await(Start start) {
    beast::error_code result;
    bool interrupted = false;
    stream->expires_after(patience);
    start([&](beast::error_code error) {
      result = error;
      if (stop) watch.cancel();
    });
    if (stop)
      watch.async_wait(asio::posix::stream_descriptor::wait_read, [&](beast::error_code error) {
        if (error) return;
        interrupted = true;
        stream->close();
      });
    context.restart();
    context.run();
    if (!interrupted) return result;
    stream.reset();
    stop->raise();
  }

  [[noreturn]] void lost(const char* sentence, beast::error_code error, bool begun) {
    stream.reset();
    throw ConnectionLost(
        fmt::format("{} {}: {}", sentence, url, error == beast::error::timeout ? "it took too long" : error.message()),
        begun);
  }

  const std::string url;
  const Address address;
  std::string authorization;  // secret
  const StopSignal* const stop;
  asio::io_context context;
  asio::posix::stream_descriptor watch;
  std::optional<beast::basic_stream<Protocol>> stream;
  beast::flat_buffer buffer;
};

HttpClient::HttpClient(const std::string& url, const std::string& token, const StopSignal* stop)
    : impl_(std::make_unique<Impl>(url, token, stop)) {}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::get(const std::string& target) {
  return impl_->request(http::verb::get, target, {}, {});
}

HttpAnswer HttpClient::post(const std::string& target, std::string_view content_type, std::string_view body) {
  return impl_->request(http::verb::post, target, content_type, body);
}

}  // namespace dragoman::cli
