/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/reference.h"

#include "record/near_misses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool mining_is_stopped(const struct mining_input *input)
{
    return input->stop && atomic_load(&input->stop->is_set);
}

static bool same_text(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool check_fit(const struct record_header *run, const struct record_header *training,
                      struct error *err)
{
    if (run->type != training->type || run->classes != training->classes ||
        run->embedding_length != training->embedding_length ||
        !same_text(run->model_hash, training->model_hash))
        return error_set(err, ERR_INVALID, "the training profile was made with another model; make it again");
    if (run->appearance_length != training->appearance_length ||
        !same_text(run->appearance_name, training->appearance_name))
        return error_set(err, ERR_INVALID,
                         "the training profile has the appearance vector '%s', the run '%s'; make it again",
                         training->appearance_name, run->appearance_name);
    return true;
}

/* One space being probed: how much the neighbours of training samples disagree with their labels. */
struct probing {
    const struct mining_input *input;
    const struct neighbour_search *search;
    const float *rows;
    const uint32_t *labels;
    const struct class_set *sets; /* detection, else NULL */
    uint32_t length, count, stride;
    atomic_uint next;
    double *disagreements; /* of each probe; NaN: no neighbours */
};

static void probe_block(struct probing *probing, struct neighbour_scratch *scratch, uint32_t first,
                        uint32_t count)
{
    struct neighbour_query queries[NEIGHBOUR_QUERIES_MAX] = {0};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t sample = (first + i) * probing->stride;
        queries[i] = (struct neighbour_query){.vector = probing->rows + (size_t)sample * probing->length,
                                              .class_index = probing->labels[sample],
                                              .left_out = sample};
    }
    const struct neighbours *found = neighbour_search_run(probing->search, scratch, queries, count);
    for (uint32_t i = 0; i < count; i++) {
        double *disagreement = &probing->disagreements[first + i];
        if (found[i].count == 0)
            *disagreement = (double)NAN;
        else if (probing->sets)
            *disagreement =
                rule_set_disagreement(&found[i], probing->sets, &probing->sets[queries[i].left_out]);
        else
            *disagreement = rule_disagreement(&found[i], probing->labels, queries[i].class_index);
    }
}

static bool probe_worker(void *state, uint32_t index, struct error *err)
{
    (void)index;
    struct probing *probing = state;
    AUTO(neighbour_scratch) scratch = neighbour_scratch_new(probing->search);
    if (!scratch)
        return error_no_memory(err);
    for (;;) {
        uint32_t first = atomic_fetch_add(&probing->next, NEIGHBOUR_QUERIES_MAX);
        if (first >= probing->count)
            return true;
        if (mining_is_stopped(probing->input))
            return error_set(err, ERR_CANCELLED, "mining was stopped");
        uint32_t left = probing->count - first;
        probe_block(probing, scratch, first, left < NEIGHBOUR_QUERIES_MAX ? left : NEIGHBOUR_QUERIES_MAX);
    }
}

/* How far the classes of a training image agree with what all training images together lead to expect. */
static bool chance_of_sets(const struct profile *profile, double *ret, struct error *err)
{
    uint32_t count = profile_count(profile);
    const struct class_set *sets = profile_class_sets(profile);
    double *shares = calloc((size_t)profile_header(profile)->classes + 1, sizeof(*shares));
    double agreement = 0, expected = 0;
    if (!shares)
        return error_no_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        expected += (double)sets[i].count / count;
        for (uint32_t c = 0; c < sets[i].count; c++)
            shares[sets[i].classes[c]] += 1.0 / count;
    }
    for (uint32_t i = 0; i < count; i++) {
        double shared = 0;
        for (uint32_t c = 0; c < sets[i].count; c++)
            shared += shares[sets[i].classes[c]];
        agreement += 1 - rule_presence_distance(sets[i].count, expected, shared);
    }
    free(shares);
    *ret = agreement / count;
    return true;
}

