/* SPDX-License-Identifier: Apache-2.0 */
/* Which copies are asked for, and what becomes of the answers. The model's answers are made up: planted
 * images of the run change when mirrored, all images change when flipped top to bottom. */
#include "test.h"

#include "mining/combine.h"
#include "mining/estimate.h"
#include "mining/views.h"
#include "run_fixture.h"

#include <stdlib.h>
#include <string.h>

enum { SHAKY = 42, MIRROR = 20, FLIP = 22 };

/* Answers of a model that nobody needs to run. */
struct made_views {
    struct mining_views views;
    struct record_set *training;
    uint16_t *known; /* of the run: what was ever asked for */
    uint64_t calls, training_copies;
    bool forgets; /* nothing is kept */
};

static bool measure(void *state, bool of_training, const struct augment_settings *settings,
                    const uint16_t *wanted, struct error *err)
{
    struct made_views *made = state;
    uint32_t count = of_training ? TRAINING_IMAGES : RUN_IMAGES;
    (void)settings;
    (void)err;
    made->calls++;
    for (uint32_t i = 0; i < count; i++) {
        if (of_training)
            made->training_copies += (uint64_t)__builtin_popcount(wanted[i]);
        else
            made->known[i] = (uint16_t)(made->known[i] | wanted[i]);
    }
    return true;
}

/* Everything that was ever asked for is there, as when a task runs again. */
static bool read_views(void *state, const struct mining_view_query *query, struct view *ret,
                       struct error *err)
{
    const struct record_shard *shard = query->records;
    const struct made_views *made = state;
    (void)err;
    for (uint32_t row = 0; row < record_shard_count(shard); row++) {
        uint64_t image = record_shard_first(shard) + row;
        struct record record;
        record_shard_get(shard, row, &record);
        float small = (float)(image * 7919 % 1000) / 20000;
        bool is_shaky = !query->of_training && image == SHAKY;
        bool is_upset = query->setting->op->reason == FLIP || is_shaky;
        uint32_t label = (uint32_t)(image + (is_upset ? 1 : 0)) % RUN_CLASSES;
        ret[row] = record.error || made->forgets ? view_missing()
                                                 : (struct view){.changed = is_upset ? 0.9F : small,
                                                                 .kept = is_upset ? 0.1F : 1 - small,
                                                                 .label = (float)label,
                                                                 .score = 0.9F};
    }
    return true;
}

static void start(struct made_views *made, struct run_fixture *fixture, bool has_training)
{
    struct error err = {0};
    *made = (struct made_views){.known = calloc(RUN_IMAGES, sizeof(uint16_t))};
    if (has_training && !record_set_open(fixture->store, "training", &made->training, &err))
        fail_msg("%s", err.message);
    made->views = (struct mining_views){
        .state = made, .training = made->training, .measure = measure, .read = read_views};
}

static void stop(struct made_views *made)
{
    made->training = record_set_free(made->training);
    free(made->known);
}

static struct mining_settings settings_of(double budget, const char *ops)
{
    struct mining_settings settings;
    params_defaults(mining_params, &settings);
    settings.aug_budget = budget;
    settings.aug_op_config = ops;
    return settings;
}

static struct mining_result mine(struct run_fixture *fixture, struct made_views *made,
                                 const struct mining_settings *settings, uint32_t threads)
{
    struct mining_result result;
    struct error err = {0};
    const struct mining_input input = {.records = fixture_set(fixture, "run"),
                                       .profile = made->training ? fixture->profile : NULL,
                                       .views = &made->views,
                                       .threads = threads};
    if (!mining_run(&input, settings, &result, &err))
        fail_msg("%s", err.message);
    return result;
}

static yyjson_doc *report_of(const struct mining_result *result)
{
    AUTO_BUFFER(text, 1 << 20);
    struct error err = {0};
    yyjson_doc *read = NULL;
    assert_true(json_write(result->report, false, &text, &err));
    assert_true(json_parse((struct bytes){text.data, text.size}, "report", &read, &err));
    return read;
}

