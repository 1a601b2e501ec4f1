// SPDX-License-Identifier: Apache-2.0
#include "gateway/mount_requests.hpp"

#include <utility>

namespace dragoman::gateway {
namespace {

dgm_str str(std::string_view s) {
  return {s.data(), s.size()};
}

net::HttpResponse failure() {
  net::HttpResponse response;
  response.status = 500;
  response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  response.body = "internal error\n";
  return response;
}

}  // namespace

void MountRequests::abort_all() {
  std::vector<dgm_request> left;
  table_.for_each([&](Request* request) { left.push_back(request->id); });
  for (const dgm_request id : left) close(id);
}

dgm_request MountRequests::open(const std::shared_ptr<net::HttpConnection>& connection, const net::HttpRequest& request,
                                std::string_view path) {
  auto made = std::make_unique<Request>();
  made->connection = connection;
  made->head_only = request.method == "HEAD";
  const std::uint64_t slot = table_.insert(made.get());
  if (!slot) {
    connection->respond(failure());
    return 0;
  }
  Request& entry = *made.release();
  entry.id = slot | mark;

  std::vector<dgm_field> headers;
  headers.reserve(request.headers.size());
  for (const auto& [name, value] : request.headers) headers.push_back({str(name), str(value)});
  const std::string peer = connection->peer();
  dgm_http_request head{};
  head.size = sizeof head;
  head.flags = (connection->encrypted() ? DGM_HTTP_TLS : 0) | (entry.head_only ? DGM_HTTP_HEAD : 0);
  head.method = str(entry.head_only ? std::string_view("GET") : std::string_view(request.method));
  head.path = str(path);
  head.query = str(request.query);
  head.peer = str(peer);
  head.body = str(request.body);
  head.headers = headers.data();
  head.header_count = headers.size();
  const dgm_request id = entry.id;
  if (instance_.request(id, head, &entry.state) >= 0) return id;
  // The dialect keeps nothing of it and must not hear of it again.
  operations_.cancel_all(&entry.pending_operations);
  const std::unique_ptr<Request> owned(&entry);
  table_.erase(slot);
  if (!entry.begun)
    connection->respond(failure());
  else
    connection->close();
  return 0;
}

MountRequests::Request* MountRequests::find(dgm_request id) {
  if (!(id & mark)) return nullptr;
  Request** found = table_.find(id & ~mark);
  return found && !(*found)->ending ? *found : nullptr;
}

std::uint32_t* MountRequests::owner(dgm_request id) {
  Request* request = find(id);
  return request ? &request->pending_operations : nullptr;
}

void MountRequests::gone(dgm_request id) {
  if (Request* request = find(id)) finish(*request);
}

void MountRequests::writable(dgm_request id) {
  if (Request* request = find(id)) instance_.request_writable(id, request->state);
}

dgm_status MountRequests::respond(dgm_request id, net::HttpResponse response) {
  Request* request = find(id);
  if (!request) return DGM_E_GONE;
  if (request->begun) return DGM_E_INVALID;
  response.head_only = request->head_only;
  const auto connection = request->connection;
  finish(*request);
  connection->respond(std::move(response));
  return DGM_OK;
}

dgm_status MountRequests::begin(dgm_request id, net::HttpResponse head) {
  Request* request = find(id);
  if (!request) return DGM_E_GONE;
  if (request->begun) return DGM_E_INVALID;
  request->begun = true;
  head.head_only = request->head_only;
  const auto connection = request->connection;
  connection->begin(std::move(head));
  return DGM_OK;
}

dgm_status MountRequests::part(dgm_request id, std::string_view data) {
  Request* request = find(id);
  if (!request) return DGM_E_GONE;
  if (!request->begun) return DGM_E_INVALID;
  const auto connection = request->connection;
  return connection->part(data) ? DGM_OK : DGM_PRESSURE;
}

dgm_status MountRequests::end(dgm_request id) {
  Request* request = find(id);
  if (!request) return DGM_E_GONE;
  if (!request->begun) return DGM_E_INVALID;
  const auto connection = request->connection;
  finish(*request);
  connection->end();
  return DGM_OK;
}

dgm_status MountRequests::abort(dgm_request id) {
  Request* request = find(id);
  if (!request) return DGM_E_GONE;
  const auto connection = request->connection;
  finish(*request);
  connection->close();
  return DGM_OK;
}

void MountRequests::finish(Request& request) {
  request.ending = true;
  request.connection.reset();
  loop_.post([this, life = operations_.life(), id = request.id] { close(id); });
}

void MountRequests::close(dgm_request id) {
  Request** found = table_.find(id & ~mark);
  if (!found) return;
  const std::unique_ptr<Request> request(*found);
  table_.erase(id & ~mark);
  if (request->connection) request->connection->close();
  operations_.cancel_all(&request->pending_operations);
  instance_.request_close(request->id, request->state);
}

}  // namespace dragoman::gateway
