// SPDX-License-Identifier: Apache-2.0
#include "service/jwt/key_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "config/files.hpp"

namespace dragoman::service::jwt {
namespace {

constexpr std::size_t most_waiting = 10'000;

std::string first_of(const std::vector<std::string>& passed) {
  if (passed.empty()) return {};
  return passed.size() == 1 ? passed.front() : fmt::format("{}, and {} more", passed.front(), passed.size() - 1);
}

// RFC 7518 section 3.2.
void warn_of_short_secrets(const std::string& authenticator, const std::vector<Key>& keys) {
  for (const Key& key : keys)
    for (const Algorithm algorithm : {Algorithm::hs256, Algorithm::hs384, Algorithm::hs512}) {
      if (!(key.algorithms & bit(algorithm))) continue;
      const std::size_t wanted = facts(algorithm).secret_bytes;
      if (key.secret.size() < wanted)
        base::log(base::LogLevel::warn, "the secret is too short to be safe",
                  {{"authenticator", authenticator},
                   {"algorithm", facts(algorithm).name},
                   {"bytes", key.secret.size()},
                   {"wanted", wanted}});
      break;
    }
}

}  // namespace

KeyStore::KeyStore(std::string authenticator, const std::vector<config::JwtKeyConfig>& keys, Timing timing)
    : authenticator_(std::move(authenticator)), timing_(timing) {
  for (const auto& key : keys)
    sources_.push_back(std::make_unique<KeySource>(*this, key, [](void* s) {
      auto& source = *static_cast<KeySource*>(s);
      source.store.refresh(source, nullptr);
    }));
}

KeyStore::~KeyStore() = default;

std::vector<std::pair<std::size_t, std::string>> KeyStore::load() {
  std::vector<std::pair<std::size_t, std::string>> problems;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    KeySource& source = *sources_[i];
    if (source.fetched()) continue;
    if (source.file()) {
      source.mark = mark_of(source.path());
      config::FileText file = config::read_file(source.path(), largest_key_file);
      if (!file.problem.empty()) {
        problems.emplace_back(i, source.path() + ": " + file.problem);
        continue;
      }
      source.text = std::move(file.text);
    }
    ReadKeys read = source.parse(source.text);
    if (read.problem.empty() && read.keys.empty()) {
      read.problem = "there is no key in it that can be used";
      if (!read.passed.empty()) read.problem += " (" + first_of(read.passed) + ")";
    }
    if (!read.problem.empty()) {
      problems.emplace_back(i, (source.file() ? source.path() + ": " : "") + read.problem);
      continue;
    }
    warn_of_short_secrets(authenticator_, read.keys);
    source.keys = std::move(read.keys);
    source.good_ms = base::monotonic_ms();
  }
  publish();
  return problems;
}

void KeyStore::start(net::Loop& loop, Fetch fetch) {
  loop_ = &loop;
  fetch_ = std::move(fetch);
  {
    const std::lock_guard lock(mutex_);
    running_ = true;
  }
  for (const auto& source : sources_) {
    if (source->fetched()) refresh(*source, nullptr);
    if (source->file()) arm(*source);
  }
}

void KeyStore::stop() {
  std::vector<Looked> waiting;
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
    waiting.swap(waiting_);
  }
  for (const auto& done : waiting) done();
}

KeySetPtr KeyStore::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

void KeyStore::look_again(std::uint64_t generation, Looked done) {
  {
    const std::lock_guard lock(mutex_);
    const bool may = running_ && keys_->generation == generation && waiting_.size() < most_waiting &&
                     (looking_ || base::monotonic_ms() >= next_look_ms_);
    if (may && !looking_) {
      looking_ = true;
      loop_->post([this] { look(); });
    }
    if (may) return waiting_.push_back(std::move(done));
  }
  done();
}

void KeyStore::look() {
  {
    const std::lock_guard lock(mutex_);
    // Those who asked have other keys by now: an answer that was under way then.
    if (waiting_.empty()) {
      looking_ = false;
      return;
    }
  }
  // One more than there are, so that it does not end while it begins.
  const auto left = std::make_shared<std::size_t>(1);
  const auto done = [this, left] {
    if (--*left) return;
    std::vector<Looked> waiting;
    {
      const std::lock_guard lock(mutex_);
      looking_ = false;
      next_look_ms_ = base::monotonic_ms() + timing_.look_again_ms;
      waiting.swap(waiting_);
    }
    for (const auto& looked : waiting) looked();
  };
  for (const auto& source : sources_)
    if (source->file() || source->fetched()) {
      ++*left;
      refresh(*source, done);
    }
  done();
}

