/* SPDX-License-Identifier: Apache-2.0 */
#include "quality.h"

#include "base/workers.h"
#include "demo/scene_parts.h"
#include "record/mistake.h"

#include <stdio.h>
#include <stdlib.h>

/* What ModelArts publishes as its defaults: this row stays as it is whatever ours become. */
#define MODELARTS_ALGO_CONFIG                                                                                \
    "clustering_mining:0.2020+aug_consistent_mining:0.4265+feature_distribution_mining:0.0451+"              \
    "sequential_mining:0.425+image_similarity_mining:0.0949+predict_score_mining:0.3900+"                    \
    "anomaly_detection_mining:0.2020"
#define MODELARTS_AUG_OP_CONFIG "crop:0.1+fliplr:0.1+gaussianblur:0.1"

enum { CONFIRMED_SEED = 1 };

struct ours {
    const char *name;
    const char *methods, *operations, *reasons; /* NULL: the default */
    double budget;                              /* below 0: the default */
    bool has_no_training, has_no_learning, has_all_copies;
    uint32_t confirmed; /* images of the run, drawn by chance, of which people said what is right */
};
static const struct ours all_ours[] = {
    {.name = QUALITY_ADAPTIVE, .budget = -1},
    {.name = "ModelArts preset",
     .methods = MODELARTS_ALGO_CONFIG,
     .operations = MODELARTS_AUG_OP_CONFIG,
     .budget = -1,
     .has_no_learning = true},
    {.name = "after 500 confirmations", .budget = -1, .confirmed = 500},
    {.name = "after 1500 confirmations", .budget = -1, .confirmed = 1500},
    {.name = "without learning", .budget = -1, .has_no_learning = true},
    {.name = "without copies", .budget = 0},
    {.name = "eleven operations", .operations = "all", .budget = -1},
    {.name = "eleven operations, budget 11", .operations = "all", .budget = AUGMENT_OPS},
    {.name = QUALITY_ALL_COPIES, .operations = "all", .budget = -1, .has_all_copies = true},
    {.name = "without training manifest", .budget = -1, .has_no_training = true},
    {.name = NULL},
};

/* The first `count` known images of a shuffle: people have confirmed or corrected these, and the row's
 * figures are of the others. */
static bool confirm(const struct quality_case *opened, uint32_t count, struct quality_list *list,
                    uint8_t **ret_verdicts, struct error *err)
{
    struct dice dice = {CONFIRMED_SEED};
    uint64_t *order = calloc(opened->images + 1, sizeof(*order)), known = 0;
    *ret_verdicts = calloc(opened->images + 1, sizeof(**ret_verdicts));
    list->left_out = calloc(opened->images + 1, sizeof(*list->left_out));
    for (uint64_t i = 0; order && i < opened->images; i++)
        if (opened->is_known[i])
            order[known++] = i;
    bool is_done = (order && *ret_verdicts && list->left_out) || error_no_memory(err);
    for (uint64_t i = 0; is_done && i < count && i < known; i++) {
        uint64_t other = i + dice_throw(&dice) % (known - i), image = order[other];
        order[other] = order[i];
        (*ret_verdicts)[image] = opened->is_wrong[image] ? VERDICT_WRONG : VERDICT_RIGHT;
        list->left_out[image] = true;
    }
    free(order);
    return is_done;
}

static void take_list(struct quality_case *opened, const struct mining_result *result,
                      struct quality_list *list)
{
    yyjson_mut_val *views = yyjson_mut_obj_get(yyjson_mut_doc_get_root(result->report), "views");
    list->hardness = result->coefficients;
    list->ordered = result->hard_count < opened->images ? result->hard_count : opened->images;
    for (uint64_t i = 0; i < list->ordered; i++)
        list->order[i] = result->hard[i].record;
    list->inferences = 1 + yyjson_mut_get_num(yyjson_mut_obj_get(views, "inferences_per_image"));
}

/* Without a training manifest the appearance stays: the rows are of what the extractor says of that. */
static const struct mining_features *features_of(const struct quality_case *opened, const struct ours *ours)
{
    return opened->features.name && !ours->has_no_training ? &opened->features.features : NULL;
}

