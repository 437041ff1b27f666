/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "unit/mining/run_fixture.h"
#include "unit/record/record_samples.h"

static struct mining_settings defaults(void)
{
    struct mining_settings settings;
    params_defaults(mining_params, &settings);
    return settings;
}

static struct mining_result mine_with(const struct mining_input *input, struct mining_settings settings)
{
    struct mining_result result;
    struct error err = {0};
    if (!mining_run(input, &settings, &result, &err))
        fail_msg("%s", err.message);
    return result;
}

static struct mining_result mine_run(struct run_fixture *fixture, bool with_training)
{
    struct mining_input input = {.records = fixture_set(fixture, "run"),
                                 .profile = with_training ? fixture->profile : NULL,
                                 .threads = 2};
    return mine_with(&input, defaults());
}

static const struct mining_hard_example *find(const struct mining_result *result, uint64_t record)
{
    for (size_t i = 0; i < result->hard_count; i++)
        if (result->hard[i].record == record)
            return &result->hard[i];
    return NULL;
}

static bool has_reason(const struct mining_hard_example *example, uint8_t id)
{
    for (uint32_t i = 0; example && i < example->reason_count; i++)
        if (example->reasons[i].id == id)
            return true;
    return false;
}

static yyjson_val *report_row(yyjson_doc *report, const char *list, uint64_t id)
{
    yyjson_val *row;
    size_t at, count;
    yyjson_arr_foreach(yyjson_obj_get(yyjson_doc_get_root(report), list), at, count, row)
    {
        if (yyjson_get_uint(yyjson_obj_get(row, "id")) == id)
            return row;
    }
    return NULL;
}

static yyjson_doc *report_of(const struct mining_result *result)
{
    AUTO_BUFFER(text, 1 << 20);
    struct error err = {0};
    yyjson_doc *report = NULL;
    assert_true(json_write(result->report, false, &text, &err));
    assert_true(json_parse((struct bytes){text.data, text.size}, "report", &report, &err));
    return report;
}

static void planted_faults_are_found_with_their_reasons(void **state)
{
    struct mining_result result = mine_run(*state, true);
    assert_true(result.hard_count >= 2 && result.hard_count < 20);
    assert_true(has_reason(find(&result, UNSURE), 1));
    assert_true(has_reason(find(&result, MISTAKEN), 2));
    assert_true(has_reason(find(&result, MISTAKEN), 3));
    assert_int_equal(result.hard[0].record, UNSURE);
    assert_true(result.coefficients[UNSURE] > 0.3);
    /* Its weight of 0.0451 makes a feature alone no hard example; it still lifts the image above the rest. */
    assert_null(find(&result, DARK));
    assert_true(result.coefficients[DARK] > 0.03);
    assert_true(result.coefficients[BLANK] < 0.1);
    assert_true(isnan(result.coefficients[BROKEN]));
    assert_int_equal(result.analysed, RUN_IMAGES - 1);
    assert_int_equal(result.failed, 1);
    mining_result_release(&result);
}

static void a_dark_image_is_found_below_the_default_threshold(void **state)
{
    struct run_fixture *fixture = *state;
    struct mining_input input = {
        .records = fixture_set(fixture, "run"), .profile = fixture->profile, .threads = 1};
    struct mining_settings settings = defaults();
    settings.algo_hard_threshold = 0.03;
    settings.reasons = "7";
    struct mining_result result = mine_with(&input, settings);
    assert_int_equal(result.hard[0].record, DARK);
    assert_int_equal(result.hard[0].reasons[0].id, 7);
    assert_non_null(strstr(result.hard[0].evidence_json, "98 % of the training images"));
    mining_result_release(&result);
}

static void usual_sure_images_stay_below_the_threshold(void **state)
{
    struct mining_result result = mine_run(*state, true);
    uint64_t below = 0;
    for (int i = 0; i < RUN_IMAGES; i++)
        below += result.coefficients[i] < 0.1;
    assert_true(below >= RUN_IMAGES - 10);
    mining_result_release(&result);
}

