// SPDX-License-Identifier: Apache-2.0
// An answer from a server to what a dialect gets: however it is cut, it is the same, within its bounds and unambiguous.
#include <cstdlib>
#include <string>

#include "net/http_answer.hpp"

namespace {

using namespace dragoman::net;
using State = HttpAnswerParser::State;

constexpr std::size_t body_bytes = 512;

struct Outcome {
  State state = State::need_more;
  HttpAnswer answer;
};

Outcome parse(std::string_view bytes, std::size_t step, bool to_head) {
  HttpAnswerParser parser(body_bytes, to_head);
  Outcome out;
  for (std::size_t at = 0; at < bytes.size() && out.state == State::need_more; at += step)
    out.state = parser.feed(bytes.substr(at, step));
  if (out.state == State::need_more) out.state = parser.end();
  if (out.state == State::need_more || (out.state == State::broken) == parser.why().empty()) std::abort();
  if (out.state == State::complete) out.answer = parser.take();
  return out;
}

void judge(const HttpAnswer& answer, bool to_head) {
  if (answer.status < 200 || answer.status > 599 || answer.headers.size() > 256) std::abort();
  if (answer.body.size() > body_bytes || (to_head && !answer.body.empty())) std::abort();
  for (const auto& [name, value] : answer.headers)
    if (!is_token(name) || !is_field_value(value)) std::abort();
  for (const char* own :
       {"connection", "content-length", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"})
    if (has_field(answer.headers, own)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool to_head = data[0] & 1;
  const Outcome whole = parse(bytes, std::max<std::size_t>(bytes.size(), 1), to_head);
  if (whole.state == State::complete) judge(whole.answer, to_head);
  const Outcome pieces = parse(bytes, (data[0] >> 1) % 64 + 1, to_head);
  // Too large or broken may depend on what came first; complete may not.
  if ((whole.state == State::complete) != (pieces.state == State::complete)) std::abort();
  if (whole.answer.status != pieces.answer.status || whole.answer.headers != pieces.answer.headers ||
      whole.answer.body != pieces.answer.body)
    std::abort();
  return 0;
}
