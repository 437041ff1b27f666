/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/report.h"

#include <math.h>
#include <stdlib.h>

static void add_counts(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct mining_result *result)
{
    yyjson_mut_val *images = yyjson_mut_obj_add_obj(doc, root, "images");
    (void)yyjson_mut_obj_add_uint(doc, images, "total", result->analysed + result->failed);
    (void)yyjson_mut_obj_add_uint(doc, images, "analysed", result->analysed);
    (void)yyjson_mut_obj_add_uint(doc, images, "failed", result->failed);
    (void)yyjson_mut_obj_add_uint(doc, images, "hard", result->hard_count);
}

static void add_weights(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct mining_plan *plan)
{
    yyjson_mut_val *weights = yyjson_mut_obj_add_obj(doc, root, "weights");
    for (int i = 0; i < METHOD_COUNT; i++)
        (void)yyjson_mut_obj_add_real(doc, weights, method_row((enum method)i)->name, plan->weights[i]);
}

static void add_training(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct rule_reference *rules)
{
    if (!rules->profile) {
        (void)yyjson_mut_obj_add_null(doc, root, "training");
        return;
    }
    yyjson_mut_val *training = yyjson_mut_obj_add_obj(doc, root, "training");
    (void)yyjson_mut_obj_add_uint(doc, training, "samples", profile_count(rules->profile));
    (void)yyjson_mut_obj_add_uint(doc, training, "left_out", profile_left_out(rules->profile));
    (void)yyjson_mut_obj_add_real(doc, training, "embedding_worth", rules->embedding_worth);
    (void)yyjson_mut_obj_add_real(doc, training, "appearance_worth", rules->appearance_worth);
}

/* What reasons 0 and 1 hold a detector's answers against. */
static void add_detection(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct rule_reference *rules)
{
    if (rules->header->type != MODEL_TYPE_DETECTION)
        return;
    yyjson_mut_val *detection = yyjson_mut_obj_add_obj(doc, root, "detection");
    (void)yyjson_mut_obj_add_real(doc, detection, "score_threshold", rules->header->score_threshold);
    (void)yyjson_mut_obj_add_real(doc, detection, "candidate_floor", rules->header->candidate_floor);
    (void)yyjson_mut_obj_add_real(doc, detection, "usual_near_mass", rules->usual_near_mass);
    (void)yyjson_mut_obj_add_real(doc, detection, "missed_share", rules->missed_share);
}

static void add_sequence(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct mining_reference *reference)
{
    if (!reference->sequence) {
        (void)yyjson_mut_obj_add_null(doc, root, "sequence");
        return;
    }
    const struct sequence_counts counts = sequence_counts_of(reference->sequence);
    yyjson_mut_val *sequence = yyjson_mut_obj_add_obj(doc, root, "sequence");
    (void)yyjson_mut_obj_add_str(doc, sequence, "order", reference->rules.sequence_order);
    (void)yyjson_mut_obj_add_uint(doc, sequence, "pairs_beside", counts.near);
    (void)yyjson_mut_obj_add_uint(doc, sequence, "alike_beside", counts.near_alike);
    (void)yyjson_mut_obj_add_uint(doc, sequence, "pairs_apart", counts.far);
    (void)yyjson_mut_obj_add_uint(doc, sequence, "alike_apart", counts.far_alike);
}

/* By what reason 1 divides the logits. */
static void add_calibration(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct temperature *temperature)
{
    yyjson_mut_val *one = yyjson_mut_obj_add_obj(doc, root, "calibration");
    (void)yyjson_mut_obj_add_uint(doc, one, "held_out", temperature->samples);
    (void)yyjson_mut_obj_add_uint(doc, one, "wrong", temperature->wrong);
    (void)yyjson_mut_obj_add_bool(doc, one, "is_fitted", temperature->value > 0);
    if (!(temperature->value > 0)) {
        (void)yyjson_mut_obj_add_strcpy(doc, one, "why_not", temperature->why);
        return;
    }
    (void)yyjson_mut_obj_add_real(doc, one, "temperature", temperature->value);
    (void)yyjson_mut_obj_add_real(doc, one, "loss_before", temperature->loss_before);
    (void)yyjson_mut_obj_add_real(doc, one, "loss_after", temperature->loss_after);
}

static void add_histogram(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct mining_result *result)
{
    uint64_t bins[REPORT_BINS] = {0};
    for (uint64_t i = 0; i < result->analysed + result->failed; i++) {
        if (isnan(result->coefficients[i]))
            continue;
        int bin = (int)(result->coefficients[i] * REPORT_BINS);
        bins[bin < REPORT_BINS ? bin : REPORT_BINS - 1]++;
    }
    yyjson_mut_val *histogram = yyjson_mut_obj_add_obj(doc, root, "coefficients");
    (void)yyjson_mut_obj_add_real(doc, histogram, "bin_width", 1.0 / REPORT_BINS);
    yyjson_mut_val *counts = yyjson_mut_obj_add_arr(doc, histogram, "bins");
    for (int i = 0; i < REPORT_BINS; i++)
        (void)yyjson_mut_arr_add_uint(doc, counts, bins[i]);
}