static const char *why_off(yyjson_doc *report, uint64_t id)
{
    yyjson_val *row;
    size_t at, count;
    yyjson_arr_foreach(yyjson_obj_get(yyjson_doc_get_root(report), "reasons_off"), at, count, row)
    {
        if (json_integer(row, "id", -1) == (int64_t)id)
            return json_text(row, "why", "");
    }
    return NULL;
}

static uint64_t copies_of(const struct made_views *made)
{
    uint64_t copies = 0;
    for (uint32_t i = 0; i < RUN_IMAGES; i++)
        copies += (uint64_t)__builtin_popcount(made->known[i]);
    return copies;
}

static void a_shaky_answer_is_found_and_explained(void **state)
{
    struct made_views made;
    start(&made, *state, true);
    struct mining_settings settings = settings_of(11, "fliplr:1");
    settings.comprehensive_algo_config = "aug_consistent_mining:0.5";
    settings.top = "1";
    settings.algo_hard_threshold = 0;
    struct mining_result result = mine(*state, &made, &settings, 2);
    assert_int_equal(result.hard_count, 1);
    assert_int_equal(result.hard[0].record, SHAKY);
    assert_int_equal(result.hard[0].reasons[0].id, MIRROR);
    assert_true(result.hard[0].hard_coefficient > 0.4);
    assert_non_null(strstr(result.hard[0].evidence_json, "when the image is mirrored left to right"));
    mining_result_release(&result);
    stop(&made);
}

static void an_operation_that_upsets_right_answers_is_off_with_words(void **state)
{
    struct made_views made;
    start(&made, *state, true);
    const struct mining_settings settings = settings_of(11, "fliplr:1+flipud:1");
    struct mining_result result = mine(*state, &made, &settings, 2);
    AUTO_JSON report = report_of(&result);
    assert_non_null(why_off(report, FLIP));
    assert_non_null(strstr(why_off(report, FLIP), "it changes 100 % of right training predictions"));
    assert_null(why_off(report, MIRROR));
    for (uint32_t i = 0; i < RUN_IMAGES; i++) /* nothing is spent on it */
        assert_false(made.known[i] & 2);
    yyjson_val *views = yyjson_obj_get(yyjson_doc_get_root(report), "views");
    assert_int_equal(json_integer(views, "training_copies", 0), 2 * TRAINING_IMAGES);
    assert_int_equal(json_integer(views, "training_copies", 0), made.training_copies);
    mining_result_release(&result);
    stop(&made);
}

static void a_budget_is_never_passed(void **state)
{
    static const double budgets[] = {0.1, 0.5, 1.5, 2.5, 11};
    for (size_t i = 0; i < 5; i++) {
        for (int has_training = 0; has_training < 2; has_training++) {
            struct made_views made;
            start(&made, *state, has_training == 1);
            const struct mining_settings settings =
                settings_of(budgets[i], "fliplr:1+crop:1+shear:1+scale:1");
            struct mining_result result = mine(*state, &made, &settings, 2);
            assert_true((double)copies_of(&made) <= budgets[i] * (RUN_IMAGES - 1) + 1e-9 ||
                        (!has_training && (double)copies_of(&made) <= budgets[i] * RUN_IMAGES));
            AUTO_JSON report = report_of(&result);
            yyjson_val *views = yyjson_obj_get(yyjson_doc_get_root(report), "views");
            assert_int_equal(json_integer(views, "copies", -1), copies_of(&made));
            mining_result_release(&result);
            stop(&made);
        }
    }
}

static void the_whole_budget_looks_at_every_image_whose_fate_can_change(void **state)
{
    struct made_views made;
    start(&made, *state, true);
    struct mining_settings settings = settings_of(11, "fliplr:1+crop:1");
    settings.algo_hard_threshold = 0;
    struct mining_result result = mine(*state, &made, &settings, 1);
    for (uint32_t i = 0; i < RUN_IMAGES; i++)
        assert_int_equal(made.known[i], i == BROKEN ? 0 : 3);
    mining_result_release(&result);
    stop(&made);
}

