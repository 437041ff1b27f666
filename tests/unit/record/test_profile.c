/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "record_fixture.h"

#include "record/profile.h"

#include <math.h>

static struct profile *open_profile(struct fixture *fixture, const char *folder)
{
    struct error err = {0};
    struct profile *profile = NULL;
    if (!profile_open(fixture->store, folder, &profile, &err))
        fail_msg("%s", err.message);
    return profile;
}

static void expect_no_profile(struct fixture *fixture, const char *folder, enum error_code code,
                              const char *names)
{
    struct error err = {0};
    struct profile *profile = NULL;
    assert_false(profile_open(fixture->store, folder, &profile, &err));
    assert_null(profile);
    assert_int_equal(err.code, code);
    if (!strstr(err.message, names))
        fail_msg("'%s' does not name %s", err.message, names);
}

/* Writes one shard of the first `count` records of a run. */
static void write_shard(struct fixture *fixture, enum sample_run run, uint32_t count)
{
    struct error err = {0};
    const struct record_samples *samples = fixture->samples[run];
    if (!record_shard_write(fixture->store, "p",
                            &(struct record_rows){0, 0, &samples->header, samples->records, count}, &err))
        fail_msg("%s", err.message);
}

static void keys_differ_by_manifest_and_model(void **state)
{
    char one[33], same[33], other[33], swapped[33];
    profile_key("aa", "bb", one);
    profile_key("aa", "bb", same);
    profile_key("aab", "b", other);
    profile_key("bb", "aa", swapped);
    assert_int_equal(strlen(one), 32);
    assert_string_equal(one, same);
    assert_string_not_equal(one, other);
    assert_string_not_equal(one, swapped);
}

static void usable_samples_are_kept_and_others_counted(void **state)
{
    struct fixture *fixture = *state;
    AUTO(profile) profile = open_profile(fixture, write_run(fixture, RUN_CLASSIFICATION));
    assert_int_equal(profile_count(profile), 2);
    assert_int_equal(profile_left_out(profile), 2);
    assert_string_equal(profile_source(profile, 0), "/in/a \"quoted\"\n\x01 name.jpg");
    assert_string_equal(profile_source(profile, 1), "/in/\xC3\xBC/\xE7\x8C\xAB.png");
    assert_string_equal(profile_usage(profile, 0), "TRAIN");
    assert_null(profile_usage(profile, 1));
    assert_int_equal(profile_labels(profile)[0], 0);
    assert_int_equal(profile_labels(profile)[1], 1); /* the first of its two labels */
    assert_int_equal(profile_header(profile)->classes, 3);
}

static void predictions_are_the_best_class_and_its_score(void **state)
{
    struct fixture *fixture = *state;
    struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    samples->logits[0][1] = 6;
    AUTO(profile) profile = open_profile(fixture, write_run(fixture, RUN_CLASSIFICATION));
    double scores[3];
    record_scores(&samples->header, &samples->records[0], scores);
    assert_int_equal(profile_predictions(profile)[0], 1);
    assert_true(fabs((double)profile_confidences(profile)[0] - scores[1]) < 1e-7);
    assert_int_equal(profile_predictions(profile)[1], 0);
}

static void vectors_have_norm_one(void **state)
{
    struct fixture *fixture = *state;
    struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    memset(samples->embeddings[2], 0, sizeof(samples->embeddings[2]));
    AUTO(profile) profile = open_profile(fixture, write_run(fixture, RUN_CLASSIFICATION));
    const float *embeddings = profile_embeddings(profile), *appearance = profile_appearance(profile);
    double norms[3] = {0};
    for (int i = 0; i < SAMPLE_EMBEDDING; i++) {
        norms[0] += (double)embeddings[i] * (double)embeddings[i];
        assert_true(embeddings[SAMPLE_EMBEDDING + i] == 0);
    }
    for (int i = 0; i < SAMPLE_APPEARANCE; i++) {
        norms[1] += (double)appearance[i] * (double)appearance[i];
        norms[2] += (double)appearance[SAMPLE_APPEARANCE + i] * (double)appearance[SAMPLE_APPEARANCE + i];
    }
    for (int i = 0; i < 3; i++)
        assert_true(fabs(norms[i] - 1) < 1e-6);
    assert_true(fabs((double)(embeddings[3] / embeddings[0]) - 1.375) < 1e-6);
}

