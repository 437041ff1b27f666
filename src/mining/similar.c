/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/similar.h"

#include "base/workers.h"
#include "mining/neighbours.h"

#include <math.h>
#include <stdlib.h>

struct ranking {
    const struct similar_query *query;
    uint32_t length;
    double norm;
    atomic_uint next_shard;
    double *cosines; /* of each record; NaN: none */
};

static bool rank_shard(struct ranking *ranking, uint32_t number, struct error *err)
{
    const struct similar_query *query = ranking->query;
    struct record_shard *opened = NULL;
    if (!record_shard_open(query->set, number, &opened, err))
        return false;
    AUTO(record_shard) shard = opened;
    const float *rows = query->by_embedding ? record_shard_embeddings(shard) : record_shard_appearance(shard);
    for (uint32_t i = 0; rows && i < record_shard_count(shard); i++) {
        const float *row = rows + (size_t)i * ranking->length;
        double norm = sqrt(neighbour_dot(row, row, ranking->length));
        if (norm > 0)
            ranking->cosines[record_shard_first(shard) + i] =
                neighbour_dot(row, query->vector, ranking->length) / (norm * ranking->norm);
    }
    return true;
}

static bool worker(void *state, uint32_t index, struct error *err)
{
    struct ranking *ranking = state;
    (void)index;
    for (;;) {
        uint32_t number = atomic_fetch_add(&ranking->next_shard, 1);
        if (number >= record_set_shards(ranking->query->set))
            return true;
        if (!rank_shard(ranking, number, err))
            return false;
    }
}

static int nearest_first(const void *a, const void *b)
{
    const struct similar *one = a, *other = b;
    if (one->cosine < other->cosine || one->cosine > other->cosine)
        return one->cosine > other->cosine ? -1 : 1;
    return one->record < other->record ? -1 : one->record > other->record;
}

static bool sort_known(const struct ranking *ranking, uint64_t records, struct similar **ret,
                       uint64_t *ret_count, struct error *err)
{
    uint64_t count = 0;
    struct similar *list = calloc(records + 1, sizeof(*list));
    if (!list)
        return error_no_memory(err);
    for (uint64_t i = 0; i < records; i++)
        if (isfinite(ranking->cosines[i]))
            list[count++] = (struct similar){i, ranking->cosines[i]};
    qsort(list, count, sizeof(*list), nearest_first);
    *ret = list;
    *ret_count = count;
    return true;
}

bool similar_rank(const struct similar_query *query, struct similar **ret, uint64_t *ret_count,
                  struct error *err)
{
    const struct record_header *header = record_set_header(query->set);
    uint64_t records = record_set_count(query->set);
    struct ranking ranking = {
        .query = query, .length = query->by_embedding ? header->embedding_length : header->appearance_length};
    ranking.norm = ranking.length > 0 ? sqrt(neighbour_dot(query->vector, query->vector, ranking.length)) : 0;
    if (!(ranking.norm > 0) || !isfinite(ranking.norm))
        return error_set(err, ERR_INVALID, "the image has no direction to compare by");
    ranking.cosines = malloc((records + 1) * sizeof(*ranking.cosines));
    if (!ranking.cosines)
        return error_no_memory(err);
    for (uint64_t i = 0; i < records; i++)
        ranking.cosines[i] = (double)NAN;
    bool is_done = workers_run(query->threads, worker, &ranking, err) &&
                   sort_known(&ranking, records, ret, ret_count, err);
    free(ranking.cosines);
    return is_done;
}

static uint32_t insert(struct similar *list, uint32_t count, uint32_t most, struct similar one)
{
    if (count == most && !(one.cosine > list[count - 1].cosine))
        return count;
    uint32_t place = count < most ? count++ : count - 1;
    for (; place > 0 && list[place - 1].cosine < one.cosine; place--)
        list[place] = list[place - 1];
    list[place] = one;
    return count;
}

uint32_t similar_nearest(const struct similar_rows *among, const float *vector, uint32_t most,
                         struct similar *ret)
{
    uint32_t found = 0;
    double norm = sqrt(neighbour_dot(vector, vector, among->length));
    if (!(norm > 0) || !isfinite(norm) || most == 0)
        return 0;
    for (uint32_t i = 0; i < among->count; i++) {
        const float *row = among->rows + (size_t)i * among->length;
        double cosine = neighbour_dot(row, vector, among->length) / norm;
        bool is_zero = !(cosine > 0 || cosine < 0) && !(neighbour_dot(row, row, among->length) > 0);
        if (!is_zero)
            found = insert(ret, found, most, (struct similar){i, cosine});
    }
    return found;
}
