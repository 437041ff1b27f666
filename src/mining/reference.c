/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/reference.h"

#include "record/near_misses.h"
#include "rules/families.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool mining_is_stopped(const struct mining_input *input)
{
    return input->stop && atomic_load(&input->stop->is_set);
}

bool mining_shard_features(const struct mining_input *input, bool of_training, uint32_t number,
                           uint32_t count, float **ret, struct error *err)
{
    const struct mining_features *features = input->features;
    *ret = NULL;
    if (!features)
        return true;
    float *rows = calloc((size_t)count * features->length + 1, sizeof(*rows));
    if (!rows)
        return error_no_memory(err);
    if (!features->read(features->state, of_training, number, rows, err)) {
        free(rows);
        return false;
    }
    *ret = rows;
    return true;
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

/* One space being probed: how much the neighbours of samples disagree with their labels, and how far they
 * are.
 */
struct probing {
    const struct mining_input *input;
    const struct neighbour_search *search;
    const float *rows;
    const uint32_t *labels;
    const struct class_set *sets; /* detection, else NULL */
    uint32_t length, count, stride;
    atomic_uint next;
    double *disagreements; /* of each probe; NaN: no neighbours, or nobody labelled them */
    double *distances;     /* 1 - cosine of the last neighbour; NaN: none */
    bool has_labels;
};

static bool probe_block(struct probing *probing, struct neighbour_scratch *scratch, uint32_t first,
                        uint32_t count, struct error *err)
{
    struct neighbour_query *queries = neighbour_scratch_queries(scratch);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t sample = (first + i) * probing->stride;
        queries[i] = (struct neighbour_query){.vector = probing->rows + (size_t)sample * probing->length,
                                              .class_index = probing->labels[sample],
                                              .left_out = sample};
    }
    const struct neighbours *found = NULL;
    if (!neighbour_search_run(probing->search, scratch, queries, count, &found, err))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        double *disagreement = &probing->disagreements[first + i];
        probing->distances[first + i] =
            found[i].count > 0 ? 1 - (double)found[i].cosines[found[i].count - 1] : (double)NAN;
        if (found[i].count == 0 || !probing->has_labels)
            *disagreement = (double)NAN;
        else if (probing->sets)
            *disagreement =
                rule_set_disagreement(&found[i], probing->sets, &probing->sets[queries[i].left_out]);
        else
            *disagreement = rule_disagreement(&found[i], probing->labels, queries[i].class_index);
    }
    return true;
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
        if (!probe_block(probing, scratch, first, left < NEIGHBOUR_QUERIES_MAX ? left : NEIGHBOUR_QUERIES_MAX,
                         err))
            return false;
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

static int ascending(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return one < other ? -1 : one > other;
}

/* Keeps the distances that were found, in order. */
static void keep_distances(struct probing *probing, double **ret, struct distance_reference *reference)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < probing->count; i++)
        if (!isnan(probing->distances[i]))
            probing->distances[count++] = probing->distances[i];
    qsort(probing->distances, count, sizeof(double), ascending);
    *ret = probing->distances;
    *reference = (struct distance_reference){probing->distances, count};
}

/* Mean agreement of the probes' neighbours with their labels; NaN where no probe has any. */
static double agreement_of(const struct probing *probing)
{
    double agreement = 0;
    uint32_t answered = 0;
    for (uint32_t i = 0; i < probing->count; i++) {
        if (isnan(probing->disagreements[i]))
            continue;
        agreement += 1 - probing->disagreements[i];
        answered++;
    }
    return answered > 0 ? agreement / answered : (double)NAN;
}

/* Leaves out each probe in turn. The distances belong to *ret_distances. */
static bool probe(struct probing *probing, const struct neighbour_search *search, double **ret_distances,
                  struct distance_reference *distances, double *ret_agreement, struct error *err)
{
    probing->search = search;
    probing->disagreements = calloc((size_t)probing->count + 1, sizeof(double));
    probing->distances = calloc((size_t)probing->count + 1, sizeof(double));
    bool is_probed = probing->disagreements && probing->distances
                         ? workers_run(probing->input->threads, probe_worker, probing, err)
                         : error_no_memory(err);
    if (is_probed) {
        *ret_agreement = agreement_of(probing);
        keep_distances(probing, ret_distances, distances);
    } else {
        free(probing->distances);
    }
    free(probing->disagreements);
    return is_probed;
}

/* One space of the training profile, in which run and training set are alike. */
struct space {
    const float *rows;
    uint32_t length;
    struct neighbour_search **search;
    double *worth, **kept;
    struct distance_reference *distances;
};

static bool open_space(const struct mining_input *input, const struct space *space, struct error *err)
{
    uint32_t samples = profile_count(input->profile);
    double chance = 0, agreement = 0;
    if (!space->rows || space->length == 0 || samples == 0)
        return true;
    struct probing probing = {
        .input = input, .rows = space->rows, .length = space->length, .has_labels = true};
    probing.labels = profile_labels(input->profile);
    probing.sets = profile_class_sets(input->profile);
    probing.stride = samples > REFERENCE_PROBES ? samples / REFERENCE_PROBES : 1;
    probing.count = (samples + probing.stride - 1) / probing.stride;
    if (!neighbour_search_new(space->rows, samples, space->length, probing.labels, space->search, err) ||
        !chance_of(input->profile, &chance, err))
        return false;
    neighbour_search_use_sets(*space->search, probing.sets);
    if (!probe(&probing, *space->search, space->kept, space->distances, &agreement, err))
        return false;
    *space->worth = isnan(agreement) ? 0 : rule_space_worth(agreement, chance);
    return true;
}

