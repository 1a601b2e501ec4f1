// SPDX-License-Identifier: Apache-2.0
// What a server says, as values. One thread.
#pragma once
#include <hiredis/read.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace redis {

struct Reply {
  enum class Type { nil, integer, string, status, error, array };
  Type type = Type::nil;
  long long integer = 0;
  std::string text;  // of string, status and error
  std::vector<std::unique_ptr<Reply>> elements;

  bool is(Type other) const { return type == other; }
  // Whether it is an array of at least so many.
  bool has(std::size_t n) const { return type == Type::array && elements.size() >= n; }
  // Of a status: whether it is this one.
  bool ok(std::string_view status) const { return type == Type::status && text == status; }
  // The error's code, or empty.
  std::string_view error_code() const;
};

// The connection is over; what() is one sentence without its full stop.
struct Lost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A reply is larger than the bound. `part` is as much of it as was read.
struct TooLarge : Lost {
  explicit TooLarge(std::unique_ptr<Reply> read) : Lost("it sends more at once than is taken"), part(std::move(read)) {}
  std::shared_ptr<Reply> part;
};

// Makes replies of bytes. No more memory is taken than has come, and no more than the bound for one reply.
class ReplyReader {
 public:
  explicit ReplyReader(std::size_t bound);
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  // Throw Lost.
  void feed(const char* bytes, std::size_t size);
  std::unique_ptr<Reply> next();

 private:
  struct Free {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
  };
  [[noreturn]] void fail();
  void* create(const redisReadTask* task, Reply::Type type, std::string_view text, long long integer) noexcept;

  static void* on_string(const redisReadTask*, char* text, std::size_t size);
  static void* on_array(const redisReadTask*, int elements);
  static void* on_integer(const redisReadTask*, long long integer);
  static void* on_nil(const redisReadTask*);

  const std::size_t bound_;
  std::size_t bytes_ = 0;  // of the reply that is being made
  bool too_large_ = false;
  std::unique_ptr<Reply> made_;  // the reply so far; the library has pointers into it
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace redis
