// SPDX-License-Identifier: Apache-2.0
#include "common/outbox.hpp"

#include <algorithm>

namespace buses {

dgm_status Outbox::add(std::vector<Outgoing> messages, dragoman::sdk::BusDone done) {
  if (messages.empty()) {
    done(DGM_OK);
    return DGM_OK;
  }
  std::size_t bytes = 0;
  for (const Outgoing& message : messages) bytes += message.bytes();
  const auto group = std::make_shared<Group>(Group{done, messages.size()});
  std::vector<PostingPtr> postings;
  for (Outgoing& message : messages) {
    const std::size_t size = message.bytes();
    postings.push_back(std::make_shared<Posting>(Posting{std::move(message), group, size}));
  }
  const std::lock_guard lock(mutex_);
  if (!open_) return DGM_E_UNAVAILABLE;
  // One that would never fit is taken when nothing else waits.
  if (bytes_ && bytes > bound_ - std::min(bytes_, bound_)) return DGM_E_DROPPED;
  waiting_.insert(waiting_.end(), postings.begin(), postings.end());
  bytes_ += bytes;
  return DGM_OK;
}

void Outbox::open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
}

void Outbox::close(dgm_status status) {
  std::deque<PostingPtr> all;
  {
    const std::lock_guard lock(mutex_);
    open_ = false;
    all.swap(waiting_);
  }
  for (const auto& [number, posting] : under_way_) all.push_back(posting);
  under_way_.clear();
  for (const PostingPtr& posting : all) answered(posting, status);
}

Outbox::PostingPtr Outbox::next(std::size_t most) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty() || under_way_.size() >= most) return nullptr;
  PostingPtr posting = std::move(waiting_.front());
  waiting_.pop_front();
  return posting;
}

void Outbox::sent(std::uint64_t number, PostingPtr posting) {
  under_way_[number] = std::move(posting);
}

void Outbox::answered(std::uint64_t number, dgm_status status) {
  const auto found = under_way_.find(number);
  if (found == under_way_.end()) return;
  const PostingPtr posting = std::move(found->second);
  under_way_.erase(found);
  answered(posting, status);
}

void Outbox::answered_through(std::uint64_t number, dgm_status status) {
  while (!under_way_.empty() && under_way_.begin()->first <= number) answered(under_way_.begin()->first, status);
}

void Outbox::answered(const PostingPtr& posting, dgm_status status) {
  {
    const std::lock_guard lock(mutex_);
    bytes_ -= posting->bytes;
  }
  Group& group = *posting->group;
  if (status < 0) group.status = status;
  if (--group.left == 0) group.done(group.status);
}

}  // namespace buses
