// SPDX-License-Identifier: Apache-2.0
#include "positions.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace redis {
namespace {

constexpr std::uintmax_t file_limit = 1 << 20;
// A crash of the machine repeats at most what came since.
constexpr std::chrono::seconds sync_interval{1};

PositionMap parse(const std::filesystem::path& file) {
  if (std::filesystem::file_size(file) > file_limit) throw std::runtime_error("it is too long");
  std::ifstream from(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>()};
  PositionMap out;
  const boost::json::value all = boost::json::parse(text);
  for (const auto& [stream, position] : all.as_object()) {
    const auto id = StreamId::parse(std::string_view(position.as_string()));
    if (!id) throw std::runtime_error("a position is none");
    out.emplace(std::string(stream), *id);
  }
  return out;
}

}  // namespace

PositionMap Positions::load() {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  if (!std::filesystem::exists(file_, error)) return {};
  try {
    all_ = parse(file_);
  } catch (const std::exception& why) {
    host_.log(dragoman::sdk::LogLevel::error,
              "the positions of streams in " + file_.string() + " cannot be read: " + why.what());
  }
  return all_;
}

void Positions::store(const PositionMap& positions) {
  const std::lock_guard lock(mutex_);
  for (const auto& [stream, id] : positions) all_[stream] = id;
  try {
    write();
    failing_ = false;
  } catch (const std::exception& why) {
    if (!failing_)
      host_.log(dragoman::sdk::LogLevel::error,
                "the positions of streams cannot be stored, so their events come again after a restart: " +
                    std::string(why.what()));
    failing_ = true;
  }
}

void Positions::write() {
  boost::json::object object;
  for (const auto& [stream, id] : all_) object[stream] = id.text();
  const std::string text = boost::json::serialize(object) + "\n";
  const std::string fresh = file_.string() + ".new";
  const auto check = [&](bool good) {
    if (!good) throw std::system_error(errno, std::generic_category(), file_.string());
  };
  std::filesystem::create_directories(file_.parent_path());
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  check(fd >= 0);
  const auto now = std::chrono::steady_clock::now();
  const bool sync = !synced_ || now - *synced_ >= sync_interval;
  const bool good =
      ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && (!sync || fdatasync(fd) == 0);
  const int error = errno;
  close(fd);
  errno = error;
  check(good);
  if (sync) synced_ = now;
  check(rename(fresh.c_str(), file_.c_str()) == 0);
}

}  // namespace redis
