/* SPDX-License-Identifier: Apache-2.0 */
/* A feature extractor's vectors in place of the appearance. */
#include "test.h"

#include "unit/mining/run_fixture.h"

enum { LENGTH = 4, STRANGE = 44 };

/* Every class has its own direction; of one image of the run the extractor sees another class. */
struct made {
    struct mining_features features;
    float training[TRAINING_IMAGES * LENGTH];
    const struct record_set *run;
    uint64_t reads;
};

static void fill(uint32_t class_index, uint32_t index, float *row)
{
    for (uint32_t i = 0; i < LENGTH; i++)
        row[i] = i == class_index ? 1 : (float)((index * 7 + i * 3) % 11) / 300;
    double squares = 0;
    for (uint32_t i = 0; i < LENGTH; i++)
        squares += (double)row[i] * (double)row[i];
    for (uint32_t i = 0; i < LENGTH; i++)
        row[i] = (float)((double)row[i] / sqrt(squares));
}

static bool read_rows(void *state, bool of_training, uint32_t shard, float *ret, struct error *err)
{
    struct made *made = state;
    (void)err;
    assert_false(of_training); /* nothing is learned here */
    uint64_t first = record_set_shard_first(made->run, shard), end = record_set_shard_end(made->run, shard);
    made->reads++;
    for (uint64_t i = first; i < end; i++)
        fill((uint32_t)(i == STRANGE ? (i + 1) % RUN_CLASSES : i % RUN_CLASSES), (uint32_t)i,
             ret + (i - first) * LENGTH);
    return true;
}

static struct made *make_features(struct run_fixture *fixture, const char *folder)
{
    struct made *made = calloc(1, sizeof(*made));
    assert_non_null(made);
    made->run = fixture_set(fixture, folder);
    for (uint32_t i = 0; i < TRAINING_IMAGES; i++)
        fill(i % RUN_CLASSES, i, made->training + (size_t)i * LENGTH);
    made->features = (struct mining_features){.state = made,
                                              .name = "net/1",
                                              .key = "00ff",
                                              .length = LENGTH,
                                              .training = made->training,
                                              .read = read_rows};
    return made;
}

static struct mining_result mine(struct run_fixture *fixture, struct made *made,
                                 const struct profile *profile, uint32_t threads)
{
    struct mining_settings settings;
    struct mining_result result;
    struct error err = {0};
    (void)fixture;
    params_defaults(mining_params, &settings);
    settings.algo_hard_threshold = 0;
    const struct mining_input input = {
        .records = made->run, .profile = profile, .features = &made->features, .threads = threads};
    if (!mining_run(&input, &settings, &result, &err))
        fail_msg("%s", err.message);
    return result;
}

static const char *evidence_of(const struct mining_result *result, uint64_t record)
{
    for (size_t i = 0; i < result->hard_count; i++)
        if (result->hard[i].record == record)
            return result->hard[i].evidence_json;
    return "";
}

static void neighbours_are_those_of_the_extractor(void **state)
{
    struct run_fixture *fixture = *state;
    struct made *made = make_features(fixture, "run");
    struct mining_result result = mine(fixture, made, fixture->profile, 2);
    assert_true(result.coefficients[STRANGE] > 0.15); /* the extractor sees another class */
    assert_true(result.coefficients[MISTAKEN] < 0.1); /* its looks are not asked */
    const char *evidence = evidence_of(&result, STRANGE);
    assert_non_null(strstr(evidence, "\"feature_extractor\":{"));
    assert_non_null(strstr(evidence, "by the feature extractor"));
    assert_null(strstr(evidence, "\"appearance\""));
    yyjson_mut_val *feature = yyjson_mut_obj_get(yyjson_mut_doc_get_root(result.report), "feature");
    assert_string_equal(yyjson_mut_get_str(yyjson_mut_obj_get(feature, "space")), "feature_extractor");
    assert_string_equal(yyjson_mut_get_str(yyjson_mut_obj_get(feature, "name")), "net/1");
    assert_int_equal(yyjson_mut_get_uint(yyjson_mut_obj_get(feature, "length")), LENGTH);
    mining_result_release(&result);
    free(made);
}

static void shards_and_threads_make_no_difference(void **state)
{
    struct run_fixture *fixture = *state;
    struct made *made = make_features(fixture, "run");
    struct mining_result one = mine(fixture, made, fixture->profile, 1);
    free(made);
    made = make_features(fixture, "run-whole");
    struct mining_result other = mine(fixture, made, fixture->profile, 4);
    for (uint32_t i = 0; i < RUN_IMAGES; i++)
        assert_true(one.coefficients[i] == other.coefficients[i] || i == BROKEN);
    mining_result_release(&one);
    mining_result_release(&other);
    free(made);
}

static void without_an_extractor_the_report_names_the_appearance(void **state)
{
    struct run_fixture *fixture = *state;
    struct mining_settings settings;
    struct mining_result result;
    struct error err = {0};
    params_defaults(mining_params, &settings);
    const struct mining_input input = {
        .records = fixture_set(fixture, "run"), .profile = fixture->profile, .threads = 1};
    assert_true(mining_run(&input, &settings, &result, &err));
    yyjson_mut_val *feature = yyjson_mut_obj_get(yyjson_mut_doc_get_root(result.report), "feature");
    assert_string_equal(yyjson_mut_get_str(yyjson_mut_obj_get(feature, "space")), "appearance");
    assert_string_equal(yyjson_mut_get_str(yyjson_mut_obj_get(feature, "name")), "grid-hog-1");
    mining_result_release(&result);
}

static bool fail_to_read(void *state, bool of_training, uint32_t shard, float *ret, struct error *err)
{
    (void)state, (void)of_training, (void)shard;
    ret[0] = 0; /* half read */
    return error_set(err, ERR_FAILED, "the disk is gone");
}

static void vectors_that_cannot_be_read_are_an_error(void **state)
{
    struct run_fixture *fixture = *state;
    struct made *made = make_features(fixture, "run");
    struct mining_settings settings;
    struct mining_result result;
    struct error err = {0};
    made->features.read = fail_to_read;
    params_defaults(mining_params, &settings);
    const struct mining_input input = {
        .records = made->run, .profile = fixture->profile, .features = &made->features, .threads = 2};
    assert_false(mining_run(&input, &settings, &result, &err));
    assert_non_null(strstr(err.message, "the disk is gone"));
    free(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_are_those_of_the_extractor),
        cmocka_unit_test(shards_and_threads_make_no_difference),
        cmocka_unit_test(without_an_extractor_the_report_names_the_appearance),
        cmocka_unit_test(vectors_that_cannot_be_read_are_an_error),
    };
    return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