static void add_reasons(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct examine_rules *rules,
                        const struct mining_result *result)
{
    yyjson_mut_val *on = yyjson_mut_obj_add_arr(doc, root, "reasons");
    yyjson_mut_val *off = yyjson_mut_obj_add_arr(doc, root, "reasons_off");
    for (int i = 0; i < REASON_COUNT; i++) {
        const struct rule *rule = all_rules[i];
        yyjson_mut_val *one = yyjson_mut_arr_add_obj(doc, rules->off[i] ? off : on);
        (void)yyjson_mut_obj_add_uint(doc, one, "id", rule->id);
        (void)yyjson_mut_obj_add_str(doc, one, "code", rule->code);
        (void)yyjson_mut_obj_add_str(doc, one, "name", rule->name);
        (void)yyjson_mut_obj_add_str(doc, one, "method", method_row(rule->method)->name);
        if (rules->off[i])
            (void)yyjson_mut_obj_add_strcpy(doc, one, "why", rules->off[i]);
        else
            (void)yyjson_mut_obj_add_uint(doc, one, "hard", result->reason_counts[i]);
    }
}

/* ---- histograms of the reference and of the run ---- */

static void add_bins(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, const double *values,
                     uint64_t count, const double range[2])
{
    uint64_t bins[REPORT_BINS] = {0};
    for (uint64_t i = 0; i < count; i++)
        if (isfinite(values[i]))
            bins[report_bin(values[i], range[0], range[1])]++;
    yyjson_mut_val *counts = yyjson_mut_obj_add_arr(doc, object, name);
    for (int i = 0; i < REPORT_BINS; i++)
        (void)yyjson_mut_arr_add_uint(doc, counts, bins[i]);
}

int report_bin(double value, double from, double to)
{
    double place = to > from ? floor((value - from) / (to - from) * REPORT_BINS) : 0;
    return place < 0 ? 0 : place >= REPORT_BINS ? REPORT_BINS - 1 : (int)place;
}

/* Over what nearly all of both have; the rest is counted in the bins at the ends. */
static void add_feature_histogram(yyjson_mut_doc *doc, yyjson_mut_val *row,
                                  const struct mining_reference *reference, enum record_feature feature)
{
    static const double tail = 0.001;
    const struct rule_reference *rules = &reference->rules;
    const double *ours = reference->run_features[feature], *theirs = rules->features[feature];
    uint32_t our_count = reference->run_feature_counts[feature], their_count = rules->feature_counts[feature];
    const double range[2] = {
        fmin(rule_quantile(ours, our_count, tail), rule_quantile(theirs, their_count, tail)),
        fmax(rule_quantile(ours, our_count, 1 - tail), rule_quantile(theirs, their_count, 1 - tail))};
    yyjson_mut_val *histogram = yyjson_mut_obj_add_obj(doc, row, "histogram");
    (void)yyjson_mut_obj_add_real(doc, histogram, "from", range[0]);
    (void)yyjson_mut_obj_add_real(doc, histogram, "to", range[1]);
    add_bins(doc, histogram, "run", ours, our_count, range);
    if (rules->profile)
        add_bins(doc, histogram, "training", theirs, their_count, range);
}

/* The scores of the model's answers. */
static bool add_scores(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct rule_reference *rules,
                       const struct mining_result *result, struct error *err)
{
    static const double range[2] = {0, 1};
    yyjson_mut_val *histogram = yyjson_mut_obj_add_obj(doc, root, "scores");
    (void)yyjson_mut_obj_add_real(doc, histogram, "from", range[0]);
    (void)yyjson_mut_obj_add_real(doc, histogram, "to", range[1]);
    add_bins(doc, histogram, "run", result->scores, result->analysed + result->failed, range);
    if (!rules->profile)
        return true;
    uint32_t count = profile_count(rules->profile);
    const float *confidences = profile_confidences(rules->profile);
    double *values = calloc((size_t)count + 1, sizeof(*values));
    if (!values)
        return error_no_memory(err);
    for (uint32_t i = 0; i < count; i++)
        values[i] = confidences[i] > 0 ? (double)confidences[i] : (double)NAN;
    add_bins(doc, histogram, "training", values, count, range);
    free(values);
    return true;
}

