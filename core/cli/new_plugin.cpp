// SPDX-License-Identifier: Apache-2.0
// dragoman new-plugin
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>

#include "cli/commands.hpp"
#include "plugin/handshake.hpp"

namespace dragoman::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string name, directory;
};

// "my-dialect" to "MyDialect".
std::string class_name(const std::string& name) {
  std::string out;
  bool capital = true;
  for (const char c : name) {
    const bool letter = c >= 'a' && c <= 'z';
    if (c == '-' || c == '_') {
      capital = true;
      continue;
    }
    out += capital && letter ? static_cast<char>(c - 'a' + 'A') : c;
    capital = false;
  }
  return out;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
}

fs::path template_directory() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  fs::path found = program.parent_path().parent_path() / "share/dragoman/template";
  if (!error && fs::is_directory(found, error)) return found;
  throw Failure(fmt::format("the template is not installed in {}; install the package dragoman-dev", found.string()));
}

void write_file(const fs::path& from, const fs::path& to, const Options& options) {
  std::ifstream in(from, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad() || !in.is_open()) throw Failure(fmt::format("cannot read {}", from.string()));
  replace_all(text, "@NAME@", options.name);
  replace_all(text, "@CLASS@", class_name(options.name));
  std::ofstream out(to, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw Failure(fmt::format("cannot write {}", to.string()));
}

// Names that CMake keeps for itself.
bool is_reserved(std::string_view name) {
  static constexpr std::string_view reserved[] = {"all", "clean", "help", "install", "package", "test"};
  return std::find(std::begin(reserved), std::end(reserved), name) != std::end(reserved);
}

int create(const Options& options) {
  if (!plugin::valid_plugin_name(options.name))
    throw WrongUsage(fmt::format("\"{}\" cannot be the name of a plugin: names are of the form [a-z][a-z0-9_-]{{0,31}}",
                                 options.name));
  if (is_reserved(options.name))
    throw WrongUsage(fmt::format("CMake knows a target \"{}\" of its own; choose another name", options.name));
  const fs::path source = template_directory();
  const fs::path target = options.directory.empty() ? options.name : options.directory;
  std::error_code error;
  if (fs::exists(target, error) && !fs::is_empty(target, error))
    throw Failure(fmt::format("{} exists and is not empty; choose another with --directory", target.string()));
  fs::create_directories(target, error);
  if (error) throw Failure(fmt::format("cannot make the directory {}: {}", target.string(), error.message()));
  for (const auto& entry : fs::recursive_directory_iterator(source)) {
    fs::path to = target / fs::relative(entry.path(), source);
    // Source that is none yet.
    if (to.extension() == ".in") to.replace_extension();
    if (entry.is_directory())
      fs::create_directories(to);
    else
      write_file(entry.path(), to, options);
  }
  fmt::print(
      "{0} is in {1}. Build and test it with\n"
      "  cmake -S {1} -B {1}/build -DCMAKE_BUILD_TYPE=Release\n"
      "  cmake --build {1}/build\n"
      "  ctest --test-dir {1}/build --output-on-failure\n",
      options.name, target.string());
  return exit_ok;
}

}  // namespace

void add_new_plugin(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("new-plugin", "Write the source of a working dialect to begin with");
  const auto options = std::make_shared<Options>();
  command->add_option("NAME", options->name, "Its name in the configuration: [a-z][a-z0-9_-]{0,31}")->required();
  command->add_option("--directory", options->directory, "Where to write it; default: NAME below the current directory")
      ->type_name("DIR");
  command->footer(
      "A dialect for browsers that subscribe and publish in JSON, with a test, a configuration and a\n"
      "page. Wants the package dragoman-dev. The guide: docs/write-a-plugin.md.");
  command->callback([options, &code] { code = create(*options); });
}

}  // namespace dragoman::cli
