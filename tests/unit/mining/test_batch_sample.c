/* SPDX-License-Identifier: Apache-2.0 */
/* What is far from everything: against the training set, and against the run itself. */
#include "test.h"

#include "mining/batch_sample.h"
#include "unit/mining/run_fixture.h"

enum { NOVEL_EVERY = 20 };

static bool is_novel(uint32_t index)
{
    return index % NOVEL_EVERY == 7 && index != DARK && index != BLANK;
}

/* One in twenty images points to where no class is, neither in the model's view nor by its looks. */
static void write_novel(struct run_fixture *fixture)
{
    for (uint32_t i = 0; i < RUN_IMAGES; i++)
        for (uint32_t k = 0; is_novel(i) && k < EMBEDDING; k++)
            fixture->images[i].embedding[k] =
                (float)((k == RUN_CLASSES + i / NOVEL_EVERY % 3 ? 3 : 0) + 2 * fixture_random(fixture));
    write_shards(fixture, "novel", RUN_IMAGES, 130);
}

static struct mining_result mine_novel(struct run_fixture *fixture, bool with_training, uint32_t threads)
{
    struct mining_settings settings;
    struct mining_result result = {0};
    struct error err = {0};
    params_defaults(mining_params, &settings);
    settings.comprehensive_algo_config = "anomaly_detection_mining:1";
    settings.algo_hard_threshold = all_rules[30]->speaks_from;
    const struct mining_input input = {.records = fixture_set(fixture, "novel"),
                                       .profile = with_training ? fixture->profile : NULL,
                                       .threads = threads};
    if (!mining_run(&input, &settings, &result, &err))
        fail_msg("%s", err.message);
    return result;
}

static void check_novel(struct run_fixture *fixture, bool with_training)
{
    double planted = 0, right = 0;
    struct mining_result result = mine_novel(fixture, with_training, 2);
    double found = (double)result.hard_count;
    for (uint32_t i = 0; i < RUN_IMAGES; i++)
        planted += is_novel(i);
    for (size_t i = 0; i < result.hard_count; i++)
        right += is_novel((uint32_t)result.hard[i].record);
    print_message("# %s: %.0f planted, %.0f found: recall %.3f, precision %.3f\n",
                  with_training ? "training set" : "run alone", planted, found, right / planted,
                  right / found);
    assert_true(right >= 0.9 * planted);
    assert_true(right >= 0.8 * found);
    assert_non_null(strstr(result.hard[0].evidence_json, with_training ? "s3://training/" : "s3://run/"));
    mining_result_release(&result);
}

static void planted_novelties_are_found_against_the_training_set(void **state)
{
    check_novel(*state, true);
}

static void planted_novelties_are_found_against_the_run_itself(void **state)
{
    check_novel(*state, false);
}

static void threads_change_nothing(void **state)
{
    struct mining_result one = mine_novel(*state, false, 1), other = mine_novel(*state, false, 3);
    assert_memory_equal(one.coefficients, other.coefficients, BROKEN * sizeof(double));
    assert_int_equal(one.hard_count, other.hard_count);
    mining_result_release(&one);
    mining_result_release(&other);
}

static void a_sample_is_evenly_spaced_and_leaves_out_what_has_no_direction(void **state)
{
    struct run_fixture *fixture = *state;
    struct batch_sample sample;
    struct error err = {0};
    const struct record_set *set = fixture_set(fixture, "novel");
    assert_true(batch_sample_start(&sample, set, 0, &err));
    for (uint32_t i = 0; i < record_set_shards(set); i++) {
        AUTO(record_shard) shard = NULL;
        assert_true(record_shard_open(set, i, &shard, &err));
        assert_true(batch_sample_add(&sample, &fixture->header, shard, NULL, &err));
    }
    assert_int_equal(sample.count, RUN_IMAGES - 2); /* without the broken and the blank one */
    assert_true(sample.by_embedding);
    assert_int_equal(batch_sample_find(&sample, 0), 0);
    assert_int_equal(batch_sample_find(&sample, BLANK), SAMPLE_NONE);
    assert_int_equal(batch_sample_find(&sample, BROKEN + 1), BROKEN - 1);
    assert_string_equal(sample.images[1].source, "s3://run/0001.png");
    assert_int_equal(sample.images[1].predicted, 1);
    batch_sample_release(&sample);
}

/* Two records, the second with a name that takes the rest of what names may take, or 16 bytes more. */
static void names_are_held_up_to_the_limit(void **state)
{
    enum { FIRST_BYTES = 16, REST_BYTES = BATCH_SAMPLE_NAMES_MAX_BYTES - FIRST_BYTES };
    struct run_fixture *fixture = *state;
    struct record records[2] = {fixture->records[0], fixture->records[1]};
    char *name = malloc(REST_BYTES + 1);
    assert_non_null(name);
    memset(name, 'n', REST_BYTES);
    records[0].source = "s3://a/0.png"; /* an arena gives pieces of 16 bytes */
    records[1].source = name;
    for (int past = 0; past < 2; past++) {
        struct batch_sample sample;
        struct error err = {0};
        name[past ? REST_BYTES : REST_BYTES - 1] = '\0';
        run_shards_write(
            &(struct run_shards){fixture->store, "long", &fixture->header, records, 2, RUN_IMAGES});
        const struct record_set *set = fixture_set(fixture, "long");
        AUTO(record_shard) shard = NULL;
        if (!batch_sample_start(&sample, set, 0, &err) || !record_shard_open(set, 0, &shard, &err))
            fail_msg("%s", err.message);
        bool is_added = batch_sample_add(&sample, &fixture->header, shard, NULL, &err);
        assert_int_equal(is_added, !past);
        assert_int_equal(err.code, past ? ERR_LIMIT : ERR_NONE);
        assert_true(past || strlen(sample.images[1].source) == REST_BYTES - 1);
        batch_sample_release(&sample);
        name[REST_BYTES - 1] = 'n';
    }
    free(name);
}

static int start(void **state)
{
    int code = fixture_start(state);
    if (code == 0)
        write_novel(*state);
    return code;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_novelties_are_found_against_the_training_set),
        cmocka_unit_test(planted_novelties_are_found_against_the_run_itself),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(a_sample_is_evenly_spaced_and_leaves_out_what_has_no_direction),
        cmocka_unit_test(names_are_held_up_to_the_limit),
    };
    return cmocka_run_group_tests(tests, start, fixture_stop);
}
