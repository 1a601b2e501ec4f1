// SPDX-License-Identifier: Apache-2.0
// What the host tables need of the gateway for one mount on one shard. Implemented by gateway; the plugin room turns
// the C calls of a plugin into these after checking domain, sizes and ids. All functions run on the shard's thread
// unless they say otherwise.
#pragma once
#include <dragoman/ext/auth.h>
#include <dragoman/ext/fanout.h>
#include <dragoman/ext/http.h>
#include <dragoman/ext/journal.h>
#include <dragoman/ext/registry.h>
#include <dragoman/ext/session.h>
#include <dragoman/ext/timer.h>
#include <dragoman/ext/upstream.h>

#include <string_view>

#include "net/http_client.hpp"
#include "net/http_response.hpp"

namespace dragoman::plugin {

class MountServices {
 public:
  virtual ~MountServices() = default;
  // True on the thread of this instance's shard. Any thread.
  virtual bool on_shard() const = 0;
  virtual void log(dgm_session session, int level, std::string_view text) = 0;  // any thread

  virtual dgm_status send(dgm_session, int32_t opcode, std::string_view payload) = 0;
  virtual dgm_status send_part(dgm_session, int32_t opcode, std::string_view part, bool first, bool last) = 0;
  virtual dgm_status close(dgm_session, std::uint16_t code, std::string_view reason) = 0;
  virtual dgm_status set_paused(dgm_session, bool paused) = 0;
  virtual dgm_status expect_message(dgm_session, std::uint32_t timeout_ms, std::uint16_t code,
                                    std::string_view reason) = 0;

  virtual dgm_status subscribe(dgm_session, const dgm_interest&, std::uint64_t* subscription) = 0;
  virtual dgm_status unsubscribe(std::uint64_t subscription) = 0;
  virtual dgm_status emit(const dgm_event&) = 0;
  virtual dgm_status publish(const dgm_event&) = 0;
  virtual dgm_status publish_confirmed(const dgm_event&, dgm_published, void* user) = 0;
  virtual dgm_status bus() = 0;

  virtual dgm_status count_message(dgm_session) = 0;

  virtual dgm_status authenticate(std::uint64_t owner, std::string_view credential, std::uint32_t timeout_ms,
                                  dgm_auth_done, void* user, dgm_op*) = 0;
  virtual dgm_status cancel_auth(dgm_op) = 0;
  virtual dgm_status start_timer(dgm_session, std::uint32_t delay_ms, dgm_timer_done, void* user, dgm_op*) = 0;
  virtual dgm_status cancel_timer(dgm_op) = 0;

  virtual dgm_status respond(dgm_request, net::HttpResponse) = 0;
  virtual dgm_status begin_response(dgm_request, net::HttpResponse) = 0;  // the body comes in parts
  virtual dgm_status response_part(dgm_request, std::string_view data) = 0;
  virtual dgm_status end_response(dgm_request) = 0;
  virtual dgm_status abort_response(dgm_request) = 0;

  virtual bool has_journal() const = 0;  // any thread
  virtual dgm_status append(const dgm_record* records, std::size_t n, dgm_journal_appended, void* user) = 0;
  virtual dgm_status read(std::uint64_t owner, const dgm_journal_query&, dgm_journal_page, void* user) = 0;
  virtual dgm_status count(std::uint64_t owner, const dgm_journal_query&, dgm_journal_counted, void* user) = 0;
  virtual dgm_status values(std::uint64_t owner, std::string_view stream, std::string_view attribute,
                            dgm_journal_listed, void* user) = 0;

  virtual dgm_status put_registered(dgm_session, const dgm_registered&) = 0;
  virtual dgm_status remove_registered(dgm_session) = 0;
  virtual dgm_status list_registered(std::uint64_t owner, std::string_view group, std::uint32_t flags,
                                     dgm_registry_done, void* user) = 0;
  virtual dgm_status find_registered(std::uint64_t owner, std::string_view id, std::uint32_t flags, dgm_registry_done,
                                     void* user) = 0;

  virtual bool has_upstreams() const = 0;                            // any thread
  virtual bool knows_upstream(std::string_view upstream) const = 0;  // any thread
  virtual dgm_status fetch(std::uint64_t owner, std::string_view upstream, net::HttpFetch, dgm_fetch_done, void* user,
                           dgm_op*) = 0;
  virtual dgm_status cancel_fetch(dgm_op) = 0;
};

}  // namespace dragoman::plugin