static void features_are_sorted_and_finite(void **state)
{
    struct fixture *fixture = *state;
    fixture->samples[RUN_CLASSIFICATION]->records[0].features[FEATURE_CLARITY] = 900;
    fixture->samples[RUN_CLASSIFICATION]->records[2].features[FEATURE_SATURATION] = (double)NAN;
    AUTO(profile) profile = open_profile(fixture, write_run(fixture, RUN_CLASSIFICATION));
    uint32_t count = 0;
    const double *clarity = profile_feature(profile, FEATURE_CLARITY, &count);
    assert_int_equal(count, 2);
    assert_true(clarity[0] == 502.125 && clarity[1] == 900);
    assert_true(profile_feature(profile, FEATURE_SATURATION, &count)[0] == 300.125);
    assert_int_equal(count, 1);
    (void)profile_feature(profile, FEATURE_BOX_COUNT, &count);
    assert_int_equal(count, 0);
}

static void usage_is_known_in_any_case(void **state)
{
    struct fixture *fixture = *state;
    fixture->samples[RUN_CLASSIFICATION]->records[0].usage = "eval";
    fixture->samples[RUN_CLASSIFICATION]->records[2].usage = "other";
    AUTO(profile) profile = open_profile(fixture, write_run(fixture, RUN_CLASSIFICATION));
    assert_string_equal(profile_usage(profile, 0), "EVAL");
    assert_null(profile_usage(profile, 1));
}

static void labels_the_model_does_not_know_are_marked(void **state)
{
    struct fixture *fixture = *state;
    static const char *const stranger[] = {"Cat"};
    struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    samples->records[0].truth_labels = stranger;
    AUTO(profile) profile = open_profile(fixture, write_run(fixture, RUN_CLASSIFICATION));
    assert_int_equal(profile_labels(profile)[0], UINT32_MAX);
    samples->records[2].truth_labels = stranger;
    samples->records[2].truth_count = 1;
    expect_no_profile(fixture, write_run(fixture, RUN_CLASSIFICATION), ERR_INVALID, "no label");
}

static void of_equal_labels_the_first_counts(void **state)
{
    struct fixture *fixture = *state;
    fixture->samples[RUN_CLASSIFICATION]->labels[2] = "a \"dog\"";
    AUTO(profile) profile = open_profile(fixture, write_run(fixture, RUN_CLASSIFICATION));
    assert_int_equal(profile_labels(profile)[1], 1);
}

static void a_profile_without_usable_samples_is_refused(void **state)
{
    struct fixture *fixture = *state;
    expect_no_profile(fixture, "nowhere", ERR_NOT_FOUND, "training profile");
    fixture->samples[RUN_CLASSIFICATION]->records[0].truth_count = 0;
    write_shard(fixture, RUN_CLASSIFICATION, 2);
    expect_no_profile(fixture, "p", ERR_INVALID, "no usable sample");
}

static void a_detector_answers_with_its_best_candidate(void **state)
{
    struct fixture *fixture = *state;
    fixture->samples[RUN_DETECTION]->candidates[0][0].label = 1;
    AUTO(profile) profile = open_profile(fixture, write_run(fixture, RUN_DETECTION));
    assert_int_equal(profile_count(profile), 2);
    assert_int_equal(profile_predictions(profile)[0], 1);
    assert_true(profile_confidences(profile)[0] == 0.75F);
    assert_int_equal(profile_predictions(profile)[1], UINT32_MAX);
    assert_true(profile_confidences(profile)[1] == 0);
    assert_null(profile_embeddings(profile));
}

