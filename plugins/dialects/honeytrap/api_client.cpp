// SPDX-License-Identifier: Apache-2.0
#include "api_client.hpp"

namespace honeytrap {

ApiClient::Fetch::Fetch(sdk::Client client, sdk::Opcode op, MessageType type, const Settings& settings)
    : writer(reply_type(type), settings.empty_payload, settings.event_keys),
      out([client, op](std::string_view part, bool first, bool last) {
        return client.send_part(op, part, first, last);
      }),
      scan(sdk::Journal(client.host()), client.id(),
           type == MessageType::fetch_sessions ? sessions_stream : events_stream),
      request(static_cast<std::int64_t>(type)) {}

void ApiClient::open(sdk::Client client, const Settings& settings) {
  settings_ = &settings;
  client.subscribe(settings.channel, "#", false);
}

sdk::Opcode ApiClient::opcode() const {
  if (settings_->frame == Frame::mirror) return last_opcode_;
  return settings_->frame == Frame::binary ? sdk::Opcode::binary : sdk::Opcode::text;
}

void ApiClient::message(sdk::Client client, sdk::Opcode op, std::string_view text) {
  last_opcode_ = op;
  if (text.size() > largest_request) {
    client.close(1009, "the request is too large");
    return;
  }
  const Request request = parse_request(text, settings_->lenient_json);
  if (!request.type) return refuse(client, request.number, request.error);
  fetch(client, *request.type);
}

void ApiClient::refuse(sdk::Client client, std::int64_t request, std::string_view text) {
  std::string out;
  append_error_response(out, request, text, settings_->error_payload);
  client.send(opcode(), out);
}

// Replies keep the order of the requests: nothing is read until this one is answered.
void ApiClient::fetch(sdk::Client client, MessageType type) {
  client.pause();
  fetch_ = std::make_unique<Fetch>(client, opcode(), type, *settings_);
  Fetch& f = *fetch_;
  f.writer.begin(f.out.text());
  f.scan.all(settings_->reply_limit, {[&f](std::span<const dgm_record> records) {
                                        for (const dgm_record& record : records)
                                          f.writer.add(f.out.text(), sdk::view(record.body));
                                        return f.out.flush(false);
                                      },
                                      [this, &f, client] {
                                        f.writer.end(f.out.text());
                                        f.ended = true;
                                        if (f.out.flush(true)) finish(client);
                                      },
                                      [this, &f, client](dgm_status, std::string_view why) {
                                        // A message that has begun cannot become an error any more.
                                        if (f.out.begun()) {
                                          client.close(1011, "the storage failed");
                                          return;
                                        }
                                        refuse(client, f.request, why);
                                        finish(client);
                                      }});
}

void ApiClient::writable(sdk::Client client) {
  if (!fetch_) return;
  Fetch& f = *fetch_;
  f.out.writable();
  if (!f.out.flush(f.ended)) return;
  if (f.ended)
    finish(client);
  else
    f.scan.next();
}

// The fetch stays until the next one takes its place: this may run inside of it.
void ApiClient::finish(sdk::Client client) {
  client.resume();
}

}  // namespace honeytrap
