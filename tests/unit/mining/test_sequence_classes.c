/* SPDX-License-Identifier: Apache-2.0 */
/* A classifier's run of three folders, one scene each, whose images the input lists in turn. */
#include "test.h"

#include "mining/estimate.h"
#include "unit/mining/run_fixture.h"

enum { FLIP_EVERY = 60, FLIP_AT = 31 };

static bool is_flipped(uint32_t index)
{
    return index % FLIP_EVERY == FLIP_AT && index != BROKEN && index != BLANK;
}

static void write_scenes(struct run_fixture *fixture)
{
    static const uint64_t scenes[RUN_CLASSES] = {0x0123456789abcdef, 0xfdecba0918237465, 0xa5c3f00d12ee9a3b};
    for (uint32_t i = 0; i < RUN_IMAGES; i++) {
        struct made_image *image = &fixture->images[i];
        struct record *record = &fixture->records[i];
        uint32_t scene = i % RUN_CLASSES;
        (void)snprintf(image->source, sizeof(image->source), "s3://camera%u/frame_%u.png", scene, i);
        if (record->error)
            continue;
        record->perceptual_hash = scenes[scene] ^ (3ULL << i % 60);
        for (uint32_t k = 0; is_flipped(i) && k < RUN_CLASSES; k++)
            image->logits[k] = k == (scene + 1) % RUN_CLASSES ? 9 : 0;
        finish_logits(record);
    }
    write_shards(fixture, "scenes", RUN_IMAGES, 130);
}

static struct mining_result mine_scenes(struct run_fixture *fixture, const char *order)
{
    struct mining_settings settings;
    struct mining_result result = {0};
    struct error err = {0};
    params_defaults(mining_params, &settings);
    settings.comprehensive_algo_config = "sequential_mining:1";
    settings.algo_hard_threshold = all_rules[4]->speaks_from;
    settings.sequence_order = order;
    settings.group = false; /* every flip counts */
    const struct mining_input input = {
        .records = fixture_set(fixture, "scenes"), .threads = 2, .keeps_strengths = true};
    if (!mining_run(&input, &settings, &result, &err))
        fail_msg("%s", err.message);
    return result;
}

static void flips_within_a_folder_are_found_and_nothing_else(void **state)
{
    struct mining_result result = mine_scenes(*state, "name");
    uint32_t planted = 0;
    for (uint32_t i = 0; i < RUN_IMAGES; i++)
        planted += is_flipped(i);
    assert_int_equal(result.hard_count, planted);
    for (size_t i = 0; i < planted; i++) {
        assert_true(is_flipped((uint32_t)result.hard[i].record));
        assert_true(result.hard[i].hard_coefficient > 0.9);
        assert_non_null(strstr(result.hard[i].evidence_json, "4 of the 4 like images beside it"));
    }
    mining_result_release(&result);
}

static void in_the_order_of_the_input_the_scenes_are_unlike(void **state)
{
    struct mining_result result = mine_scenes(*state, "manifest");
    assert_int_equal(result.hard_count, 0);
    mining_result_release(&result);
}

static void strengths_for_estimates_follow_the_order_that_is_asked_for(void **state)
{
    struct run_fixture *fixture = *state;
    static const char *const orders[] = {"name", "manifest"};
    for (size_t i = 0; i < 2; i++) {
        struct mining_result result = mine_scenes(fixture, orders[i]);
        struct error err = {0};
        struct mining_strengths *measured = NULL;
        const struct mining_input input = {.records = fixture_set(fixture, "scenes"), .threads = 2};
        assert_true(mining_strengths_measure(&input, orders[i], &measured, &err));
        AUTO(mining_strengths) strengths = measured;
        for (uint32_t record = 0; record < BROKEN; record++)
            assert_true(strengths->values[record * STRENGTHS_COLUMNS + 4] ==
                        result.strengths[record * STRENGTHS_COLUMNS + 4]);
        mining_result_release(&result);
    }
}

static int start(void **state)
{
    int code = fixture_start(state);
    if (code == 0)
        write_scenes(*state);
    return code;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flips_within_a_folder_are_found_and_nothing_else),
        cmocka_unit_test(in_the_order_of_the_input_the_scenes_are_unlike),
        cmocka_unit_test(strengths_for_estimates_follow_the_order_that_is_asked_for),
    };
    return cmocka_run_group_tests(tests, start, fixture_stop);
}
