// SPDX-License-Identifier: Apache-2.0
#include "lookup.hpp"

#include "writer.hpp"

namespace lavaboom {

void Lookup::complete(UserEvent event) {
  const auto path = email_path(event.id);
  if (!path) return drop("its id has no path");
  const auto waiting = std::make_shared<UserEvent>(std::move(event));
  ask(waiting, *path, [this, waiting](std::string_view body) {
    const auto email = parse_email(body);
    if (!email) return drop("the upstream's answer is not understood");
    waiting->name = email->name;
    if (!waiting->thread) waiting->thread = email->thread;
    find_labels(waiting);
  });
}

void Lookup::find_labels(const std::shared_ptr<UserEvent>& event) {
  const auto path = event->labels || event->thread->empty() ? std::nullopt : thread_path(*event->thread);
  if (!path) return deliver(*event);
  ask(event, *path, [this, event](std::string_view body) {
    event->labels = parse_thread_labels(body);
    if (!event->labels) return drop("the upstream's answer is not understood");
    deliver(*event);
  });
}

void Lookup::ask(const std::shared_ptr<UserEvent>& event, const std::string& path,
                 std::function<void(std::string_view)> answered) {
  const auto* sessions = subscribers_.find(event->owner);
  if (!sessions) return;  // nobody is left here who would hear of it
  sdk::Fetch fetch;
  fetch.upstream = settings_.upstream;
  fetch.path = path;
  fetch.headers = {{"Authorization", "Bearer " + (*sessions->begin())->token()}, {"Accept", "application/json"}};
  fetch.timeout_ms = static_cast<std::uint32_t>(settings_.request_timeout.count());
  const dgm_status status = sdk::Upstreams(host_).fetch(
      0, fetch,
      [this, answered = std::move(answered)](dgm_status result, const sdk::Fetched* answer, std::string_view why) {
        if (result == DGM_E_CANCELED) return;
        if (!answer) return drop(why);
        if (answer->status() != 200) return drop("the upstream answers " + std::to_string(answer->status()));
        answered(answer->body());
      });
  if (status < 0) drop("the upstream does not take the request");
}

void Lookup::deliver(const UserEvent& event) {
  const auto* sessions = subscribers_.find(event.owner);
  if (!sessions) return;
  const std::string text = event_message(event, settings_.minimal_events);
  for (const Session* session : *sessions) session->client().send(text);
}

void Lookup::drop(std::string_view why) {
  host_.log(sdk::LogLevel::warn, "event dropped, its e-mail could not be looked up: " + std::string(why));
}

}  // namespace lavaboom
