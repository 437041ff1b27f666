/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/path.h"
#include "base/text.h"
#include "store/backend.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct store {
    const struct store_backend *backend;
    void *state;
    char *place;
};

struct store_writer {
    const struct store_backend *backend;
    void *state;
    char *key;
    bool is_finished;
};

struct store_reader {
    const struct store_backend *backend;
    void *state;
    char *key;
};

static bool open_with(const struct store_backend *backend, const struct store_place *place, bool create,
                      struct store **ret, struct error *err)
{
    AUTO(store) store = calloc(1, sizeof(*store));
    AUTO(arena) arena = arena_new((size_t)PATH_MAX_BYTES * 4);
    char *clean = NULL;
    if (!store || !arena)
        return error_no_memory(err);
    if (!path_absolute(arena, place->path, &clean, err))
        return false;
    store->backend = backend;
    if (!(store->place = strdup(clean)) || !(store->state = calloc(1, backend->state_bytes)))
        return error_no_memory(err);
    if (!backend->open(store->state, &(struct store_place){store->place, place->roots}, create, err))
        return false;
    *ret = TAKE(store);
    return true;
}

bool store_open_backend(const struct store_backend *backend, const char *path, bool create,
                        struct store **ret, struct error *err)
{
    return open_with(backend, &(struct store_place){path, NULL}, create, ret, err);
}

bool store_open_within(const struct roots *roots, const char *url, bool create, struct store **ret,
                       struct error *err)
{
    if (url[0] == '/')
        return open_with(&store_backend_dir, &(struct store_place){url, roots}, create, ret, err);
    const char *mark = strstr(url, "://");
    for (const struct store_backend *const *backend = store_backends; mark && *backend; backend++) {
        size_t scheme_bytes = strlen((*backend)->scheme);
        bool is_it =
            scheme_bytes == (size_t)(mark - url) && memcmp((*backend)->scheme, url, scheme_bytes) == 0;
        if (is_it && mark[3] == '/')
            return open_with(*backend, &(struct store_place){mark + 3, roots}, create, ret, err);
    }
    return error_set(err, ERR_INVALID,
                     "'%.200s' is not a place for objects: write an absolute path or file:///path", url);
}

bool store_open(const char *url, bool create, struct store **ret, struct error *err)
{
    return store_open_within(NULL, url, create, ret, err);
}

const char *store_url(const struct store *store)
{
    return store->place;
}

struct store *store_free(struct store *store)
{
    if (!store)
        return NULL;
    if (store->state)
        store->backend->close(store->state);
    free(store->state);
    free(store->place);
    free(store);
    return NULL;
}

