// SPDX-License-Identifier: Apache-2.0
// Plugin files: who may have written them, opening, and finding them by name. Loading runs the constructors of a
// library, so a file is opened only when its owner is trusted and it has the entry symbol. Control thread.
#pragma once
#include <string>
#include <vector>

#include "plugin/handshake.hpp"

namespace dragoman::plugin {

// Opens and checks one file. It stays mapped for the life of the process. The same content is loaded once, and is the
// same Plugin each time; another content at the same path is loaded beside it. Never throws for what is wrong with the
// file. Any thread.
LoadResult load_plugin(const std::string& path);

// `name` as in YAML: the file <name>.so of the first directory that has it, or a path when it contains '/'.
// The plugin's own name must be the name of its file.
LoadResult find_plugin(const std::string& name, const std::vector<std::string>& directories);

// Every *.so of the directories, in their order, then by name. Loads them. A directory that does not exist has no
// files; one that cannot be read is an entry of its own with a refusal.
std::vector<PluginFile> scan(const std::vector<std::string>& directories);

}  // namespace dragoman::plugin