/* The run's own images instead, which nobody labelled. */
static bool open_batch(const struct mining_input *input, struct mining_reference *reference,
                       struct error *err)
{
    const struct batch_sample *sample = &reference->sample;
    struct rule_reference *rules = &reference->rules;
    double ignored = 0;
    if (sample->count == 0)
        return true;
    struct probing probing = {.input = input,
                              .rows = sample->rows,
                              .labels = sample->labels,
                              .length = sample->length,
                              .count = sample->count,
                              .stride = 1};
    struct neighbour_search **search = sample->by_embedding ? &reference->embedding : &reference->appearance;
    rules->batch = sample->images;
    if (!neighbour_search_new(sample->rows, sample->count, sample->length, sample->labels, search, err))
        return false;
    return sample->by_embedding ? probe(&probing, *search, &reference->embedding_distances,
                                        &rules->embedding_distances, &ignored, err)
                                : probe(&probing, *search, &reference->appearance_distances,
                                        &rules->appearance_distances, &ignored, err);
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

static bool add_to_sample(const struct mining_input *input, const struct record_shard *shard, uint32_t number,
                          struct mining_reference *reference, struct error *err)
{
    float *features = NULL;
    if (!reference->sample.by_embedding &&
        !mining_shard_features(input, false, number, record_shard_count(shard), &features, err))
        return false;
    bool is_done = batch_sample_add(&reference->sample, reference->rules.header, shard, features, err);
    free(features);
    return is_done;
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
        if ((reference->sequence && !sequence_add(reference->sequence, shard, err)) ||
            (reference->sample.rows && !add_to_sample(input, shard, s, reference, err)))
            return false;
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
    const struct space embedding = {profile_embeddings(profile),     header->embedding_length,
                                    &reference->embedding,           &rules->embedding_worth,
                                    &reference->embedding_distances, &rules->embedding_distances};
    struct space second = {profile_appearance(profile),      header->appearance_length,
                           &reference->appearance,           &rules->appearance_worth,
                           &reference->appearance_distances, &rules->appearance_distances};
    if (input->features) {
        second.rows = input->features->training;
        second.length = input->features->length;
    }
    return open_space(input, &embedding, err) && open_space(input, &second, err);
}

/* What has to look at every image of the run. The order of a run that nobody will ask for is not looked at.
 */
static bool start_passes(const struct mining_input *input, const struct mining_plan *plan,
                         struct mining_reference *reference, struct error *err)
{
    const struct record_header *header = reference->rules.header;
    uint32_t length = input->features ? input->features->length : 0;
    bool has_space = header->embedding_length > 0 || header->appearance_length > 0 || length > 0;
    reference->features_length = length;
    reference->rules.feature_extractor = input->features ? input->features->name : NULL;
    reference->rules.sequence_order = sequence_order_names[plan->sequence_order];
    bool asks_order = plan->may_speak[SEQUENCE_REASON] && plan->weights[METHOD_SEQUENTIAL] > 0;
    const struct sequence_limits limits = {SEQUENCE_BOXES_MAX, SEQUENCE_NAMES_MAX_BYTES};
    if (asks_order && !sequence_new(input->records, plan->sequence_order, &limits, &reference->sequence, err))
        return false;
    return input->profile || !has_space ||
           batch_sample_start(&reference->sample, input->records, length, err);
}

static bool finish_passes(struct mining_reference *reference, struct error *err)
{
    if (!reference->sequence)
        return true;
    if (!sequence_finish(reference->sequence, err))
        return false;
    reference->rules.sequence_off = sequence_off(reference->sequence);
    return true;
}

bool mining_reference_build(const struct mining_input *input, const struct mining_plan *plan,
                            struct mining_reference *reference, struct error *err)
{
    *reference = (struct mining_reference){.rules.header = record_set_header(input->records)};
    if (!start_passes(input, plan, reference, err) || !read_run_features(input, reference, err) ||
        !finish_passes(reference, err) || !temperature_fit(input->profile, &reference->temperature, err))
        return false;
    reference->rules.temperature = reference->temperature.value;
    if (input->profile)
        return use_profile(input, reference, err);
    for (int f = 0; f < FEATURE_COUNT; f++) {
        reference->rules.features[f] = reference->run_features[f];
        reference->rules.feature_counts[f] = reference->run_feature_counts[f];
    }
    return open_batch(input, reference, err);
}

void mining_reference_release(struct mining_reference *reference)
{
    reference->embedding = neighbour_search_free(reference->embedding);
    reference->appearance = neighbour_search_free(reference->appearance);
    reference->sequence = sequence_free(reference->sequence);
    batch_sample_release(&reference->sample);
    free(reference->embedding_distances);
    free(reference->appearance_distances);
    reference->embedding_distances = reference->appearance_distances = NULL;
    for (int f = 0; f < FEATURE_COUNT; f++) {
        free(reference->run_features[f]);
        reference->run_features[f] = NULL;
    }
}