static void every_hard_example_has_a_reason_with_evidence(void **state)
{
    struct run_fixture *fixture = *state;
    struct mining_input input = {
        .records = fixture_set(fixture, "run"), .profile = fixture->profile, .threads = 2};
    struct mining_settings settings = defaults();
    settings.algo_hard_threshold = 0;
    struct mining_result result = mine_with(&input, settings);
    assert_true(result.hard_count > RUN_IMAGES / 2);
    for (size_t i = 0; i < result.hard_count; i++) {
        const struct mining_hard_example *example = &result.hard[i];
        assert_true(example->reason_count >= 1);
        assert_true(i == 0 || example->hard_coefficient <= result.hard[i - 1].hard_coefficient);
        AUTO_JSON evidence = NULL;
        struct error err = {0};
        struct bytes text = {example->evidence_json, strlen(example->evidence_json)};
        assert_true(json_parse(text, "evidence", &evidence, &err));
        for (uint32_t r = 0; r < example->reason_count; r++) {
            char id[8];
            (void)snprintf(id, sizeof(id), "%u", example->reasons[r].id);
            yyjson_val *reason = yyjson_obj_get(yyjson_doc_get_root(evidence), id);
            assert_non_null(yyjson_get_str(yyjson_obj_get(reason, "sentence")));
            assert_true(json_number(reason, "strength", -1) > 0);
        }
    }
    mining_result_release(&result);
}

static void a_hard_example_names_the_images_that_it_stands_for(void **state)
{
    struct run_fixture *fixture = *state;
    struct error err = {0};
    struct mining_result result;
    struct record *twin = &fixture->records[UNSURE + 50], was = *twin;
    twin->perceptual_hash = fixture->records[UNSURE].perceptual_hash;
    twin->appearance = fixture->records[UNSURE].appearance;
    twin->logits = fixture->records[UNSURE].logits;
    twin->log_sum_exp = fixture->records[UNSURE].log_sum_exp;
    write_shards(fixture, "twins", RUN_IMAGES, 130);
    *twin = was;
    struct mining_settings settings;
    params_defaults(mining_params, &settings);
    const struct mining_input input = {.records = fixture_set(fixture, "twins"), .threads = 2};
    if (!mining_run(&input, &settings, &result, &err))
        fail_msg("%s", err.message);
    assert_int_equal(result.represented, 1);
    yyjson_mut_val *list = yyjson_mut_obj_get(yyjson_mut_doc_get_root(result.report), "list");
    assert_int_equal(yyjson_mut_get_uint(yyjson_mut_obj_get(list, "represented")), 1);
    assert_int_equal(yyjson_mut_get_uint(yyjson_mut_obj_get(list, "listed")), result.hard_count);
    bool is_met = false;
    for (size_t i = 0; i < result.hard_count; i++) {
        const struct mining_hard_example *example = &result.hard[i];
        assert_int_not_equal(example->record, UNSURE + 50);
        assert_int_equal(strstr(example->evidence_json, "\"group\"") != NULL, example->record == UNSURE);
        if (example->record != UNSURE)
            continue;
        is_met = true;
        assert_int_equal(example->group.count, 1);
        assert_int_equal(example->group.records[0], UNSURE + 50);
        assert_string_equal(example->group.sources[0], fixture->images[UNSURE + 50].source);
        assert_non_null(strstr(example->evidence_json, fixture->images[UNSURE + 50].source));
    }
    assert_true(is_met);
    mining_result_release(&result);
}

static void a_hard_example_knows_its_image(void **state)
{
    struct mining_result result = mine_run(*state, true);
    const struct mining_hard_example *example = find(&result, MISTAKEN);
    assert_non_null(example);
    if (!example) /* for the compiler */
        return;
    assert_string_equal(example->source, "s3://run/0301.png");
    assert_string_equal(example->content_hash, "00112233445566778899aabbccddeeff");
    assert_int_equal(example->width, 640);
    assert_int_equal(example->height, 480);
    assert_int_equal(example->predicted_class, MISTAKEN % RUN_CLASSES);
    assert_true(example->predicted_score > 0.99);
    assert_non_null(strstr(example->evidence_json, "s3://training/"));
    mining_result_release(&result);
}

static void expect_same(const struct mining_result *one, const struct mining_result *other)
{
    assert_memory_equal(one->coefficients, other->coefficients, RUN_IMAGES * sizeof(double));
    assert_int_equal(one->hard_count, other->hard_count);
    for (size_t i = 0; i < one->hard_count; i++) {
        assert_int_equal(one->hard[i].record, other->hard[i].record);
        assert_string_equal(one->hard[i].evidence_json, other->hard[i].evidence_json);
        assert_int_equal(one->hard[i].reason_count, other->hard[i].reason_count);
    }
    AUTO_BUFFER(text, 1 << 20);
    AUTO_BUFFER(other_text, 1 << 20);
    struct error err = {0};
    assert_true(json_write(one->report, false, &text, &err));
    assert_true(json_write(other->report, false, &other_text, &err));
    assert_string_equal(text.data, other_text.data);
}