static double share_outside(const double *values, uint32_t count, const struct feature_range *range)
{
    uint32_t outside = 0;
    for (uint32_t i = 0; i < count; i++)
        outside += values[i] < range->low || values[i] > range->high;
    return (double)outside / count;
}

static void add_feature(yyjson_mut_doc *doc, yyjson_mut_val *table, const struct mining_reference *reference,
                        enum record_feature feature)
{
    struct feature_range range;
    uint32_t count = reference->run_feature_counts[feature];
    if (count == 0 || !rule_feature_range(&reference->rules, feature, &range))
        return;
    const double *values = reference->run_features[feature];
    yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, table);
    (void)yyjson_mut_obj_add_str(doc, row, "feature", record_feature_name(feature));
    (void)yyjson_mut_obj_add_str(doc, row, "reference", reference->rules.labels ? "training" : "batch");
    (void)yyjson_mut_obj_add_real(doc, row, "low", range.low);
    (void)yyjson_mut_obj_add_real(doc, row, "median", range.median);
    (void)yyjson_mut_obj_add_real(doc, row, "high", range.high);
    (void)yyjson_mut_obj_add_real(doc, row, "run_median", rule_quantile(values, count, 0.5));
    (void)yyjson_mut_obj_add_real(doc, row, "share_outside", share_outside(values, count, &range));
    add_feature_histogram(doc, row, reference, feature);
}

bool report_write(const struct mining_settings *settings, const struct mining_plan *plan,
                  const struct mining_reference *reference, const struct examine_rules *rules,
                  struct mining_result *result, struct error *err)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc)
        return error_no_memory(err);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    params_write_json(mining_params, settings, doc, yyjson_mut_obj_add_obj(doc, root, "settings"));
    add_weights(doc, root, plan);
    add_counts(doc, root, result);
    add_training(doc, root, &reference->rules);
    add_detection(doc, root, &reference->rules);
    add_sequence(doc, root, reference);
    add_calibration(doc, root, &reference->temperature);
    add_histogram(doc, root, result);
    add_reasons(doc, root, rules, result);
    yyjson_mut_val *table = yyjson_mut_obj_add_arr(doc, root, "features");
    for (int i = 0; i < FEATURE_COUNT; i++)
        add_feature(doc, table, reference, (enum record_feature)i);
    result->report = doc;
    return add_scores(doc, root, &reference->rules, result, err);
}

static void add_number(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, double value)
{
    if (isfinite(value))
        (void)yyjson_mut_obj_add_real(doc, object, name, value);
    else
        (void)yyjson_mut_obj_add_null(doc, object, name);
}

static void add_operation(yyjson_mut_doc *doc, yyjson_mut_val *list, const struct view_reference *reference,
                          uint64_t copies)
{
    yyjson_mut_val *one = yyjson_mut_arr_add_obj(doc, list);
    (void)yyjson_mut_obj_add_str(doc, one, "operation", reference->setting.op->name);
    (void)yyjson_mut_obj_add_uint(doc, one, "reason", reference->setting.op->reason);
    if (reference->setting.op->parameter.name)
        add_number(doc, one, reference->setting.op->parameter.name, reference->setting.amount);
    add_number(doc, one, "weight", reference->setting.weight);
    (void)yyjson_mut_obj_add_uint(doc, one, "tried", reference->count);
    add_number(doc, one, "upset", reference->upset);
    add_number(doc, one, "telling", reference->telling);
    add_number(doc, one, "worth", reference->worth);
    (void)yyjson_mut_obj_add_uint(doc, one, "copies", copies);
}

/* Copies of each of the plan's operations that were asked for. */
static uint64_t count_copies(const struct mining_view_work *work, uint64_t copies[AUGMENT_OPS])
{
    uint64_t images = 0;
    for (uint64_t i = 0; i < record_set_count(work->input->records); i++) {
        images += work->wanted[i] != 0;
        for (uint32_t op = 0; op < work->plan->augment.count; op++)
            copies[op] += work->wanted[i] >> op & 1;
    }
    return images;
}

bool report_add_views(const struct mining_view_work *work, struct mining_result *result, struct error *err)
{
    yyjson_mut_doc *doc = result->report;
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
    if (!work->is_on)
        return yyjson_mut_obj_add_null(doc, root, "views") || error_no_memory(err);
    uint64_t copies[AUGMENT_OPS] = {0}, all = 0, images = count_copies(work, copies);
    yyjson_mut_val *views = yyjson_mut_obj_add_obj(doc, root, "views");
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, views, "operations");
    for (uint32_t op = 0; op < work->plan->augment.count; op++) {
        uint8_t reason = work->plan->augment.ops[op].op->reason;
        all += copies[op];
        if (work->plan->may_speak[reason])
            add_operation(doc, list, &work->references[reason - AUGMENT_REASON_FIRST], copies[op]);
    }
    (void)yyjson_mut_obj_add_uint(doc, views, "images", images);
    (void)yyjson_mut_obj_add_uint(doc, views, "copies", all);
    double each = result->analysed > 0 ? (double)all / (double)result->analysed : 0;
    add_number(doc, views, "inferences_per_image", each);
    return yyjson_mut_obj_add_uint(doc, views, "training_copies", work->sampled) || error_no_memory(err);
}