/* By the feature extractor that was asked for, for all rows at once. */
static bool make_features(const struct quality_table *table, struct quality_case *opened, struct error *err)
{
    const struct feature_extractor_wish wish = {.setting = table->extractor};
    struct mine_features *features = &opened->features;
    if (!wish.setting)
        return true;
    *features = (struct mine_features){.name = wish.setting,
                                       .data = opened->finished.work.data,
                                       .records = opened->finished.records,
                                       .profile = opened->profile,
                                       .run_folder = opened->views.run_folder,
                                       .training_folder = opened->views.training_folder,
                                       .progress = &opened->finished.progress};
    return feature_extractor_find(&wish, opened->finished.arena, &features->source, err) &&
           mine_features_make(features, err);
}

static bool measure(struct quality_table *table, enum quality_group group, const struct ours *ours,
                    struct quality_case *opened, struct error *err)
{
    struct mining_settings settings;
    struct mining_result result;
    uint8_t *verdicts = NULL;
    struct quality_list list = {.order = calloc(opened->images + 1, sizeof(*list.order))};
    if (!list.order)
        return error_no_memory(err);
    params_defaults(mining_params, &settings);
    settings.aug_budget = ours->budget < 0 ? settings.aug_budget : ours->budget;
    settings.comprehensive_algo_config = ours->methods ? ours->methods : settings.comprehensive_algo_config;
    settings.aug_op_config = ours->operations ? ours->operations : settings.aug_op_config;
    settings.reasons = ours->reasons ? ours->reasons : settings.reasons;
    settings.fixed_weights = ours->has_no_learning;
    settings.aug_all = ours->has_all_copies;
    bool is_done = ours->confirmed == 0 || confirm(opened, ours->confirmed, &list, &verdicts, err);
    const struct mining_input input = {.records = opened->finished.records,
                                       .profile = ours->has_no_training ? NULL : opened->profile,
                                       .views = &opened->views.views,
                                       .features = features_of(opened, ours),
                                       .verdicts = verdicts,
                                       .threads = workers_cores()};
    double start = clock_steady_seconds();
    is_done = is_done && mining_run(&input, &settings, &result, err);
    list.seconds = clock_steady_seconds() - start;
    if (is_done) {
        take_list(opened, &result, &list);
        is_done = quality_add(table, group, ours->name, opened, &list, err);
        mining_result_release(&result);
    }
    free(list.order);
    free(list.left_out);
    free(verdicts);
    return is_done;
}

/* Each method with all its operations, so that what it can do is seen. */
static bool measure_methods(struct quality_table *table, struct quality_case *opened, struct error *err)
{
    for (int i = 0; i < METHOD_COUNT; i++) {
        char methods[QUALITY_NAME_BYTES + 8];
        const struct method_row *row = method_row((enum method)i);
        (void)snprintf(methods, sizeof(methods), "%s:1", row->name);
        const struct ours alone = {
            .name = row->name, .methods = methods, .operations = "all", .budget = AUGMENT_OPS};
        if (quality_wants(table, GROUP_METHODS, row->name) &&
            !measure(table, GROUP_METHODS, &alone, opened, err))
            return false;
    }
    return true;
}

/* Reasons that are off in this case have no row. */
static bool measure_reasons(struct quality_table *table, struct quality_case *opened, struct error *err)
{
    enum model_type type = record_set_header(opened->finished.records)->type;
    for (int id = 0; id < REASON_COUNT; id++) {
        const struct rule *rule = all_rules[id];
        char name[QUALITY_NAME_BYTES], methods[QUALITY_NAME_BYTES], only[8];
        (void)snprintf(name, sizeof(name), "%d %.50s", id, rule->name);
        (void)snprintf(methods, sizeof(methods), "%.50s:1", method_row(rule->method)->name);
        (void)snprintf(only, sizeof(only), "%d", id);
        const struct ours alone = {
            .name = name, .methods = methods, .operations = "all", .reasons = only, .budget = AUGMENT_OPS};
        bool can_speak = !rule->only_detection || type == MODEL_TYPE_DETECTION;
        if (can_speak && quality_wants(table, GROUP_REASONS, name) &&
            !measure(table, GROUP_REASONS, &alone, opened, err))
            return false;
    }
    return true;
}

bool quality_measure_ours(struct quality_table *table, struct quality_case *opened, struct error *err)
{
    if (!make_features(table, opened, err))
        return false;
    for (const struct ours *ours = all_ours; ours->name; ours++)
        if (quality_wants(table, GROUP_OURS, ours->name) && (opened->profile || !ours->has_no_training) &&
            (uint64_t)ours->confirmed * 2 <= opened->images && !measure(table, GROUP_OURS, ours, opened, err))
            return false;
    return measure_methods(table, opened, err) && measure_reasons(table, opened, err);
}
