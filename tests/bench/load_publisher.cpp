// SPDX-License-Identifier: Apache-2.0
#include "load_publisher.hpp"

#include <cstdlib>
#include <stdexcept>

#include "load_mqtt.hpp"

namespace dragoman::bench {
namespace {

class WebSocketPublisher final : public Publisher {
 public:
  WebSocketPublisher(const Options& options, const EventBody& body)
      : socket_(options.publish, nullptr, false), body_(body) {}

  int fd() const override { return socket_.fd(); }
  bool ready() const override { return socket_.open(); }
  void advance() override {
    socket_.advance([](std::string_view) {});
  }

  void publish(std::uint32_t first_sequence, std::uint32_t count) override {
    std::string frames;
    for (std::uint32_t i = 0; i < count; ++i) append_text_frame(frames, body_.relayed(first_sequence + i));
    socket_.queue_bytes(frames);
    socket_.flush();
  }

 private:
  WebSocket socket_;
  const EventBody& body_;
};

class HttpPublisher final : public Publisher {
 public:
  HttpPublisher(const Options& options, const EventBody& body)
      : stream_(options.publish, nullptr), body_(body), batch_(options.burst > 1) {
    head_ = "POST " + options.publish.target + " HTTP/1.1\r\nHost: " + options.publish.host + ":" +
            std::to_string(options.publish.port) + "\r\nAuthorization: Bearer " + options.bearer +
            "\r\nContent-Type: " + (batch_ ? "application/cloudevents-batch+json" : "application/json") +
            "\r\nContent-Length: ";
  }

  int fd() const override { return stream_.fd(); }
  bool ready() const override { return !waiting_; }

  void advance() override {
    stream_.flush();
    char buffer[65536];
    while (const std::size_t size = stream_.read(buffer, sizeof buffer)) answer_.append(buffer, size);
    if (waiting_) take_answer();
  }

  void publish(std::uint32_t first_sequence, std::uint32_t count) override {
    std::string content;
    if (batch_) {
      content = "[";
      for (std::uint32_t i = 0; i < count; ++i) {
        if (i > 0) content += ",";
        content += R"({"specversion":"1.0","id":")" + std::to_string(first_sequence + i) +
                   R"(","source":"bench","type":"k","channel":"xivo","data":)" + body_.text(first_sequence + i) + "}";
      }
      content += "]";
    } else {
      content = R"({"channel":"xivo","key":"k","body":)" + body_.text(first_sequence) + "}";
    }
    waiting_ = true;
    stream_.queue(head_ + std::to_string(content.size()) + "\r\n\r\n" + content);
    stream_.flush();
  }

 private:
  void take_answer() {
    const std::size_t end = answer_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    std::string head = answer_.substr(0, end + 2);
    for (char& c : head) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    constexpr std::string_view kLength = "\r\ncontent-length:";
    const std::size_t length = head.find(kLength);
    if (length == std::string::npos) throw std::runtime_error("the publish door answers without Content-Length");
    const std::size_t size = std::strtoul(head.c_str() + length + kLength.size(), nullptr, 10);
    if (answer_.size() < end + 4 + size) return;
    if (head.rfind("http/1.1 200", 0) != 0) {
      throw std::runtime_error("the publish door answers " + answer_.substr(0, end + 4 + size));
    }
    answer_.erase(0, end + 4 + size);
    waiting_ = false;
  }

  Stream stream_;
  const EventBody& body_;
  bool batch_;
  bool waiting_ = false;
  std::string head_;
  std::string answer_;
};

}  // namespace

std::unique_ptr<Publisher> make_publisher(const Options& options, const EventBody& body) {
  if (options.publish.scheme == "http") return std::make_unique<HttpPublisher>(options, body);
  if (options.publish.scheme == "mqtt") return std::make_unique<MqttPublisher>(options, body);
  return std::make_unique<WebSocketPublisher>(options, body);
}

}  // namespace dragoman::bench
