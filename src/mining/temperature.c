/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/temperature.h"

#include "rules/rule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 60 };
/* Of 1 / T. */
static const double precise_enough = 1e-9;

/* ---- one number ---- */

/* What a row gives at 1 / T = sharpness. */
struct slope {
    double loss, first, second; /* -ln of the label's share, and its derivatives by the sharpness */
};

static struct slope slope_of(const float *logits, uint32_t classes, uint32_t label, double sharpness)
{
    double sum = 0, mean = 0, square = 0, top = (double)logits[0];
    for (uint32_t i = 1; i < classes; i++)
        top = fmax(top, (double)logits[i]);
    for (uint32_t i = 0; i < classes; i++) {
        double behind = (double)logits[i] - top, weight = exp(sharpness * behind);
        sum += weight;
        mean += weight * behind;
        square += weight * behind * behind;
    }
    sum = fmax(sum, 1); /* the best class alone weighs 1 */
    mean /= sum;
    double own = (double)logits[label] - top;
    return (struct slope){log(sum) - sharpness * own, mean - own, square / sum - mean * mean};
}

static struct slope mean_slope(const struct temperature_rows *rows, double sharpness)
{
    struct slope all = {0};
    for (uint32_t i = 0; i < rows->count; i++) {
        struct slope one =
            slope_of(rows->logits + (size_t)i * rows->classes, rows->classes, rows->labels[i], sharpness);
        all.loss += one.loss / rows->count;
        all.first += one.first / rows->count;
        all.second += one.second / rows->count;
    }
    return all;
}

double temperature_loss(const struct temperature_rows *rows, double temperature)
{
    return mean_slope(rows, 1 / temperature).loss;
}

double temperature_minimise(const struct temperature_rows *rows)
{
    double low = 1 / TEMPERATURE_MOST, high = 1 / TEMPERATURE_LEAST, at = 1;
    if (rows->count == 0)
        return 1;
    for (int step = 0; step < STEPS_MAX && high - low > precise_enough; step++) {
        struct slope slope = mean_slope(rows, at);
        /* The derivative only grows: its zero lies on the side that its sign tells. */
        if (slope.first > 0)
            high = at;
        else
            low = at;
        double next = slope.second > 0 ? at - slope.first / slope.second : low - 1;
        if (!(next > low && next < high))
            next = (low + high) / 2;
        if (fabs(next - at) < precise_enough)
            return 1 / next;
        at = next;
    }
    return 1 / at;
}

/* ---- from a training profile ---- */

static bool is_held_out(const struct profile *profile, uint32_t sample)
{
    const char *usage = profile_usage(profile, sample);
    return usage && (strcmp(usage, "EVAL") == 0 || strcmp(usage, "TEST") == 0) &&
           profile_labels(profile)[sample] < profile_header(profile)->classes;
}

/* The samples that count, and their true classes. */
struct held_out {
    uint32_t *samples, *labels;
    float *logits;
    uint32_t count, different; /* different true labels */
};

static bool find_held_out(const struct profile *profile, struct held_out *held_out, struct error *err)
{
    uint32_t all = 0, seen = 0, classes = profile_header(profile)->classes;
    for (uint32_t i = 0; i < profile_count(profile); i++)
        all += is_held_out(profile, i);
    uint32_t most = all < TEMPERATURE_SAMPLES_MAX ? all : TEMPERATURE_SAMPLES_MAX;
    held_out->samples = calloc((size_t)most + 1, sizeof(*held_out->samples));
    held_out->labels = calloc((size_t)most + 1, sizeof(*held_out->labels));
    held_out->logits = calloc((size_t)most * classes + 1, sizeof(*held_out->logits));
    bool *is_seen = calloc((size_t)classes + 1, sizeof(*is_seen));
    bool has_memory = held_out->samples && held_out->labels && held_out->logits && is_seen;
    for (uint32_t i = 0; has_memory && all > 0 && i < profile_count(profile); i++) {
        if (!is_held_out(profile, i))
            continue;
        seen++;
        if ((uint64_t)seen * most / all == (uint64_t)(seen - 1) * most / all)
            continue;
        uint32_t label = profile_labels(profile)[i];
        held_out->different += !is_seen[label];
        is_seen[label] = true;
        held_out->labels[held_out->count] = label;
        held_out->samples[held_out->count++] = i;
    }
    free(is_seen);
    return has_memory || error_no_memory(err);
}