static void with_aug_all_every_image_is_looked_at_whatever_the_budget_and_the_threshold(void **state)
{
    static const double budgets[] = {0, 0.1, 11};
    for (int has_training = 0; has_training < 2; has_training++)
        for (size_t b = 0; b < 3; b++) {
            struct made_views made;
            start(&made, *state, has_training);
            struct mining_settings settings = settings_of(budgets[b], "fliplr:1+crop:1");
            settings.aug_all = true;
            settings.algo_hard_threshold = 1;
            settings.top = "3";
            struct mining_result result = mine(*state, &made, &settings, 1);
            for (uint32_t i = 0; i < RUN_IMAGES; i++)
                assert_true(i == BROKEN || made.known[i] == 3);
            mining_result_release(&result);
            stop(&made);
        }
}

static void what_cannot_reach_the_threshold_costs_nothing(void **state)
{
    struct made_views made;
    start(&made, *state, true);
    struct mining_settings settings = settings_of(11, "fliplr:1");
    settings.comprehensive_algo_config = "aug_consistent_mining:0.2+predict_score_mining:0.4";
    settings.algo_hard_threshold = 0.3; /* of those that are sure 0.2 is the most */
    struct mining_result result = mine(*state, &made, &settings, 1);
    assert_int_equal(made.known[UNSURE], 1);
    assert_in_range(copies_of(&made), 1, 5);
    mining_result_release(&result);
    stop(&made);
}

/* Copies that a list of two images asks for. */
static uint64_t copies_for_two(struct run_fixture *fixture, const struct mining_settings *list)
{
    struct made_views made;
    start(&made, fixture, true);
    struct mining_settings settings = *list;
    settings.comprehensive_algo_config = "aug_consistent_mining:0.0001+predict_score_mining:0.8";
    settings.algo_hard_threshold = 0;
    settings.top = "2";
    struct mining_result result = mine(fixture, &made, &settings, 1);
    uint64_t copies = copies_of(&made);
    mining_result_release(&result);
    stop(&made);
    return copies;
}

static void what_can_still_be_listed_is_looked_at(void **state)
{
    struct mining_settings settings = settings_of(11, "fliplr:1");
    settings.diversity = 0;
    settings.group = false;
    uint64_t plain = copies_for_two(*state, &settings);
    settings.diversity = 0.5;
    uint64_t spread = copies_for_two(*state, &settings);
    assert_true(plain < spread && spread < RUN_IMAGES - 1); /* the hardest ten, and what can come near */
    settings.group = true;
    assert_int_equal(copies_for_two(*state, &settings), RUN_IMAGES - 1); /* one image is broken */
    settings.group = false;
    settings.per_class = 1;
    assert_int_equal(copies_for_two(*state, &settings), RUN_IMAGES - 1);
}

static void without_a_training_manifest_the_run_is_its_own_reference(void **state)
{
    struct made_views made;
    start(&made, *state, false);
    const struct mining_settings settings = settings_of(1.5, "fliplr:1+flipud:1");
    struct mining_result result = mine(*state, &made, &settings, 2);
    AUTO_JSON report = report_of(&result);
    assert_null(why_off(report, MIRROR));
    assert_non_null(strstr(why_off(report, FLIP), "of the run's predictions"));
    mining_result_release(&result);
    stop(&made);
}

static void a_small_run_without_training_manifest_says_that_it_is_too_small(void **state)
{
    struct made_views made;
    start(&made, *state, false);
    const struct mining_settings settings = settings_of(0.2, "fliplr:1");
    struct mining_result result = mine(*state, &made, &settings, 1);
    AUTO_JSON report = report_of(&result);
    assert_non_null(strstr(why_off(report, MIRROR), "at least 50 are needed"));
    mining_result_release(&result);
    stop(&made);
}

static void assert_same_list(const struct mining_result *one, const struct mining_result *other)
{
    assert_int_equal(one->hard_count, other->hard_count);
    assert_memory_equal(one->coefficients, other->coefficients, RUN_IMAGES * sizeof(double));
    for (size_t i = 0; i < one->hard_count; i++) {
        assert_int_equal(one->hard[i].record, other->hard[i].record);
        assert_string_equal(one->hard[i].evidence_json, other->hard[i].evidence_json);
    }
}

