// SPDX-License-Identifier: Apache-2.0
#include "plugin/loader.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>

#include <algorithm>
#include <boost/dll/library_info.hpp>
#include <boost/dll/shared_library.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/log.hpp"
#include "config/suggest.hpp"
#include "plugin/call_board.hpp"
#include "plugin/file_content.hpp"
#include "plugin/file_trust.hpp"

// The linker's: how this program itself begins.
extern "C" const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

namespace dragoman::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view entry_prefix = "dgm_plugin_entry_v";

std::string shown(std::string_view text) {
  std::string out;
  base::append_log_value(out, text);
  return out;
}

LoadResult refused(const std::string& path, std::string_view why) {
  LoadResult result;
  result.file.path = path;
  result.file.refusal = fmt::format("plugin in {} is refused: {}.", shown(path), why);
  return result;
}

// Empty: it begins as the shared libraries of this machine do.
std::string foreign(const std::string& path) {
  ElfW(Ehdr) header{};
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(&header), sizeof header);
  const auto bytes = file.gcount();
  if (bytes == 0) return "it is empty";
  if (bytes < SELFMAG || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    return "it is not a shared library but a file of another kind";
  if (bytes < static_cast<std::streamsize>(sizeof header)) return "it is cut short";
  if (header.e_ident[EI_CLASS] != __ehdr_start.e_ident[EI_CLASS] ||
      header.e_ident[EI_DATA] != __ehdr_start.e_ident[EI_DATA] || header.e_machine != __ehdr_start.e_machine)
    return "it was built for another kind of machine";
  return header.e_type == ET_DYN ? "" : "it is an object file or a program, not a shared library";
}

// Reads the file's symbol table without mapping it, so that the constructors of a stray library never run. Empty: it
// has the entry.
std::string lacks_entry(const std::string& path) {
  static constexpr const char* advice = "; build it for this machine, copy it again or move it away";
  if (const std::string why = foreign(path); !why.empty()) return why + advice;
  std::vector<std::string> symbols;
  try {
    boost::dll::library_info info{fs::path(path)};
    symbols = info.symbols();
  } catch (const std::exception&) {
    return fmt::format("it is cut short or damaged{}", advice);
  }
  std::string other;
  for (const auto& symbol : symbols) {
    if (symbol == DGM_ENTRY_SYMBOL) return {};
    if (symbol.compare(0, entry_prefix.size(), entry_prefix) == 0) other = symbol;
  }
  if (!other.empty())
    return fmt::format(
        "it has the entry {}, this gateway (ABI {}.{}) looks for {}; install the build of the plugin for "
        "this gateway",
        shown(other), DGM_ABI_MAJOR, DGM_ABI_MINOR, DGM_ENTRY_SYMBOL);
  return fmt::format("it has no symbol {}, so it is not a plugin for ABI {}.{}; export the entry or move the file away",
                     DGM_ENTRY_SYMBOL, DGM_ABI_MAJOR, DGM_ABI_MINOR);
}

