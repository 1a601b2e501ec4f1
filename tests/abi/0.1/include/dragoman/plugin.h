/* SPDX-License-Identifier: Apache-2.0
 *
 * dragoman/plugin.h: the boundary between the gateway and a plugin. C11 and C++17 and later.
 *
 * COMPATIBILITY
 *  - A plugin is a shared object with one exported data symbol, DGM_ENTRY_SYMBOL. The major is part of its name.
 *  - While the major is 0 the minors of host and plugin must be equal and nothing is promised. From major 1 on a plugin
 *    loads when the majors are equal and `abi_minor_needed` is not above the host's minor; `abi_minor_built` is only
 * logged.
 *  - Every struct but dgm_str begins with its size (in the entry: after the magic), set by its writer. The reader
 * copies min(size, its own sizeof) into a zeroed struct. In a table an unknown tail is ignored; in a data struct it
 * must be zero. New members are appended, never inserted, never given another type.
 *  - Everything else is an extension: a table found by query() under a final id such as "dgm.session/1". An
 * incompatible change is a new id beside the old one.
 *
 * OWNERSHIP
 *  - Arguments are borrowed until the callee returns; who needs them longer copies. Each side frees what it allocated.
 *  - Strings are pointer and length, UTF-8 where they are text, not NUL-terminated; a null pointer is legal with length
 * 0.
 *
 * DOMAINS (the tag before each function)
 *  - [control] one call at a time per instance, never together with another call to the same instance.
 *  - [shard]   on the thread of the instance's shard. One instance per mount and shard, so an instance is
 * single-threaded.
 *  - [home]    as [shard], on the instance of the mount's home shard only (dgm_config.flags & DGM_CONFIG_HOME).
 *  - [any]     every thread; never blocks.
 *  A call in the wrong domain answers DGM_E_DOMAIN and is counted; a gateway in strict mode aborts and names it.
 *  The host never calls a plugin back from inside a call of the plugin's.
 *
 * ERRORS
 *  - No exception may cross, in either direction. Zero and above is success, below zero is failure.
 */
#ifndef DRAGOMAN_PLUGIN_H
#define DRAGOMAN_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DGM_ABI_MAJOR 0
#define DGM_ABI_MINOR 1
#define DGM_ENTRY_MAGIC 0x44474D31u
#define DGM_ENTRY_SYMBOL "dgm_plugin_entry_v0"
#define DGM_EXPORT __attribute__((visibility("default")))

typedef struct dgm_str {
  const char* ptr;
  size_t len;
} dgm_str;

typedef int32_t dgm_status;
enum {
  DGM_OK = 0,
  DGM_PRESSURE = 1,       /* done, but the session's out queue is above half its bound */
  DGM_SKIP = 2,           /* encode: this variant gets nothing */
  DGM_E_DROPPED = -1,     /* refused at a hard limit */
  DGM_E_GONE = -2,        /* the session, subscription or operation no longer exists */
  DGM_E_INVALID = -3,     /* an argument is wrong */
  DGM_E_UNSUPPORTED = -4, /* this host cannot do it */
  DGM_E_CANCELED = -5,
  DGM_E_TIMEOUT = -6,
  DGM_E_INTERNAL = -7,
  DGM_E_DOMAIN = -8,       /* called from the wrong thread or from inside the wrong hook */
  DGM_E_DENIED = -9,       /* a credential was understood and refused */
  DGM_E_UNAVAILABLE = -10, /* a service behind the host cannot be reached now */
  DGM_E_TOO_LARGE = -11    /* what came passes a bound */
};

enum { DGM_TEXT = 1, DGM_BINARY = 2 }; /* opcodes of a message */

enum { DGM_LOG_DEBUG = 1, DGM_LOG_INFO = 2, DGM_LOG_WARN = 3, DGM_LOG_ERROR = 4 };

typedef uint64_t dgm_session;     /* one client; slot and generation, 0 = none. Stale use answers DGM_E_GONE */
typedef uint64_t dgm_op;          /* a pending operation, 0 = none */
typedef struct dgm_host dgm_host; /* opaque; one per plugin instance, valid until destroy() returns */

/* Name and value of a header, a query parameter or an attribute. */
typedef struct dgm_field {
  dgm_str name, value;
} dgm_field;

