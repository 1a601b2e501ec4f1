// SPDX-License-Identifier: Apache-2.0
#include "api_requests.hpp"

#include "record.hpp"

namespace honeytrap {

void EventsRequest::open(sdk::HttpCall call, const sdk::HttpRequest& request, const Settings& settings) {
  std::string error;
  const auto query = parse_event_query(request.body(), request.query(), settings.lenient_json, error);
  if (!query) {
    call.respond(400, error + "\n", {{"Content-Type", "text/plain; charset=utf-8"}});
    return;
  }
  scan_ = std::make_unique<EventScan>(sdk::Journal(call.host()), call.id(),
                                      request.path() == "/sessions" ? sessions_stream : events_stream);
  out_ = std::make_unique<PartedText>([call](std::string_view part, bool first, bool last) {
    if (first) call.begin(200, {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}});
    const dgm_status status = call.part(part);
    return last && status >= 0 ? call.end() : status;
  });
  scan_->query(*query,
               [this, query = *query, keys = settings.paging_keys](std::uint64_t total) {
                 append_answer_head(out_->text(), query, total, keys);
               },
               {[this, keys = settings.event_keys](std::span<const dgm_record> records) {
                  for (const dgm_record& record : records) {
                    const std::size_t before = out_->text().size();
                    if (any_) out_->text() += ',';
                    if (append_event(out_->text(), sdk::view(record.body), keys))
                      any_ = true;
                    else
                      out_->text().resize(before);
                  }
                  return out_->flush(false);
                },
                [this] {
                  out_->text() += answer_tail;
                  ended_ = true;
                  out_->flush(true);
                },
                [this, call](dgm_status, std::string_view why) {
                  // An answer that has begun can only be cut off.
                  if (out_->begun())
                    call.abort();
                  else
                    call.respond(500, std::string(why) + "\n", {{"Content-Type", "text/plain; charset=utf-8"}});
                }});
}

void EventsRequest::writable() {
  if (!out_) return;
  out_->writable();
  if (out_->flush(ended_) && !ended_) scan_->next();
}

}  // namespace honeytrap
