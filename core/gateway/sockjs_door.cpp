// SPDX-License-Identifier: Apache-2.0
#include "gateway/sockjs_door.hpp"

#include <openssl/rand.h>

#include <ctime>
#include <functional>

#include "codec/sockjs_page.hpp"
#include "codec/sockjs_payload.hpp"
#include "gateway/front_door.hpp"
#include "gateway/shard.hpp"

namespace dragoman::gateway {
namespace {

using codec::SockjsTransport;

constexpr std::string_view never_cache = "no-store, no-cache, no-transform, must-revalidate, max-age=0";
constexpr std::string_view text_plain = "text/plain; charset=UTF-8";
constexpr std::int64_t year_s = 31536000;

std::string http_date(std::time_t at) {
  std::tm utc{};
  ::gmtime_r(&at, &utc);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

void cache_for_a_year(net::HttpResponse& response) {
  response.headers.emplace_back("Cache-Control", "public, max-age=" + std::to_string(year_s));
  response.headers.emplace_back("Expires", http_date(std::time(nullptr) + year_s));
}

// Digest 2.3. eventsource differs for the origin null.
void add_cors(net::HttpResponse& response, const net::HttpRequest& request, bool null_is_any = false) {
  const std::string* origin = request.find("Origin");
  if (origin && !origin->empty() && !(null_is_any && *origin == "null")) {
    response.headers.emplace_back("Access-Control-Allow-Origin", *origin);
    response.headers.emplace_back("Access-Control-Allow-Credentials", "true");
  } else {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  }
  response.headers.emplace_back("Vary", "Origin");
  const std::string* wanted = request.find("Access-Control-Request-Headers");
  if (wanted && !wanted->empty()) response.headers.emplace_back("Access-Control-Allow-Headers", *wanted);
}

net::HttpResponse text_answer(int status, std::string_view type, std::string body) {
  net::HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", type);
  response.body = std::move(body);
  return response;
}

bool is_sender(SockjsTransport transport) {
  return transport == SockjsTransport::xhr_send || transport == SockjsTransport::jsonp_send;
}

bool is_posted(SockjsTransport transport) {
  return transport == SockjsTransport::xhr || transport == SockjsTransport::xhr_streaming || is_sender(transport);
}

bool has_cors(SockjsTransport transport) {
  return transport == SockjsTransport::xhr || transport == SockjsTransport::xhr_streaming ||
         transport == SockjsTransport::xhr_send || transport == SockjsTransport::eventsource;
}

bool is_poll(SockjsTransport transport) {
  return transport == SockjsTransport::xhr || transport == SockjsTransport::jsonp;
}

std::string_view content_type(SockjsTransport transport) {
  switch (transport) {
    case SockjsTransport::eventsource:
      return "text/event-stream";
    case SockjsTransport::htmlfile:
      return "text/html; charset=UTF-8";
    case SockjsTransport::xhr_send:
    case SockjsTransport::jsonp_send:
      return text_plain;
    default:
      return "application/javascript; charset=UTF-8";
  }
}

// One response on its way to a client.
class Receiver final : public transport::SockjsReceiver {
 public:
  Receiver(std::shared_ptr<net::HttpConnection> connection, SockjsTransport transport, std::string callback,
           std::shared_ptr<bool> attached)
      : connection_(std::move(connection)),
        transport_(transport),
        callback_(std::move(callback)),
        attached_(std::move(attached)) {}
  ~Receiver() override {
    if (!*attached_) return;
    *attached_ = false;
    connection_->close();
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  std::size_t write(std::string_view frame) override {
    std::string out;
    codec::append_sockjs_envelope(out, transport_, frame, callback_);
    writable_ = connection_->part(out);
    return out.size();
  }
  bool writable() const override { return writable_; }
  void set_writable() { writable_ = true; }
  void end() override {
    *attached_ = false;
    connection_->end();
  }
  bool gone() override { return connection_->gone(); }

 private:
  std::shared_ptr<net::HttpConnection> connection_;
  SockjsTransport transport_;
  std::string callback_;
  std::shared_ptr<bool> attached_;
  bool writable_ = true;
};

}  // namespace

SockjsDoor::SockjsDoor(Shard& shard, ShardMount& mount) : shard_(shard), mount_(mount) {
  const config::SockjsConfig& config = mount.shared().config.sockjs;
  limits_ = {config.heartbeat_ms, config.disconnect_delay_ms, config.response_bytes};
  iframe_page_ = codec::sockjs_iframe_page(config.script_url);
  iframe_etag_ = codec::sockjs_etag(iframe_page_);
}

void SockjsDoor::handle(FrontDoor& door, const std::shared_ptr<net::HttpConnection>& connection,
                        net::HttpRequest& request, std::string_view below) {
  const std::string_view base = std::string_view(request.path).substr(0, request.path.size() - below.size());
  const Call call{door, connection, request, base.empty() ? "/" : base};
  const codec::SockjsPath path = codec::parse_sockjs_path(below);
  log(call, path, below);
  switch (path.target) {
    case codec::SockjsTarget::greeting:
      if (request.method != "GET") return not_allowed(call, "GET");
      return connection->respond(text_answer(200, text_plain, std::string(codec::sockjs_greeting)));
    case codec::SockjsTarget::iframe:
      return iframe(call);
    case codec::SockjsTarget::info:
      return info(call);
    case codec::SockjsTarget::raw_websocket:
      return websocket(call, true);
    case codec::SockjsTarget::session:
      return session(call, path);
    case codec::SockjsTarget::not_found:
      break;
  }
  connection->respond(text_answer(404, text_plain, "404 Error: Page not found\n"));
}

// The session id is a secret, also where it stands in a path that was mistyped.
void SockjsDoor::log(const Call& call, const codec::SockjsPath& path, std::string_view below) {
  const bool deep = below.find('/', 1) != std::string_view::npos;
  if (!deep) return call.door.log_request(*call.connection, call.request, call.request.target);
  std::string shown(call.base);
  if (path.target == codec::SockjsTarget::session)
    shown.append("/")
        .append(path.server)
        .append("/***")
        .append(below.substr(path.server.size() + path.session.size() + 2));
  else
    shown += "/***";
  call.door.log_request(*call.connection, call.request, shown);
}

// No content type and no body (digest 17).
void SockjsDoor::not_allowed(const Call& call, std::string_view allow) {
  net::HttpResponse response;
  response.status = 405;
  response.headers.emplace_back("Allow", allow);
  call.connection->respond(std::move(response));
}

void SockjsDoor::iframe(const Call& call) {
  if (call.request.method != "GET") return not_allowed(call, "GET");
  const auto known = [&](std::string_view tag) { return call.request.has_token("If-None-Match", tag); };
  net::HttpResponse response;
  if (known(iframe_etag_) || known(std::string("W/").append(iframe_etag_)) || known("*"))
    response.status = 304;
  else
    response = text_answer(200, "text/html; charset=UTF-8", iframe_page_);
  cache_for_a_year(response);
  response.headers.emplace_back("ETag", iframe_etag_);
  call.connection->respond(std::move(response));
}

void SockjsDoor::info(const Call& call) {
  if (call.request.method == "OPTIONS") return options(call, "OPTIONS, GET", false);
  if (call.request.method != "GET") return not_allowed(call, "OPTIONS, GET");
  const config::SockjsConfig& config = mount_.shared().config.sockjs;
  std::uint32_t entropy = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&entropy), sizeof entropy);
  net::HttpResponse response =
      text_answer(200, "application/json; charset=UTF-8", codec::sockjs_info(config.websocket, config.cookie, entropy));
  response.headers.emplace_back("Cache-Control", never_cache);
  add_cors(response, call.request);
  call.connection->respond(std::move(response));
}

void SockjsDoor::options(const Call& call, std::string_view methods, bool session) {
  net::HttpResponse response;
  response.status = 204;
  cache_for_a_year(response);
  add_cors(response, call.request);
  response.headers.emplace_back("Access-Control-Allow-Methods", methods);
  response.headers.emplace_back("Access-Control-Max-Age", std::to_string(year_s));
  if (session && mount_.shared().config.sockjs.cookie) {
    const std::string* cookie = call.request.find("Cookie");
    response.headers.emplace_back(
        "Set-Cookie", "JSESSIONID=" + std::string(codec::sockjs_cookie(cookie ? *cookie : "")) + "; path=/");
  }
  call.connection->respond(std::move(response));
}

void SockjsDoor::websocket(const Call& call, bool raw) {
  if (!mount_.shared().config.sockjs.websocket)
    return call.connection->respond(text_answer(404, text_plain, "404 Error: Page not found\n"));
  if (call.request.method != "GET") return not_allowed(call, "GET");
  if (!call.request.has_token("Upgrade", "websocket") || !call.request.has_token("Connection", "upgrade")) {
    call.door.counters.refused_handshake.add();
    return call.connection->respond(text_answer(400, text_plain, "this address speaks WebSocket\n"));
  }
  call.door.upgrade(*call.connection, call.request, mount_,
                    raw ? FrontDoor::Framing::plain : FrontDoor::Framing::sockjs, call.base);
}

net::HttpResponse SockjsDoor::answer(const Call& call, SockjsTransport transport, int status, std::string text) {
  net::HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", status == 200 || status == 204 ? content_type(transport) : text_plain);
  response.headers.emplace_back("Cache-Control", never_cache);
  if (has_cors(transport)) add_cors(response, call.request, transport == SockjsTransport::eventsource);
  if (transport == SockjsTransport::jsonp) response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  if (mount_.shared().config.sockjs.cookie) {
    const std::string* cookie = call.request.find("Cookie");
    response.headers.emplace_back(
        "Set-Cookie", "JSESSIONID=" + std::string(codec::sockjs_cookie(cookie ? *cookie : "")) + "; path=/");
  }
  response.body = std::move(text);
  return response;
}

void SockjsDoor::session(const Call& call, const codec::SockjsPath& path) {
  if (path.transport == SockjsTransport::websocket) return websocket(call, false);
  const bool posted = is_posted(path.transport);
  const bool preflight = has_cors(path.transport) && path.transport != SockjsTransport::eventsource;
  if (preflight && call.request.method == "OPTIONS") return options(call, "OPTIONS, POST", true);
  if (call.request.method != (posted ? "POST" : "GET"))
    return not_allowed(call, preflight ? "OPTIONS, POST" : posted ? "POST" : "GET");
  if (!mount_.origin_allowed(call.request))
    return call.connection->respond(answer(call, path.transport, 403, "this origin is not allowed\n"));

  const std::string key(path.session);
  // A session has its home where its key says, so nobody has to be asked.
  const std::size_t home = std::hash<std::string>{}(key) % (shard_.others.size() + 1);
  if (home != shard_.number) return call.door.hand_over(call.connection, call.request, static_cast<unsigned>(home));
  SockjsDoor* const elder = sessions_.find(key) ? nullptr : elder_with(key);
  (elder ? *elder : *this).at_home(call, path.transport, key);
}

SockjsDoor* SockjsDoor::elder_with(const std::string& key) {
  for (ShardMount* mount : shard_.mounts)
    if (mount != &mount_ && mount->sockjs() && mount->shared().config.name == mount_.shared().config.name &&
        mount->sockjs()->sessions_.find(key))
      return mount->sockjs();
  return nullptr;
}

void SockjsDoor::at_home(const Call& call, SockjsTransport transport, const std::string& key) {
  if (is_sender(transport))
    send(call, transport, key);
  else
    receive(call, transport, key);
}

void SockjsDoor::receive(const Call& call, SockjsTransport transport, const std::string& key) {
  std::string callback;
  if (transport == SockjsTransport::htmlfile || transport == SockjsTransport::jsonp) {
    std::string_view error;
    const auto found = codec::sockjs_callback(call.request.query, error);
    if (!found) return call.connection->respond(answer(call, transport, 500, std::string(error) + "\n"));
    callback = *found;
  }
  transport::SockjsHttpSession* session = sessions_.find(key);
  if (session && session->receiver_gone()) {
    session->receiver_lost();
    session = nullptr;
  }
  if (!session) {
    session = open(call, transport, key);
    if (!session) return;
  }

  const auto connection = call.connection;
  connection->begin(answer(call, transport, 200));
  if (const std::string prelude = codec::sockjs_prelude(transport, callback); !prelude.empty())
    connection->part(prelude);
  const auto attached = std::make_shared<bool>(true);
  auto receiver = std::make_unique<Receiver>(connection, transport, callback, attached);
  if (session->receiving()) {
    receiver->write(codec::sockjs_close(2010, "Another connection still open"));
    receiver->end();
    return;
  }
  const auto reading = [this, life = mount_.life(), key, attached] {
    return *attached ? sessions_.find(key) : nullptr;
  };
  const bool there = call.door.on_client(*connection, {[reading] {
                                                         if (auto* lost = reading()) lost->receiver_lost();
                                                       },
                                                       [reading, out = receiver.get()] {
                                                         auto* waiting = reading();
                                                         if (!waiting) return;
                                                         out->set_writable();
                                                         waiting->receiver_writable();
                                                       }});
  // The client may have left while the head was written.
  if (!there) return session->receiver_lost();
  connection->watch();
  session->attach(std::move(receiver), is_poll(transport) ? 1 : limits_.response_bytes);
}

transport::SockjsHttpSession* SockjsDoor::open(const Call& call, SockjsTransport transport, const std::string& key) {
  if (const auto verdict = mount_.admit_http(call.connection->peer()); !verdict.admitted) {
    const net::HttpResponse refusal = quota_answer(verdict);
    net::HttpResponse response = answer(call, transport, refusal.status, refusal.body);
    response.headers.push_back(refusal.headers.back());
    call.connection->respond(std::move(response));
    return nullptr;
  }
  auto* session = new transport::SockjsHttpSession(mount_, sessions_, limits_, key);
  const RequestView head(call.request, *call.connection, call.base);
  mount_.adopt_http(session, head.c);
  session->start();
  return session;
}

void SockjsDoor::send(const Call& call, SockjsTransport transport, const std::string& key) {
  if (call.request.body.size() > mount_.shared().limits.message_bytes)
    return call.connection->respond(answer(call, transport, 413, "the body is too large\n"));
  const std::string* type = call.request.find("Content-Type");
  std::string form;
  if (transport == SockjsTransport::jsonp_send)
    form = codec::sockjs_jsonp_body(type ? *type : std::string_view(), call.request.body);
  const std::string_view body = transport == SockjsTransport::jsonp_send ? std::string_view(form) : call.request.body;
  std::vector<std::string> messages;
  const auto result = codec::parse_sockjs_payload(body, codec::SockjsMode::http, {}, messages);
  if (result != codec::SockjsPayload::ok)
    return call.connection->respond(
        answer(call, transport, 500, std::string(codec::sockjs_payload_error(result)) + "\n"));
  transport::SockjsHttpSession* session = sessions_.find(key);
  if (!session) return call.connection->respond(answer(call, transport, 404, "404 Error: Page not found\n"));
  if (!session->receive(std::move(messages)))
    return call.connection->respond(answer(call, transport, 503, "too many messages wait\n"));
  call.connection->respond(transport == SockjsTransport::xhr_send ? answer(call, transport, 204)
                                                                  : answer(call, transport, 200, "ok"));
}

}  // namespace dragoman::gateway