enum { DGM_WRITE_KEEP = 1 }; /* encode(): no overflow policy may drop this message; the session is closed instead */
/* Host memory that a plugin appends to. `opcode` is DGM_TEXT and `flags` 0 until the plugin sets them. grow() makes
 * room for `want` more bytes (it changes ptr and cap) or answers DGM_E_DROPPED at the host's limit. */
typedef struct dgm_writer {
  uint32_t size;
  int32_t opcode;
  char* ptr;
  size_t len, cap;
  dgm_status (*grow)(struct dgm_writer*, size_t want);
  uint32_t flags, reserved;
} dgm_writer;

enum {
  DGM_CONFIG_CHECK = 1, /* only checked: destroy() follows, start() never */
  DGM_CONFIG_HOME = 2,  /* this instance is on the mount's home shard: it gets map() */
  DGM_CONFIG_PLAIN = 4  /* at least one listener of the mount is not encrypted (a Unix socket is not counted) */
};
typedef struct dgm_config {
  uint32_t size, flags;
  dgm_str mount;    /* the mount's, or for a journal its own, name in the configuration */
  dgm_str settings; /* JSON object, valid against the plugin's settings_schema, defaults filled in, secrets resolved */
  dgm_str limits;   /* JSON object, the limits of a mount: sizes in bytes, times in milliseconds, 0: none; else empty */
  dgm_str state;    /* directory for what must outlive the process; relative paths in settings are below it */
} dgm_config;

typedef struct dgm_host_api {
  uint32_t size;
  uint16_t abi_major, abi_minor;
  /* [any] A host table (ext/...h) or null. The table lives as long as the host. */
  const void* (*query)(dgm_host*, dgm_str id);
  /* [any] One log line. `session` may be 0. Control bytes are escaped by the host. Never log credentials. */
  void (*log)(dgm_host*, dgm_session session, int32_t level, dgm_str text);
} dgm_host_api;

typedef struct dgm_plugin_api {
  uint32_t size, flags; /* flags: 0 */
  /* [control] required. The api table and the host outlive the instance. */
  dgm_status (*create)(const dgm_host_api*, dgm_host*, void** inst);
  /* [control] optional. A failure refuses the configuration; `why` takes the sentence for the admin. */
  dgm_status (*configure)(void* inst, const dgm_config*, dgm_writer* why);
  /* [control] optional. After configure, before the first session. */
  dgm_status (*start)(void* inst);
  /* [shard] optional. The gateway shuts down: sessions are still open, and are closed with 1001 by the host afterwards.
   */
  void (*stop)(void* inst);
  /* [control] required. No session, subscription or operation of this instance is left. */
  void (*destroy)(void* inst);
  /* [any] required. The plugin's table for a role, such as "dgm.dialect/1", or null. Needs no instance. */
  const void* (*query)(dgm_str id);
} dgm_plugin_api;

typedef struct dgm_plugin_entry {
  uint32_t magic, size;
  uint16_t abi_major, abi_minor_needed, abi_minor_built, reserved;
  const char* name;    /* [a-z][a-z0-9_-]{0,31}; the name used in YAML */
  const char* version; /* of the plugin, free text */
  /* JSON Schema (the documented subset) of the settings. A member `limits` beside its keywords gives the limits of a
   * mount other defaults; it looks like `limits` in the configuration. */
  const char* settings_schema;
  const dgm_plugin_api* api;
} dgm_plugin_entry;

extern DGM_EXPORT const dgm_plugin_entry dgm_plugin_entry_v0;

#ifdef __cplusplus
}
#define DGM_C_LINKAGE extern "C"
#else
#define DGM_C_LINKAGE
#endif

/* The entry of a plugin made with these headers: in one source file, at file scope. Members as above. */
#define DGM_PLUGIN_ENTRY(name, version, schema, api)                                               \
  DGM_C_LINKAGE DGM_EXPORT const dgm_plugin_entry dgm_plugin_entry_v0 = {DGM_ENTRY_MAGIC,          \
                                                                         sizeof(dgm_plugin_entry), \
                                                                         DGM_ABI_MAJOR,            \
                                                                         DGM_ABI_MINOR,            \
                                                                         DGM_ABI_MINOR,            \
                                                                         0,                        \
                                                                         name,                     \
                                                                         version,                  \
                                                                         schema,                   \
                                                                         api}
#endif
