/* SPDX-License-Identifier: Apache-2.0 */
#include "work/mine_features.h"

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool feature_extractor_is_path(const char *setting)
{
    return setting[0] == '/' || text_ends_with(setting, ".onnx");
}

bool feature_extractor_find(const struct feature_extractor_wish *wish, struct arena *arena,
                            struct model_extractor_source *ret, struct error *err)
{
    char *path = NULL;
    *ret = (struct model_extractor_source){.data = wish->data, .roots = wish->roots};
    if (wish->db && !feature_extractor_is_path(wish->setting)) {
        struct model *model = arena_alloc(arena, sizeof(*model));
        ret->model = model;
        if (!model)
            return error_no_memory(err);
        return model_find(wish->db, wish->project_id, arena, wish->setting, model, err) ||
               error_wrap(err, "feature_extractor");
    }
    if (!path_absolute(arena, wish->setting, &path, err) || !roots_check(wish->roots, path, err))
        return false;
    ret->path = path;
    return file_exists(wish->roots, path) ||
           error_set_detail(err, DETAIL_PATH_NOT_FOUND, "feature_extractor: there is no file %.200s", path);
}

static bool extract_side(struct mine_features *features, bool of_training, struct extract_counts *ret,
                         struct error *err)
{
    const struct record_set *records = of_training ? profile_records(features->profile) : features->records;
    task_progress_stage(features->progress, "extracting", (int64_t)record_set_count(records));
    const struct extract_request request = {
        .images = {.roots = of_training ? features->training_roots : features->roots,
                   .data = features->data,
                   .folder = of_training ? features->training_folder : features->run_folder,
                   .records = records,
                   .accept_partial = !of_training && features->accept_partial,
                   .threads = features->threads,
                   .stop = features->stop,
                   .progress = features->progress},
        .key = features->key,
        .source = &features->source,
        .extractor = &features->extractor,
    };
    return extract_run(&request, ret, err);
}

/* What is missing has no neighbours. */
static void clean(float *rows, size_t count, uint32_t length)
{
    for (size_t i = 0; i < count; i++)
        for (uint32_t n = 0; n < length; n++)
            if (!isfinite(rows[i * length + n])) {
                memset(rows + i * length, 0, length * sizeof(*rows));
                break;
            }
}

static bool read(void *state, bool of_training, uint32_t shard, float *ret, struct error *err)
{
    struct mine_features *features = state;
    const struct record_set *records = of_training ? profile_records(features->profile) : features->records;
    uint32_t length = features->features.length;
    uint32_t count =
        (uint32_t)(record_set_shard_end(records, shard) - record_set_shard_first(records, shard));
    const struct extract_place place = {features->data,
                                        of_training ? features->training_folder : features->run_folder,
                                        features->key, shard, count};
    bool is_there = false;
    if (!extract_read(&place, &length, ret, &is_there, err))
        return false;
    if (!is_there)
        return error_set(err, ERR_INVALID, "the features of shard %u are gone; filter again", shard);
    clean(ret, count, length);
    return true;
}

/* Rows of the samples among those of all records. */
static bool take_shard(struct mine_features *features, uint32_t shard, uint32_t *sample, struct error *err)
{
    const struct record_set *records = profile_records(features->profile);
    uint64_t first = record_set_shard_first(records, shard), end = record_set_shard_end(records, shard);
    uint32_t length = features->features.length, samples = profile_count(features->profile);
    float *rows = calloc((size_t)(end - first) * length + 1, sizeof(*rows));
    bool is_done = rows ? read(features, true, shard, rows, err) : error_no_memory(err);
    for (; is_done && *sample < samples && profile_record(features->profile, *sample) < end; (*sample)++)
        memcpy(features->rows + (size_t)*sample * length,
               rows + (size_t)(profile_record(features->profile, *sample) - first) * length,
               length * sizeof(*rows));
    free(rows);
    return is_done;
}

static bool take_training(struct mine_features *features, struct error *err)
{
    uint64_t samples = profile_count(features->profile), length = features->features.length;
    uint32_t sample = 0;
    if (samples * length * sizeof(float) > FEATURES_TRAINING_MAX_BYTES)
        return error_set(err, ERR_LIMIT,
                         "the features of %llu training images take more than %llu GiB; filter without "
                         "feature_extractor, or with a part of the training set",
                         (unsigned long long)samples, FEATURES_TRAINING_MAX_BYTES >> 30);
    features->rows = calloc((size_t)(samples * length) + 1, sizeof(*features->rows));
    if (!features->rows)
        return error_no_memory(err);
    for (uint32_t s = 0; s < record_set_shards(profile_records(features->profile)); s++)
        if (!take_shard(features, s, &sample, err))
            return false;
    features->features.training = features->rows;
    return true;
}

bool mine_features_make(struct mine_features *features, struct error *err)
{
    if (!model_extractor_key(&features->source, features->key, err) ||
        !extract_side(features, false, &features->run, err) ||
        (features->profile && !extract_side(features, true, &features->training, err)))
        return false;
    features->extractor = model_extractor_free(features->extractor);
    features->features = (struct mining_features){.state = features,
                                                  .name = features->name,
                                                  .key = features->key,
                                                  .length = features->run.length,
                                                  .read = read,
                                                  .missing_in_run = features->run.gone,
                                                  .missing_in_training = features->training.gone};
    if (features->profile && features->training.length != features->run.length)
        return error_set(err, ERR_INVALID, "the kept features of run and training set differ in length");
    return !features->profile || take_training(features, err);
}

void mine_features_release(struct mine_features *features)
{
    features->extractor = model_extractor_free(features->extractor);
    free(features->rows);
    features->rows = NULL;
}
