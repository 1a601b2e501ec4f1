// SPDX-License-Identifier: Apache-2.0
// Structured logs: one logfmt line per event on standard error, written by a thread of its own so that a slow reader of
// the log never stops a shard. Values are quoted and control bytes escaped; lines that cannot be written in time are
// dropped and counted.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace dragoman::base {

enum class LogLevel { debug = 1, info = 2, warn = 3, error = 4 };

struct LogField {
  std::string_view name;
  std::string value;
  LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
  LogField(std::string_view n, const char* v) : name(n), value(v) {}
  LogField(std::string_view n, const std::string& v) : name(n), value(v) {}
  template <class T, class = decltype(std::to_string(T{}))>
  LogField(std::string_view n, T v) : name(n), value(std::to_string(v)) {}
};

// Once, before the first thread. Without it lines of info and above go to standard error directly.
void log_start(LogLevel level);
// Writes what is queued.
void log_stop();
// Of its name: "debug", "info", "warn" or "error".
LogLevel log_level_of(std::string_view name);
// Any thread.
void log_level(LogLevel level);
bool log_enabled(LogLevel level);
std::uint64_t log_dropped();

// time=... level=info msg="..." name="value" ... Any thread.
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

// Appends value as a logfmt value: bare when it is harmless, otherwise quoted with \xNN for control bytes, quotes and
// backslashes.
void append_log_value(std::string& out, std::string_view value);
// Appends text that goes on as a sentence: \xNN for control bytes, quotes and backslashes as they are.
void append_log_prose(std::string& out, std::string_view text);
// Replaces the value of query parameters named token, access_token, auth, key, password, secret, jwt... by "***".
std::string redact_query(std::string_view target);

}  // namespace dragoman::base
