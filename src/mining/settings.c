/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/settings.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

const struct param_spec mining_params[] = {
    PARAM(struct mining_settings, comprehensive_algo_config, .type = PARAM_TEXT,
          .fallback_text = MINING_DEFAULT_ALGO_CONFIG, .max = SETTINGS_TEXT_MAX_BYTES,
          .value_name = "METHOD:WEIGHT+…",
          .help = "methods and how much each weighs, 0 to 1; methods left out are off"),
    PARAM(struct mining_settings, algo_hard_threshold, .type = PARAM_NUMBER, .fallback = 0.1, .max = 1,
          .help = "hard coefficient from which on an image is a hard example"),
    PARAM(struct mining_settings, aug_op_config, .type = PARAM_TEXT,
          .fallback_text = MINING_DEFAULT_AUG_OP_CONFIG, .max = AUGMENT_CONFIG_MAX_BYTES,
          .value_name = "OP:NUMBER[@AMOUNT]+…|all",
          .help =
              "operations of aug_consistent_mining, how much each counts beside the others, 0 to 1, and its "
              "parameter"),
    PARAM(struct mining_settings, aug_budget, .type = PARAM_NUMBER, .fallback = MINING_DEFAULT_AUG_BUDGET,
          .max = AUGMENT_OPS, .unit = "inferences an image",
          .help = "aug_consistent_mining infers at most so many augmented copies per image, on average"),
    PARAM(struct mining_settings, aug_all, .type = PARAM_BOOL,
          .help =
              "infer copies of all images by all operations of aug_op_config that tell anything, whatever "
              "aug_budget says and whether it can change the list"),
    PARAM(struct mining_settings, fixed_weights, .type = PARAM_BOOL,
          .help =
              "take the weights as they are: else, with the default ones and all reasons, labelled images "
              "teach how the methods combine"),
    PARAM(struct mining_settings, top, .type = PARAM_TEXT, .max = SETTINGS_TEXT_MAX_BYTES,
          .value_name = "N|P%", .help = "at most N images, or P percent of those analysed"),
    PARAM(struct mining_settings, per_class, .type = PARAM_COUNT, .max = SETTINGS_TOP_MAX, .unit = "images",
          .help = "at most so many of each predicted class; 0: no limit"),
    PARAM(struct mining_settings, diversity, .type = PARAM_NUMBER, .fallback = MINING_DEFAULT_DIVERSITY,
          .max = 1,
          .help =
              "share of top or per_class that is spread over what images look like; 0: the hardest alone"),
    PARAM(struct mining_settings, group, .type = PARAM_BOOL, .fallback = 1,
          .help = "of near-duplicates and consecutive frames list only the hardest, which names the others"),
    PARAM(struct mining_settings, reasons, .type = PARAM_TEXT, .fallback_text = "all",
          .max = SETTINGS_TEXT_MAX_BYTES, .value_name = "LIST",
          .help = "which reasons may speak: all, 1,3,7, 5..10, or -19..29 for all but these"),
    PARAM(struct mining_settings, sequence_order, .type = PARAM_CHOICE, .choices = sequence_order_names,
          .fallback_text = "name",
          .help = "which images follow each other for sequential_mining: name, as people sort names within a "
                  "folder; manifest, as the input lists them"),
    PARAM(struct mining_settings, feature_extractor, .type = PARAM_TEXT, .path = PARAM_PATH_IF_THERE,
          .value_name = "FILE.onnx|MODEL",
          .help = "compare images with training images by this model's vectors instead of by their looks: an "
                  "ONNX file, or an imported model"),
    PARAM_END,
};

static bool refuse(struct error *err, const char *field)
{
    err->detail = DETAIL_INVALID_ARGUMENT;
    (void)error_point(err, field);
    return false;
}

/* The text up to `separator`, copied and ended; *at moves behind it, or to NULL at the end. False: too long.
 */
