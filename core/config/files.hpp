// SPDX-License-Identifier: Apache-2.0
// Reading of small files whose content and existence are not trusted.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace dragoman::config {

// Either a text or, when `problem` is not empty, why there is none. The problem never shows the text.
struct FileText {
  std::string text;
  std::string problem;
};

// The whole of a regular file (after symbolic links) of at most `limit` bytes.
FileText read_file(const std::string& path, std::size_t limit);

// `conf.d/*.yaml` beside `path` in the order of their names; none when there is no such directory. A problem is written
// to `problem`.
std::vector<std::string> extra_files(const std::string& path, std::string& problem);

// `path` as seen from the directory of `file`, unless it is absolute.
std::string relative_to(const std::string& file, const std::string& path);

}  // namespace dragoman::config
