// SPDX-License-Identifier: Apache-2.0
#include "gateway/operations.hpp"

namespace dragoman::gateway {
namespace {
dgm_str str(std::string_view s) {
  return {s.data(), s.size()};
}
}  // namespace

IdentityView::IdentityView(const service::Identity& identity) : c{} {
  grants.reserve(identity.grants.size());
  for (const auto& g : identity.grants) grants.push_back(str(g));
  c.size = sizeof c;
  c.id = str(identity.id);
  c.user = str(identity.user);
  c.tenant = str(identity.tenant);
  c.account = str(identity.account);
  c.session = str(identity.session);
  c.grants = grants.data();
  c.grant_count = grants.size();
  c.claims = str(identity.claims);
  c.expires_ms = identity.expires_ms;
}

Operations::~Operations() {
  table_.for_each([](Operation* operation) { delete operation; });
}

dgm_op Operations::add(Operation* operation, std::uint32_t delay_ms) {
  std::unique_ptr<Operation> owned(operation);
  if (table_.size() >= most) return 0;
  const dgm_op id = table_.insert(operation);
  if (!id) return 0;
  operation->owner = this;
  operation->id = id;
  if (operation->session) operation->pending = &operation->session->pending_operations;
  if (operation->pending) ++*operation->pending;
  if (!operation->call_canceled) loop_.arm(operation->timer, delay_ms);
  owned.release();
  return id;
}

dgm_op Operations::start_timer(transport::Session* session, std::uint32_t delay_ms, dgm_timer_done done, void* user) {
  auto* operation = new Operation;
  operation->session = session;
  operation->timer_done = done;
  operation->user = user;
  return add(operation, delay_ms);
}

dgm_op Operations::start_auth(std::uint32_t* owner, transport::Session* session, std::uint32_t timeout_ms,
                              dgm_auth_done done, void* user) {
  auto* operation = new Operation;
  operation->pending = owner;
  operation->session = session;
  operation->auth_done = done;
  operation->user = user;
  return add(operation, timeout_ms ? timeout_ms : 10000);
}

dgm_op Operations::start_call(std::uint32_t* owner, std::function<void()> canceled) {
  auto* operation = new Operation;
  operation->pending = owner;
  operation->call_canceled = std::move(canceled);
  return add(operation, 0);
}

bool Operations::take_call(dgm_op op) {
  Operation** found = table_.find(op);
  if (!found || (*found)->canceled) return false;
  const std::unique_ptr<Operation> operation(*found);
  table_.erase(op);
  if (operation->pending) --*operation->pending;
  return true;
}

void Operations::Operation::due() {
  const dgm_status status = canceled ? DGM_E_CANCELED : timer_done ? DGM_OK : DGM_E_TIMEOUT;
  owner->complete(this, status, nullptr, status == DGM_E_TIMEOUT ? "the check took too long" : "it was canceled");
}

bool Operations::auth_pending(dgm_op op) {
  Operation** found = table_.find(op);
  return found && (*found)->auth_done && !(*found)->canceled;
}

transport::Session* Operations::auth_session(dgm_op op) {
  Operation** found = table_.find(op);
  return found && (*found)->auth_done && !(*found)->canceled ? (*found)->session : nullptr;
}

void Operations::finish_auth(dgm_op op, dgm_status status, const service::Identity* identity, std::string_view why) {
  Operation** found = table_.find(op);
  if (found && !(*found)->canceled) complete(*found, status, identity, why);
}

dgm_status Operations::cancel(dgm_op op, bool timer) {
  Operation** found = table_.find(op);
  if (!found || (*found)->call_canceled || ((*found)->timer_done != nullptr) != timer) return DGM_E_GONE;
  (*found)->canceled = true;
  loop_.arm((*found)->timer, 0);
  return DGM_OK;
}

dgm_status Operations::cancel_call(dgm_op op) {
  Operation** found = table_.find(op);
  if (!found || !(*found)->call_canceled || (*found)->canceled) return DGM_E_GONE;
  (*found)->canceled = true;
  loop_.arm((*found)->timer, 0);
  return DGM_OK;
}

void Operations::cancel_all(std::uint32_t* owner) {
  if (owner && !*owner) return;
  std::vector<Operation*> ending;
  table_.for_each([&](Operation* operation) {
    if (!owner || operation->pending == owner) ending.push_back(operation);
  });
  for (Operation* operation : ending) complete(operation, DGM_E_CANCELED);
}

void Operations::complete(Operation* raw, dgm_status status, const service::Identity* identity, std::string_view why) {
  const std::unique_ptr<Operation> operation(raw);
  table_.erase(operation->id);
  if (operation->pending) --*operation->pending;
  if (operation->call_canceled) {
    operation->call_canceled();
  } else if (operation->timer_done) {
    instance_.timer_done(operation->timer_done, operation->user, status);
  } else if (identity) {
    const IdentityView view(*identity);
    instance_.auth_done(operation->auth_done, operation->user, status, &view.c, {});
  } else {
    instance_.auth_done(operation->auth_done, operation->user, status, nullptr, why);
  }
}

}  // namespace dragoman::gateway
