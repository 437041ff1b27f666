/* SPDX-License-Identifier: Apache-2.0 */
#include "work/reread.h"

#include "base/hash.h"
#include "work/inputs.h"

#include <stdlib.h>
#include <string.h>

struct reread_room {
    struct image image;
    struct buffer file;
};

/* A folder that is gone is as if all its images were. */
static bool open_input(struct reread *reread, struct error *err)
{
    const struct reread_request *request = reread->request;
    AUTO(arena) arena = arena_new(INPUTS_CHUNK_MAX_BYTES);
    struct inputs inputs;
    if (!arena)
        return error_no_memory(err);
    if (!inputs_open(request->data, request->folder, arena, &inputs, err))
        return false;
    return store_open_within(request->roots, inputs.root, false, &reread->input, err) ||
           err->code != ERR_NO_MEMORY;
}

bool reread_init(const struct reread_request *request, const struct reread_work *work, struct reread *ret,
                 struct error *err)
{
    *ret = (struct reread){.request = request, .work = work};
    ret->threads = request->threads ? request->threads : workers_cores();
    ret->rooms = calloc(ret->threads, sizeof(*ret->rooms));
    if (!ret->rooms)
        return error_no_memory(err);
    for (uint32_t i = 0; i < ret->threads; i++)
        buffer_init(&ret->rooms[i].file, IMAGE_FILE_MAX_BYTES);
    return open_input(ret, err);
}

void reread_release(struct reread *reread)
{
    for (uint32_t i = 0; reread->rooms && i < reread->threads; i++) {
        image_release(&reread->rooms[i].image);
        buffer_release(&reread->rooms[i].file);
    }
    free(reread->rooms);
    reread->rooms = NULL;
    reread->input = store_free(reread->input);
}

bool reread_image(struct reread *reread, uint32_t thread, uint32_t row, const struct image **ret,
                  struct error *err)
{
    const struct image_options options = {.accept_partial = reread->request->accept_partial,
                                          .background = {255, 255, 255}};
    const char *key = reread->items[row].key;
    struct reread_room *room = &reread->rooms[thread];
    struct record record;
    struct image_info info;
    char hash[HASH_HEX_BYTES];
    record_shard_get(reread->shard, row, &record);
    if (!reread->input || !key || !record.content_hash || !store_get(reread->input, key, &room->file, err))
        return false;
    struct bytes file = {room->file.data, room->file.size};
    hash_of(file, hash);
    if (strcmp(hash, record.content_hash) != 0 || !image_decode(file, &options, &room->image, &info, err))
        return false;
    *ret = &room->image;
    return true;
}

void reread_count_done(const struct reread *reread, uint64_t count)
{
    if (reread->request->progress)
        atomic_fetch_add(&reread->request->progress->done, (int_fast64_t)count);
}

static bool work_on_rows(void *state, uint32_t thread, struct error *err)
{
    struct reread *reread = state;
    const struct stop_flag *stop = reread->request->stop;
    for (;;) {
        uint32_t row = atomic_fetch_add(&reread->next, 1);
        if (row >= reread->count)
            return true;
        if (stop && atomic_load(&stop->is_set))
            return error_set(err, ERR_CANCELLED, "stopped");
        if (!reread->work->do_row(reread->work->state, thread, row, err))
            return false;
    }
}

bool reread_images(struct reread *reread, struct error *err)
{
    const struct reread_request *request = reread->request;
    AUTO(arena) arena = arena_new(INPUTS_CHUNK_MAX_BYTES);
    struct input_list list;
    if (!arena)
        return error_no_memory(err);
    if (!inputs_shard(request->data, request->folder, reread->number, arena, &list, err))
        return false;
    if (list.count != reread->count)
        return error_set(err, ERR_INVALID, "shard %u lists %u images, its records are %u", reread->number,
                         list.count, reread->count);
    reread->items = list.items;
    atomic_store(&reread->next, 0);
    bool is_done = workers_run(reread->threads, work_on_rows, reread, err);
    reread->items = NULL;
    return is_done;
}

static bool do_shard(struct reread *reread, uint32_t number, struct error *err)
{
    const struct reread_work *work = reread->work;
    AUTO(record_shard) shard = NULL;
    if (work->wants && !work->wants(work->state, number))
        return true;
    if (!record_shard_open(reread->request->records, number, &shard, err))
        return false;
    reread->shard = shard;
    reread->number = number;
    reread->count = record_shard_count(shard);
    return work->do_shard(work->state, err);
}

bool reread_run(struct reread *reread, struct error *err)
{
    const struct reread_request *request = reread->request;
    for (uint32_t shard = 0; shard < record_set_shards(request->records); shard++)
        if (!do_shard(reread, shard, err))
            return false;
    return store_flush(request->data, err);
}
