/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Store: objects under a root URL, named by relative keys with '/' ("images/0001.png"). A local directory
 * today; other backends implement store/backend.h. Keys are checked (base/path.h path_check_key): nothing
 * leaves the root, and no symbolic link is followed out of it. An object is replaced as a whole: readers see
 * the old or the new bytes.
 *
 * Threads: a store may be used by several threads at once; a writer or reader by one.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/buffer.h"

enum {
    STORE_LIST_MAX = 10 * 1000 * 1000,
    STORE_LIST_DEPTH_MAX = 64,
    STORE_LIST_NAMES_MAX_BYTES =
        512 * 1024 * 1024, /* of the names held at once: one folder's and its parents' */
    STORE_MAP_MEMORY_MAX_BYTES = 1024 * 1024 * 1024,
};

struct store;

/* `url`: an absolute path, or file:// and an absolute path (taken as it is, nothing is percent-decoded); the
 * folder must exist unless `create`: ERR_NOT_FOUND. */
MUST_CHECK bool store_open(const char *url, bool create, struct store **ret, struct error *err);
/* The same, confined: ERR_DENIED when the place is not in the roots (base/roots.h), which are borrowed as
 * long as the store. A place above them may be opened too, and holds only what is in them. NULL: not
 * confined. */
struct roots;
MUST_CHECK bool store_open_within(const struct roots *roots, const char *url, bool create, struct store **ret,
                                  struct error *err);
const char *store_url(const struct store *store); /* the absolute path, clean; borrowed */
struct store *store_free(struct store *store);

struct store_stat {
    uint64_t bytes;
    int64_t modified_ms;
};
/* ERR_NOT_FOUND: no such object (a folder is not one). */
MUST_CHECK bool store_stat(struct store *store, const char *key, struct store_stat *ret, struct error *err);
MUST_CHECK bool store_exists(struct store *store, const char *key, bool *ret, struct error *err);
/* Reads a whole object into `into` (cleared first, its memory reused). ERR_LIMIT: longer than the buffer's
 * limit, found before it is read. */
MUST_CHECK bool store_get(struct store *store, const char *key, struct buffer *into, struct error *err);
/* Replaces the object atomically and durably: once this returns, the object survives the loss of power.
 * Folders are made as needed. ERR_CONFLICT: a folder has that name, or an object has the name of a folder
 * that is needed. */
MUST_CHECK bool store_put(struct store *store, const char *key, struct bytes body, struct error *err);
/* Atomic too, and safe from the death of this process, but not synced to the disk: many times faster for
 * small objects by the thousand. Only for what can be made again; after a loss of power it may be absent, old
 * or empty. */
MUST_CHECK bool store_put_fast(struct store *store, const char *key, struct bytes body, struct error *err);
/* Makes durable what was put fast before: one call for many objects takes what a few durable puts take. */
MUST_CHECK bool store_flush(struct store *store, struct error *err);
/* No error when there was none. */
MUST_CHECK bool store_delete(struct store *store, const char *key, struct error *err);
/* Deletes every object whose key is `prefix` or starts with `prefix` + "/". */
MUST_CHECK bool store_delete_below(struct store *store, const char *prefix, struct error *err);

/* Writes an object piece by piece; it appears when finished, as a whole and durably. Freed unfinished, or
 * after a failure, it leaves nothing. After a failure the writer can only be freed. */
struct store_writer;
MUST_CHECK bool store_write_start(struct store *store, const char *key, struct store_writer **ret,
                                  struct error *err);
MUST_CHECK bool store_write_add(struct store_writer *writer, struct bytes piece, struct error *err);
MUST_CHECK bool store_write_finish(struct store_writer *writer, struct error *err);
struct store_writer *store_writer_free(struct store_writer *writer);

/* Reads an object piece by piece. *ret_bytes 0 is the end. */
struct store_reader;
MUST_CHECK bool store_read_start(struct store *store, const char *key, struct store_reader **ret,
                                 struct error *err);
MUST_CHECK bool store_read_some(struct store_reader *reader, void *into, size_t capacity, size_t *ret_bytes,
                                struct error *err);
struct store_reader *store_reader_free(struct store_reader *reader);

/* Maps an object's bytes read-only; valid until freed. Backends without files read it into memory. */
struct store_map {
    struct bytes bytes;
    bool is_mapped;
};
MUST_CHECK bool store_map(struct store *store, const char *key, struct store_map *ret, struct error *err);
void store_map_release(struct store_map *map);

/* Visits all objects whose key starts with `prefix` + "/" ("" = all), recursively, in byte order of the whole
 * key. Symbolic links to files inside the root are objects; links to folders, out of the root or to nothing,
 * sockets and devices are left out and counted in *ret_skipped (may be NULL). Hidden names are visited like
 * any other; a missing folder holds no objects. What is put or deleted meanwhile may or may not be visited.
 * The visitor returns false with *err filled to end. ERR_LIMIT past STORE_LIST_MAX objects,
 * STORE_LIST_DEPTH_MAX folders in one another, STORE_LIST_NAMES_MAX_BYTES, or when a key would reach
 * PATH_MAX_BYTES. */
typedef bool store_visitor(void *state, const char *key, const struct store_stat *stat, struct error *err);
MUST_CHECK bool store_list(struct store *store, const char *prefix, store_visitor *visit, void *state,
                           uint64_t *ret_skipped, struct error *err);

DEFINE_AUTO(store)
DEFINE_AUTO(store_writer)
DEFINE_AUTO(store_reader)

#endif
