// SPDX-License-Identifier: Apache-2.0
// An attempt to connect. libnats blocks in it for as long as a server that has greeted says nothing more, and nothing
// ends that but the server: so it has a thread of its own, which can be left behind. One thread.
#pragma once
#include <memory>
#include <thread>

#include "common/wake.hpp"
#include "inlet.hpp"
#include "library.hpp"

namespace nats {

class Attempt {
 public:
  // Rings when it is done.
  Attempt(OptionsPtr options, std::shared_ptr<Inlet> inlet, buses::Wake& wake);
  ~Attempt();
  bool done() const;
  // Once it is done. Throws Lost.
  ConnectionPtr connection();
  // Ends with the thread.
  std::weak_ptr<const void> life() const { return state_; }

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace nats
