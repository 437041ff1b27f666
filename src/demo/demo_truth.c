/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/demo_truth.h"

#include "demo/demo.h"
#include "record/npy.h"
#include "record/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool demo_truth_of(const struct demo_data *data, const char *source, uint8_t *ret)
{
    const char *base = path_base(source);
    char *end = NULL;
    unsigned long index = strtoul(base, &end, 10);
    if (end == base || index < DEMO_TRAIN_IMAGES ||
        index >= DEMO_TRAIN_IMAGES + (unsigned long)data->stream_images)
        return false;
    *ret = data->truth[index - DEMO_TRAIN_IMAGES];
    return true;
}

struct measuring {
    const struct demo_data *data;
    const struct record_set *set;
    bool *is_wrong;
    double *unsure; /* 1 − confidence: what a person without mining would sort by */
};

static bool measure_shard(struct measuring *measuring, uint32_t number, struct error *err)
{
    struct record_shard *opened = NULL;
    const struct record_header *header = record_set_header(measuring->set);
    double scores[DEMO_CLASSES];
    if (!record_shard_open(measuring->set, number, &opened, err))
        return false;
    AUTO(record_shard) shard = opened;
    for (uint32_t row = 0; row < record_shard_count(shard); row++) {
        struct record record;
        uint8_t truth = 0;
        uint32_t best = 0;
        uint64_t index = record_shard_first(shard) + row;
        record_shard_get(shard, row, &record);
        if (record.error || !demo_truth_of(measuring->data, record.source, &truth))
            return error_set(err, ERR_INVALID, "%s is not an image of the demo", record.source);
        record_scores(header, &record, scores);
        for (uint32_t c = 1; c < header->classes; c++)
            best = scores[c] > scores[best] ? c : best;
        measuring->unsure[index] = 1 - scores[best];
        measuring->is_wrong[index] = strcmp(header->labels[best], measuring->data->labels[truth]) != 0;
    }
    return true;
}

static bool measure_all(struct measuring *measuring, const double *coefficients, struct demo_score *ret_ours,
                        struct demo_score *ret_plain, struct error *err)
{
    uint64_t count = record_set_count(measuring->set);
    for (uint32_t shard = 0; shard < record_set_shards(measuring->set); shard++)
        if (!measure_shard(measuring, shard, err))
            return false;
    return demo_score(coefficients, measuring->is_wrong, count, ret_ours, err) &&
           demo_score(measuring->unsure, measuring->is_wrong, count, ret_plain, err);
}

static bool read_coefficients(const struct demo_run *run, uint64_t count, struct store_map *map,
                              struct npy_array *ret, struct error *err)
{
    char key[96];
    (void)snprintf(key, sizeof(key), "tasks/%s/coefficients.npy", run->mining_task);
    if (!store_map(run->store, key, map, err) || !npy_read(map->bytes, ret, err))
        return false;
    return ret->rows == count || error_set(err, ERR_INVALID, "%s does not fit the run", key);
}

bool demo_truth_score(const struct demo_data *data, const struct demo_run *run, struct demo_score *ret_ours,
                      struct demo_score *ret_plain, struct error *err)
{
    char folder[96];
    struct record_set *opened = NULL;
    struct store_map map = {0};
    struct npy_array coefficients;
    (void)snprintf(folder, sizeof(folder), "runs/%s/records", run->run);
    if (!record_set_open(run->store, folder, &opened, err))
        return false;
    AUTO(record_set) set = opened;
    uint64_t count = record_set_count(set);
    struct measuring measuring = {data, set, calloc(count + 1, sizeof(bool)),
                                  calloc(count + 1, sizeof(double))};
    bool is_ok = (measuring.is_wrong && measuring.unsure) || error_no_memory(err);
    is_ok = is_ok && read_coefficients(run, count, &map, &coefficients, err) &&
            measure_all(&measuring, coefficients.data, ret_ours, ret_plain, err);
    store_map_release(&map);
    free(measuring.is_wrong);
    free(measuring.unsure);
    return is_ok;
}