static bool next_item(const char **at, char separator, char item[SETTINGS_TEXT_MAX_BYTES + 1])
{
    const char *end = strchr(*at, separator);
    size_t bytes = end ? (size_t)(end - *at) : strlen(*at);
    if (bytes > SETTINGS_TEXT_MAX_BYTES)
        return false;
    memcpy(item, *at, bytes);
    item[bytes] = '\0';
    *at = end ? end + 1 : NULL;
    return true;
}

static bool read_method(char *item, struct mining_plan *plan, bool named[METHOD_COUNT], struct error *err)
{
    char *colon = strchr(item, ':');
    if (!colon)
        return error_set(err, ERR_INVALID,
                         "comprehensive_algo_config must be method:weight items joined by '+', not '%.60s'",
                         item);
    *colon = '\0';
    enum method method = method_find(item);
    if (method == METHOD_COUNT)
        return error_set(
            err, ERR_INVALID,
            "comprehensive_algo_config names an unknown method '%.60s'; known are clustering_mining, "
            "aug_consistent_mining, feature_distribution_mining, sequential_mining, "
            "image_similarity_mining, predict_score_mining and anomaly_detection_mining",
            item);
    if (named[method])
        return error_set(err, ERR_INVALID, "comprehensive_algo_config names %s twice", item);
    named[method] = true;
    return text_to_double(colon + 1, item, 0, 1, &plan->weights[method], err) ||
           error_wrap(err, "comprehensive_algo_config");
}

static bool read_methods(const char *text, struct mining_plan *plan, struct error *err)
{
    char item[SETTINGS_TEXT_MAX_BYTES + 1];
    bool named[METHOD_COUNT] = {false};
    while (text) {
        if (!next_item(&text, '+', item)) {
            (void)error_set(err, ERR_INVALID, "comprehensive_algo_config is longer than %d bytes",
                            SETTINGS_TEXT_MAX_BYTES);
            return refuse(err, "/comprehensive_algo_config");
        }
        if (!read_method(item, plan, named, err))
            return refuse(err, "/comprehensive_algo_config");
    }
    return true;
}

/* "7", "5..10" or "all". */
static bool read_reason_range(char *item, uint64_t *ret_from, uint64_t *ret_to, struct error *err)
{
    uint64_t from = 0, to = REASON_COUNT - 1;
    bool is_all = strcmp(item, "all") == 0;
    char *dots = strstr(item, "..");
    if (dots)
        *dots = '\0';
    const char *last = dots ? dots + 2 : item;
    if (!is_all && (!text_to_count(item, "a reason", 0, REASON_COUNT - 1, &from, err) ||
                    !text_to_count(last, "a reason", 0, REASON_COUNT - 1, &to, err)))
        return error_wrap(err, "reasons");
    if (from > to)
        return error_set(err, ERR_INVALID, "reasons: %s..%s runs backwards; write the smaller id first", item,
                         last);
    *ret_from = from;
    *ret_to = to;
    return true;
}

static bool read_reason_item(char *item, bool is_first, struct mining_plan *plan, struct error *err)
{
    bool may = item[0] != '-';
    uint64_t from = 0, to = 0;
    if (!read_reason_range(may ? item : item + 1, &from, &to, err))
        return false;
    if (is_first && !may) /* a list that begins by taking away takes away from all */
        memset(plan->may_speak, true, sizeof(plan->may_speak));
    for (uint64_t id = from; id <= to; id++)
        plan->may_speak[id] = may;
    return true;
}

static bool read_reasons(const char *text, struct mining_plan *plan, struct error *err)
{
    char item[SETTINGS_TEXT_MAX_BYTES + 1];
    memset(plan->may_speak, false, sizeof(plan->may_speak));
    for (bool is_first = true; text; is_first = false) {
        if (!next_item(&text, ',', item)) {
            (void)error_set(err, ERR_INVALID, "reasons is longer than %d bytes", SETTINGS_TEXT_MAX_BYTES);
            return refuse(err, "/reasons");
        }
        if (!read_reason_item(item, is_first, plan, err))
            return refuse(err, "/reasons");
    }
    return true;
}

