// SPDX-License-Identifier: Apache-2.0
#include "library.hpp"

#include <mutex>

#include "common/text.hpp"

namespace nats {
namespace {

constexpr std::size_t sentence_limit = 300;

}  // namespace

void open_library() {
  static std::mutex mutex;
  static bool open = false;
  const std::lock_guard lock(mutex);
  if (open) return;
  if (const natsStatus status = nats_Open(-1); status != NATS_OK)
    throw Lost("libnats cannot be opened: " + explanation(status));
  // One for all connections; what runs there does not block.
  nats_SetMessageDeliveryPoolSize(1);
  open = true;
}

std::string explanation(natsStatus status) {
  const char* said = nats_GetLastError(nullptr);
  std::string_view text = said ? said : "";
  // Its sentences begin with "(file.c:123): ".
  if (text.starts_with('('))
    if (const std::size_t end = text.find("): "); end != std::string_view::npos) text.remove_prefix(end + 3);
  if (text.empty()) text = natsStatus_GetText(status);
  return std::string(text);
}

std::string sentence(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('.') || text.ends_with(' ')) text.remove_suffix(1);
  return text.size() <= sentence_limit && buses::is_text(text) ? std::string(text) : buses::shown(text);
}

}  // namespace nats
