// SPDX-License-Identifier: Apache-2.0
// Pending host calls of one plugin instance: each completes exactly once, on the shard, never inside the call that
// started it.
#pragma once
#include <dragoman/ext/auth.h>
#include <dragoman/ext/timer.h>

#include <functional>
#include <memory>

#include "base/slot_table.hpp"
#include "base/timer_wheel.hpp"
#include "net/loop.hpp"
#include "plugin/instance.hpp"
#include "service/identity.hpp"
#include "transport/session.hpp"

namespace dragoman::gateway {

// A view of an identity as the boundary wants it; valid while the identity is.
struct IdentityView {
  explicit IdentityView(const service::Identity& identity);
  std::vector<dgm_str> grants;
  dgm_identity c;
};

class Operations {
 public:
  static constexpr std::size_t most = 100000;  // per instance: bounds what a careless plugin can start

  Operations(net::Loop& loop, plugin::Instance& instance) : loop_(loop), instance_(instance) {}
  ~Operations();

  // 0 when there are too many. session may be null: the instance's own. An owner is known by its count of pending
  // operations.
  dgm_op start_timer(transport::Session* session, std::uint32_t delay_ms, dgm_timer_done done, void* user);
  // session: null if it is a request.
  dgm_op start_auth(std::uint32_t* owner, transport::Session* session, std::uint32_t timeout_ms, dgm_auth_done done,
                    void* user);

  // A call that another thread answers. canceled comes instead of the answer when the owner or the instance ends first.
  dgm_op start_call(std::uint32_t* owner, std::function<void()> canceled);
  // canceled follows in a later turn.
  dgm_status cancel_call(dgm_op op);
  // True: the call has not been canceled; its answer is to be given now.
  bool take_call(dgm_op op);

  // Who may call back later holds this: the mount does not end before.
  const std::shared_ptr<const void>& life() const { return life_; }

  bool auth_pending(dgm_op op);
  // The session of a pending authentication, if it is of one.
  transport::Session* auth_session(dgm_op op);
  void finish_auth(dgm_op op, dgm_status status, const service::Identity* identity, std::string_view why);
  // The completion follows in a later turn.
  dgm_status cancel(dgm_op op, bool timer);
  // At once; for an owner that ends, or for the end of the instance (null: all).
  void cancel_all(std::uint32_t* owner);

 private:
  struct Operation {
    Operations* owner = nullptr;
    dgm_op id = 0;
    std::uint32_t* pending = nullptr;  // of its owner
    transport::Session* session = nullptr;
    dgm_timer_done timer_done = nullptr;
    dgm_auth_done auth_done = nullptr;
    void* user = nullptr;
    std::function<void()> call_canceled;
    bool canceled = false;
    base::Timer timer;
    Operation() : timer([](void* self) { static_cast<Operation*>(self)->due(); }, this) {}
    void due();
  };
  dgm_op add(Operation* operation, std::uint32_t delay_ms);
  void complete(Operation* operation, dgm_status status, const service::Identity* identity = nullptr,
                std::string_view why = {});

  net::Loop& loop_;
  plugin::Instance& instance_;
  base::SlotTable<Operation*> table_;
  std::shared_ptr<const void> life_ = std::make_shared<char>();
};

}  // namespace dragoman::gateway