static void threads_and_shards_change_nothing(void **state)
{
    struct run_fixture *fixture = *state;
    struct mining_settings settings = defaults();
    settings.algo_hard_threshold = 0.01;
    struct mining_input input = {
        .records = fixture_set(fixture, "run-whole"), .profile = fixture->profile, .threads = 1};
    struct mining_result whole = mine_with(&input, settings);
    for (uint32_t threads = 1; threads <= 4; threads++) {
        input.records = fixture_set(fixture, "run");
        input.threads = threads;
        struct mining_result result = mine_with(&input, settings);
        expect_same(&whole, &result);
        mining_result_release(&result);
    }
    mining_result_release(&whole);
}

static void without_training_the_batch_is_its_own_reference(void **state)
{
    struct mining_result result = mine_run(*state, false);
    AUTO_JSON report = report_of(&result);
    assert_string_equal(json_text(report_row(report, "reasons_off", 2), "why", ""),
                        "needs a training manifest");
    assert_string_equal(json_text(report_row(report, "reasons_off", 3), "why", ""),
                        "needs a training manifest");
    assert_non_null(report_row(report, "reasons", 7));
    assert_true(yyjson_is_null(yyjson_obj_get(yyjson_doc_get_root(report), "training")));
    assert_true(result.coefficients[DARK] > 0.02);
    assert_true(result.coefficients[MISTAKEN] < 0.1);
    mining_result_release(&result);
}

static void the_report_tells_what_was_done(void **state)
{
    struct mining_result result = mine_run(*state, true);
    AUTO_JSON report = report_of(&result);
    yyjson_val *root = yyjson_doc_get_root(report);
    assert_int_equal(json_integer(yyjson_obj_get(root, "images"), "total", 0), RUN_IMAGES);
    assert_int_equal(json_integer(yyjson_obj_get(root, "images"), "failed", 0), 1);
    assert_int_equal(json_integer(yyjson_obj_get(root, "images"), "hard", 0), result.hard_count);
    assert_int_equal(json_integer(yyjson_obj_get(root, "training"), "samples", 0), TRAINING_IMAGES);
    assert_true(json_number(yyjson_obj_get(root, "training"), "appearance_worth", 0) > 0.9);
    assert_true(json_number(yyjson_obj_get(root, "settings"), "algo_hard_threshold", 0) == 0.1);

    uint64_t in_bins = 0;
    yyjson_val *bin;
    size_t at, count;
    yyjson_arr_foreach(yyjson_obj_get(yyjson_obj_get(root, "coefficients"), "bins"), at, count, bin)
    {
        in_bins += yyjson_get_uint(bin);
    }
    assert_int_equal(count, 20);
    assert_int_equal(in_bins, result.analysed);
    assert_int_equal(json_integer(report_row(report, "reasons", 1), "hard", -1), result.reason_counts[1]);
    assert_non_null(
        strstr(json_text(report_row(report, "reasons_off", 19), "why", ""), "the model is not at hand"));
    assert_true(yyjson_is_null(yyjson_obj_get(root, "views")));
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(root, "reasons")) +
                         yyjson_arr_size(yyjson_obj_get(root, "reasons_off")),
                     REASON_COUNT);
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(root, "features")), FEATURE_BOX_COUNT);
    yyjson_val *brightness = yyjson_arr_get(yyjson_obj_get(root, "features"), FEATURE_BRIGHTNESS);
    assert_string_equal(json_text(brightness, "feature", ""), "brightness");
    assert_true(json_number(brightness, "share_outside", 0) >= 1.0 / RUN_IMAGES);
    assert_true(fabs(json_number(brightness, "run_median", 0) - 100) < 5);
    mining_result_release(&result);
}

static void settings_narrow_the_reasons_and_the_list(void **state)
{
    struct run_fixture *fixture = *state;
    struct mining_input input = {
        .records = fixture_set(fixture, "run"), .profile = fixture->profile, .threads = 2};
    struct mining_settings settings = defaults();
    settings.comprehensive_algo_config = "clustering_mining:1";
    settings.algo_hard_threshold = 0;
    settings.top = "1";
    struct mining_result result = mine_with(&input, settings);
    assert_int_equal(result.hard_count, 1);
    assert_int_equal(result.hard[0].record, MISTAKEN);
    assert_int_equal(result.hard[0].reason_count, 1);
    AUTO_JSON report = report_of(&result);
    assert_non_null(strstr(json_text(report_row(report, "reasons_off", 1), "why", ""), "no weight"));
    mining_result_release(&result);

    settings = defaults();
    settings.reasons = "-1";
    result = mine_with(&input, settings);
    assert_null(find(&result, UNSURE));
    AUTO_JSON other = report_of(&result);
    assert_non_null(strstr(json_text(report_row(other, "reasons_off", 1), "why", ""), "setting reasons"));
    mining_result_release(&result);
}

