/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "mining/temperature.h"
#include "unit/mining/run_fixture.h"

enum { ROWS = 1500, CLASSES = 5, HELD_OUT = 150 };

/* Labels drawn by softmax(logits); then the logits are stretched, as an overconfident model's are. */
struct made {
    float logits[ROWS * CLASSES];
    uint32_t labels[ROWS];
};

static double random_unit(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(*seed >> 11) / 9007199254740992.0;
}

static struct temperature_rows make_rows(struct made *made, double stretch)
{
    uint64_t seed = 5;
    for (uint32_t i = 0; i < ROWS; i++) {
        float *row = made->logits + (size_t)i * CLASSES;
        double sum = 0;
        for (int c = 0; c < CLASSES; c++)
            sum += exp((double)(row[c] = (float)(4 * random_unit(&seed))));
        double left = random_unit(&seed) * sum;
        uint32_t label = 0;
        for (; label < CLASSES - 1 && left > exp((double)row[label]); label++)
            left -= exp((double)row[label]);
        made->labels[i] = label;
        for (int c = 0; c < CLASSES; c++)
            row[c] = (float)((double)row[c] * stretch);
    }
    return (struct temperature_rows){made->logits, made->labels, ROWS, CLASSES};
}

static void a_stretch_of_the_logits_is_found_again(void **state)
{
    static const double stretches[] = {0.5, 1, 1.7, 3};
    struct made *made = malloc(sizeof(*made));
    (void)state;
    for (size_t i = 0; i < sizeof(stretches) / sizeof(stretches[0]); i++) {
        struct temperature_rows rows = make_rows(made, stretches[i]);
        double found = temperature_minimise(&rows);
        assert_true(fabs(found / stretches[i] - 1) < 0.12);
        assert_true(temperature_loss(&rows, found) <= temperature_loss(&rows, found * 1.01));
        assert_true(temperature_loss(&rows, found) <= temperature_loss(&rows, found * 0.99));
        assert_true(temperature_minimise(&rows) == found);
    }
    free(made);
}

static void it_stays_within_its_bounds(void **state)
{
    const float sure[6] = {9, 0, 0, 0, 9, 0}, mad[4] = {1000, 0, 1000, 0};
    const uint32_t right[2] = {0, 1}, half[2] = {0, 1}, wrong[2] = {1, 2};
    const struct temperature_rows all_right = {sure, right, 2, 3}, all_wrong = {sure, wrong, 2, 3},
                                  even = {mad, half, 2, 2}, none = {NULL, NULL, 0, 3};
    (void)state;
    assert_true(fabs(temperature_minimise(&all_right) - TEMPERATURE_LEAST) < 1e-6);
    assert_true(fabs(temperature_minimise(&all_wrong) - TEMPERATURE_MOST) < 1e-6);
    assert_true(fabs(temperature_minimise(&even) - TEMPERATURE_MOST) < 1e-6);
    assert_true(temperature_minimise(&none) == 1);
    assert_true(temperature_loss(&none, 1) == 0);
}

/* ---- from a profile ---- */

static struct profile *hold_out(struct run_fixture *fixture, const char *folder, uint32_t images,
                                uint32_t each_wrong)
{
    struct error err = {0};
    struct profile *profile = NULL;
    for (uint32_t i = 0; i < TRAINING_IMAGES; i++) {
        make_image(fixture, i, folder);
        if (i % each_wrong == 0)
            fixture->images[i].truth = run_labels[(i + 1) % RUN_CLASSES];
        fixture->records[i].truth_labels = &fixture->images[i].truth;
        fixture->records[i].truth_count = 1;
        fixture->records[i].usage = i % 2 == 0 && i / 2 < images ? "EVAL" : "TRAIN";
        finish_logits(&fixture->records[i]);
    }
    write_shards(fixture, folder, TRAINING_IMAGES, 70);
    if (!profile_open(fixture->store, folder, &profile, &err))
        fail_msg("%s", err.message);
    return profile;
}

