// SPDX-License-Identifier: Apache-2.0
#include "common/delivery.hpp"

namespace journals {

void Delivery::give(std::uint64_t position, std::int64_t time_ms, std::string_view id, std::string_view body) {
  const dgm_record record{sizeof(dgm_record),         0,       position, time_ms, query_.stream, {id.data(), id.size()},
                          {body.data(), body.size()}, nullptr, 0};
  const dgm_status status = record_(user_, &record);
  if (status < 0) {
    status_ = status;
    return;
  }
  --left_;
  bytes_ += body.size();
  if (query_.max_bytes && bytes_ >= query_.max_bytes) left_ = 0;
}

}  // namespace journals
