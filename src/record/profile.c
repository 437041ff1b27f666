/* SPDX-License-Identifier: Apache-2.0 */
#include "record/profile.h"

#include "base/hash.h"
#include "base/text.h"
#include "record/label_index.h"
#include "record/near_misses.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXTS_MAX_BYTES ((size_t)8 << 30)

struct profile {
    struct record_set *set;
    uint64_t *records; /* where each sample is in it */
    struct arena *texts;
    uint32_t count, left_out;
    const char **sources, **usages;
    uint32_t *labels, *predictions;
    struct class_set *class_sets; /* detection, else NULL; so is the next */
    float *near_masses;
    float *confidences;
    float *embeddings, *appearance; /* NULL: the run has none */
    double *features[FEATURE_COUNT];
    uint32_t feature_counts[FEATURE_COUNT];
};

void profile_key(const char *manifest_hash, const char *model_hash, char ret_key[33])
{
    char format[16];
    struct hash hash;
    (void)snprintf(format, sizeof(format), "records-%d", RECORD_FORMAT);
    hash_start(&hash);
    hash_add_text(&hash, manifest_hash);
    hash_add_text(&hash, model_hash);
    hash_add_text(&hash, format);
    hash_finish(&hash, ret_key);
}

static bool make_room(struct profile *profile, uint64_t samples, struct error *err)
{
    const struct record_header *header = record_set_header(profile->set);
    if (samples > PROFILE_SAMPLES_MAX)
        return error_set(err, ERR_LIMIT,
                         "the training manifest has %" PRIu64 " samples; %d is the limit: train with a part",
                         samples, PROFILE_SAMPLES_MAX);
    size_t count = (size_t)samples;
    profile->texts = arena_new(TEXTS_MAX_BYTES);
    profile->records = calloc(count, sizeof(*profile->records));
    profile->sources = calloc(count, sizeof(*profile->sources));
    profile->usages = calloc(count, sizeof(*profile->usages));
    profile->labels = calloc(count, sizeof(*profile->labels));
    profile->predictions = calloc(count, sizeof(*profile->predictions));
    profile->confidences = calloc(count, sizeof(*profile->confidences));
    bool has_all = profile->texts && profile->records && profile->sources && profile->usages &&
                   profile->labels && profile->predictions && profile->confidences;
    if (header->type == MODEL_TYPE_DETECTION) {
        profile->class_sets = calloc(count, sizeof(*profile->class_sets));
        profile->near_masses = calloc(count, sizeof(*profile->near_masses));
        has_all &= profile->class_sets && profile->near_masses;
    }
    if (header->embedding_length > 0)
        has_all &= (profile->embeddings = calloc(count * header->embedding_length, sizeof(float))) != NULL;
    if (header->appearance_length > 0)
        has_all &= (profile->appearance = calloc(count * header->appearance_length, sizeof(float))) != NULL;
    for (int i = 0; i < FEATURE_COUNT; i++)
        has_all &= (profile->features[i] = calloc(count, sizeof(double))) != NULL;
    return has_all || error_no_memory(err);
}

/* L2 norm 1; zeros stay zeros. */
static void normalise(const float *from, uint32_t length, float *to)
{
    double sum = 0;
    for (uint32_t i = 0; i < length; i++)
        sum += (double)from[i] * (double)from[i];
    double scale = sum > 0 ? 1 / sqrt(sum) : 0;
    for (uint32_t i = 0; i < length; i++)
        to[i] = (float)((double)from[i] * scale);
}

static const char *usage_of(const char *text)
{
    static const char *const usages[] = {"TRAIN", "EVAL", "TEST", "INFERENCE"};
    for (size_t i = 0; text && i < sizeof(usages) / sizeof(usages[0]); i++)
        if (text_equal_ignoring_case(text, usages[i]))
            return usages[i];
    return NULL;
}

