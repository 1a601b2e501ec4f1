// SPDX-License-Identifier: Apache-2.0
#include "load_mqtt.hpp"

#include <stdexcept>
#include <string_view>

namespace dragoman::bench {
namespace {

void append_text(std::string& out, std::string_view text) {
  out.push_back(static_cast<char>(text.size() >> 8));
  out.push_back(static_cast<char>(text.size()));
  out.append(text);
}

void append_packet(std::string& out, unsigned char first, std::string_view rest) {
  out.push_back(static_cast<char>(first));
  std::size_t left = rest.size();
  do {
    const auto low = static_cast<unsigned char>(left & 0x7F);
    left >>= 7;
    out.push_back(static_cast<char>(left > 0 ? low | 0x80 : low));
  } while (left > 0);
  out.append(rest);
}

}  // namespace

MqttPublisher::MqttPublisher(const Options& options, const EventBody& body)
    : stream_(options.publish, nullptr), body_(body), devices_(options.devices) {
  std::string connect;
  append_text(connect, "MQTT");
  connect.append("\x04\x02\x00\x00", 4);  // protocol level 4, a clean session, no keepalive
  append_text(connect, "bench");
  std::string packet;
  append_packet(packet, 0x10, connect);
  stream_.queue(packet);
}

void MqttPublisher::advance() {
  stream_.flush();
  char buffer[65536];
  while (const std::size_t size = stream_.read(buffer, sizeof buffer)) input_.append(buffer, size);
  std::size_t at = 0;
  // All that comes is CONNACK and PUBACK, two bytes behind a head of two.
  for (; input_.size() - at >= 4; at += 4) {
    const auto kind = static_cast<unsigned char>(input_[at]);
    if (input_[at + 1] != 2 || (kind != 0x20 && kind != 0x40) || (kind == 0x20 && input_[at + 3] != 0))
      throw std::runtime_error("the broker sends what it should not");
    if (kind == 0x20)
      connected_ = true;
    else
      --unconfirmed_;
  }
  input_.erase(0, at);
}

void MqttPublisher::publish(std::uint32_t first_sequence, std::uint32_t count) {
  std::string packets, publish;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t sequence = first_sequence + i;
    publish.clear();
    append_text(publish, "valtronics/" + std::to_string(sequence % devices_) + "/telemetry");
    const std::uint32_t id = sequence % 0xFFFF + 1;
    publish.push_back(static_cast<char>(id >> 8));
    publish.push_back(static_cast<char>(id));
    publish += body_.text(sequence);
    append_packet(packets, 0x32, publish);
  }
  unconfirmed_ += count;
  stream_.queue(packets);
  stream_.flush();
}

}  // namespace dragoman::bench
