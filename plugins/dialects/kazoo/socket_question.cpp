// SPDX-License-Identifier: Apache-2.0
#include "socket_question.hpp"

#include <memory>
#include <utility>

#include "common/json_string.hpp"
#include "common/json_text.hpp"

namespace kazoo {
namespace {

using dialects::Json;
using dialects::quote;
using Kind = Json::Kind;

constexpr std::size_t longest_name = 255;  // of a routing key; enough for ids

// False: it is there, and no such text.
bool read(const Json& from, std::string_view name, std::optional<std::string>& into) {
  const Json* found = from.find(name);
  if (!found || found->is(Kind::null)) return true;
  if (!found->is(Kind::string) || found->text.empty() || found->text.size() > longest_name) return false;
  into = found->text;
  return true;
}

// "pid://PID/QUEUE", or the queue alone.
bool read_server(std::string_view server, SocketQuestion& into) {
  constexpr std::string_view scheme = "pid://";
  if (server.starts_with(scheme)) {
    server.remove_prefix(scheme.size());
    const std::size_t slash = server.find('/');
    if (slash == 0 || slash == server.npos) return false;
    into.pid = server.substr(0, slash);
    server.remove_prefix(slash + 1);
  }
  into.queue = server;
  return !server.empty();
}

class Answer : public std::enable_shared_from_this<Answer> {
 public:
  Answer(const sdk::Host& host, const sdk::Registry& registry, SocketQuestion question)
      : host_(host), registry_(registry), question_(std::move(question)) {}

  void find() {
    registry_.find(
        0, *question_.socket,
        [self = shared_from_this()](dgm_status status, std::span<const dgm_registered> sockets, bool) {
          if (status != DGM_OK) return;
          for (const dgm_registered& found : sockets) {
            const sdk::Registered socket(found);
            if (socket.group() == self->question_.account || socket.group() == self->question_.own)
              return self->publish(socket.data());
          }
          self->publish("[]");
        },
        sdk::Registry::Scope::node);
  }
  void list(const std::string& group) {
    registry_.list(
        0, group,
        [self = shared_from_this(), last = question_.own.empty() || group == question_.own](
            dgm_status status, std::span<const dgm_registered> sockets, bool) {
          if (status != DGM_OK) return;
          for (const dgm_registered& socket : sockets)
            self->found_.append(self->found_.empty() ? "" : ",").append(sdk::Registered(socket).data());
          if (!last) return self->list(self->question_.own);
          self->publish("[" + self->found_ + "]");
        },
        sdk::Registry::Scope::node);
  }

 private:
  void publish(std::string_view data) const {
    const std::string body = socket_answer(question_, data);
    sdk::NewEvent event(answer_exchange, question_.queue, body);
    event.content_type("application/json");
    if (!question_.pid.empty()) event.attribute(pid_header, question_.pid);
    event.publish(host_);
  }

  const sdk::Host host_;
  const sdk::Registry registry_;
  const SocketQuestion question_;
  std::string found_;
};

}  // namespace

std::optional<SocketQuestion> parse_socket_question(std::string_view text) {
  const auto body = dialects::parse_json(text);
  if (!body || !body->is(Kind::object)) return std::nullopt;
  std::optional<std::string> category, name, account, own, server;
  SocketQuestion question;
  const bool read_all = read(*body, "Event-Category", category) && read(*body, "Event-Name", name) &&
                        read(*body, "Account-ID", account) && read(*body, "Auth-Account-ID", own) &&
                        read(*body, "Server-ID", server) && read(*body, "Socket-ID", question.socket) &&
                        read(*body, "Msg-ID", question.message_id);
  if (!read_all || category != "websockets" || name != "get_req" || !account || !server) return std::nullopt;
  if (!read_server(*server, question)) return std::nullopt;
  question.account = *account;
  question.own = own.value_or("");
  return question;
}

std::string socket_answer(const SocketQuestion& question, std::string_view data) {
  std::string out = R"({"Data":)" + std::string(data);
  if (question.message_id) out += R"(,"Msg-ID":)" + quote(*question.message_id);
  return out +
         R"(,"Event-Category":"websockets","Event-Name":"get_resp","App-Name":"blackhole","App-Version":"4.0.0"})";
}

void answer_socket_question(const sdk::Host& host, const sdk::Registry& registry, SocketQuestion question) {
  const bool one = question.socket.has_value();
  const std::string account = question.account;
  const auto answer = std::make_shared<Answer>(host, registry, std::move(question));
  if (one)
    answer->find();
  else
    answer->list(account);
}

}  // namespace kazoo
