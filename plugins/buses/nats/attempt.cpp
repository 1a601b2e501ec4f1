// SPDX-License-Identifier: Apache-2.0
#include "attempt.hpp"

#include <mutex>

namespace nats {

struct Attempt::State {
  const OptionsPtr options;
  const std::shared_ptr<Inlet> inlet;
  std::mutex mutex;
  // Under mutex.
  buses::Wake* wake;  // null: it was left behind
  bool done = false;
  ConnectionPtr connection;
  std::string why;

  State(OptionsPtr o, std::shared_ptr<Inlet> i, buses::Wake& w)
      : options(std::move(o)), inlet(std::move(i)), wake(&w) {}
  void run() {
    natsConnection* made = nullptr;
    inlet->hold();
    const natsStatus status = natsConnection_Connect(&made, options.get());
    ConnectionPtr held(made);
    std::string text = status == NATS_OK ? std::string() : explanation(status);
    if (status != NATS_OK) inlet->let_go();
    nats_ReleaseThreadMemory();
    const std::lock_guard lock(mutex);
    done = true;
    if (!wake) return;
    connection = std::move(held);
    why = std::move(text);
    wake->ring();
  }
};

Attempt::Attempt(OptionsPtr options, std::shared_ptr<Inlet> inlet, buses::Wake& wake)
    : state_(std::make_shared<State>(std::move(options), std::move(inlet), wake)),
      thread_([state = state_] { state->run(); }) {}

Attempt::~Attempt() {
  bool done;
  {
    const std::lock_guard lock(state_->mutex);
    state_->wake = nullptr;
    done = state_->done;
  }
  if (done)
    thread_.join();
  else
    thread_.detach();
}

bool Attempt::done() const {
  const std::lock_guard lock(state_->mutex);
  return state_->done;
}

ConnectionPtr Attempt::connection() {
  const std::lock_guard lock(state_->mutex);
  if (!state_->connection) throw Lost(sentence(state_->why));
  return std::move(state_->connection);
}

}  // namespace nats
