/* SPDX-License-Identifier: Apache-2.0 */
/* The feature set of a run: its records hold all of it, so nothing is measured. */
#include "work/feature_set.h"

#include <math.h>
#include <stdlib.h>

static uint32_t label_count(const struct record_header *header, const struct record *record)
{
    if (record->error)
        return 0;
    return header->type == MODEL_TYPE_DETECTION
               ? record_answers(header, record->candidates, record->candidate_count)
               : 1;
}

/* The classes that the model saw: of a classifier the best one, of a detector those of its boxes. */
static bool add_record(struct feature_set_writer *set, const struct record_header *header,
                       const struct record *record, uint64_t *unreadable, struct error *err)
{
    double features[FEATURE_COUNT];
    float score = 0;
    uint32_t wanted = label_count(header, record), count = 0;
    const char **labels = calloc((size_t)wanted + 1, sizeof(*labels));
    if (!labels)
        return error_no_memory(err);
    for (uint32_t i = 0; i < wanted; i++) {
        uint32_t place = header->type == MODEL_TYPE_DETECTION ? record->candidates[i].label
                                                              : record_predicted(header, record, &score);
        if (place < header->classes)
            labels[count++] = header->labels[place];
    }
    for (int f = 0; f < FEATURE_COUNT; f++)
        features[f] = record->error ? (double)NAN : record->features[f];
    *unreadable += record->error != NULL;
    bool is_done =
        feature_set_add(set, features, FEATURE_USAGE_NONE, (struct param_list){labels, count}, err);
    free(labels);
    return is_done;
}

static bool add_shard(struct feature_set_writer *set, const struct record_set *records, uint32_t number,
                      uint64_t *unreadable, struct error *err)
{
    AUTO(record_shard) shard = NULL;
    struct record record;
    if (!record_shard_open(records, number, &shard, err))
        return false;
    for (uint32_t i = 0; i < record_shard_count(shard); i++) {
        record_shard_get(shard, i, &record);
        if (!add_record(set, record_set_header(records), &record, unreadable, err))
            return false;
    }
    return true;
}

bool feature_set_of_run(const struct feature_set_place *place, const char *records_key,
                        struct stop_flag *stop, atomic_int_fast64_t *done, struct error *err)
{
    AUTO(record_set) records = NULL;
    AUTO(feature_set_writer) set = NULL;
    uint64_t unreadable = 0;
    if (!record_set_open(place->data, records_key, &records, err) ||
        !feature_set_start(place, record_set_count(records), &set, err))
        return false;
    for (uint32_t i = 0; i < record_set_shards(records); i++) {
        if (atomic_load(&stop->is_set))
            return error_set(err, ERR_CANCELLED, "stopped");
        if (!add_shard(set, records, i, &unreadable, err))
            return false;
        atomic_fetch_add(
            done, (int_fast64_t)(record_set_shard_end(records, i) - record_set_shard_first(records, i)));
    }
    return feature_set_finish(set, unreadable, err);
}
