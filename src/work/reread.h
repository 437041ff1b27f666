/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reread: images that were scanned before, once more, shard by shard; workers take them by one atomic ticket,
 * and each reads and decodes with memory of its own. What is done to an image, and what is kept of it, is its
 * caller's (work/reinfer.h, work/extract.h).
 */
#ifndef WORK_REREAD_H
#define WORK_REREAD_H

#include "base/roots.h"
#include "base/workers.h"
#include "image/image.h"
#include "record/record.h"
#include "store/store.h"
#include "tasks/task.h"

struct reread_request {
    const struct roots *roots; /* nothing outside is read; NULL: not confined */
    struct store *data;
    const char *folder; /* inputs in FOLDER/inputs */
    const struct record_set *records;
    bool accept_partial; /* as when it was scanned */
    uint32_t threads;    /* 0: all cores */
    struct stop_flag *stop;
    struct task_progress *progress; /* may be NULL */
};
struct reread_work {
    void *state;
    /* Calls reread_images when the shard at work has images to be read. */
    MUST_CHECK bool (*do_shard)(void *state, struct error *err);
    /* One image, of the records' row; by many threads, 0..threads-1. */
    MUST_CHECK bool (*do_row)(void *state, uint32_t thread, uint32_t row, struct error *err);
    /* Whether a shard is to be opened at all; NULL: each is. */
    bool (*wants)(const void *state, uint32_t shard);
};
struct reread_room;
struct input_item;
struct reread {
    const struct reread_request *request;
    const struct reread_work *work;
    uint32_t threads;
    /* The shard at work. */
    const struct record_shard *shard;
    uint32_t number, count;

    /* Its own. */
    struct store *input; /* NULL: gone */
    const struct input_item *items;
    struct reread_room *rooms; /* one for each thread */
    atomic_uint next;
};
/* Request and work are borrowed. Release *ret also after an error. */
MUST_CHECK bool reread_init(const struct reread_request *request, const struct reread_work *work,
                            struct reread *ret, struct error *err);
void reread_release(struct reread *reread);

/* All shards in order; what they wrote is flushed. ERR_CANCELLED when stopped: finished shards stay. */
MUST_CHECK bool reread_run(struct reread *reread, struct error *err);
/* do_row for every row of the shard at work. */
MUST_CHECK bool reread_images(struct reread *reread, struct error *err);
/* The image as it was scanned, borrowed until the thread's next; false when it is no more, or memory is out.
 */
MUST_CHECK bool reread_image(struct reread *reread, uint32_t thread, uint32_t row, const struct image **ret,
                             struct error *err);
void reread_count_done(const struct reread *reread, uint64_t count);

#endif
