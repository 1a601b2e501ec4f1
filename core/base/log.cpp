// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <mutex>
#include <shared_mutex>

namespace dragoman::base {
namespace {

constexpr std::size_t queue_lines = 4096;
constexpr std::size_t line_limit = 16 * 1024;

struct Background {
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

std::atomic<LogLevel> threshold{LogLevel::info};
std::atomic<std::uint64_t> dropped_before{0};  // of background writers that have ended
std::shared_mutex background_mutex;            // exclusive in log_start and log_stop only
Background background;

const char* level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "info";
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

void append_time(std::string& out) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::time_t seconds = ms / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                 utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, ms % 1000);
}

struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;  // 0: not UTF-8
};

Character decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < n) return {};
  char32_t code = first & (0x7fu >> n);
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fu);
  }
  const bool overlong = (n == 3 && code < 0x800) || (n == 4 && code < 0x10000);
  if (overlong || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, n};
}

// What could steer a terminal or turn the order of what a person reads: C0, DEL, C1, line separators, bidi controls.
bool steers(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0xfeff;
}

bool bare(std::string_view value) {
  if (value.empty()) return false;
  for (const char c : value) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word && std::string_view("_-.:/@+,*#[]%").find(c) == std::string_view::npos) return false;
  }
  return true;
}

void append_harmless(std::string& out, std::string_view value, bool quoted) {
  // One hostile value must not fill the queue's memory.
  const bool cut = value.size() > line_limit;
  if (cut) value = value.substr(0, line_limit);
  while (!value.empty()) {
    const Character c = decode(value);
    const std::size_t n = c.bytes ? c.bytes : 1;
    if (quoted && (c.code == '"' || c.code == '\\')) {
      out += '\\';
      out += value[0];
    } else if (c.bytes && c.code == '\n') {
      out += "\\n";
    } else if (!c.bytes || steers(c.code)) {
      for (std::size_t i = 0; i < n; ++i)
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(value[i]));
    } else {
      out.append(value.substr(0, n));
    }
    value.remove_prefix(n);
  }
  if (cut) out += "...";
}

void write_directly(std::string_view line) {
  while (!line.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, line.data(), line.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    line.remove_prefix(static_cast<std::size_t>(n));
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A name may be percent-encoded, and the receiver of the request decodes it.
std::string decoded_lower(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    if (c == '%' && i + 2 < name.size() && hex_digit(name[i + 1]) >= 0 && hex_digit(name[i + 2]) >= 0) {
      c = static_cast<char>(hex_digit(name[i + 1]) * 16 + hex_digit(name[i + 2]));
      i += 2;
    }
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

bool names_secret(std::string_view name) {
  // Parts of names rather than whole ones: hiding too much costs a look elsewhere, hiding too little a credential.
  static constexpr std::array<std::string_view, 10> parts = {"token",  "auth", "key",        "pass",      "pwd",
                                                             "secret", "jwt",  "credential", "signature", "session"};
  const std::string plain = decoded_lower(name);
  for (const auto part : parts)
    if (plain.find(part) != std::string::npos) return true;
  return plain == "sid" || plain == "sig";
}

}  // namespace

LogLevel log_level_of(std::string_view name) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::warn, LogLevel::error})
    if (name == level_name(level)) return level;
  return LogLevel::info;
}

void log_level(LogLevel level) {
  threshold.store(level, std::memory_order_relaxed);
}

void log_start(LogLevel level) {
  const std::unique_lock lock(background_mutex);
  threshold.store(level, std::memory_order_relaxed);
  if (background.logger) return;
  background.pool = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
  background.logger =
      std::make_shared<spdlog::async_logger>("dragoman", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                             background.pool, spdlog::async_overflow_policy::overrun_oldest);
  background.logger->set_level(spdlog::level::trace);  // log_enabled() has decided
  background.logger->set_pattern("%v");
}

void log_stop() {
  const std::unique_lock lock(background_mutex);
  if (!background.logger) return;
  dropped_before.fetch_add(background.pool->overrun_counter(), std::memory_order_relaxed);
  // The pool first: its destructor writes what is queued and joins the thread, which uses the logger until then.
  background.pool.reset();
  background.logger.reset();
}

bool log_enabled(LogLevel level) {
  return level >= threshold.load(std::memory_order_relaxed);
}

std::uint64_t log_dropped() {
  const std::shared_lock lock(background_mutex);
  return dropped_before.load(std::memory_order_relaxed) + (background.pool ? background.pool->overrun_counter() : 0);
}

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!log_enabled(level)) return;
  std::string line = "time=";
  append_time(line);
  line += " level=";
  line += level_name(level);
  line += " msg=";
  append_log_value(line, message);
  for (const auto& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    append_log_value(line, field.value);
  }
  const std::shared_lock lock(background_mutex);
  if (background.logger) {
    background.logger->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
  } else {
    line += '\n';
    write_directly(line);
  }
}

void append_log_value(std::string& out, std::string_view value) {
  if (value.size() <= line_limit && bare(value)) {
    out += value;
    return;
  }
  out += '"';
  append_harmless(out, value, true);
  out += '"';
}

void append_log_prose(std::string& out, std::string_view text) {
  append_harmless(out, text, false);
}

std::string redact_query(std::string_view target) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return std::string(target);
  std::string out(target.substr(0, mark + 1));
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    std::size_t end = rest.find_first_of("&;");
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && names_secret(pair.substr(0, equals))) {
      out += pair.substr(0, equals + 1);
      out += "***";
      // For most who read queries a semicolon is part of the value.
      end = rest.find('&');
    } else {
      out += pair;
    }
    if (end == std::string_view::npos) break;
    out += rest[end];
    rest.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace dragoman::base
