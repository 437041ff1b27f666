/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/demo_truth.h"

#include "record/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct measuring {
    const struct demo_kind *kind;
    const struct demo_data *data;
    const struct record_set *set;
    size_t rivals;
    bool *is_wrong;
    double *hardness; /* rivals × images */
};

static bool measure_shard(struct measuring *measuring, uint32_t number, struct error *err)
{
    struct record_shard *opened = NULL;
    const struct record_header *header = record_set_header(measuring->set);
    uint64_t images = record_set_count(measuring->set);
    if (!record_shard_open(measuring->set, number, &opened, err))
        return false;
    AUTO(record_shard) shard = opened;
    for (uint32_t row = 0; row < record_shard_count(shard); row++) {
        struct record record;
        uint64_t index = record_shard_first(shard) + row;
        record_shard_get(shard, row, &record);
        if (record.error)
            return error_set(err, ERR_INVALID, "%s failed: %s", record.source, record.error);
        if (!measuring->kind->is_wrong(measuring->data, header, &record, &measuring->is_wrong[index], err))
            return false;
        for (size_t i = 0; i < measuring->rivals; i++)
            measuring->hardness[i * images + index] = measuring->kind->rivals[i].hardness(header, &record);
    }
    return true;
}

/* The model's classes are those of the truth, in the same order. */
static bool check_labels(const struct measuring *measuring, struct error *err)
{
    const struct record_header *header = record_set_header(measuring->set);
    bool is_same = header->classes == DEMO_CLASSES;
    for (uint32_t i = 0; is_same && i < DEMO_CLASSES; i++)
        is_same = strcmp(header->labels[i], measuring->data->labels[i]) == 0;
    return is_same || error_set(err, ERR_INVALID, "the model's labels are not those of the demo's garments");
}

static bool measure_all(struct measuring *measuring, const double *coefficients, struct ranking *ret_scores,
                        struct error *err)
{
    uint64_t count = record_set_count(measuring->set);
    if (!check_labels(measuring, err))
        return false;
    for (uint32_t shard = 0; shard < record_set_shards(measuring->set); shard++)
        if (!measure_shard(measuring, shard, err))
            return false;
    if (!evaluate_ranking(coefficients, measuring->is_wrong, count, &ret_scores[0], err))
        return false;
    for (size_t i = 0; i < measuring->rivals; i++)
        if (!evaluate_ranking(measuring->hardness + i * count, measuring->is_wrong, count, &ret_scores[i + 1],
                              err))
            return false;
    return true;
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

bool demo_truth_score(const struct demo_kind *kind, const struct demo_data *data, const struct demo_run *run,
                      struct ranking *ret_scores, struct error *err)
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
    struct measuring measuring = {kind, data, set, 0, NULL, NULL};
    while (kind->rivals[measuring.rivals].key)
        measuring.rivals++;
    measuring.is_wrong = calloc(count + 1, sizeof(bool));
    measuring.hardness = calloc(count * measuring.rivals + 1, sizeof(double));
    bool is_ok = (measuring.is_wrong && measuring.hardness) || error_no_memory(err);
    is_ok = is_ok && read_coefficients(run, count, &map, &coefficients, err) &&
            measure_all(&measuring, coefficients.data, ret_scores, err);
    store_map_release(&map);
    free(measuring.is_wrong);
    free(measuring.hardness);
    return is_ok;
}
