/* SPDX-License-Identifier: Apache-2.0
 * dgm.journal/1: durable, ordered streams of records. The role of a plugin that stores them, and the host's table for a
 * dialect whose mount has a journal.
 *
 * A stream is named by text and begins empty. Its records have positions 1, 2, 3... without a gap; retention removes
 * from the oldest end only. A record's id is unique in its stream: appending it again changes nothing, so that several
 * nodes on one bus store an event once. */
#ifndef DRAGOMAN_EXT_JOURNAL_H
#define DRAGOMAN_EXT_JOURNAL_H

#include <dragoman/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DGM_EXT_JOURNAL "dgm.journal/1"

typedef struct dgm_record {
  uint32_t size, flags; /* flags: 0 */
  uint64_t position;    /* 0 in append() */
  int64_t time_ms;      /* Unix time in milliseconds */
  dgm_str stream, id, body;
  /* For filters: names and values are text, each name at most once. Not given back when read. */
  const dgm_field* attributes;
  size_t attribute_count;
} dgm_record;

/* The attribute has one of the values. */
typedef struct dgm_journal_filter {
  dgm_str attribute;
  const dgm_str* values;
  size_t value_count;
} dgm_journal_filter;

enum { DGM_JOURNAL_BACKWARDS = 1 }; /* newest first */
typedef struct dgm_journal_query {
  uint32_t size, flags;
  dgm_str stream;
  uint64_t after;         /* forwards: positions above it; backwards: below it; 0: from the end it starts at */
  int64_t from_ms, to_ms; /* from_ms <= time < to_ms; 0: open */
  const dgm_journal_filter* filters; /* all must hold */
  size_t filter_count;
  uint64_t skip;      /* so many that match are left out first */
  uint64_t limit;     /* at most so many records, at least 1 */
  uint64_t max_bytes; /* the last record is the one whose body reaches this sum; 0: no bound */
} dgm_journal_query;

/* ---- the plugin's table ----
 *
 * Domain [writer]: one call at a time per instance, on a thread where blocking is allowed. Domain [reader]: the same
 * per reader; several readers and the writer run at once. dgm_plugin_api's functions are called as for every plugin.
 *
 * Failures: DGM_E_UNAVAILABLE may go away by itself (a locked file, a full disk, a lost server): the host tries again.
 * DGM_E_INVALID: this call can never succeed. DGM_E_INTERNAL: the store is damaged. `why` takes one sentence. */

typedef struct dgm_journal_retention {
  uint32_t size, flags; /* flags: 0 */
  int64_t before_ms;    /* records older than this go; 0: no bound */
  uint64_t records;     /* so many newest stay; 0: no bound */
  uint64_t bytes;       /* so many bytes of bodies of the newest stay; 0: no bound */
  uint64_t most;        /* remove at most so many in this call, so that appends do not wait */
} dgm_journal_retention;

typedef struct dgm_journal_size {
  uint32_t size, flags;
  uint64_t records, bytes; /* of bodies, all streams */
} dgm_journal_size;

/* Below 0 ends the read, which then answers that status. The record is borrowed. */
typedef dgm_status (*dgm_journal_record)(void* user, const dgm_record* record);
typedef dgm_status (*dgm_journal_value)(void* user, dgm_str value);

typedef struct dgm_journal {
  uint32_t size, flags; /* flags: 0 */
  /* [writer] Opens or creates the store; comes first, and again after append() or trim() failed. */
  dgm_status (*open)(void* inst, dgm_writer* why);
  /* [writer] All or nothing; durable when it answers DGM_OK. positions[i]: of records[i]; for an id that is there
   * already the position it has. fresh[i]: 1 if it was not there. The records may be of several streams; two of the
   * same id in one call are stored once. */
  dgm_status (*append)(void* inst, const dgm_record* records, size_t n, uint64_t* positions, uint8_t* fresh,
                       dgm_writer* why);
  /* [writer] Removes the oldest records of one stream as long as one of the bounds is passed. */
  dgm_status (*trim)(void* inst, dgm_str stream, const dgm_journal_retention*, uint64_t* removed, dgm_writer* why);
  /* [writer] The names of all streams. */
  dgm_status (*streams)(void* inst, dgm_journal_value value, void* user, dgm_writer* why);
  /* [writer] Cheap: the host asks every few seconds. */
  dgm_status (*measure)(void* inst, dgm_journal_size*, dgm_writer* why);
  /* [writer] Closes the store. Every reader is closed before. */
  void (*close)(void* inst);

  /* [writer] After open() succeeded. */
  dgm_status (*reader_open)(void* inst, void** reader, dgm_writer* why);
  /* [reader] Records in order. After a failure the host closes the reader and opens another. */
  dgm_status (*read)(void* reader, const dgm_journal_query*, dgm_journal_record record, void* user, dgm_writer* why);
  /* [reader] How many records match, whatever after, skip, limit and max_bytes say. */
  dgm_status (*count)(void* reader, const dgm_journal_query*, uint64_t* count, dgm_writer* why);
  /* [reader] The different values that an attribute has in a stream, sorted, at most `most`. */
  dgm_status (*values)(void* reader, dgm_str stream, dgm_str attribute, uint64_t most, dgm_journal_value value,
                       void* user, dgm_writer* why);
  void (*reader_close)(void* reader);
} dgm_journal;

/* ---- the host's table for a dialect ----
 *
 * There is one if the mount names a journal. Streams of different mounts are apart. Completions come exactly once, on
 * the shard of the call and never inside it, unless the call answered below 0; `why` is a sentence for the log, or for
 * a client whose dialect shows such. Failures: DGM_E_UNAVAILABLE (later perhaps), DGM_E_DROPPED (too many wait),
 * DGM_E_INVALID, DGM_E_INTERNAL, DGM_E_CANCELED (the instance or its owner ends). */

/* seen[i]: this gateway has stored record i before, so what was made of it has been emitted already. */
typedef void (*dgm_journal_appended)(void* user, dgm_status status, const uint8_t* seen, size_t n, dgm_str why);
/* Fewer records than asked for: there are no more now, or max_bytes was reached; the next page tells. */
typedef void (*dgm_journal_page)(void* user, dgm_status status, const dgm_record* records, size_t n, dgm_str why);
typedef void (*dgm_journal_counted)(void* user, dgm_status status, uint64_t count, dgm_str why);
typedef void (*dgm_journal_listed)(void* user, dgm_status status, const dgm_str* values, size_t n, dgm_str why);

typedef struct dgm_host_journal {
  uint32_t size, flags;
  /* [shard] Stores records, all or none, after those of earlier calls on this shard. Copies. In map(): the publisher of
   * the event gets its answer when they are durable. */
  dgm_status (*append)(dgm_host*, const dgm_record* records, size_t n, dgm_journal_appended done, void* user);
  /* [shard] owner of this and the following: a session or request, whose end cancels the call, or 0. limit and
   * max_bytes are cut to 10,000 and 1 MiB. */
  dgm_status (*read)(dgm_host*, uint64_t owner, const dgm_journal_query*, dgm_journal_page done, void* user);
  dgm_status (*count)(dgm_host*, uint64_t owner, const dgm_journal_query*, dgm_journal_counted done, void* user);
  /* The different values of an attribute, at most 10,000. */
  dgm_status (*values)(dgm_host*, uint64_t owner, dgm_str stream, dgm_str attribute, dgm_journal_listed done,
                       void* user);
} dgm_host_journal;

#ifdef __cplusplus
}
#endif
#endif