bool report_add_learned(const struct learned *learned, struct mining_result *result, struct error *err)
{
    yyjson_mut_doc *doc = result->report;
    yyjson_mut_val *one = yyjson_mut_obj_add_obj(doc, yyjson_mut_doc_get_root(doc), "learned");
    const struct combiner *combiner = &learned->combiner;
    (void)yyjson_mut_obj_add_bool(doc, one, "is_used", learned->is_used);
    if (!learned->is_used)
        (void)yyjson_mut_obj_add_strcpy(doc, one, "why_not", learned->why);
    (void)yyjson_mut_obj_add_uint(doc, one, "held_out", learned->held_out);
    (void)yyjson_mut_obj_add_uint(doc, one, "confirmed", learned->confirmed);
    (void)yyjson_mut_obj_add_uint(doc, one, "wrong", combiner->wrong);
    (void)yyjson_mut_obj_add_uint(doc, one, "copies", learned->copies);
    if (!combiner->class_odds) /* nothing was fitted */
        return true;
    add_number(doc, one, "auroc", combiner->auroc_learned);
    add_number(doc, one, "auroc_fixed", combiner->auroc_fixed);
    add_number(doc, one, "fixed_weight", combiner->fixed_weight);
    yyjson_mut_val *slopes = yyjson_mut_obj_add_obj(doc, one, "slopes");
    for (int i = 0; i < SIGNAL_COUNT; i++)
        add_number(doc, slopes, signal_name((enum signal)i), combiner->slopes[i]);
    add_number(doc, slopes, "class_often_wrong", combiner->slopes[SIGNAL_COUNT]);
    return slopes || error_no_memory(err);
}

bool report_add_feature(const struct mining_input *input, struct mining_result *result, struct error *err)
{
    yyjson_mut_doc *doc = result->report;
    const struct mining_features *features = input->features;
    const struct record_header *header = record_set_header(input->records);
    yyjson_mut_val *space = yyjson_mut_obj_add_obj(doc, yyjson_mut_doc_get_root(doc), "feature");
    (void)yyjson_mut_obj_add_str(doc, space, "space", features ? "feature_extractor" : "appearance");
    (void)yyjson_mut_obj_add_strcpy(doc, space, "name",
                                    features                  ? features->name
                                    : header->appearance_name ? header->appearance_name
                                                              : "");
    (void)yyjson_mut_obj_add_uint(doc, space, "length",
                                  features ? features->length : header->appearance_length);
    if (!features)
        return space || error_no_memory(err);
    (void)yyjson_mut_obj_add_strcpy(doc, space, "key", features->key);
    (void)yyjson_mut_obj_add_uint(doc, space, "missing_in_run", features->missing_in_run);
    return yyjson_mut_obj_add_uint(doc, space, "missing_in_training", features->missing_in_training) ||
           error_no_memory(err);
}

bool report_add_list(const struct choice *choice, const struct mining_plan *plan,
                     struct mining_result *result, struct error *err)
{
    yyjson_mut_doc *doc = result->report;
    yyjson_mut_val *list = yyjson_mut_obj_add_obj(doc, yyjson_mut_doc_get_root(doc), "list");
    uint64_t with_others = 0, others = 0, cap = mining_plan_cap(plan, result->analysed);
    for (size_t i = 0; i < choice->count; i++) {
        with_others += choice->images[i].others > 0;
        others += choice->images[i].others;
    }
    (void)yyjson_mut_obj_add_uint(doc, list, "from_threshold", choice->hard);
    (void)yyjson_mut_obj_add_uint(doc, list, "represented", choice->represented);
    (void)yyjson_mut_obj_add_uint(doc, list, "listed", choice->count);
    (void)yyjson_mut_obj_add_uint(doc, list, "groups", with_others);
    (void)yyjson_mut_obj_add_uint(doc, list, "others", others);
    (void)yyjson_mut_obj_add_uint(doc, list, "compared_by_hash_alone", choice->by_hash);
    (void)yyjson_mut_obj_add_uint(doc, list, "clusters", choice->clusters);
    if (cap == UINT64_MAX)
        return yyjson_mut_obj_add_null(doc, list, "places") || error_no_memory(err);
    return yyjson_mut_obj_add_uint(doc, list, "places", cap) || error_no_memory(err);
}