static void threads_and_views_from_before_make_no_difference(void **state)
{
    struct made_views made, fresh;
    const struct mining_settings settings = settings_of(0.7, "fliplr:1+crop:0.5");
    const struct mining_settings all = settings_of(11, "fliplr:1+crop:0.5");
    start(&fresh, *state, true);
    struct mining_result wanted = mine(*state, &fresh, &settings, 1);
    start(&made, *state, true);
    struct mining_result full = mine(*state, &made, &all, 3);
    struct mining_result found = mine(*state, &made, &settings, 7);
    assert_same_list(&found, &wanted);
    mining_result_release(&wanted);
    mining_result_release(&full);
    mining_result_release(&found);
    stop(&made);
    stop(&fresh);
}

static struct mining_strengths *strengths_of(struct run_fixture *fixture, bool has_training)
{
    struct error err = {0};
    struct mining_strengths *strengths = NULL;
    const struct mining_input input = {.records = fixture_set(fixture, "run"),
                                       .profile = has_training ? fixture->profile : NULL,
                                       .threads = 1};
    if (!mining_strengths_measure(&input, NULL, &strengths, &err))
        fail_msg("%s", err.message);
    return strengths;
}

static void assert_estimate_is(const struct mining_estimate *estimate, const struct mining_result *result)
{
    assert_int_equal(estimate->hard, result->hard_count);
    assert_int_equal(estimate->analysed, result->analysed);
    assert_memory_equal(estimate->reasons, result->reason_counts, sizeof(estimate->reasons));
    if (result->hard_count > 0)
        assert_true(estimate->cut == result->hard[result->hard_count - 1].hard_coefficient);
}

static void an_estimate_with_kept_views_is_what_mining_finds(void **state)
{
    static const char *const operations[] = {"fliplr:1", "fliplr:0.3+crop:1+flipud:1"};
    static const double budgets[] = {0.5, 1.5, 11}, thresholds[] = {0, 0.1, 0.3, 0.6};
    struct error err = {0};
    for (int i = 0; i < 2 * 2 * 3 * 4; i++) {
        struct made_views made;
        struct mining_estimate estimate;
        bool has_training = i % 2 == 1;
        start(&made, *state, has_training);
        struct mining_settings settings = settings_of(budgets[i / 4 % 3], operations[i / 2 % 2]);
        settings.algo_hard_threshold = thresholds[i / 12];
        AUTO(mining_strengths) strengths = strengths_of(*state, has_training);
        const struct mining_estimate_source source = {strengths, fixture_set(*state, "run"), &made.views};
        assert_true(mining_estimate(&source, &settings, &estimate, &err));
        assert_int_equal(estimate.copies_missing, 0);
        struct mining_result result = mine(*state, &made, &settings, 2);
        assert_estimate_is(&estimate, &result);
        mining_result_release(&result);
        stop(&made);
    }
}

static void an_estimate_counts_the_copies_that_nobody_asked_about(void **state)
{
    struct error err = {0};
    for (int has_training = 0; has_training < 2; has_training++) {
        struct made_views made;
        struct mining_estimate estimate;
        start(&made, *state, has_training == 1);
        made.forgets = true;
        struct mining_settings settings = settings_of(1.5, "fliplr:1");
        AUTO(mining_strengths) strengths = strengths_of(*state, has_training == 1);
        const struct mining_estimate_source source = {strengths, fixture_set(*state, "run"), &made.views};
        assert_true(mining_estimate(&source, &settings, &estimate, &err));
        assert_true(estimate.copies_missing >= 50);
        settings.aug_budget = 0;
        struct mining_result result = mine(*state, &made, &settings, 1);
        assert_estimate_is(&estimate, &result);
        mining_result_release(&result);
        stop(&made);
    }
}

