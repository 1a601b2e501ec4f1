// SPDX-License-Identifier: Apache-2.0
#include "reply.hpp"

#include <new>

#include "common/text.hpp"

namespace redis {
namespace {

// What a reply of no content takes.
constexpr std::size_t overhead = sizeof(Reply) + 2 * sizeof(void*);

}  // namespace

std::string_view Reply::error_code() const {
  if (type != Type::error) return {};
  return std::string_view(text).substr(0, text.find(' '));
}

ReplyReader::ReplyReader(std::size_t bound) : bound_(bound) {
  // What it makes is owned here, so it has nothing to free.
  static redisReplyObjectFunctions functions{on_string, on_array, on_integer, on_nil, [](void*) {}};
  reader_.reset(redisReaderCreateWithFunctions(&functions));
  if (!reader_) throw std::bad_alloc();
  reader_->privdata = this;
}

void ReplyReader::feed(const char* bytes, std::size_t size) {
  if (redisReaderFeed(reader_.get(), bytes, size) != REDIS_OK) fail();
}

std::unique_ptr<Reply> ReplyReader::next() {
  void* whole = nullptr;
  if (redisReaderGetReply(reader_.get(), &whole) != REDIS_OK) fail();
  if (!whole) {
    too_large_ = bytes_ + (reader_->len - reader_->pos) > bound_;
    if (too_large_) fail();
    return nullptr;
  }
  bytes_ = 0;
  return std::move(made_);
}

void ReplyReader::fail() {
  if (too_large_) throw TooLarge(std::move(made_));
  throw Lost("it does not speak as Redis does: " + buses::shown(reader_->errstr));
}

void* ReplyReader::create(const redisReadTask* task, Reply::Type type, std::string_view text,
                          long long integer) noexcept {
  bytes_ += overhead + text.size();
  too_large_ = bytes_ > bound_;
  if (too_large_) return nullptr;
  try {
    auto reply = std::make_unique<Reply>();
    reply->type = type;
    reply->integer = integer;
    reply->text = text;
    Reply* const made = reply.get();
    if (task->parent)
      static_cast<Reply*>(task->parent->obj)->elements.push_back(std::move(reply));
    else
      made_ = std::move(reply);
    return made;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void* ReplyReader::on_string(const redisReadTask* task, char* text, std::size_t size) {
  const Reply::Type type = task->type == REDIS_REPLY_ERROR    ? Reply::Type::error
                           : task->type == REDIS_REPLY_STATUS ? Reply::Type::status
                                                              : Reply::Type::string;
  return static_cast<ReplyReader*>(task->privdata)->create(task, type, {text, size}, 0);
}

void* ReplyReader::on_array(const redisReadTask* task, int) {
  return static_cast<ReplyReader*>(task->privdata)->create(task, Reply::Type::array, {}, 0);
}

void* ReplyReader::on_integer(const redisReadTask* task, long long integer) {
  return static_cast<ReplyReader*>(task->privdata)->create(task, Reply::Type::integer, {}, integer);
}

void* ReplyReader::on_nil(const redisReadTask* task) {
  return static_cast<ReplyReader*>(task->privdata)->create(task, Reply::Type::nil, {}, 0);
}

}  // namespace redis
