// SPDX-License-Identifier: Apache-2.0
// A dialect that lets a test do with its session what a dialect may do. Each message is a line: a command and its
// words.
//   sub CHANNEL PATTERN VARIANT | lit CHANNEL KEY VARIANT | unsub ID | auth TOKEN | publish CHANNEL KEY BODY | flood N
//   BYTES | close CODE REASON | pause MS | rest: paused until there is room | timer MS | expect MS | throw | slow MS |
//   path: where it was opened | peer | user: of the handshake, whose query was token=TOKEN | parts N BYTES MS: a
//   message in N parts, one each MS ms | stream N BYTES: the same as fast as pressure allows | heedless N BYTES: faster
//   | misorder: parts in orders that are refused | unfinished BYTES: one part of many
// Part number i is made of the letter number i. Events arrive as "VARIANT:BODY"; variant 9 is skipped by encode(),
// variant 8 throws there, variant 1000 is "ID|CHANNEL|KEY|CONTENT TYPE|TIME|NAME=VALUE|...".
//
// With the setting `routes` it answers HTTP too, see request(). With `feed` the events of that channel go through
// map(), which emits them on the same channel with "mapped " in front.
#include <chrono>
#include <dragoman/sdk.hpp>
#include <sstream>
#include <thread>
#include <utility>

namespace sdk = dragoman::sdk;

namespace {

// What is left of a message or answer in parts.
struct Parts {
  std::uint64_t left = 0, made = 0;
  std::size_t bytes = 0;

  std::string next() {
    --left;
    return std::string(bytes, static_cast<char>('a' + made++ % 26));
  }
};

std::uint64_t number_in(std::string_view query, std::string_view name) {
  const std::size_t at = query.find(name);
  return at == query.npos ? 0 : std::stoull(std::string(query.substr(at + name.size() + 1)));
}

}  // namespace