std::vector<std::string> libraries_in(const std::string& directory, std::error_code& error) {
  std::vector<std::string> paths;
  fs::directory_iterator it(directory, error);
  while (!error && it != fs::directory_iterator()) {
    if (it->path().extension() == ".so") paths.push_back(it->path().string());
    it.increment(error);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

LoadResult not_installed(const std::string& name, const std::vector<std::string>& directories) {
  std::string searched;
  std::vector<std::string> installed;
  for (const auto& directory : directories) {
    searched += (searched.empty() ? "" : ", ") + shown(directory);
    std::error_code error;
    for (const auto& path : libraries_in(directory, error)) installed.push_back(fs::path(path).stem().string());
  }
  LoadResult result;
  result.file.refusal = fmt::format("plugin {} is not installed: there is no {}.so in {}{}", shown(name), name,
                                    searched.empty() ? "any directory" : searched, config::suggestion(name, installed));
  if (result.file.refusal.back() != '?') result.file.refusal += '.';
  return result;
}

// Every file that was ever loaded: its code stays until the process ends.
struct Loaded {
  std::string path;
  FileContent::Inode inode;
  FileContent::Digest digest;
  LoadResult result;
};
std::mutex loaded_mutex;
std::vector<Loaded> loaded_files;

}  // namespace

LoadResult load_plugin(const std::string& path) {
  std::error_code error;
  const std::string file = fs::canonical(path, error).string();
  if (error) return refused(path, fmt::format("it cannot be found ({}); check the path", error.message()));
  if (const std::string why = distrust(file); !why.empty()) return refused(path, why);
  const std::lock_guard lock(loaded_mutex);
  // Of this very file from here on, whatever takes its place in the directory.
  std::optional<FileContent> content = FileContent::open(file);
  if (!content) return refused(path, fmt::format("it cannot be read ({})", std::strerror(errno)));
  for (const Loaded& loaded : loaded_files) {
    if (loaded.digest == content->digest()) {
      if (!loaded.result) continue;
      LoadResult result = loaded.result;
      result.file.path = path;
      return result;
    }
    if (loaded.inode == content->inode())
      return refused(path,
                     "its content was replaced while the gateway runs it, which can end the gateway at any moment; "
                     "restart, and next time put the new file in the place of the old with mv or install");
  }
  if (const std::string why = lacks_entry(content->path()); !why.empty()) return refused(path, why);
  // The system knows a library by its path: what was loaded from there once would be taken for this one.
  const bool first =
      std::none_of(loaded_files.begin(), loaded_files.end(), [&](const Loaded& loaded) { return loaded.path == file; });
  try {
    using boost::dll::load_mode::type;
    // NODELETE: a queued completion or a thread_local destructor may still point into a plugin after its last use.
    const auto mode = static_cast<type>(boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local |
                                        static_cast<unsigned>(RTLD_NODELETE));
    // The overload that throws: only it carries the text of the loader.
    const auto library = [&] {
      const CallMark mark("constructors");
      return std::make_shared<boost::dll::shared_library>(fs::path(first ? file : content->path()), mode);
    }();
    const auto& entry = library->get<const dgm_plugin_entry>(DGM_ENTRY_SYMBOL);
    LoadResult result = validate(&entry, path, library);
    loaded_files.push_back({file, content->inode(), content->digest(), result});
    // The path that it was loaded by must never mean another file.
    if (!first) content->keep_open();
    return result;
  } catch (const std::exception& e) {
    return refused(path, fmt::format("the system cannot load it ({}); install what it needs or rebuild it", e.what()));
  }
}

LoadResult find_plugin(const std::string& name, const std::vector<std::string>& directories) {
  if (name.find('/') != std::string::npos) return load_plugin(name);
  if (!valid_plugin_name(name)) {
    LoadResult result;
    result.file.refusal =
        fmt::format("{} cannot be the name of a plugin: names are of the form [a-z][a-z0-9_-]{{0,31}}.", shown(name));
    return result;
  }
  for (const auto& directory : directories) {
    const fs::path path = fs::path(directory) / (name + ".so");
    std::error_code error;
    if (!fs::exists(path, error) && !error) continue;
    LoadResult result = load_plugin(path.string());
    if (result && result.plugin->name != name)
      return refused(path.string(), fmt::format("the plugin in it is called {}; rename the file to {}.so",
                                                result.plugin->name, result.plugin->name));
    return result;
  }
  return not_installed(name, directories);
}

std::vector<PluginFile> scan(const std::vector<std::string>& directories) {
  std::vector<PluginFile> files;
  for (const auto& directory : directories) {
    std::error_code error;
    if (!fs::exists(directory, error) && !error) continue;
    for (const auto& path : libraries_in(directory, error)) files.push_back(load_plugin(path).file);
    if (error) {
      PluginFile& entry = files.emplace_back();
      entry.path = directory;
      entry.refusal = fmt::format("the plugin directory {} cannot be read: {}; mend its permissions.", shown(directory),
                                  error.message());
    }
  }
  return files;
}

}  // namespace dragoman::plugin