static bool read_top(const char *text, struct mining_plan *plan, struct error *err)
{
    char number[32];
    bool fits = text_copy(number, sizeof(number), text), is_percent = text_ends_with(text, "%");
    if (fits && is_percent)
        number[strlen(number) - 1] = '\0';
    bool is_read =
        fits &&
        (is_percent ? text_to_double(number, "top", 0, 100, &plan->top_percent, err) && plan->top_percent > 0
                    : text_to_count(number, "top", 1, SETTINGS_TOP_MAX, &plan->top_count, err));
    if (is_read)
        return true;
    (void)error_set(
        err, ERR_INVALID,
        "top must be a number of images from 1 to %d, or a share above 0%% and up to 100%%, not '%.60s'",
        SETTINGS_TOP_MAX, text);
    return refuse(err, "/top");
}

/* Weights or reasons of one's own are taken as they are. */
static void decide_learning(const struct mining_settings *settings, struct mining_plan *plan)
{
    bool has_reasons = true;
    for (int i = 0; i < REASON_COUNT; i++)
        has_reasons &= plan->may_speak[i];
    bool has_weights = true;
    for (int i = 0; i < METHOD_COUNT; i++)
        has_weights &= fabs(plan->weights[i] - method_row((enum method)i)->default_weight) < 1e-9;
    plan->learns = !settings->fixed_weights && has_reasons && has_weights;
    if (!plan->learns)
        plan->learns_not = settings->fixed_weights ? "switched off by the setting fixed_weights"
                           : !has_weights          ? "comprehensive_algo_config gives weights of its own"
                                                   : "the setting reasons leaves some out";
}

bool mining_plan_make(const struct mining_settings *settings, struct mining_plan *ret, struct error *err)
{
    struct mining_plan plan = {.threshold = settings->algo_hard_threshold};
    if (!(plan.threshold >= 0 && plan.threshold <= 1)) {
        (void)error_set(err, ERR_INVALID, "algo_hard_threshold must be a number from 0 to 1, not %g",
                        plan.threshold);
        return refuse(err, "/algo_hard_threshold");
    }
    if (!(settings->aug_budget >= 0 && settings->aug_budget <= AUGMENT_OPS)) {
        (void)error_set(err, ERR_INVALID, "aug_budget must be a number from 0 to %d, not %g", AUGMENT_OPS,
                        settings->aug_budget);
        return refuse(err, "/aug_budget");
    }
    if (!(settings->diversity >= 0 && settings->diversity <= 1)) {
        (void)error_set(err, ERR_INVALID, "diversity must be a number from 0 to 1, not %g",
                        settings->diversity);
        return refuse(err, "/diversity");
    }
    plan.augments_all = settings->aug_all;
    plan.augment_budget = settings->aug_all ? (double)AUGMENT_OPS : settings->aug_budget;
    plan.sequence_order = sequence_order_find(settings->sequence_order);
    plan.per_class = settings->per_class;
    plan.diversity = settings->diversity;
    plan.groups = settings->group;
    const char *operations = settings->aug_op_config;
    if (!augment_settings_read(operations ? operations : MINING_DEFAULT_AUG_OP_CONFIG, &plan.augment, err))
        return refuse(err, "/aug_op_config");
    const char *config = settings->comprehensive_algo_config;
    if (!read_methods(config ? config : MINING_DEFAULT_ALGO_CONFIG, &plan, err) ||
        !read_reasons(settings->reasons ? settings->reasons : "all", &plan, err) ||
        (settings->top && !read_top(settings->top, &plan, err)))
        return false;
    decide_learning(settings, &plan);
    *ret = plan;
    return true;
}

bool mining_settings_check(const struct mining_settings *settings, struct error *err)
{
    struct mining_plan plan;
    return mining_plan_make(settings, &plan, err);
}

uint64_t mining_plan_cap(const struct mining_plan *plan, uint64_t analysed)
{
    if (plan->top_count)
        return plan->top_count;
    if (!(plan->top_percent > 0))
        return UINT64_MAX;
    double share = floor((double)analysed * plan->top_percent / 100);
    return share >= 1 ? (uint64_t)share : 1;
}
