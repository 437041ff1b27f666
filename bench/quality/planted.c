/* SPDX-License-Identifier: Apache-2.0 */
/*
 * planted CASE_FOLDER REASON: how well one reason finds the fault that planted_stream planted for it, as one
 * JSON object. Found is an image when the reason's strength is that from which on it is listed.
 *
 * Against the planted images stand the clean ones: those that the model answers rightly, and of reasons 19 to
 * 29 whose copy keeps its class. The others carry a fault that nobody planted, and are not counted. Precision
 * is that of a stream of which PLANTED_SHARE are planted and the rest is clean.
 */
#include "base/workers.h"
#include "quality.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLANTED_MAX_BYTES = 16 * 1024 * 1024, SCORES_MAX = 100 };

struct counts {
    uint64_t planted, clean, found, false_alarms; /* found: planted ones */
    /* Of those planted, whose measured quantity lies beyond the training set's 1st or 99th percentile; and of
     * these found. Only where has_quantity. */
    uint64_t moved, moved_found;
    bool has_quantity;
    double speaks_from; /* strength from which on the reason is listed in this run */
    double auroc;
    /* The smallest strength from which on PRECISION_WANTED would be held, and the recall there; NaN: none. */
    double needed, needed_recall;
};
#define PRECISION_WANTED 0.8
#define PLANTED_SHARE 0.05

enum { LOW_CONFIDENCE = 1, SEQUENCE = 4, FEATURES_FROM = 5 };

static bool is_of_copies(int reason)
{
    return all_rules[reason]->method == METHOD_AUG_CONSISTENT;
}

/* The best class and its score. */
static uint32_t class_of(const struct quality_case *opened, const struct record *record, double *ret_score)
{
    double scores[SCORES_MAX];
    const struct record_header *header = record_set_header(opened->finished.records);
    record_scores(header, record, scores);
    uint32_t best = prediction_best(scores, header->classes);
    *ret_score = scores[best];
    return best;
}

/* What the reason measures of an image: a feature, or the confidence; NaN: nothing that has a range. */
static double quantity_of(const struct quality_case *opened, const struct record *record, int reason)
{
    const struct record_header *header = record_set_header(opened->finished.records);
    double confidence = (double)NAN;
    if (reason >= FEATURES_FROM && reason < FEATURES_FROM + FEATURE_COUNT)
        return record->features[reason - FEATURES_FROM];
    if (reason != LOW_CONFIDENCE || header->type == MODEL_TYPE_DETECTION)
        return (double)NAN;
    (void)class_of(opened, record, &confidence);
    return confidence;
}

static int ascending(const void *a, const void *b)
{
    const double *one = a, *other = b;
    return *one < *other ? -1 : *one > *other;
}

/* 1st and 99th percentile of the training set. False: the reason has no such range. */
static bool range_of(const struct quality_case *opened, int reason, double ret[2])
{
    uint32_t count = profile_count(opened->profile);
    if (reason >= FEATURES_FROM && reason < FEATURES_FROM + FEATURE_COUNT) {
        const double *values =
            profile_feature(opened->profile, (enum record_feature)(reason - FEATURES_FROM), &count);
        ret[0] = rule_quantile(values, count, 0.01);
        ret[1] = rule_quantile(values, count, 0.99);
        return count > 0;
    }
    double *confidences = calloc(count + 1U, sizeof(*confidences));
    for (uint32_t i = 0; confidences && i < count; i++)
        confidences[i] = (double)profile_confidences(opened->profile)[i];
    if (confidences)
        qsort(confidences, count, sizeof(*confidences), ascending);
    ret[0] = confidences ? rule_quantile(confidences, count, 0.01) : 0;
    ret[1] = 1;
    free(confidences);
    return reason == LOW_CONFIDENCE && count > 0;
}

/* Of each image. */
struct marks {
    bool *is_planted, *is_moved, *is_changed; /* is_changed: its copy gets another class */
};

/* Of a shard: images whose copy by the reason's operation gets another class. */
static bool mark_changed(const struct quality_case *opened, int reason, const struct record_shard *shard,
                         uint32_t number, bool *is_changed, struct error *err)
{
    double score = 0;
    uint32_t rows = record_shard_count(shard);
    if (record_set_header(opened->finished.records)->type == MODEL_TYPE_DETECTION)
        return true;
    const struct mining_view_query query = {
        .setting = &opened->all_ops.ops[reason - AUGMENT_REASON_FIRST], .records = shard, .shard = number};
    struct view *views = calloc(rows + 1U, sizeof(*views));
    bool is_done = views ? opened->views.views.read(opened->views.views.state, &query, views, err)
                         : error_no_memory(err);
    for (uint32_t row = 0; is_done && row < rows; row++) {
        struct record record;
        record_shard_get(shard, row, &record);
        if (!record.error && view_is_measured(&views[row]))
            is_changed[row] = (uint32_t)views[row].label != class_of(opened, &record, &score);
    }
    free(views);
    return is_done;
}