static void take_prediction(struct profile *profile, const struct record_header *header,
                            const struct record *record, double *scores)
{
    uint32_t best = UINT32_MAX;
    double confidence = 0;
    if (header->type == MODEL_TYPE_CLASSIFICATION) {
        record_scores(header, record, scores);
        best = prediction_best(scores, header->classes);
        confidence = scores[best];
    }
    if (record->candidate_count > 0) {
        best = record->candidates[0].label;
        confidence = (double)record->candidates[0].score;
    }
    if (profile->near_masses) {
        uint32_t answers = record_answers(header, record->candidates, record->candidate_count);
        profile->near_masses[profile->count] = (float)record_near_mass(header, record, answers);
    }
    profile->predictions[profile->count] = best;
    profile->confidences[profile->count] = (float)confidence;
}

static int compare_classes(const void *a, const void *b)
{
    uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;
    return (first > second) - (first < second);
}

static bool take_class_set(struct profile *profile, const struct label_index *index,
                           const struct record *record, struct error *err)
{
    uint32_t known = 0, kept = 0;
    uint32_t *set = arena_array(profile->texts, (size_t)record->truth_count + 1, sizeof(*set));
    if (!set)
        return error_no_memory(err);
    for (uint32_t i = 0; i < record->truth_count; i++) {
        uint32_t class_index = label_index_find(index, record->truth_labels[i]);
        if (class_index != UINT32_MAX)
            set[known++] = class_index;
    }
    qsort(set, known, sizeof(*set), compare_classes);
    for (uint32_t i = 0; i < known; i++)
        if (kept == 0 || set[kept - 1] != set[i])
            set[kept++] = set[i];
    profile->class_sets[profile->count] = (struct class_set){.classes = set, .count = kept};
    return true;
}

static bool take_sample(struct profile *profile, const struct label_index *index, const struct record *record,
                        double *scores, struct error *err)
{
    const struct record_header *header = record_set_header(profile->set);
    uint32_t at = profile->count;
    profile->sources[at] = arena_text(profile->texts, record->source);
    if (!profile->sources[at])
        return error_no_memory(err);
    profile->usages[at] = usage_of(record->usage);
    profile->labels[at] =
        record->truth_count > 0 ? label_index_find(index, record->truth_labels[0]) : UINT32_MAX;
    if (profile->class_sets && !take_class_set(profile, index, record, err))
        return false;
    if (profile->embeddings)
        normalise(record->embedding, header->embedding_length,
                  profile->embeddings + (size_t)at * header->embedding_length);
    if (profile->appearance)
        normalise(record->appearance, header->appearance_length,
                  profile->appearance + (size_t)at * header->appearance_length);
    for (int i = 0; i < FEATURE_COUNT; i++)
        if (isfinite(record->features[i]))
            profile->features[i][profile->feature_counts[i]++] = record->features[i];
    take_prediction(profile, header, record, scores);
    profile->count++;
    return true;
}

/* A detector's image may show nothing; a classifier's shows something, or nobody has said what. */
static bool is_labelled(const struct record_header *header, const struct record *record)
{
    return record->truth_labels && (record->truth_count > 0 || header->type == MODEL_TYPE_DETECTION);
}

static bool take_shard(struct profile *profile, uint32_t number, const struct label_index *index,
                       double *scores, struct error *err)
{
    struct record_shard *opened = NULL;
    if (!record_shard_open(profile->set, number, &opened, err))
        return false;
    AUTO(record_shard) shard = opened;
    for (uint32_t row = 0; row < record_shard_count(shard); row++) {
        struct record record;
        record_shard_get(shard, row, &record);
        if (record.error || !is_labelled(record_set_header(profile->set), &record))
            profile->left_out++;
        else if (!take_sample(profile, index, &record, scores, err))
            return false;
        else
            profile->records[profile->count - 1] = record_shard_first(shard) + row;
    }
    return true;
}

static bool take_shards(struct profile *profile, double *scores, struct error *err)
{
    const struct record_header *header = record_set_header(profile->set);
    AUTO(label_index) index = NULL;
    if (!label_index_new(header->labels, header->classes, &index, err))
        return false;
    for (uint32_t number = 0; number < record_set_shards(profile->set); number++)
        if (!take_shard(profile, number, index, scores, err))
            return false;
    return true;
}