void KeyStore::refresh(KeySource& source, std::function<void()> done) {
  if (!source.fetched()) {
    read(source);
    arm(source);
    if (done) done();
    return;
  }
  if (done) source.waiting.push_back(std::move(done));
  if (source.fetching) return;
  source.fetching = true;
  fetch_(source.config, [this, &source](const Answer& answer) { answered(source, answer); });
}

void KeyStore::read(KeySource& source) {
  const FileMark mark = mark_of(source.path());
  if (mark == source.mark) {
    const std::lock_guard lock(mutex_);
    if (!source.failed_in_a_row) source.good_ms = base::monotonic_ms();
    return;
  }
  source.mark = mark;
  const config::FileText file = config::read_file(source.path(), largest_key_file);
  if (file.problem.empty())
    take(source, file.text);
  else
    failed(source, file.problem);
}

void KeyStore::answered(KeySource& source, const Answer& answer) {
  source.fetching = false;
  if (answer.good)
    take(source, answer.text);
  else
    failed(source, answer.text);
  arm(source);
  std::vector<std::function<void()>> waiting;
  waiting.swap(source.waiting);
  for (const auto& done : waiting) done();
}

void KeyStore::take(KeySource& source, const std::string& text) {
  const bool first = source.good_ms < 0, same = !first && text == source.text;
  ReadKeys read;
  if (!same) read = source.parse(text);
  if (!read.problem.empty()) return failed(source, read.problem);
  warn_of_short_secrets(authenticator_, read.keys);
  const bool recovered = source.failed_in_a_row > 0;
  source.failed_in_a_row = 0;
  std::size_t keys = 0;
  {
    const std::lock_guard lock(mutex_);
    ++source.refreshes;
    source.good_ms = base::monotonic_ms();
    if (!same) source.keys = std::move(read.keys);
    keys = source.keys.size();
  }
  if (!same) {
    source.text = text;
    publish();
  }
  if (!same || recovered)
    base::log(keys ? base::LogLevel::info : base::LogLevel::warn, "keys of tokens read",
              {{"authenticator", authenticator_}, {"source", source.name()}, {"keys", keys}});
  if (!read.passed.empty())
    base::log(base::LogLevel::warn, "keys of tokens left out",
              {{"authenticator", authenticator_}, {"source", source.name()}, {"why", first_of(read.passed)}});
}

void KeyStore::failed(KeySource& source, const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    ++source.failures;
  }
  if (source.failed_in_a_row++ == 0)
    base::log(base::LogLevel::warn, "keys of tokens cannot be read; those that are there stay",
              {{"authenticator", authenticator_}, {"source", source.name()}, {"why", why}});
}

void KeyStore::arm(KeySource& source) {
  if (source.file()) return loop_->arm(source.timer, timing_.file_ms);
  std::int64_t delay = source.config.refresh_ms;
  if (source.failed_in_a_row) {
    const unsigned doublings = std::min(source.failed_in_a_row - 1, 20u);
    delay = std::min({delay, timing_.retry_ms << doublings, timing_.longest_retry_ms});
  }
  loop_->arm(source.timer, delay);
}

void KeyStore::publish() {
  auto set = std::make_shared<KeySet>();
  set->complete = true;
  std::vector<Looked> waiting;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& source : sources_) {
      set->keys.insert(set->keys.end(), source->keys.begin(), source->keys.end());
      set->complete = set->complete && source->good_ms >= 0;
    }
    set->generation = keys_->generation + 1;
    keys_ = std::move(set);
    waiting.swap(waiting_);
  }
  for (const auto& looked : waiting) looked();
}

std::vector<KeyFigures> KeyStore::figures() const {
  std::vector<KeyFigures> out;
  const std::int64_t now = base::monotonic_ms();
  const std::lock_guard lock(mutex_);
  for (const auto& source : sources_)
    if (source->file() || source->fetched())
      out.push_back({source->name(), source->good_ms < 0 ? -1 : now - source->good_ms, source->keys.size(),
                     source->refreshes, source->failures});
  return out;
}

}  // namespace dragoman::service::jwt
