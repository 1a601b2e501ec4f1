// SPDX-License-Identifier: Apache-2.0
// A mount that writes down what reaches it.
#pragma once
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "plugin/arguments.hpp"
#include "plugin/mount_services.hpp"

namespace dragoman::plugin {

class FakeServices : public MountServices {
 public:
  std::thread::id shard = std::this_thread::get_id();
  std::vector<std::string> calls;  // of the shard
  dgm_status answer = DGM_OK;
  dgm_auth_done auth_done = nullptr;
  dgm_timer_done timer_done = nullptr;
  dgm_published published = nullptr;
  bool journal = false, upstreams = false;
  dgm_fetch_done fetched = nullptr;
  void* user = nullptr;
  std::vector<std::pair<std::uint16_t, std::string>> closes;
  std::vector<std::uint64_t> sequences;

  std::vector<std::string> logs() const {
    const std::lock_guard lock(mutex_);
    return logs_;
  }

  bool on_shard() const override { return std::this_thread::get_id() == shard; }
  void log(dgm_session, int level, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    logs_.push_back(std::to_string(level) + " " + std::string(text));
  }
  dgm_status send(dgm_session session, int32_t, std::string_view payload) override {
    return note("send " + std::to_string(session) + " " + std::string(payload));
  }
  dgm_status close(dgm_session, std::uint16_t code, std::string_view reason) override {
    closes.emplace_back(code, reason);
    return note("close");
  }
  dgm_status set_paused(dgm_session, bool paused) override { return note(paused ? "pause" : "resume"); }
  dgm_status expect_message(dgm_session, std::uint32_t timeout_ms, std::uint16_t, std::string_view) override {
    return note("expect " + std::to_string(timeout_ms));
  }
  dgm_status subscribe(dgm_session, const dgm_interest& interest, std::uint64_t* subscription) override {
    *subscription = 5;
    return note("subscribe " + std::string(view(interest.channel)) + " " + std::string(view(interest.key)));
  }
  dgm_status unsubscribe(std::uint64_t subscription) override {
    return note("unsubscribe " + std::to_string(subscription));
  }
  dgm_status emit(const dgm_event& event) override {
    sequences.push_back(event.sequence);
    return note("emit " + std::string(view(event.key)));
  }
  dgm_status publish(const dgm_event& event) override {
    sequences.push_back(event.sequence);
    return note("publish " + std::string(view(event.key)));
  }
  dgm_status count_message(dgm_session session) override { return note("count_message " + std::to_string(session)); }
  dgm_status put_registered(dgm_session session, const dgm_registered& entry) override {
    return note("put " + std::to_string(session) + " " + std::string(entry.id.ptr, entry.id.len));
  }
  dgm_status remove_registered(dgm_session session) override { return note("remove " + std::to_string(session)); }
  dgm_status list_registered(std::uint64_t owner, std::string_view group, std::uint32_t flags, dgm_registry_done,
                             void*) override {
    return note("list " + std::to_string(owner) + " " + std::string(group) + " " + std::to_string(flags));
  }
  dgm_status find_registered(std::uint64_t owner, std::string_view id, std::uint32_t flags, dgm_registry_done,
                             void*) override {
    return note("find " + std::to_string(owner) + " " + std::string(id) + " " + std::to_string(flags));
  }
  dgm_status authenticate(std::uint64_t, std::string_view, std::uint32_t, dgm_auth_done done, void* u,
                          dgm_op* op) override {
    auth_done = done;
    user = u;
    *op = 9;
    return note("authenticate");
  }
  dgm_status cancel_auth(dgm_op op) override { return note("cancel_auth " + std::to_string(op)); }
  dgm_status start_timer(dgm_session, std::uint32_t, dgm_timer_done done, void* u, dgm_op* op) override {
    timer_done = done;
    user = u;
    *op = 8;
    return note("timer");
  }
  dgm_status send_part(dgm_session, int32_t, std::string_view part, bool first, bool last) override {
    return note("part " + std::string(part) + (first ? " first" : "") + (last ? " last" : ""));
  }
  dgm_status bus() override { return note("bus"); }
  dgm_status publish_confirmed(const dgm_event& event, dgm_published done, void* u) override {
    published = done;
    user = u;
    return note("publish_confirmed " + std::string(view(event.key)));
  }
  dgm_status respond(dgm_request, net::HttpResponse response) override {
    return note("respond " + net::serialize(response));
  }
  dgm_status begin_response(dgm_request, net::HttpResponse head) override {
    return note("begin " + net::serialize(head));
  }
  dgm_status response_part(dgm_request, std::string_view data) override { return note("part " + std::string(data)); }
  dgm_status end_response(dgm_request) override { return note("end"); }
  dgm_status abort_response(dgm_request) override { return note("abort"); }
  bool has_journal() const override { return journal; }
  dgm_status append(const dgm_record* records, std::size_t n, dgm_journal_appended, void*) override {
    return note("append " + std::to_string(n) + " " + std::string(view(records->id)));
  }
  dgm_status read(std::uint64_t owner, const dgm_journal_query& query, dgm_journal_page, void*) override {
    return note("read " + std::to_string(owner) + " " + std::string(view(query.stream)));
  }
  dgm_status count(std::uint64_t owner, const dgm_journal_query& query, dgm_journal_counted, void*) override {
    return note("count " + std::to_string(owner) + " " + std::string(view(query.stream)));
  }
  dgm_status values(std::uint64_t owner, std::string_view stream, std::string_view attribute, dgm_journal_listed,
                    void*) override {
    return note("values " + std::to_string(owner) + " " + std::string(stream) + " " + std::string(attribute));
  }
  bool has_upstreams() const override { return upstreams; }
  bool knows_upstream(std::string_view upstream) const override { return upstream == "known"; }
  dgm_status fetch(std::uint64_t owner, std::string_view upstream, net::HttpFetch request, dgm_fetch_done done, void* u,
                   dgm_op* op) override {
    fetched = done;
    user = u;
    *op = 7;
    std::string call = "fetch " + std::to_string(owner) + " " + std::string(upstream) + " " + request.method + " " +
                       request.target + " " + std::to_string(request.timeout_ms);
    for (const auto& [name, value] : request.headers) call += " " + name + "=" + value;
    return note(call + " " + request.body);
  }
  dgm_status cancel_fetch(dgm_op op) override { return note("cancel_fetch " + std::to_string(op)); }
  dgm_status cancel_timer(dgm_op op) override { return note("cancel_timer " + std::to_string(op)); }

 private:
  dgm_status note(std::string call) {
    calls.push_back(std::move(call));
    return answer;
  }
  mutable std::mutex mutex_;
  std::vector<std::string> logs_;
};

}  // namespace dragoman::plugin