static void an_image_that_shows_nothing_is_a_sample_of_a_detector(void **state)
{
    struct fixture *fixture = *state;
    AUTO(profile) profile = open_profile(fixture, write_run(fixture, RUN_DETECTION));
    assert_int_equal(profile_count(profile), 2);
    assert_int_equal(profile_left_out(profile), 2); /* one failed, of the other nobody said anything */
    assert_string_equal(profile_source(profile, 1), "/in/none.jpg");
    assert_int_equal(profile_labels(profile)[1], UINT32_MAX);
    assert_int_equal(profile_class_sets(profile)[1].count, 0);
    /* 0.5 of 0.625, and a third of both boxes is shared: 8 of 24 px. */
    assert_true(fabs((double)profile_near_masses(profile)[0] - 0.8 * 2 / 3) < 1e-6);
    assert_true(profile_near_masses(profile)[1] == 0);
    struct record *record = &fixture->samples[RUN_CLASSIFICATION]->records[2];
    record->truth_count = 0;
    AUTO(profile) classes = open_profile(fixture, write_run(fixture, RUN_CLASSIFICATION));
    assert_int_equal(profile_count(classes), 1);
    assert_null(profile_class_sets(classes));
    assert_null(profile_near_masses(classes));
}

static void predictions_that_nobody_made_are_forgotten_and_all_else_stays(void **state)
{
    struct fixture *fixture = *state;
    AUTO(profile) profile = open_profile(fixture, write_run(fixture, RUN_DETECTION));
    uint32_t values = 0, count = profile_count(profile);
    assert_non_null(profile_near_masses(profile));
    assert_int_not_equal(profile_predictions(profile)[0], UINT32_MAX);
    profile_forget_predictions(profile);
    assert_null(profile_near_masses(profile));
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(profile_predictions(profile)[i], UINT32_MAX);
        assert_true(profile_confidences(profile)[i] == 0);
    }
    assert_non_null(profile_class_sets(profile));
    assert_non_null(profile_feature(profile, FEATURE_BRIGHTNESS, &values));
    assert_true(values > 0);
}

static void class_sets_hold_each_known_class_once(void **state)
{
    static const char *const labels[] = {"a \"dog\"", "cat", "bird", "a \"dog\""};
    static const struct box boxes[4] = {{0, 0, 1, 1}, {0, 0, 2, 2}, {0, 0, 3, 3}, {0, 0, 4, 4}};
    struct fixture *fixture = *state;
    struct record *record = &fixture->samples[RUN_DETECTION]->records[0];
    record->truth_labels = labels;
    record->truth_boxes = boxes;
    record->truth_count = 4;
    AUTO(profile) profile = open_profile(fixture, write_run(fixture, RUN_DETECTION));
    const struct class_set *set = profile_class_sets(profile);
    assert_int_equal(set->count, 2);
    assert_int_equal(set->classes[0], 0);
    assert_int_equal(set->classes[1], 1);
    assert_true(class_set_has(set, 1));
    assert_false(class_set_has(set, 2) || class_set_has(set, UINT32_MAX));
    assert_int_equal(profile_labels(profile)[0], 1); /* its first label */
    record->truth_labels = labels + 2;
    record->truth_count = 1;
    expect_no_profile(fixture, write_run(fixture, RUN_DETECTION), ERR_INVALID, "no label");
}

static void a_profile_of_top_logits_has_predictions(void **state)
{
    static const char *const truth[] = {"class 0700"};
    struct fixture *fixture = *state;
    struct record_samples *samples = fixture->samples[RUN_TOPK];
    samples->records[1].truth_labels = truth;
    samples->records[1].truth_count = 1;
    AUTO(profile) profile = open_profile(fixture, write_run(fixture, RUN_TOPK));
    assert_int_equal(profile_count(profile), 1);
    assert_int_equal(profile_labels(profile)[0], 700);
    assert_int_equal(profile_predictions(profile)[0], 1);
    assert_null(profile_appearance(profile));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_differ_by_manifest_and_model),
        CASE(usable_samples_are_kept_and_others_counted),
        CASE(predictions_are_the_best_class_and_its_score),
        CASE(vectors_have_norm_one),
        CASE(features_are_sorted_and_finite),
        CASE(usage_is_known_in_any_case),
        CASE(labels_the_model_does_not_know_are_marked),
        CASE(of_equal_labels_the_first_counts),
        CASE(a_profile_without_usable_samples_is_refused),
        CASE(a_detector_answers_with_its_best_candidate),
        CASE(an_image_that_shows_nothing_is_a_sample_of_a_detector),
        CASE(predictions_that_nobody_made_are_forgotten_and_all_else_stays),
        CASE(class_sets_hold_each_known_class_once),
        CASE(a_profile_of_top_logits_has_predictions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