/* What is planted, by the list of sources; and what of it is moved: beyond the range, or, of frames, of
 * another class than the one before. */
static void mark_planted(const struct quality_case *opened, int reason, const char *planted,
                         const struct record_shard *shard, struct marks *marks)
{
    double range[2], score = 0;
    uint32_t before = CLASS_NONE;
    bool has_range = range_of(opened, reason, range);
    for (uint32_t row = 0; row < record_shard_count(shard); row++) {
        char line[PATH_MAX_BYTES];
        struct record record;
        uint64_t index = record_shard_first(shard) + row;
        record_shard_get(shard, row, &record);
        double value = quantity_of(opened, &record, reason);
        (void)snprintf(line, sizeof(line), "%s\n", record.source);
        marks->is_planted[index] = strstr(planted, line) != NULL;
        marks->is_moved[index] = has_range && (value < range[0] || value > range[1]);
        if (reason != SEQUENCE)
            continue;
        uint32_t found = class_of(opened, &record, &score);
        marks->is_moved[index] = before != CLASS_NONE && before != found;
        before = found;
    }
}

static bool mark_shards(const struct quality_case *opened, int reason, const char *planted,
                        struct marks *marks, struct error *err)
{
    for (uint32_t number = 0; number < record_set_shards(opened->finished.records); number++) {
        AUTO(record_shard) shard = NULL;
        if (!record_shard_open(opened->finished.records, number, &shard, err))
            return false;
        mark_planted(opened, reason, planted, shard, marks);
        bool *is_changed = marks->is_changed + record_shard_first(shard);
        if (is_of_copies(reason) && !mark_changed(opened, reason, shard, number, is_changed, err))
            return false;
    }
    return true;
}

static bool is_clean(const struct quality_case *opened, const struct marks *marks, uint64_t image)
{
    return !marks->is_planted[image] && !marks->is_changed[image] && opened->is_known[image] &&
           !opened->is_wrong[image];
}

static void count(const struct quality_case *opened, const struct marks *marks, const double *strengths,
                  struct counts *ret)
{
    for (uint64_t i = 0; i < opened->images; i++) {
        bool is_found = strengths[i] > 0 && strengths[i] >= ret->speaks_from;
        ret->planted += marks->is_planted[i];
        ret->found += marks->is_planted[i] && is_found;
        ret->moved += marks->is_planted[i] && marks->is_moved[i];
        ret->moved_found += marks->is_planted[i] && marks->is_moved[i] && is_found;
        ret->clean += is_clean(opened, marks, i);
        ret->false_alarms += is_clean(opened, marks, i) && is_found;
    }
}

static double share(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0;
}

static double precision_of(double recall, double false_share)
{
    double right = PLANTED_SHARE * recall, all = right + (1 - PLANTED_SHARE) * false_share;
    return all > 0 ? right / all : 0;
}

/* Down the list of planted and clean images, the strongest first. */
static bool find_needed(const struct quality_case *opened, const struct marks *marks, const double *strengths,
                        struct counts *ret, struct error *err)
{
    uint64_t *order = calloc(opened->images + 1, sizeof(*order)), found = 0, false_alarms = 0;
    bool is_done = order ? evaluate_order(strengths, opened->images, order, err) : error_no_memory(err);
    ret->needed = ret->needed_recall = (double)NAN;
    for (uint64_t i = 0; is_done && i < opened->images && strengths[order[i]] > 0; i++) {
        found += marks->is_planted[order[i]];
        false_alarms += is_clean(opened, marks, order[i]);
        bool is_end = i + 1 == opened->images || !(strengths[order[i + 1]] >= strengths[order[i]]);
        double recall = share(found, ret->planted);
        if (!is_end || precision_of(recall, share(false_alarms, ret->clean)) < PRECISION_WANTED)
            continue;
        ret->needed = strengths[order[i]];
        ret->needed_recall = recall;
    }
    free(order);
    return is_done;
}

static bool rank(const struct quality_case *opened, const struct marks *marks, const double *strengths,
                 struct counts *ret, struct error *err)
{
    struct ranking ranking = {0};
    double *counted = calloc(opened->images + 1, sizeof(*counted));
    bool *is_planted = calloc(opened->images + 1, sizeof(*is_planted));
    bool is_done = (counted && is_planted) || error_no_memory(err);
    uint64_t images = 0;
    for (uint64_t i = 0; is_done && i < opened->images; i++) {
        if (!marks->is_planted[i] && !is_clean(opened, marks, i))
            continue;
        counted[images] = strengths[i];
        is_planted[images++] = marks->is_planted[i];
    }
    is_done = is_done && evaluate_ranking(counted, is_planted, images, &ranking, err);
    ret->auroc = ranking.auroc;
    free(counted);
    free(is_planted);
    return is_done;
}