static void malformed_settings_are_refused(void **state)
{
    struct run_fixture *fixture = *state;
    struct mining_input input = {.records = fixture_set(fixture, "run"), .threads = 1};
    struct mining_settings settings = defaults();
    settings.reasons = "31";
    struct mining_result result;
    struct error err = {0};
    assert_false(mining_run(&input, &settings, &result, &err));
    assert_int_equal(err.code, ERR_INVALID);
}

static void a_stop_ends_the_run(void **state)
{
    struct run_fixture *fixture = *state;
    struct stop_flag stop = {.is_set = true};
    struct mining_input input = {.records = fixture_set(fixture, "run"), .threads = 2, .stop = &stop};
    struct mining_settings settings = defaults();
    struct mining_result result;
    struct error err = {0};
    assert_false(mining_run(&input, &settings, &result, &err));
    assert_int_equal(err.code, ERR_CANCELLED);
}

static void progress_counts_every_image_once(void **state)
{
    struct run_fixture *fixture = *state;
    atomic_int_fast64_t done = 0;
    struct mining_input input = {.records = fixture_set(fixture, "run"), .threads = 3, .done = &done};
    struct mining_result result = mine_with(&input, defaults());
    assert_int_equal(atomic_load(&done), RUN_IMAGES);
    mining_result_release(&result);
}

static void a_profile_of_another_model_is_refused(void **state)
{
    struct run_fixture *fixture = *state;
    struct record_header kept = fixture->header;
    fixture->header.model_hash = "00000000000000000000000000000000";
    write_shards(fixture, "other-model", 10, 10);
    fixture->header = kept;
    struct mining_input input = {
        .records = fixture_set(fixture, "other-model"), .profile = fixture->profile, .threads = 1};
    struct mining_settings settings = defaults();
    struct mining_result result;
    struct error err = {0};
    assert_false(mining_run(&input, &settings, &result, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_non_null(strstr(err.message, "another model"));
}

static void a_run_of_failed_images_has_no_hard_example(void **state)
{
    struct run_fixture *fixture = *state;
    struct error err = {0};
    struct record broken = fixture->records[BROKEN];
    assert_true(record_shard_write(fixture->store, "broken",
                                   &(struct record_rows){0, 0, &fixture->header, &broken, 1}, &err));
    struct mining_input input = {
        .records = fixture_set(fixture, "broken"), .profile = fixture->profile, .threads = 1};
    struct mining_result result = mine_with(&input, defaults());
    assert_int_equal(result.hard_count, 0);
    assert_int_equal(result.analysed, 0);
    assert_int_equal(result.failed, 1);
    mining_result_release(&result);
}

static void other_kinds_of_runs_are_mined_too(void **state)
{
    struct run_fixture *fixture = *state;
    for (int kind = 0; kind < RUN_COUNT; kind++) {
        struct record_samples *samples = record_samples_new((enum sample_run)kind);
        struct error err = {0};
        const char *folder = sample_run_names[kind];
        assert_true(record_samples_write(samples, fixture->store, folder, &err));
        struct mining_input input = {.records = fixture_set(fixture, folder), .threads = 2};
        struct mining_result result = mine_with(&input, defaults());
        assert_int_equal(result.analysed + result.failed, samples->count);
        for (uint32_t i = 0; i < samples->count; i++)
            assert_true(isnan(result.coefficients[i]) ||
                        (result.coefficients[i] >= 0 && result.coefficients[i] <= 1));
        mining_result_release(&result);
        free(samples);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_faults_are_found_with_their_reasons),
        cmocka_unit_test(a_dark_image_is_found_below_the_default_threshold),
        cmocka_unit_test(usual_sure_images_stay_below_the_threshold),
        cmocka_unit_test(every_hard_example_has_a_reason_with_evidence),
        cmocka_unit_test(a_hard_example_names_the_images_that_it_stands_for),
        cmocka_unit_test(a_hard_example_knows_its_image),
        cmocka_unit_test(threads_and_shards_change_nothing),
        cmocka_unit_test(without_training_the_batch_is_its_own_reference),
        cmocka_unit_test(the_report_tells_what_was_done),
        cmocka_unit_test(settings_narrow_the_reasons_and_the_list),
        cmocka_unit_test(malformed_settings_are_refused),
        cmocka_unit_test(a_stop_ends_the_run),
        cmocka_unit_test(progress_counts_every_image_once),
        cmocka_unit_test(a_profile_of_another_model_is_refused),
        cmocka_unit_test(a_run_of_failed_images_has_no_hard_example),
        cmocka_unit_test(other_kinds_of_runs_are_mined_too),
    };
    return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