/* Chance that two training samples have the same label. */
static bool chance_of_labels(const struct profile *profile, double *ret, struct error *err)
{
    uint32_t classes = profile_header(profile)->classes, count = profile_count(profile);
    const uint32_t *labels = profile_labels(profile);
    uint32_t *carriers = calloc((size_t)classes + 1, sizeof(*carriers));
    if (!carriers)
        return error_no_memory(err);
    for (uint32_t i = 0; i < count; i++)
        carriers[labels[i] < classes ? labels[i] : classes]++;
    double chance = 0;
    for (uint32_t i = 0; i <= classes; i++) {
        double share = (double)carriers[i] / count;
        chance += share * share;
    }
    free(carriers);
    *ret = chance;
    return true;
}

static bool chance_of(const struct profile *profile, double *ret, struct error *err)
{
    return profile_class_sets(profile) ? chance_of_sets(profile, ret, err)
                                       : chance_of_labels(profile, ret, err);
}

static bool open_space(const struct mining_input *input, const float *rows, uint32_t length,
                       struct neighbour_search **ret_search, double *ret_worth, struct error *err)
{
    uint32_t samples = profile_count(input->profile);
    double chance = 0;
    if (!rows || length == 0 || samples == 0)
        return true;
    struct probing probing = {.input = input, .rows = rows, .length = length};
    probing.labels = profile_labels(input->profile);
    probing.sets = profile_class_sets(input->profile);
    probing.stride = samples > REFERENCE_PROBES ? samples / REFERENCE_PROBES : 1;
    probing.count = (samples + probing.stride - 1) / probing.stride;
    if (!neighbour_search_new(rows, samples, length, probing.labels, ret_search, err) ||
        !chance_of(input->profile, &chance, err))
        return false;
    neighbour_search_use_sets(*ret_search, probing.sets);
    probing.search = *ret_search;
    probing.disagreements = calloc(probing.count, sizeof(double));
    bool is_probed = probing.disagreements ? workers_run(input->threads, probe_worker, &probing, err)
                                           : error_no_memory(err);
    double agreement = 0;
    uint32_t answered = 0;
    for (uint32_t i = 0; is_probed && i < probing.count; i++) {
        if (isnan(probing.disagreements[i]))
            continue;
        agreement += 1 - probing.disagreements[i];
        answered++;
    }
    free(probing.disagreements);
    *ret_worth = answered ? rule_space_worth(agreement / answered, chance) : 0;
    return is_probed;
}

static int ascending(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return one < other ? -1 : one > other;
}

void mining_sort_numbers(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), ascending);
}

/* The box features of a classification are all missing. */
static int feature_columns(const struct mining_reference *reference)
{
    return reference->rules.header->type == MODEL_TYPE_DETECTION ? (int)FEATURE_COUNT
                                                                 : (int)FEATURE_BOX_COUNT;
}

static void collect_features(const struct record_shard *shard, struct mining_reference *reference)
{
    const double *features = record_shard_features(shard);
    uint32_t count = features ? record_shard_count(shard) : 0;
    int columns = feature_columns(reference);
    for (uint32_t row = 0; row < count; row++)
        for (int f = 0; f < columns; f++) {
            double value = features[(size_t)row * FEATURE_COUNT + (size_t)f];
            if (isfinite(value))
                reference->run_features[f][reference->run_feature_counts[f]++] = value;
        }
}

/* The sum of the batch's near-miss masses, for the mean. One image after the other, so that the size of
 * shards makes no difference to the last bit. */
static void add_near_mass(const struct record_shard *shard, const struct record_header *header, double *mass)
{
    for (uint32_t row = 0; row < record_shard_count(shard); row++) {
        struct record record;
        record_shard_get(shard, row, &record);
        *mass += record_near_mass(header, &record,
                                  record_answers(header, record.candidates, record.candidate_count));
    }
}

