/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backend contract, for whoever adds a place to keep objects. store.c calls nothing else. It has checked
 * every key (relative, no '.', '..' or empty part, no reserved name, shorter than PATH_MAX_BYTES) and owns
 * all memory; keys are borrowed until the operation they began has ended. Keys are bytes: any but NUL, not
 * necessarily UTF-8.
 *
 * Threads: several may call with the same state at once; a reader or writer belongs to one thread.
 */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include "base/roots.h"
#include "store/store.h"

/* A part of a key that starts with this belongs to a backend's own bookkeeping: store.c refuses it. */
#define STORE_RESERVED_PREFIX ".trommel-tmp-"

struct store_place {
    const char *path; /* clean */
    /* Nothing outside is opened, whatever links lead there; a place above them holds only what is in them.
     * NULL: not confined. */
    const struct roots *roots;
};
struct store_backend {
    const char *scheme; /* of the URL: "file" */
    size_t state_bytes; /* the framework allocates and zeroes this, and one of the next two per reader and
                           writer */
    size_t reader_bytes;
    size_t writer_bytes;

    /* Place and roots are borrowed as long as the state. `create`: make the place when missing; otherwise its
     * absence is ERR_NOT_FOUND. After a failure `close` is called. */
    bool (*open)(void *state, const struct store_place *place, bool create, struct error *err);
    void (*close)(void *state);

    /* ERR_NOT_FOUND: no object has this key. ERR_DENIED: not allowed, or it would lead out of the root. Here
     * and in every other call. */
    bool (*stat)(void *state, const char *key, struct store_stat *ret, struct error *err);

    /* Starts to read; *ret_bytes is how many will come, unless the object is being changed by others. Readers
     * see one state of an object, even when it is replaced while they read. */
    bool (*read_start)(void *state, const char *key, void *reader, uint64_t *ret_bytes, struct error *err);
    /* Fills up to `capacity` (> 0) bytes; 0 bytes are the end. */
    bool (*read_some)(void *reader, void *into, size_t capacity, size_t *ret_bytes, struct error *err);
    /* Also called when read_start failed. */
    void (*read_end)(void *reader);

    /* Starts a new version of an object that nobody sees yet. */
    bool (*write_start)(void *state, const char *key, void *writer, struct error *err);
    bool (*write_add)(void *writer, struct bytes piece, struct error *err);
    /* Puts the new version in the place of the old one at one moment: whoever reads gets the old or the new
     * bytes, never a mixture. `is_durable`: it survives the loss of power once this returns. ERR_UNCERTAIN:
     * it may be there. */
    bool (*write_finish)(void *writer, bool is_durable, struct error *err);
    /* Releases the writer; unfinished, nothing is left of it. Also called when write_start failed. */
    void (*write_end)(void *writer);

    /* No error when there was none. */
    bool (*remove)(void *state, const char *key, struct error *err);
    /* As store_list; `prefix` may be "". */
    bool (*list)(void *state, const char *prefix, store_visitor *visit, void *visit_state,
                 uint64_t *ret_skipped, struct error *err);

    /* Optional. As store_flush; NULL: nothing is put that is not durable. */
    bool (*flush)(void *state, struct error *err);
    /* Optional. As store_delete_below; NULL: the framework lists and deletes one by one. */
    bool (*remove_below)(void *state, const char *prefix, struct error *err);
    /* Optional. Maps an object's bytes with mmap (NULL and 0 when it is empty); the framework calls munmap.
     * NULL: the framework reads them into memory. */
    bool (*map)(void *state, const char *key, struct bytes *ret, struct error *err);
};

/* All backends, NULL-ended. */
extern const struct store_backend *const store_backends[];

extern const struct store_backend store_backend_dir;
/* The same without openat2(2): every path is walked part by part, as on kernels that lack or forbid the call.
 */
extern const struct store_backend store_backend_dir_walking;

/* As store_open with the backend given: for tests, which run on each backend. */
MUST_CHECK bool store_open_backend(const struct store_backend *backend, const char *path, bool create,
                                   struct store **ret, struct error *err);

#endif
