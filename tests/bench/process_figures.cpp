// SPDX-License-Identifier: Apache-2.0
#include "process_figures.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace dragoman::bench {
namespace {

// Negative where the kernel has no schedstat.
double schedstat_seconds(const std::string& directory) {
  double sum = 0;
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator(directory + "/task", error)) {
    std::ifstream file(task.path() / "schedstat");
    std::uint64_t nanoseconds = 0;
    if (!(file >> nanoseconds)) return -1;
    sum += static_cast<double>(nanoseconds) / 1e9;
  }
  return error || sum == 0 ? -1 : sum;
}

}  // namespace

double cpu_seconds(pid_t process) {
  const std::string directory = "/proc/" + std::to_string(process);
  const double fine = schedstat_seconds(directory);
  if (fine >= 0) return fine;
  std::ifstream file(directory + "/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) throw std::runtime_error("cannot read " + directory + "/stat");
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  if (!(fields >> user >> system)) throw std::runtime_error("cannot read " + directory + "/stat");
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::int64_t private_bytes(pid_t process) {
  const std::string name = "/proc/" + std::to_string(process) + "/smaps_rollup";
  std::ifstream file(name);
  std::string line;
  std::int64_t kibibytes = 0;
  bool found = false;
  while (std::getline(file, line)) {
    if (line.rfind("Private_Dirty:", 0) != 0) continue;
    kibibytes += std::stoll(line.substr(14));
    found = true;
  }
  if (!found) throw std::runtime_error("cannot read " + name);
  return kibibytes * 1024;
}

}  // namespace dragoman::bench