class Probe {
 public:
  static constexpr const char* name = "probe";
  static constexpr const char* version = "1.0.0";
  static constexpr const char* settings_schema =
      R"({"type": "object", "additionalProperties": false,
          "properties": {"routes": {"type": "boolean", "default": false, "description": "Answer HTTP"},
                         "feed": {"type": "string", "default": "", "description": "Channel whose events are mapped"
}
}
})";
  static constexpr bool map_feeds = true;
  struct Session {
    Parts parts;
    std::string path;
    std::string peer;
    std::string user;  // of the handshake
    bool resting = false;
  };
  struct Request {
    Parts parts;
  };

  explicit Probe(sdk::Host host) : host_(host) {}

  void configure(const sdk::Config& config) {
    opened_ = host_.counter("requests_opened", "Requests that came");
    closed_ = host_.counter("requests_closed", "Requests that ended");
    writable_ = host_.counter("requests_writable", "Calls of request_writable");
    late_ = host_.counter("answers_gone", "Answers that found no request");
    constexpr std::string_view feed = R"("feed":")";
    const std::size_t at = config.settings().find(feed);
    const std::string_view channel = config.settings().substr(at + feed.size());
    if (!channel.starts_with('"')) host_.feed(channel.substr(0, channel.find('"')), "#");
    if (config.settings().find("true") == std::string_view::npos) return;
    for (const char* path : {"/", "/both"}) host_.websocket_route(path);
    for (const char* path : {"/both", "/items", "/items/{}", "/items/{}/parts/{}", "/stream", "/heedless", "/wait",
                             "/abort", "/throw", "/twice", "/empty", "/peer"})
      host_.route("GET", path);
    for (const char* path : {"/items", "/echo"}) host_.route("POST", path);
    host_.route("PUT", "/items/{}");
    host_.route("DELETE", "/items/{}");
  }

  void map(const sdk::Event& event) {
    const std::string body = "mapped " + std::string(event.body());
    sdk::NewEvent(event.channel(), event.key(), body).like(event).emit(host_);
  }

  unsigned upgrade(const sdk::Open& open, std::string& text) {
    constexpr std::string_view refuse = "refuse=";
    constexpr std::string_view credential = "token=";
    if (open.query() == "refuse") throw std::runtime_error("probe: thrown in upgrade");
    if (open.query().starts_with(credential)) {
      const auto identity = open.identity();
      text = identity ? "probe: not you" : open.query().substr(credential.size());
      if (!identity || open.query() == "token=asks-again") return DGM_UPGRADE_AUTHENTICATE;
      return identity->user() == "mallory" ? 403 : 0;
    }
    if (!open.query().starts_with(refuse)) return 0;
    text = "probe: refused";
    return static_cast<unsigned>(std::stoul(std::string(open.query().substr(refuse.size()))));
  }

  void open(sdk::Client client, Session& session, const sdk::Open& open) {
    session.path = open.path();
    if (const auto identity = open.identity()) session.user = identity->user();
    session.peer = open.peer();
    if (open.query() == "throw") throw std::runtime_error("probe: thrown in open");
    if (open.query() == "expect") client.expect_message(300, 4000, "say something");
  }

  void message(sdk::Client client, Session& session, sdk::Opcode, std::string_view text) {
    std::istringstream in{std::string(text)};
    std::string command, a, b;
    std::uint64_t n = 0;
    in >> command;
    if (command == "sub" || command == "lit") {
      in >> a >> b >> n;
      client.send("subscribed " + std::to_string(client.subscribe(a, b, command == "lit", n)));
    } else if (command == "unsub") {
      in >> n;
      client.send("unsubscribed " + std::to_string(client.unsubscribe(n)));
    } else if (command == "auth") {
      in >> a;
      const dgm_status status = client.authenticate(
          a, 5000, [client](dgm_status result, const sdk::Identity* identity, std::string_view why) {
            client.send("auth " + std::to_string(result) + " " + std::string(identity ? identity->user() : why));
          });
      if (status < 0) client.send("auth " + std::to_string(status) + " ");
    } else if (command == "publish") {
      in >> a >> b;
      std::string body;
      std::getline(in >> std::ws, body);
      client.send("published " + std::to_string(sdk::NewEvent(a, b, body).origin(client.id()).publish(host_)));
    } else if (command == "flood") {
      std::size_t bytes = 0;
      in >> n >> bytes;
      const std::string filler(bytes, 'x');
      for (std::uint64_t i = 0; i < n; ++i)
        if (client.send(filler) < 0) return;
    } else if (command == "close") {
      in >> n;
      std::getline(in >> std::ws, a);
      client.close(static_cast<std::uint16_t>(n), a);
    } else if (command == "pause") {
      in >> n;
      client.pause();
      client.after(static_cast<std::uint32_t>(n), [client](dgm_status) {
        client.send("resumed");
        client.resume();
      });
    } else if (command == "rest") {
      session.resting = true;
      client.pause();
    } else if (command == "timer") {
      in >> n;
      client.after(static_cast<std::uint32_t>(n),
                   [client](dgm_status status) { client.send("timer " + std::to_string(status)); });
    } else if (command == "expect") {
      in >> n;
      client.expect_message(static_cast<std::uint32_t>(n), 4000, "say something");
    } else if (command == "throw") {
      throw std::runtime_error("probe: thrown in message");
    } else if (command == "slow") {
      in >> n;
      std::this_thread::sleep_for(std::chrono::milliseconds(n));
      client.send("done");
    } else if (command == "user") {
      client.send(session.user);
    } else if (command == "peer") {
      client.send(session.peer);
    } else if (command == "parts") {
      session.parts = {};
      std::uint32_t ms = 0;
      in >> session.parts.left >> session.parts.bytes >> ms;
      send_paced(client, std::make_shared<Parts>(session.parts), ms);
    } else if (command == "stream" || command == "heedless") {
      session.parts = {};
      in >> session.parts.left >> session.parts.bytes;
      send_parts(client, session.parts, command == "heedless");
    } else if (command == "misorder") {
      std::string told = "misorder";
      const auto part = [&](std::string_view data, bool first, bool last) {
        told.append(" ").append(std::to_string(client.send_part(sdk::Opcode::text, data, first, last)));
      };
      part("middle", false, false);
      part("end", false, true);
      part("one ", true, false);
      part("again", true, false);
      part("whole", true, true);
      part("two", false, true);
      part("more", false, true);
      client.send(told);
    } else if (command == "path") {
      client.send(session.path);
    } else if (command == "unfinished") {
      in >> n;
      client.send_part(sdk::Opcode::text, std::string(n, 'x'), true, false);
      client.send("behind");
    } else {
      client.send("echo " + std::string(text));
    }
  }
  void writable(sdk::Client client, Session& session) {
    send_parts(client, session.parts, false);
    if (std::exchange(session.resting, false)) client.resume();
  }

  // GET /both, /items, /items/{}, /items/{}/parts/{}: "PATH?QUERY" | GET /empty: 204 | POST, PUT, DELETE: "METHOD BODY"
  //   GET /stream?parts=N&bytes=B: in parts, as fast as pressure allows | /heedless: faster
  //   GET /wait?ms=MS: answered after MS ms; 0: never | /abort?parts=N&bytes=B: begun, never ended
  //   GET /peer: the address of the client
  //   GET /throw?after=nothing, begin, part or respond | /twice: two answers
  void request(sdk::HttpCall call, Request& request, const sdk::HttpRequest& r) {
    opened_.add();
    const std::string_view path = r.path(), query = r.query();
    if (r.method() != "GET") return note(call.respond(200, std::string(r.method()) + " " + std::string(r.body())));
    if (path == "/empty") return note(call.respond(204, {}));
    if (path == "/peer") return note(call.respond(200, r.peer()));
    if (path == "/abort") {
      call.begin(200);
      for (request.parts = {number_in(query, "parts"), 0, number_in(query, "bytes")}; request.parts.left;)
        call.part(request.parts.next());
      note(call.abort());
    } else if (path == "/stream" || path == "/heedless") {
      request.parts = {number_in(query, "parts"), 0, number_in(query, "bytes")};
      note(call.begin(200, {{"Content-Type", "text/plain"}}));
      answer_parts(call, request.parts, path == "/heedless");
    } else if (path == "/wait") {
      const auto ms = static_cast<std::uint32_t>(number_in(query, "ms"));
      if (ms) sdk::Client(host_, 0).after(ms, [this, call](dgm_status) { note(call.respond(200, "waited")); });
    } else if (path == "/throw") {
      if (query == "after=begin" || query == "after=part") call.begin(200);
      if (query == "after=part") call.part("a part");
      if (query == "after=respond") call.respond(200, "answered");
      throw std::runtime_error("probe: thrown in request");
    } else if (path == "/twice") {
      note(call.respond(200, "first"));
      note(call.respond(200, "second"));
      note(call.part("third"));
    } else {
      call.respond(200, std::string(path) + "?" + std::string(query) + (r.head() ? " head" : ""),
                   {{"X-Header", r.header("x-HEADER").value_or("none")}});
    }
  }
  void request_writable(sdk::HttpCall call, Request& request) {
    writable_.add();
    answer_parts(call, request.parts, false);
  }
  void request_close(sdk::HttpCall, Request&) { closed_.add(); }

  void identity(sdk::Client client, Session&, const sdk::Identity& identity, sdk::IdentityChange why) {
    client.send("identity " + std::to_string(static_cast<int>(why)) + " " + std::string(identity.user()));
  }

  bool encode(const sdk::Event& event, std::uint64_t variant, sdk::Writer& out) {
    if (variant == 9) return false;
    if (variant == 8) throw std::runtime_error("probe: thrown in encode");
    if (variant == 1000) {
      for (const std::string_view part : {event.id(), event.channel(), event.key(), event.content_type()})
        out.append(part).append("|");
      out.append(std::to_string(event.c().time_ms));
      for (std::size_t i = 0; i < event.c().attribute_count; ++i)
        out.append("|")
            .append(sdk::view(event.c().attributes[i].name))
            .append("=")
            .append(sdk::view(event.c().attributes[i].value));
      return true;
    }
    out.append(std::to_string(variant)).append(":").append(event.body());
    return true;
  }

 private:
  void send_parts(sdk::Client client, Parts& parts, bool heedless) {
    while (parts.left) {
      const bool first = parts.made == 0;
      const std::string part = parts.next();
      const dgm_status status = client.send_part(sdk::Opcode::text, part, first, parts.left == 0);
      if (status < 0) parts.left = 0;
      if (status == DGM_PRESSURE && !heedless) return;
    }
  }
  void send_paced(sdk::Client client, const std::shared_ptr<Parts>& parts, std::uint32_t ms) {
    const bool first = parts->made == 0;
    const std::string part = parts->next();
    if (client.send_part(sdk::Opcode::text, part, first, parts->left == 0) < 0 || !parts->left) return;
    client.after(ms, [this, client, parts, ms](dgm_status status) {
      if (status == DGM_OK) send_paced(client, parts, ms);
    });
  }
  void answer_parts(sdk::HttpCall call, Parts& parts, bool heedless) {
    if (!parts.bytes) return;
    while (parts.left) {
      const dgm_status status = call.part(parts.next());
      note(status);
      if (status < 0) return;
      if (status == DGM_PRESSURE && !heedless && parts.left) return;
    }
    parts.bytes = 0;
    call.end();
  }
  void note(dgm_status status) const {
    if (status == DGM_E_GONE) late_.add();
  }

  sdk::Host host_;
  sdk::Counter opened_, closed_, writable_, late_;
};

DRAGOMAN_DIALECT(Probe)
