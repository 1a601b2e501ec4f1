// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <utility>

#include "cli/commands.hpp"

namespace dragoman::cli {

std::string count_of(std::size_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

config::Configuration load_configuration(const std::string& path, const std::string& state_directory,
                                         config::FurtherCheck further) {
  config::LoadOptions options;
  options.state_directory = state_directory;
  options.further = std::move(further);
  std::vector<config::Error> errors;
  auto configuration = config::load_file(path, options, errors);
  if (configuration) return std::move(*configuration);
  std::string text = fmt::format("{} in the configuration", count_of(errors.size(), "error"));
  for (const auto& error : errors) text.append("\n").append(error.text());
  throw Failure(text);
}

std::string read_secret_file(const std::string& path, const char* what) {
  static constexpr std::streamsize most = 65536;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Failure(fmt::format("cannot read {} from {}: {}", what, path, std::strerror(errno)));
  std::string text(most, '\0');
  file.read(text.data(), most);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad() || (text.empty() && !file.eof()))
    throw Failure(fmt::format("cannot read {} from {}: {}", what, path, std::strerror(errno)));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
  if (text.empty()) throw Failure(fmt::format("{} is empty, so it does not hold {}", path, what));
  return text;
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

std::pair<std::string, std::string> split_pair(const std::string& text, const char* option) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw WrongUsage(fmt::format("{} wants NAME=VALUE, not \"{}\"", option, text));
  return {text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace dragoman::cli
