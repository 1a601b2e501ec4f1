// SPDX-License-Identifier: Apache-2.0
#include "cli/http_client.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/url.hpp>
#include <chrono>

#include "cli/commands.hpp"

namespace dragoman::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Clock = std::chrono::steady_clock;

constexpr auto patience = std::chrono::seconds(30);
constexpr std::size_t largest_answer = 16 << 20;

// A connection whose operations are started, awaited and limited in time: plain blocking calls of Asio know no
// deadline.
template <class Protocol>
class Connection {
 public:
  Connection(std::string url, Clock::time_point deadline) : url_(std::move(url)), stream_(context_) {
    stream_.expires_at(deadline);
  }

  template <class Endpoints>
  void connect(const Endpoints& endpoints) {
    await(
        [&](auto done) {
          stream_.async_connect(endpoints, [done](beast::error_code error, auto&&...) { done(error); });
        },
        "cannot connect to");
  }

  HttpAnswer exchange(const http::request<http::string_body>& request) {
    await(
        [&](auto done) {
          http::async_write(stream_, request, [done](beast::error_code error, std::size_t) { done(error); });
        },
        "cannot send to");
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(largest_answer);
    await(
        [&](auto done) {
          http::async_read(stream_, buffer, parser, [done](beast::error_code error, std::size_t) { done(error); });
        },
        "there is no answer from");
    return {parser.get().result_int(), std::move(parser.get().body())};
  }

 private:
  template <class Start>
  void await(Start start, const char* sentence) {
    beast::error_code result;
    start([&result](beast::error_code error) { result = error; });
    context_.restart();
    context_.run();
    if (result)
      throw Failure(fmt::format("{} {}: {}", sentence, url_,
                                result == beast::error::timeout ? "it took too long" : result.message()));
  }

  std::string url_;
  asio::io_context context_;
  beast::basic_stream<Protocol> stream_;
};

HttpAnswer over_unix(const std::string& url, const std::string& path, const http::request<http::string_body>& request) {
  using Protocol = asio::local::stream_protocol;
  Connection<Protocol> connection(url, Clock::now() + patience);
  try {
    connection.connect(Protocol::endpoint(path));
  } catch (const boost::system::system_error&) {
    throw Failure("the path in " + url + " is too long for a socket");
  }
  return connection.exchange(request);
}

HttpAnswer over_tcp(const std::string& url, const std::string& host, const std::string& port,
                    const http::request<http::string_body>& request) {
  asio::io_context context;
  asio::ip::tcp::resolver resolver(context);
  beast::error_code error;
  const auto endpoints = resolver.resolve(host, port, error);
  if (error) throw Failure(fmt::format("cannot find the address of {}: {}", host, error.message()));
  Connection<asio::ip::tcp> connection(url, Clock::now() + patience);
  connection.connect(endpoints);
  return connection.exchange(request);
}

}  // namespace

HttpAnswer post_json(const std::string& url, const std::string& target, const std::string& token,
                     const std::string& body) {
  http::request<http::string_body> request(http::verb::post, target, 11);
  request.set(http::field::user_agent, "dragoman/" DRAGOMAN_VERSION);
  request.set(http::field::content_type, "application/json");
  request.set(http::field::accept, "application/json");
  if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
  request.keep_alive(false);
  request.body() = body;
  request.prepare_payload();

  static constexpr std::string_view unix_scheme = "unix:";
  if (url.compare(0, unix_scheme.size(), unix_scheme) == 0) {
    request.set(http::field::host, "localhost");
    return over_unix(url, url.substr(unix_scheme.size()), request);
  }
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->scheme() != "http" || parsed->host_address().empty() || parsed->has_query() ||
      parsed->has_userinfo() || (!parsed->encoded_path().empty() && parsed->encoded_path() != "/"))
    throw Failure(fmt::format("--url wants http://HOST:PORT or unix:/PATH, not \"{}\"", url));
  const std::string port = parsed->port().empty() ? "80" : std::string(parsed->port());
  request.set(http::field::host, std::string(parsed->encoded_host_and_port()));
  return over_tcp(url, parsed->host_address(), port, request);
}

}  // namespace dragoman::cli