static int compare_numbers(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

static bool finish(struct profile *profile, struct error *err)
{
    uint64_t known = 0;
    for (uint32_t i = 0; i < profile->count; i++)
        known += profile->class_sets ? profile->class_sets[i].count : profile->labels[i] != UINT32_MAX;
    if (profile->count == 0)
        return error_set(err, ERR_INVALID,
                         "the training manifest has no usable sample: all %" PRIu32
                         " failed or have no label",
                         profile->left_out);
    if (known == 0)
        return error_set(err, ERR_INVALID,
                         "no label of the training manifest is a label of the model ('%.60s', …); give the "
                         "manifest that this model was trained with",
                         record_set_header(profile->set)->labels[0]);
    for (int i = 0; i < FEATURE_COUNT; i++)
        qsort(profile->features[i], profile->feature_counts[i], sizeof(double), compare_numbers);
    return true;
}

bool profile_open(struct store *store, const char *folder, struct profile **ret, struct error *err)
{
    AUTO(profile) profile = calloc(1, sizeof(*profile));
    if (!profile)
        return error_no_memory(err);
    if (!record_set_open(store, folder, &profile->set, err) ||
        !make_room(profile, record_set_count(profile->set), err))
        return error_wrap(err, "training profile");
    double *scores = calloc(record_set_header(profile->set)->classes, sizeof(*scores));
    bool done = scores ? take_shards(profile, scores, err) && finish(profile, err) : error_no_memory(err);
    free(scores);
    if (!done)
        return error_wrap(err, "training profile");
    *ret = TAKE(profile);
    return true;
}

struct profile *profile_free(struct profile *profile)
{
    if (!profile)
        return NULL;
    profile->set = record_set_free(profile->set);
    profile->texts = arena_free(profile->texts);
    free(profile->records);
    free(profile->sources);
    free(profile->usages);
    free(profile->labels);
    free(profile->class_sets);
    free(profile->near_masses);
    free(profile->predictions);
    free(profile->confidences);
    free(profile->embeddings);
    free(profile->appearance);
    for (int i = 0; i < FEATURE_COUNT; i++)
        free(profile->features[i]);
    free(profile);
    return NULL;
}

void profile_forget_predictions(struct profile *profile)
{
    free(profile->near_masses);
    profile->near_masses = NULL;
    for (uint32_t i = 0; i < profile->count; i++) {
        profile->predictions[i] = UINT32_MAX;
        profile->confidences[i] = 0;
    }
}

uint32_t profile_count(const struct profile *profile)
{
    return profile->count;
}

uint32_t profile_left_out(const struct profile *profile)
{
    return profile->left_out;
}

const struct record_header *profile_header(const struct profile *profile)
{
    return record_set_header(profile->set);
}

const struct record_set *profile_records(const struct profile *profile)
{
    return profile->set;
}

uint64_t profile_record(const struct profile *profile, uint32_t sample)
{
    return profile->records[sample];
}

const char *profile_source(const struct profile *profile, uint32_t sample)
{
    return profile->sources[sample];
}

const uint32_t *profile_labels(const struct profile *profile)
{
    return profile->labels;
}

const struct class_set *profile_class_sets(const struct profile *profile)
{
    return profile->class_sets;
}

const float *profile_near_masses(const struct profile *profile)
{
    return profile->near_masses;
}

const uint32_t *profile_predictions(const struct profile *profile)
{
    return profile->predictions;
}

const float *profile_confidences(const struct profile *profile)
{
    return profile->confidences;
}

const char *profile_usage(const struct profile *profile, uint32_t sample)
{
    return profile->usages[sample];
}

const float *profile_embeddings(const struct profile *profile)
{
    return profile->embeddings;
}

const float *profile_appearance(const struct profile *profile)
{
    return profile->appearance;
}

const double *profile_feature(const struct profile *profile, enum record_feature feature, uint32_t *ret_count)
{
    *ret_count = profile->feature_counts[feature];
    return profile->features[feature];
}
