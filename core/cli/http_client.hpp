// SPDX-License-Identifier: Apache-2.0
// Requests to the admin API of a running gateway over one connection, which is kept. Blocks; one thread.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "cli/commands.hpp"

namespace dragoman::cli {

class StopSignal;

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
  unsigned retry_after = 0;  // seconds; 0: not said
};

// There was no connection, or it ended before the answer: whether the request was obeyed is not known.
struct ConnectionLost : Failure {
  ConnectionLost(const std::string& sentence, bool request_begun) : Failure(sentence), begun(request_begun) {}
  bool begun;  // else the gateway has seen nothing of the request
};

class HttpClient {
 public:
  // url: "http://HOST:PORT" or "unix:/PATH"; throws WrongUsage when it is neither. token: secret. stop: outlives the
  // client; ends a request with Interrupted.
  HttpClient(const std::string& url, const std::string& token, const StopSignal* stop = nullptr);
  ~HttpClient();

  // Connects when there is no connection. target: path and query. Throws ConnectionLost, also when an answer takes
  // longer than 30 seconds, and Failure when it is no HTTP.
  HttpAnswer get(const std::string& target);
  HttpAnswer post(const std::string& target, std::string_view content_type, std::string_view body);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dragoman::cli