static void the_evidence_tells_what_the_method_came_to(void **state)
{
    struct made_views made;
    start(&made, *state, true);
    struct mining_settings settings = settings_of(11, "fliplr:1+crop:1");
    settings.comprehensive_algo_config = "aug_consistent_mining:0.5";
    settings.algo_hard_threshold = 0.01;
    struct mining_result result = mine(*state, &made, &settings, 2);
    assert_true(result.hard_count > 0);
    for (size_t i = 0; i < result.hard_count; i++) {
        struct error err = {0};
        AUTO_JSON evidence = NULL;
        char name[8];
        const char *text = result.hard[i].evidence_json;
        assert_true(json_parse((struct bytes){text, strlen(text)}, "evidence", &evidence, &err));
        (void)snprintf(name, sizeof(name), "%u", result.hard[i].reasons[0].id);
        yyjson_val *reason = yyjson_obj_get(yyjson_doc_get_root(evidence), name);
        double strength = json_number(reason, "method_strength", (double)NAN);
        assert_true(fabs(0.5 * strength - result.hard[i].hard_coefficient) < 1e-5);
    }
    mining_result_release(&result);
    stop(&made);
}

static void without_weight_budget_or_reasons_nobody_is_asked(void **state)
{
    struct mining_settings settings[3] = {settings_of(1.5, "fliplr:1"), settings_of(0, "fliplr:1"),
                                          settings_of(1.5, "fliplr:1")};
    settings[0].comprehensive_algo_config = "predict_score_mining:0.4";
    settings[2].reasons = "-19..29";
    for (int i = 0; i < 3; i++) {
        struct made_views made;
        start(&made, *state, true);
        struct mining_result result = mine(*state, &made, &settings[i], 1);
        assert_int_equal(made.calls, 0);
        mining_result_release(&result);
        stop(&made);
    }
}

static void the_method_is_the_weighted_mean_and_fair_to_what_was_not_measured(void **state)
{
    struct augment_settings settings;
    struct error err = {0};
    double strengths[AUGMENT_OPS];
    (void)state;
    assert_true(augment_settings_read("gaussianblur:1+fliplr:0.5", &settings, &err));
    for (int i = 0; i < AUGMENT_OPS; i++)
        strengths[i] = (double)NAN;
    const double worths[AUGMENT_OPS] = {1, 0.4};
    assert_true(fabs(combine_views(&settings, worths, strengths)) < 1e-15);
    strengths[0] = 0.9; /* mean worth (1 + 0.5 x 0.4) / 1.5 */
    assert_true(fabs(combine_views(&settings, worths, strengths) - 0.9 * 1.2 / 1.5) < 1e-15);
    strengths[1] = 0.1;
    assert_true(fabs(combine_views(&settings, worths, strengths) - (0.9 + 0.5 * 0.1) / 1.5) < 1e-15);
    assert_true(fabs(combine_with(0.2, 0.5, 0.6) - (1 - 0.8 * 0.7)) < 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shaky_answer_is_found_and_explained),
        cmocka_unit_test(an_operation_that_upsets_right_answers_is_off_with_words),
        cmocka_unit_test(a_budget_is_never_passed),
        cmocka_unit_test(the_whole_budget_looks_at_every_image_whose_fate_can_change),
        cmocka_unit_test(what_cannot_reach_the_threshold_costs_nothing),
        cmocka_unit_test(what_can_still_be_listed_is_looked_at),
        cmocka_unit_test(without_a_training_manifest_the_run_is_its_own_reference),
        cmocka_unit_test(a_small_run_without_training_manifest_says_that_it_is_too_small),
        cmocka_unit_test(threads_and_views_from_before_make_no_difference),
        cmocka_unit_test(an_estimate_with_kept_views_is_what_mining_finds),
        cmocka_unit_test(an_estimate_counts_the_copies_that_nobody_asked_about),
        cmocka_unit_test(the_evidence_tells_what_the_method_came_to),
        cmocka_unit_test(with_aug_all_every_image_is_looked_at_whatever_the_budget_and_the_threshold),
        cmocka_unit_test(without_weight_budget_or_reasons_nobody_is_asked),
        cmocka_unit_test(the_method_is_the_weighted_mean_and_fair_to_what_was_not_measured),
    };
    return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
