/* SPDX-License-Identifier: Apache-2.0
 * dgm.http/1: plain HTTP on the paths of a mount. The optional second role of a dialect, and the host's table for it.
 *
 * A dialect that declares no route is reached by WebSocket at every path of its mount and by nothing else. One that
 * declares routes is reached at these only: another path is answered 404, another method 405. */
#ifndef DRAGOMAN_EXT_HTTP_H
#define DRAGOMAN_EXT_HTTP_H

#include <dragoman/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DGM_EXT_HTTP "dgm.http/1"

typedef uint64_t dgm_request; /* one request until it is answered; slot and generation, 0 = none */

enum { DGM_HTTP_TLS = 1, DGM_HTTP_HEAD = 2 /* asked with HEAD: the body of the answer is not sent */ };
typedef struct dgm_http_request {
  uint32_t size, flags;
  dgm_str method;           /* GET for HEAD */
  dgm_str path;             /* below the mount's path, with a slash in front, still percent-encoded */
  dgm_str query;            /* as sent, without '?' */
  dgm_str peer;             /* as in dgm_open */
  dgm_str body;             /* at most the mount's message_bytes */
  const dgm_field* headers; /* in order; names as sent */
  size_t header_count;
} dgm_http_request;

/* ---- the plugin's table ---- */

typedef struct dgm_http {
  uint32_t size, flags; /* flags: 0 */
  /* [shard] required. A request for one of the routes. The plugin allocates *state and answers with respond(), or with
   * begin(), part() and end(), now or later. Below 0: answered 500, *state is not kept, request_close() not called. */
  dgm_status (*request)(void* inst, dgm_request, const dgm_http_request*, void** state);
  /* [shard] optional. What part() queued is sent but for a little, after DGM_PRESSURE. */
  void (*request_writable)(void* inst, dgm_request, void* state);
  /* [shard] required. The answer is complete or the client is gone; exactly once, the last call with that state; every
   * operation owned by the request has completed. */
  void (*request_close)(void* inst, dgm_request, void* state);
} dgm_http;

/* ---- the host's table ---- */

enum { DGM_ROUTE_WEBSOCKET = 1, DGM_ROUTE_REST = 2 };

typedef struct dgm_host_http {
  uint32_t size, flags;
  /* [control] in configure() or start(). path: "/events", "/sockets/{}", "/files/{*}": a segment {} stands for any one,
   * {*} at the end for whatever is left, nothing too. method: GET (answers HEAD too), POST, PUT, PATCH, DELETE,
   * OPTIONS, or "*" for any; with DGM_ROUTE_WEBSOCKET the path opens sessions and method is not read. A place of the
   * mount with `sessions: false` has no such paths. With DGM_ROUTE_REST the route gets what matches no other one of
   * the mount, whatever the method. */
  dgm_status (*route)(dgm_host*, dgm_str method, dgm_str path, uint32_t flags);
  /* [shard] The whole answer. The host adds Content-Length and Connection. */
  dgm_status (*respond)(dgm_host*, dgm_request, uint32_t status, const dgm_field* headers, size_t header_count,
                        dgm_str body);
  /* [shard] An answer in parts, so that a long one never stands in memory as a whole. After DGM_PRESSURE wait for
   * request_writable(). abort() cuts the connection, so that the client sees that the answer is not whole. */
  dgm_status (*begin)(dgm_host*, dgm_request, uint32_t status, const dgm_field* headers, size_t header_count);
  dgm_status (*part)(dgm_host*, dgm_request, dgm_str data);
  dgm_status (*end)(dgm_host*, dgm_request);
  dgm_status (*abort)(dgm_host*, dgm_request);
} dgm_host_http;

#ifdef __cplusplus
}
#endif
#endif