static struct temperature fit(const struct profile *profile)
{
    struct temperature found;
    struct error err = {0};
    if (!temperature_fit(profile, &found, &err))
        fail_msg("%s", err.message);
    return found;
}

static void a_model_that_is_too_sure_gets_a_temperature_above_one(void **state)
{
    AUTO(profile) profile = hold_out(*state, "too-sure", HELD_OUT, 4);
    struct temperature found = fit(profile);
    assert_int_equal(found.samples, HELD_OUT);
    assert_int_equal(found.wrong, HELD_OUT / 2);
    assert_true(found.value > 1.5 && found.value <= TEMPERATURE_MOST);
    assert_true(found.loss_after < found.loss_before);
    assert_string_equal(found.why, "");
}

static void too_few_held_out_images_give_none(void **state)
{
    AUTO(profile) enough = hold_out(*state, "enough", TEMPERATURE_SAMPLES_MIN, 4);
    AUTO(profile) few = hold_out(*state, "few", TEMPERATURE_SAMPLES_MIN - 1, 4);
    assert_true(fit(enough).value > 0);
    struct temperature found = fit(few);
    assert_true(found.value == 0);
    assert_non_null(strstr(found.why, "99 labelled images"));
}

static void a_model_that_is_never_wrong_gives_none(void **state)
{
    AUTO(profile) profile = hold_out(*state, "never-wrong", HELD_OUT, TRAINING_IMAGES * 2);
    struct temperature found = fit(profile);
    assert_true(found.value == 0);
    assert_non_null(strstr(found.why, "wrong"));
    assert_true(fit(NULL).value == 0);
}

static double coefficient_of_unsure(struct run_fixture *fixture, const struct profile *profile,
                                    char sentence[1000])
{
    struct mining_settings settings;
    struct mining_result result;
    struct error err = {0};
    params_defaults(mining_params, &settings);
    settings.fixed_weights = true;
    settings.comprehensive_algo_config = "predict_score_mining:1";
    const struct mining_input input = {
        .records = fixture_set(fixture, "run"), .profile = profile, .threads = 2};
    if (!mining_run(&input, &settings, &result, &err))
        fail_msg("%s", err.message);
    double coefficient = result.coefficients[UNSURE + 1];
    sentence[0] = '\0';
    for (size_t i = 0; i < result.hard_count; i++)
        (void)snprintf(sentence, 1000, "%s", result.hard[i].evidence_json);
    yyjson_mut_val *calibration = yyjson_mut_obj_get(yyjson_mut_doc_get_root(result.report), "calibration");
    assert_int_equal(yyjson_mut_get_bool(yyjson_mut_obj_get(calibration, "is_fitted")),
                     strstr(sentence, "calibrated") != NULL);
    mining_result_release(&result);
    return coefficient;
}

static void reason_one_tells_it_only_with_held_out_images(void **state)
{
    char with[1000], without[1000], alone[1000];
    AUTO(profile) held_out = hold_out(*state, "held-out", HELD_OUT, 4);
    AUTO(profile) all_seen = hold_out(*state, "all-seen", 0, 4);
    double calibrated = coefficient_of_unsure(*state, held_out, with);
    double raw = coefficient_of_unsure(*state, all_seen, without);
    assert_non_null(strstr(with, "\"temperature\":"));
    assert_null(strstr(without, "temperature"));
    assert_true(calibrated == raw);
    assert_true(coefficient_of_unsure(*state, NULL, alone) == raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stretch_of_the_logits_is_found_again),
        cmocka_unit_test(it_stays_within_its_bounds),
        cmocka_unit_test(a_model_that_is_too_sure_gets_a_temperature_above_one),
        cmocka_unit_test(too_few_held_out_images_give_none),
        cmocka_unit_test(a_model_that_is_never_wrong_gives_none),
        cmocka_unit_test(reason_one_tells_it_only_with_held_out_images),
    };
    return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
