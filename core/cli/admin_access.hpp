// SPDX-License-Identifier: Apache-2.0
// How commands reach the admin API of a running gateway, and read what it says.
#pragma once
#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "cli/http_client.hpp"

namespace dragoman::cli {

struct AdminAccess {
  std::string url = "http://127.0.0.1:9600";
  std::string token, token_file;

  // --url, --token and --token-file; `command` has them as long as this object lives.
  void add_options(CLI::App& command);
  // The token, secret. Throws Failure when its file cannot be read, and WrongUsage when no header can hold it.
  std::string secret() const;
};

// A name that goes into a URL; throws WrongUsage when no configuration can have it. what: "mount".
const std::string& name_for_url(const std::string& name, const char* what);

// What an answer with status 200 holds; throws Failure when it is another one or no JSON.
boost::json::object object_of(const HttpAnswer& answer);

// The member as text for a terminal, as JSON when it is no string; nothing when there is none.
std::string member_text(const boost::json::object& from, const char* key);

}  // namespace dragoman::cli