/* Samples come in the order of their records. */
static bool read_logits(const struct profile *profile, struct held_out *held_out, struct error *err)
{
    const struct record_set *set = profile_records(profile);
    uint32_t at = 0, classes = profile_header(profile)->classes;
    for (uint32_t s = 0; s < record_set_shards(set) && at < held_out->count; s++) {
        AUTO(record_shard) shard = NULL;
        uint64_t first = record_set_shard_first(set, s), end = record_set_shard_end(set, s);
        if (profile_record(profile, held_out->samples[at]) >= end)
            continue;
        if (!record_shard_open(set, s, &shard, err))
            return false;
        for (; at < held_out->count && profile_record(profile, held_out->samples[at]) < end; at++) {
            struct record record;
            record_shard_get(shard, (uint32_t)(profile_record(profile, held_out->samples[at]) - first),
                             &record);
            memcpy(held_out->logits + (size_t)at * classes, record.logits, classes * sizeof(float));
        }
    }
    return true;
}

static void fit(const struct profile *profile, const struct held_out *held_out, struct temperature *ret)
{
    const struct temperature_rows rows = {held_out->logits, held_out->labels, held_out->count,
                                          profile_header(profile)->classes};
    ret->samples = held_out->count;
    for (uint32_t i = 0; i < held_out->count; i++)
        ret->wrong += profile_predictions(profile)[held_out->samples[i]] != held_out->labels[i];
    if (held_out->count < TEMPERATURE_SAMPLES_MIN) {
        (void)snprintf(ret->why, sizeof(ret->why),
                       "the training manifest has %u labelled images of usage EVAL or TEST; at least %d are "
                       "needed",
                       held_out->count, TEMPERATURE_SAMPLES_MIN);
        return;
    }
    if (ret->wrong < TEMPERATURE_EACH_MIN || held_out->count - ret->wrong < TEMPERATURE_EACH_MIN ||
        held_out->different < TEMPERATURE_LABELS_MIN) {
        (void)snprintf(
            ret->why, sizeof(ret->why),
            "of %u labelled images of usage EVAL or TEST, of %u classes, %u predictions are wrong; "
            "at least %d right, %d wrong and %d classes are needed",
            held_out->count, held_out->different, ret->wrong, TEMPERATURE_EACH_MIN, TEMPERATURE_EACH_MIN,
            TEMPERATURE_LABELS_MIN);
        return;
    }
    ret->value = temperature_minimise(&rows);
    ret->loss_before = temperature_loss(&rows, 1);
    ret->loss_after = temperature_loss(&rows, ret->value);
}

static const char *cannot_be_fitted(const struct profile *profile)
{
    const struct record_header *header = profile ? profile_header(profile) : NULL;
    if (!header)
        return "there is no training manifest";
    if (header->type != MODEL_TYPE_CLASSIFICATION || header->activation != ACTIVATION_SOFTMAX)
        return "it is for models that name one class of all (softmax)";
    if (profile_count(profile) == 0 || profile_predictions(profile)[0] == CLASS_NONE)
        return "nothing was predicted of the training images";
    if (header->classes < 2 || header->classes > RECORD_LOGITS_ALL_MAX)
        return "it takes 2 to 1,000 classes: of more not all logits are kept";
    return NULL;
}

bool temperature_fit(const struct profile *profile, struct temperature *ret, struct error *err)
{
    const char *why = cannot_be_fitted(profile);
    struct held_out held_out = {0};
    *ret = (struct temperature){0};
    if (why) {
        (void)snprintf(ret->why, sizeof(ret->why), "%s", why);
        return true;
    }
    bool is_done = find_held_out(profile, &held_out, err) && read_logits(profile, &held_out, err);
    if (is_done)
        fit(profile, &held_out, ret);
    free(held_out.samples);
    free(held_out.labels);
    free(held_out.logits);
    return is_done;
}
