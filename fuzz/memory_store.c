/* SPDX-License-Identifier: Apache-2.0 */
#include "memory_store.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct object {
    char key[MEMORY_KEY_BYTES]; /* "": this place is free */
    struct buffer body;
};
struct memory {
    struct object objects[MEMORY_OBJECTS_MAX];
};
struct reader {
    const struct object *object;
    size_t done;
};
struct writer {
    struct memory *memory;
    struct object object;
};

static bool memory_open(void *state, const struct store_place *place, bool create, struct error *err)
{
    (void)state, (void)place, (void)create, (void)err;
    return true;
}

static void memory_close(void *state)
{
    struct memory *memory = state;
    for (int i = 0; i < MEMORY_OBJECTS_MAX; i++)
        buffer_release(&memory->objects[i].body);
}

static struct object *find(struct memory *memory, const char *key)
{
    for (int i = 0; i < MEMORY_OBJECTS_MAX; i++)
        if (strcmp(memory->objects[i].key, key) == 0)
            return &memory->objects[i];
    return NULL;
}

static bool missing(const char *key, struct error *err)
{
    return error_set(err, ERR_NOT_FOUND, "there is no '%s'", key);
}

static bool memory_stat(void *state, const char *key, struct store_stat *ret, struct error *err)
{
    const struct object *object = find(state, key);
    if (!object)
        return missing(key, err);
    *ret = (struct store_stat){.bytes = object->body.size};
    return true;
}

static bool read_start(void *state, const char *key, void *opened, uint64_t *ret_bytes, struct error *err)
{
    struct reader *reader = opened;
    reader->object = find(state, key);
    if (!reader->object)
        return missing(key, err);
    *ret_bytes = reader->object->body.size;
    return true;
}

static bool read_some(void *opened, void *into, size_t capacity, size_t *ret_bytes, struct error *err)
{
    struct reader *reader = opened;
    size_t left = reader->object->body.size - reader->done;
    (void)err;
    *ret_bytes = left < capacity ? left : capacity;
    if (*ret_bytes > 0)
        memcpy(into, reader->object->body.data + reader->done, *ret_bytes);
    reader->done += *ret_bytes;
    return true;
}

static void read_end(void *opened)
{
    (void)opened;
}

static bool write_start(void *state, const char *key, void *opened, struct error *err)
{
    struct writer *writer = opened;
    writer->memory = state;
    buffer_init(&writer->object.body, MEMORY_OBJECT_MAX_BYTES);
    return text_copy(writer->object.key, sizeof(writer->object.key), key) ||
           error_set(err, ERR_LIMIT, "the key '%s' is too long for the memory store", key);
}

static bool write_add(void *opened, struct bytes piece, struct error *err)
{
    struct writer *writer = opened;
    return buffer_add(&writer->object.body, piece.data, piece.size) ||
           buffer_check(&writer->object.body, "an object in memory", err);
}

static bool write_finish(void *opened, bool is_durable, struct error *err)
{
    struct writer *writer = opened;
    struct object *place = find(writer->memory, writer->object.key);
    (void)is_durable;
    place = place ? place : find(writer->memory, "");
    if (!place)
        return error_set(err, ERR_LIMIT, "the memory store is full");
    buffer_release(&place->body);
    *place = writer->object;
    buffer_init(&writer->object.body, 0);
    return true;
}

static void write_end(void *opened)
{
    struct writer *writer = opened;
    buffer_release(&writer->object.body);
}

static bool memory_remove(void *state, const char *key, struct error *err)
{
    struct object *object = find(state, key);
    (void)err;
    if (object) {
        buffer_release(&object->body);
        object->key[0] = '\0';
    }
    return true;
}

static int compare_objects(const void *a, const void *b)
{
    const struct object *first = a, *second = b;
    return strcmp(first->key, second->key);
}

/* Sorts the objects themselves: nobody else looks while it lists. */
static bool memory_list(void *state, const char *prefix, store_visitor *visit, void *visit_state,
                        uint64_t *ret_skipped, struct error *err)
{
    struct memory *memory = state;
    size_t length = strlen(prefix);
    qsort(memory->objects, MEMORY_OBJECTS_MAX, sizeof(memory->objects[0]), compare_objects);
    if (ret_skipped)
        *ret_skipped = 0;
    for (int i = 0; i < MEMORY_OBJECTS_MAX; i++) {
        const struct object *object = &memory->objects[i];
        bool is_below = text_starts_with(object->key, prefix) && (length == 0 || object->key[length] == '/');
        const struct store_stat stat = {.bytes = object->body.size};
        if (object->key[0] != '\0' && is_below && !visit(visit_state, object->key, &stat, err))
            return false;
    }
    return true;
}

const struct store_backend store_backend_memory = {
    .scheme = "memory",
    .state_bytes = sizeof(struct memory),
    .reader_bytes = sizeof(struct reader),
    .writer_bytes = sizeof(struct writer),
    .open = memory_open,
    .close = memory_close,
    .stat = memory_stat,
    .read_start = read_start,
    .read_some = read_some,
    .read_end = read_end,
    .write_start = write_start,
    .write_add = write_add,
    .write_finish = write_finish,
    .write_end = write_end,
    .remove = memory_remove,
    .list = memory_list,
};
