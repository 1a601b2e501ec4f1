// SPDX-License-Identifier: Apache-2.0
// The client against a server on the same loop that answers what the test says.
#include "net/http_client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <functional>

namespace dragoman::net {
namespace {

using boost::asio::ip::tcp;

struct Peer : std::enable_shared_from_this<Peer> {
  using Answer = std::function<void(Peer&, const std::string& head)>;
  Peer(tcp::socket s, const Answer& a) : socket(std::move(s)), answer(a) {}
  void read() {
    boost::asio::async_read_until(socket, boost::asio::dynamic_buffer(input), "\r\n\r\n",
                                  [self = shared_from_this()](boost::system::error_code error, std::size_t size) {
                                    if (error) {
                                      self->gone = true;
                                      return;
                                    }
                                    const std::string head = self->input.substr(0, size);
                                    self->input.erase(0, size);
                                    self->answer(*self, head);
                                    self->read();
                                  });
  }
  void write(const std::string& bytes) { boost::asio::write(socket, boost::asio::buffer(bytes)); }
  tcp::socket socket;
  const Answer& answer;
  std::string input;
  bool gone = false;
};

struct HttpClientTest : testing::Test {
  Loop loop;
  tcp::acceptor acceptor{loop.io(), tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  std::vector<std::shared_ptr<Peer>> peers;
  Peer::Answer answer = [](Peer& peer, const std::string&) {
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  };
  std::vector<std::string> results;  // in the order of their coming

  void SetUp() override { accept(); }
  void accept() {
    acceptor.async_accept(loop.io(), [this](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      peers.push_back(std::make_shared<Peer>(std::move(socket), answer));
      peers.back()->read();
      accept();
    });
  }
  HttpOrigin origin() {
    HttpOrigin out;
    out.host = "127.0.0.1";
    out.port = acceptor.local_endpoint().port();
    out.authority = "api.example";
    out.timeout_ms = 10'000;
    return out;
  }
  HttpClient::Done record(const std::string& name) {
    return [this, name](FetchStatus status, const HttpAnswer& got, const std::string&) {
      results.push_back(name + (status == FetchStatus::ok ? " " + got.body : " failed"));
    };
  }
  void until(const std::function<bool()>& condition) {
    const std::int64_t end = base::monotonic_ms() + 20'000;
    while (!condition() && base::monotonic_ms() < end) loop.io().run_one_for(std::chrono::milliseconds(10));
    ASSERT_TRUE(condition());
  }
  void until_results(std::size_t count) {
    until([&] { return results.size() >= count; });
  }
};

TEST_F(HttpClientTest, WhatIsSent) {
  std::string seen;
  answer = [&](Peer& peer, const std::string& head) {
    seen = head;
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  };
  HttpClient client(loop, origin());
  ASSERT_TRUE(client.fetch({"GET",
                            "/a?b",
                            {{"X", "1"},
                             {"Host", "evil"},
                             {"Connection", "X-Hop"},
                             {"X-Hop", "1"},
                             {"Content-Length", "9"},
                             {"Expect", "100-continue"}},
                            "",
                            0},
                           record("a")));
  EXPECT_TRUE(results.empty()) << "never inside of the call";
  until_results(1);
  EXPECT_EQ(seen, "GET /a?b HTTP/1.1\r\nHost: api.example\r\nX: 1\r\nAccept-Encoding: identity\r\n\r\n");
  client.fetch({"POST", "/", {{"accept-encoding", "gzip"}}, "", 0}, record("b"));
  until_results(2);
  EXPECT_EQ(seen, "POST / HTTP/1.1\r\nHost: api.example\r\naccept-encoding: gzip\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(peers.size(), 1u);
  EXPECT_EQ(client.counters().reused.value(), 1u);
}

TEST_F(HttpClientTest, TheQueueIsBoundedAndFair) {
  std::deque<Peer*> held;
  answer = [&](Peer& peer, const std::string&) { held.push_back(&peer); };
  HttpOrigin one = origin();
  one.connections = 1;
  one.queue = 2;
  HttpClient client(loop, one);
  for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(client.fetch({"GET", "/", {}, "", 0}, record(name))) << name;
  EXPECT_FALSE(client.fetch({"GET", "/", {}, "", 0}, record("d")));
  for (std::size_t i = 1; i <= 3; ++i) {
    until([&] { return !held.empty(); });
    held.front()->write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    held.pop_front();
    until_results(i);
  }
  EXPECT_EQ(results, (std::vector<std::string>{"a ok", "b ok", "c ok"}));
  EXPECT_EQ(peers.size(), 1u);
}

TEST_F(HttpClientTest, CanceledItIsNeverAnswered) {
  answer = [](Peer&, const std::string&) {};
  HttpOrigin one = origin();
  one.connections = 1;
  HttpClient client(loop, one);
  const auto running = client.fetch({"GET", "/", {}, "", 0}, record("running"));
  const auto waiting = client.fetch({"GET", "/", {}, "", 0}, record("waiting"));
  const auto last = client.fetch({"GET", "/", {}, "", 0}, record("last"));
  until([&] { return peers.size() == 1; });
  EXPECT_TRUE(client.cancel(waiting));
  EXPECT_FALSE(client.cancel(waiting));
  answer = [](Peer& peer, const std::string&) { peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"); };
  EXPECT_TRUE(client.cancel(running));
  until_results(1);
  EXPECT_EQ(results, (std::vector<std::string>{"last ok"}));
  EXPECT_FALSE(client.cancel(last));
  until([&] { return peers[0]->gone; });
  EXPECT_EQ(peers.size(), 2u);
}

TEST_F(HttpClientTest, ARequestFromInsideOfAnAnswer) {
  HttpClient client(loop, origin());
  client.fetch({"GET", "/", {}, "", 0}, [&](FetchStatus, const HttpAnswer&, const std::string&) {
    client.fetch({"GET", "/", {}, "", 0}, record("inner"));
  });
  until_results(1);
  EXPECT_EQ(peers.size(), 1u);
}

TEST_F(HttpClientTest, DestroyedWhileItWorks) {
  answer = [](Peer&, const std::string&) {};
  {
    HttpClient client(loop, origin());
    client.fetch({"GET", "/", {}, "", 0}, record("a"));
    client.fetch({"GET", "/", {}, "", 0}, record("b"));
    until([&] { return peers.size() == 2; });
    client.fetch({"GET", "/", {}, "", 0}, record("connecting"));
  }
  until([&] { return peers[0]->gone && peers[1]->gone; });
  EXPECT_TRUE(results.empty());
}

TEST_F(HttpClientTest, NamesAreLookedUp) {
  HttpOrigin named = origin();
  named.host = "localhost";
  HttpClient client(loop, named);
  client.fetch({"GET", "/", {}, "", 0}, record("a"));
  client.fetch({"GET", "/", {}, "", 0}, record("b"));
  EXPECT_TRUE(peers.empty());
  until_results(2);
  EXPECT_EQ(results, (std::vector<std::string>{"a ok", "b ok"}));

  named.host = "no-such-host.invalid";
  HttpClient lost(loop, named);
  std::string said;
  lost.fetch({"GET", "/", {}, "", 0}, [&](FetchStatus status, const HttpAnswer&, const std::string& why) {
    EXPECT_EQ(status, FetchStatus::unavailable);
    said = why;
  });
  until([&] { return !said.empty(); });
  EXPECT_TRUE(said.starts_with("the host no-such-host.invalid cannot be found: ")) << said;
}

TEST_F(HttpClientTest, DestroyedWhileANameIsLookedUp) {
  HttpOrigin named = origin();
  named.host = "localhost";
  answer = [](Peer&, const std::string&) {};
  for (int i = 0; i < 50; ++i) {
    HttpClient client(loop, named);
    client.fetch({"GET", "/", {}, "", 0}, record("never"));
    if (i % 2) loop.io().poll();
  }
  EXPECT_TRUE(results.empty());
}

TEST_F(HttpClientTest, Deadlines) {
  answer = [](Peer&, const std::string&) {};
  HttpClient client(loop, origin());
  std::string said;
  client.fetch({"GET", "/", {}, "", 30}, [&](FetchStatus status, const HttpAnswer&, const std::string& why) {
    EXPECT_EQ(status, FetchStatus::timeout);
    said = why;
  });
  until([&] { return !said.empty(); });
  EXPECT_EQ(said, "127.0.0.1 did not answer in time");
  until([&] { return !peers.empty() && peers[0]->gone; });
}

}  // namespace
}  // namespace dragoman::net