/* What a detector usually gives: by the training images where there are any, else by the batch. */
static void measure_detector(const struct mining_input *input, struct rule_reference *rules)
{
    const float *masses = profile_near_masses(input->profile);
    const float *scores = profile_confidences(input->profile);
    uint32_t empty = 0, count = profile_count(input->profile);
    double quiet = 0;
    rules->class_sets = profile_class_sets(input->profile);
    if (!masses || !rules->class_sets)
        return;
    rules->usual_near_mass = 0;
    for (uint32_t i = 0; i < count; i++)
        rules->usual_near_mass += (double)masses[i] / count;
    for (uint32_t i = 0; i < count; i++) {
        if (scores[i] > 0 && (double)scores[i] >= rules->header->score_threshold)
            continue;
        quiet += exp(-(double)masses[i] * rule_near_worth(rules->usual_near_mass));
        empty += rules->class_sets[i].count == 0;
    }
    rules->missed_share = rule_missed_share(quiet, empty);
}

static bool read_run_features(const struct mining_input *input, struct mining_reference *reference,
                              struct error *err)
{
    uint64_t images = record_set_count(input->records);
    if (images > UINT32_MAX)
        return error_set(err, ERR_LIMIT, "a run of more than %u images cannot be mined at once", UINT32_MAX);
    double near_mass = 0;
    int columns = feature_columns(reference);
    for (int f = 0; f < columns; f++) {
        reference->run_features[f] = calloc(images + 1, sizeof(double));
        if (!reference->run_features[f])
            return error_no_memory(err);
    }
    for (uint32_t s = 0; s < record_set_shards(input->records); s++) {
        AUTO(record_shard) shard = NULL;
        if (mining_is_stopped(input))
            return error_set(err, ERR_CANCELLED, "mining was stopped");
        if (!record_shard_open(input->records, s, &shard, err))
            return false;
        collect_features(shard, reference);
        if (columns == FEATURE_COUNT)
            add_near_mass(shard, reference->rules.header, &near_mass);
    }
    if (reference->run_feature_counts[FEATURE_RESOLUTION] > 0)
        reference->rules.usual_near_mass = near_mass / reference->run_feature_counts[FEATURE_RESOLUTION];
    reference->rules.missed_share = RULE_MISSED_SHARE_UNKNOWN;
    for (int f = 0; f < columns; f++)
        mining_sort_numbers(reference->run_features[f], reference->run_feature_counts[f]);
    return true;
}

static bool use_profile(const struct mining_input *input, struct mining_reference *reference,
                        struct error *err)
{
    const struct profile *profile = input->profile;
    const struct record_header *header = profile_header(profile);
    struct rule_reference *rules = &reference->rules;
    if (!check_fit(rules->header, header, err))
        return false;
    rules->profile = profile;
    rules->labels = profile_labels(profile);
    measure_detector(input, rules);
    for (int f = 0; f < FEATURE_COUNT; f++)
        rules->features[f] = profile_feature(profile, (enum record_feature)f, &rules->feature_counts[f]);
    return open_space(input, profile_embeddings(profile), header->embedding_length, &reference->embedding,
                      &rules->embedding_worth, err) &&
           open_space(input, profile_appearance(profile), header->appearance_length, &reference->appearance,
                      &rules->appearance_worth, err);
}

bool mining_reference_build(const struct mining_input *input, struct mining_reference *reference,
                            struct error *err)
{
    *reference = (struct mining_reference){.rules.header = record_set_header(input->records)};
    if (!read_run_features(input, reference, err))
        return false;
    if (input->profile)
        return use_profile(input, reference, err);
    for (int f = 0; f < FEATURE_COUNT; f++) {
        reference->rules.features[f] = reference->run_features[f];
        reference->rules.feature_counts[f] = reference->run_feature_counts[f];
    }
    return true;
}

void mining_reference_release(struct mining_reference *reference)
{
    reference->embedding = neighbour_search_free(reference->embedding);
    reference->appearance = neighbour_search_free(reference->appearance);
    for (int f = 0; f < FEATURE_COUNT; f++) {
        free(reference->run_features[f]);
        reference->run_features[f] = NULL;
    }
}
