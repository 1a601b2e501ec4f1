// SPDX-License-Identifier: Apache-2.0
#include "cluster.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace journals_test {
namespace {

namespace fs = std::filesystem;

// PostgreSQL refuses to run as root.
const passwd* other_user() {
  return ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
}

pid_t spawn(const std::vector<std::string>& command, const fs::path& output) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const passwd* user = other_user();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child) return child;
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  if (user && (::setgroups(0, nullptr) || ::setgid(user->pw_gid) || ::setuid(user->pw_uid))) ::_exit(126);
  // After setuid, which clears it: no server outlives the test.
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::chdir("/")) ::_exit(126);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

std::string read_file(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

int finish(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// The pids of the processes whose parent it is.
std::vector<pid_t> children(pid_t parent) {
  std::vector<pid_t> out;
  std::istringstream list(
      read_file("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children"));
  for (pid_t child = 0; list >> child;) out.push_back(child);
  return out;
}

}  // namespace

fs::path Cluster::programs() {
  std::vector<std::pair<int, fs::path>> found;
  std::error_code none;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", none))
    if (fs::exists(version.path() / "bin/initdb"))
      found.emplace_back(std::atoi(version.path().filename().c_str()), version.path() / "bin");
  return found.empty() ? fs::path() : std::max_element(found.begin(), found.end())->second;
}

Cluster::Cluster() {
  if (const passwd* user = other_user())
    if (::chown(directory_.path().c_str(), user->pw_uid, user->pw_gid)) throw std::runtime_error("chown");
  const fs::path log = directory_.path() / "initdb.log";
  const pid_t made = spawn({programs() / "initdb", "-D", directory_.path() / "data", "-U", "owner", "--auth=trust",
                            "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"},
                           log);
  if (finish(made) != 0) throw std::runtime_error("initdb: " + read_file(log));
  start();
}

Cluster::~Cluster() {
  if (server_ < 0) return;
  // What it holds is removed anyway, so it need not be brought to disk first.
  ::kill(server_, SIGQUIT);
  finish(server_);
}

void Cluster::start() {
  server_ = spawn({programs() / "postgres", "-D", directory_.path() / "data", "-k", directory_.path(), "-c",
                   "listen_addresses=", "-c", "fsync=on", "-c", "max_connections=50"},
                  directory_.path() / "server.log");
  for (int i = 0; i < 600; ++i) {
    try {
      sql("SELECT 1");
      return;
    } catch (const std::exception&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  throw std::runtime_error("postgres: " + read_file(directory_.path() / "server.log"));
}

void Cluster::stop() {
  ::kill(server_, SIGINT);
  finish(server_);
  server_ = -1;
}

void Cluster::freeze(bool frozen) {
  const int signal = frozen ? SIGSTOP : SIGCONT;
  ::kill(server_, signal);
  for (const pid_t child : children(server_)) ::kill(child, signal);
}

std::string Cluster::connection() const {
  return "host=" + directory_.path().string() + " user=owner dbname=postgres";
}

std::string Cluster::sql(const std::string& statement) {
  const fs::path output = directory_.path() / "psql.log";
  const pid_t client = spawn(
      {programs() / "psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", connection(), "-c", statement}, output);
  if (finish(client) != 0) throw std::runtime_error("psql: " + read_file(output));
  return read_file(output);
}

}  // namespace journals_test