/* Of reasons 19 to 29 it is a share of what the operation is worth, which the report tells. */
static double speaks_from(const struct mining_result *result, int reason)
{
    yyjson_mut_val *views = yyjson_mut_obj_get(yyjson_mut_doc_get_root(result->report), "views"), *row = NULL;
    size_t place = 0, count = 0;
    double least = all_rules[reason]->speaks_from;
    yyjson_mut_arr_foreach(yyjson_mut_obj_get(views, "operations"), place, count, row)
    {
        if (yyjson_mut_get_int(yyjson_mut_obj_get(row, "reason")) == reason)
            return least * yyjson_mut_get_num(yyjson_mut_obj_get(row, "worth"));
    }
    return least;
}

/* planted.txt names the images that carry the fault. With one reason of weight 1 an image's coefficient is
 * its strength. */
static bool read_and_count(const struct quality_case *opened, const struct mining_result *result, int reason,
                           struct marks *marks, struct counts *ret, struct error *err)
{
    double range[2];
    AUTO(store) folder = NULL;
    AUTO_BUFFER(text, PLANTED_MAX_BYTES);
    ret->has_quantity = reason == SEQUENCE || range_of(opened, reason, range);
    ret->speaks_from = speaks_from(result, reason);
    if (!store_open(opened->folder, false, &folder, err) || !store_get(folder, "planted.txt", &text, err) ||
        !mark_shards(opened, reason, text.data, marks, err))
        return false;
    count(opened, marks, result->coefficients, ret);
    return rank(opened, marks, result->coefficients, ret, err) &&
           find_needed(opened, marks, result->coefficients, ret, err);
}

static bool judge(const struct quality_case *opened, const struct mining_result *result, int reason,
                  struct counts *ret, struct error *err)
{
    uint64_t images = opened->images + 1;
    struct marks marks = {calloc(images, sizeof(bool)), calloc(images, sizeof(bool)),
                          calloc(images, sizeof(bool))};
    bool is_done = (marks.is_planted && marks.is_moved && marks.is_changed) || error_no_memory(err);
    is_done = is_done && read_and_count(opened, result, reason, &marks, ret, err);
    free(marks.is_planted);
    free(marks.is_moved);
    free(marks.is_changed);
    return is_done;
}

static void print(int reason, const struct counts *counts)
{
    const struct rule *rule = all_rules[reason];
    double recall = share(counts->found, counts->planted);
    printf("{\"reason\": %d, \"name\": \"%s\", \"speaks_from\": %.4f, \"planted\": %llu, \"clean\": %llu, "
           "\"recall\": %.4f, \"false_alarms\": %.4f, \"precision\": %.4f, \"auroc\": %.4f",
           reason, rule->name, counts->speaks_from, (unsigned long long)counts->planted,
           (unsigned long long)counts->clean, recall, share(counts->false_alarms, counts->clean),
           precision_of(recall, share(counts->false_alarms, counts->clean)),
           isnan(counts->auroc) ? 0 : counts->auroc);
    if (counts->has_quantity)
        printf(", \"moved\": %.4f, \"moved_recall\": %.4f", share(counts->moved, counts->planted),
               share(counts->moved_found, counts->moved));
    if (!isnan(counts->needed))
        printf(", \"needed\": %.4f, \"needed_recall\": %.4f", counts->needed, counts->needed_recall);
    printf("}\n");
}

static bool measure(const char *folder, int reason, struct error *err)
{
    struct quality_case opened;
    struct mining_settings settings;
    struct mining_result result;
    struct counts counts = {0};
    char methods[QUALITY_NAME_BYTES], only[8];
    bool is_done = quality_case_open(folder, is_of_copies(reason), &opened, err);
    if (is_done && record_set_header(opened.finished.records)->classes > SCORES_MAX)
        is_done = error_set(err, ERR_LIMIT, "the model has more than %d classes", SCORES_MAX);
    params_defaults(mining_params, &settings);
    (void)snprintf(methods, sizeof(methods), "%.50s:1", method_row(all_rules[reason]->method)->name);
    (void)snprintf(only, sizeof(only), "%d", reason);
    settings.comprehensive_algo_config = methods;
    settings.reasons = only;
    settings.algo_hard_threshold = 0;
    settings.group = false; /* each image is judged, not only leaders */
    settings.aug_op_config = "all";
    settings.aug_budget = AUGMENT_OPS;
    const struct mining_input input = {.records = opened.finished.records,
                                       .profile = opened.profile,
                                       .views = is_of_copies(reason) ? &opened.views.views : NULL,
                                       .threads = workers_cores()};
    is_done = is_done && mining_run(&input, &settings, &result, err);
    if (is_done) {
        is_done = judge(&opened, &result, reason, &counts, err);
        mining_result_release(&result);
    }
    if (is_done)
        print(reason, &counts);
    quality_case_close(&opened);
    return is_done;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    long reason = argc == 3 ? strtol(argv[2], NULL, 10) : -1;
    if (reason < 0 || reason >= REASON_COUNT) {
        fprintf(stderr, "usage: planted CASE_FOLDER REASON\n");
        return 2;
    }
    if (measure(argv[1], (int)reason, &err))
        return 0;
    fprintf(stderr, "planted: %s: %s\n", argv[1], err.message);
    return 1;
}