static bool check_key(const char *key, struct error *err)
{
    if (!path_check_key(key, err))
        return false;
    for (const char *part = key; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (text_starts_with(part, STORE_RESERVED_PREFIX))
            return error_set(err, ERR_INVALID,
                             "'%.200s': names with '" STORE_RESERVED_PREFIX "' are reserved", key);
    return true;
}

bool store_stat(struct store *store, const char *key, struct store_stat *ret, struct error *err)
{
    return check_key(key, err) && store->backend->stat(store->state, key, ret, err);
}

bool store_exists(struct store *store, const char *key, bool *ret, struct error *err)
{
    struct store_stat ignored;
    struct error problem;
    bool is_there = store_stat(store, key, &ignored, &problem);
    if (!is_there && problem.code != ERR_NOT_FOUND) {
        *err = problem;
        return false;
    }
    *ret = is_there;
    return true;
}

bool store_delete(struct store *store, const char *key, struct error *err)
{
    return check_key(key, err) && store->backend->remove(store->state, key, err);
}

static bool delete_visited(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    struct store *store = state;
    (void)stat;
    return store->backend->remove(store->state, key, err);
}

bool store_delete_below(struct store *store, const char *prefix, struct error *err)
{
    uint64_t skipped = 0;
    if (!check_key(prefix, err))
        return false;
    if (store->backend->remove_below)
        return store->backend->remove_below(store->state, prefix, err);
    return store->backend->remove(store->state, prefix, err) &&
           store->backend->list(store->state, prefix, delete_visited, store, &skipped, err);
}

bool store_list(struct store *store, const char *prefix, store_visitor *visit, void *state,
                uint64_t *ret_skipped, struct error *err)
{
    uint64_t skipped = 0;
    if (prefix[0] != '\0' && !check_key(prefix, err))
        return false;
    if (!store->backend->list(store->state, prefix, visit, state, &skipped, err))
        return false;
    if (ret_skipped)
        *ret_skipped = skipped;
    return true;
}

/* ---- writing ---- */

bool store_write_start(struct store *store, const char *key, struct store_writer **ret, struct error *err)
{
    if (!check_key(key, err))
        return false;
    AUTO(store_writer) writer = calloc(1, sizeof(*writer));
    if (!writer)
        return error_no_memory(err);
    writer->backend = store->backend;
    if (!(writer->key = strdup(key)) || !(writer->state = calloc(1, store->backend->writer_bytes)))
        return error_no_memory(err);
    if (!store->backend->write_start(store->state, writer->key, writer->state, err))
        return false;
    *ret = TAKE(writer);
    return true;
}

bool store_write_add(struct store_writer *writer, struct bytes piece, struct error *err)
{
    assert(!writer->is_finished);
    return piece.size == 0 || writer->backend->write_add(writer->state, piece, err);
}

static bool finish(struct store_writer *writer, bool is_durable, struct error *err)
{
    assert(!writer->is_finished);
    writer->is_finished = true;
    return writer->backend->write_finish(writer->state, is_durable, err);
}

bool store_write_finish(struct store_writer *writer, struct error *err)
{
    return finish(writer, true, err);
}

struct store_writer *store_writer_free(struct store_writer *writer)
{
    if (!writer)
        return NULL;
    if (writer->state)
        writer->backend->write_end(writer->state);
    free(writer->state);
    free(writer->key);
    free(writer);
    return NULL;
}

static bool put(struct store *store, const char *key, struct bytes body, bool is_durable, struct error *err)
{
    AUTO(store_writer) writer = NULL;
    return store_write_start(store, key, &writer, err) && store_write_add(writer, body, err) &&
           finish(writer, is_durable, err);
}

bool store_put(struct store *store, const char *key, struct bytes body, struct error *err)
{
    return put(store, key, body, true, err);
}

bool store_put_fast(struct store *store, const char *key, struct bytes body, struct error *err)
{
    return put(store, key, body, false, err);
}

bool store_flush(struct store *store, struct error *err)
{
    return !store->backend->flush || store->backend->flush(store->state, err);
}

/* ---- reading ---- */

static bool read_start(struct store *store, const char *key, struct store_reader **ret, uint64_t *ret_bytes,
                       struct error *err)
{
    if (!check_key(key, err))
        return false;
    AUTO(store_reader) reader = calloc(1, sizeof(*reader));
    if (!reader)
        return error_no_memory(err);
    reader->backend = store->backend;
    if (!(reader->key = strdup(key)) || !(reader->state = calloc(1, store->backend->reader_bytes)))
        return error_no_memory(err);
    if (!store->backend->read_start(store->state, reader->key, reader->state, ret_bytes, err))
        return false;
    *ret = TAKE(reader);
    return true;
}

bool store_read_start(struct store *store, const char *key, struct store_reader **ret, struct error *err)
{
    uint64_t bytes = 0;
    return read_start(store, key, ret, &bytes, err);
}

bool store_read_some(struct store_reader *reader, void *into, size_t capacity, size_t *ret_bytes,
                     struct error *err)
{
    assert(capacity > 0);
    return reader->backend->read_some(reader->state, into, capacity, ret_bytes, err);
}

struct store_reader *store_reader_free(struct store_reader *reader)
{
    if (!reader)
        return NULL;
    if (reader->state)
        reader->backend->read_end(reader->state);
    free(reader->state);
    free(reader->key);
    free(reader);
    return NULL;
}

bool store_get(struct store *store, const char *key, struct buffer *into, struct error *err)
{
    AUTO(store_reader) reader = NULL;
    uint64_t bytes = 0;
    size_t piece = 1;
    buffer_clear(into);
    if (!read_start(store, key, &reader, &bytes, err))
        return false;
    if (bytes > into->limit)
        return error_set(err, ERR_LIMIT, "'%.200s' is %llu bytes long; %zu is the limit", key,
                         (unsigned long long)bytes, into->limit);
    if (!buffer_reserve(into, (size_t)bytes))
        return error_no_memory(err);
    while (into->size < bytes && piece > 0) {
        if (!store_read_some(reader, into->data + into->size, (size_t)bytes - into->size, &piece, err))
            return false;
        into->size += piece;
    }
    into->data[into->size] = '\0';
    return true;
}

bool store_map(struct store *store, const char *key, struct store_map *ret, struct error *err)
{
    struct store_map map = {.is_mapped = store->backend->map != NULL};
    if (map.is_mapped) {
        if (!check_key(key, err) || !store->backend->map(store->state, key, &map.bytes, err))
            return false;
        *ret = map;
        return true;
    }
    AUTO_BUFFER(body, STORE_MAP_MEMORY_MAX_BYTES);
    if (!store_get(store, key, &body, err))
        return false;
    *ret = (struct store_map){.bytes = {body.data, body.size}};
    body.data = NULL;
    return true;
}

void store_map_release(struct store_map *map)
{
    /* The bytes are const for those who read them; here they end. */
    union {
        const void *read_only;
        void *owned;
    } memory = {.read_only = map->bytes.data};
    if (!map->is_mapped)
        free(memory.owned);
    else if (map->bytes.size > 0)
        (void)munmap(memory.owned, map->bytes.size);
    *map = (struct store_map){0};
}
