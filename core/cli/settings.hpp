// SPDX-License-Identifier: Apache-2.0
// What several commands read: the configuration file and small files with a secret.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/configuration.hpp"

namespace dragoman::cli {

// Throws Failure with every error of the file, one a line, and their number.
config::Configuration load_configuration(const std::string& path, const std::string& state_directory,
                                         config::FurtherCheck further = {});

// "3 errors"
std::string count_of(std::size_t count, const char* noun);

// The text of a file without the line end behind it; throws Failure. what: "the token", for the sentence.
std::string read_secret_file(const std::string& path, const char* what);

// "1" to "65535". Boost.URL 1.81 takes 99999 for a port that there is.
bool is_port(std::string_view text);

// "NAME=VALUE" to its two parts; throws WrongUsage.
std::pair<std::string, std::string> split_pair(const std::string& text, const char* option);

}  // namespace dragoman::cli
