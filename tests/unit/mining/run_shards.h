/* SPDX-License-Identifier: Apache-2.0 */
/* Records written as a run's shards. Include after test.h. */
#ifndef TESTS_RUN_SHARDS_H
#define TESTS_RUN_SHARDS_H

#include "record/record.h"

struct run_shards {
    struct store *store;
    const char *folder;
    const struct record_header *header;
    const struct record *records;
    uint32_t images, per_shard;
};

static void run_shards_write(const struct run_shards *run)
{
    struct error err = {0};
    for (uint32_t first = 0, shard = 0; first < run->images; first += run->per_shard, shard++) {
        uint32_t left = run->images - first, count = left < run->per_shard ? left : run->per_shard;
        const struct record_rows rows = {shard, first, run->header, run->records + first, count};
        if (!record_shard_write(run->store, run->folder, &rows, &err))
            fail_msg("%s", err.message);
    }
}

#endif
