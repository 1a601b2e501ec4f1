// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <mqtt_protocol.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace mqtt {
namespace {

constexpr int first_failure = 0x80;  // of reason codes

std::string sentence(const char* text) {
  std::string out = text;
  while (!out.empty() && out.back() == '.') out.pop_back();
  return out;
}

// The library's list of names is not const.
std::vector<char*> names(std::span<const std::string> filters) {
  std::vector<char*> out;
  for (const std::string& filter : filters) out.push_back(const_cast<char*>(filter.c_str()));
  return out;
}

Connection& of(void* user) {
  return *static_cast<Connection*>(user);
}

}  // namespace

Connection::Connection(const Settings& settings, const buses::Endpoint& endpoint, const std::string& address,
                       ConnectionListener& listener)
    : settings_(settings), listener_(listener) {
  if (endpoint.tls) {
    try {
      tls_ = std::make_unique<buses::Tls>(settings.tls, endpoint.host);
    } catch (const std::exception& error) {
      throw Lost(error.what());
    }
  }
  client_.reset(mosquitto_new(settings.client_id.c_str(), settings.session_expiry.count() == 0, this));
  if (!client_) throw Lost(sentence(std::strerror(errno)));
  set_up(endpoint);
  begin(address, endpoint.port);
}

void Connection::set_up(const buses::Endpoint& endpoint) {
  mosquitto* const client = client_.get();
  // Packets are then written by write() alone: a message is confirmed after the gateway has taken it.
  mosquitto_threaded_set(client, true);
  mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, settings_.version5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
  mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_max_inflight_messages_set(client, static_cast<unsigned>(settings_.max_inflight));
  if (!settings_.username.empty())
    check(mosquitto_username_pw_set(client, settings_.username.c_str(),
                                    settings_.password.empty() ? nullptr : settings_.password.c_str()));
  if (endpoint.tls) {
    check(mosquitto_int_option(client, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0));
    check(mosquitto_void_option(client, MOSQ_OPT_SSL_CTX, tls_->context()));
  }
  mosquitto_connect_v5_callback_set(client, on_connect);
  mosquitto_disconnect_v5_callback_set(client, on_disconnect);
  mosquitto_message_v5_callback_set(client, on_message);
  mosquitto_subscribe_v5_callback_set(client, on_subscribe);
  mosquitto_publish_v5_callback_set(client, on_publish);
}

void Connection::begin(const std::string& address, std::uint16_t port) {
  mosquitto* const client = client_.get();
  const int keepalive = static_cast<int>(settings_.keepalive.count());
  if (settings_.version5 && settings_.session_expiry.count() > 0) {
    // Only the call that blocks takes properties, and the one that does not block keeps them. This one fails at once:
    // port 0 is a Unix socket, and there is none of this name.
    mosquitto_property* list = nullptr;
    mosquitto_property_add_int32(&list, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                 static_cast<std::uint32_t>(settings_.session_expiry.count()));
    const Properties held(list);
    mosquitto_connect_bind_v5(client, "/", 0, keepalive, nullptr, list);
  }
  check(mosquitto_connect_async(client, address.c_str(), port, keepalive));
}

bool Connection::wants_write() const {
  return under_way_ || mosquitto_want_write(client_.get());
}

void Connection::check_connected() {
  if (!under_way_) return;
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error) throw Lost(std::strerror(error));
  under_way_ = false;
}

void Connection::read_some() {
  check_connected();
  check(mosquitto_loop_read(client_.get(), 1));
}

bool Connection::readable() const {
  pollfd one{socket(), POLLIN, 0};
  return poll(&one, 1, 0) > 0;
}

void Connection::write() {
  if (under_way_) return;
  check(mosquitto_loop_write(client_.get(), 1));
}

void Connection::tend() {
  check(mosquitto_loop_misc(client_.get()));
}

void Connection::check(int status) {
  if (status > 0 || !reason_.empty()) lose(status);
  if (socket() < 0 && client_ && accepted_) lose(MOSQ_ERR_CONN_LOST);
}

void Connection::lose(int status) {
  const int error = errno;
  if (!reason_.empty()) throw Lost(reason_);
  if (tls_ && !accepted_ && !tls_->complaint().empty())
    throw Lost("its certificate is not accepted: " + tls_->complaint());
  if (status == MOSQ_ERR_ERRNO) throw Lost(std::strerror(error));
  throw Lost(sentence(mosquitto_strerror(status)));
}

int Connection::subscribe(std::span<const std::string> filters) {
  int mid = 0;
  check(mosquitto_subscribe_multiple(client_.get(), &mid, static_cast<int>(filters.size()), names(filters).data(),
                                     settings_.qos, 0, nullptr));
  return mid;
}

void Connection::unsubscribe(std::span<const std::string> filters) {
  check(mosquitto_unsubscribe_multiple(client_.get(), nullptr, static_cast<int>(filters.size()), names(filters).data(),
                                       nullptr));
}

std::optional<int> Connection::publish(const Outgoing& message) {
  const Properties properties = settings_.version5 ? properties_of(message) : Properties();
  int mid = 0;
  const int status =
      mosquitto_publish_v5(client_.get(), &mid, message.key.c_str(), static_cast<int>(message.body.size()),
                           message.body.data(), settings_.qos, false, properties.get());
  if (status == MOSQ_ERR_OVERSIZE_PACKET || status == MOSQ_ERR_PAYLOAD_SIZE || status == MOSQ_ERR_QOS_NOT_SUPPORTED)
    return std::nullopt;
  check(status);
  return mid;
}

void Connection::leave() noexcept {
  mosquitto_disconnect(client_.get());
  mosquitto_loop_write(client_.get(), 1);
}

template <class F>
void Connection::tell(F&& f) noexcept {
  try {
    f();
  } catch (const std::exception& error) {
    reason_ = error.what();
  }
}

void Connection::on_connect(mosquitto*, void* user, int status, int flags, const mosquitto_property*) {
  Connection& self = of(user);
  self.tell([&] {
    if (status != 0)
      throw Lost("it refuses this client: " + sentence(self.settings_.version5 ? mosquitto_reason_string(status)
                                                                               : mosquitto_connack_string(status)));
    self.accepted_ = true;
    self.listener_.accepted(flags & 1);
  });
}

void Connection::on_disconnect(mosquitto*, void* user, int status, const mosquitto_property*) {
  if (status < first_failure) return;
  of(user).tell([&] { throw Lost("it has ended the connection: " + sentence(mosquitto_reason_string(status))); });
}

void Connection::on_message(mosquitto*, void* user, const mosquitto_message* message,
                            const mosquitto_property* properties) {
  Connection& self = of(user);
  self.tell([&] {
    if (auto read = read_message(*message, properties, self.settings_.channel))
      self.listener_.message(std::move(*read));
    else
      self.listener_.unreadable(message->topic ? message->topic : "");
  });
}

void Connection::on_subscribe(mosquitto*, void* user, int mid, int count, const int* granted,
                              const mosquitto_property*) {
  Connection& self = of(user);
  self.tell([&] {
    std::vector<std::size_t> refused;
    for (int i = 0; i < count; ++i)
      if (granted[i] >= first_failure) refused.push_back(static_cast<std::size_t>(i));
    self.listener_.subscribed(mid, refused);
  });
}

void Connection::on_publish(mosquitto*, void* user, int mid, int reason, const mosquitto_property*) {
  Connection& self = of(user);
  self.tell([&] {
    self.listener_.published(mid, reason < first_failure ? std::string() : sentence(mosquitto_reason_string(reason)));
  });
}

}  // namespace mqtt
