/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of looks: exact, near, leaks, contradictions. */
#include "test.h"

#include "image/near_hashes.h"
#include "mining/group.h"
#include "work/look_set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 6 };

static uint64_t spread_hash(uint64_t number)
{
    uint64_t hash = (number + 1) * 0x9E3779B97F4A7C15ULL;
    return (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9ULL;
}

/* Images of hashes far apart that all look the same, each with bytes of its own. */
static struct look_set make_set(uint32_t count)
{
    struct look_set set = {.looks = calloc(count, sizeof(*set.looks)), .count = count, .capacity = count};
    assert_non_null(set.looks);
    for (uint32_t i = 0; i < count; i++) {
        struct look *look = &set.looks[i];
        memcpy(look->id, &i, sizeof(i));
        memcpy(look->content, &i, sizeof(i));
        look->hash = spread_hash(i);
        memset(look->appearance, 100, sizeof(look->appearance));
    }
    return set;
}

static void group(struct look_set *set, uint32_t distance)
{
    struct error err = {0};
    const struct look_grouping how = {.distance = distance, .threads = 2};
    if (!look_set_group(set, &how, &err))
        fail_msg("%s", err.message);
}

/* The only group there is. */
static struct look_group one_group(const struct look_set *set)
{
    struct look_group found = {0}, none;
    uint32_t at = 0;
    assert_true(look_set_next(set, &at, &found));
    assert_false(look_set_next(set, &at, &none));
    return found;
}

static void images_of_their_own_are_no_group(void **state)
{
    struct look_set set = make_set(FEW);
    struct look_group none;
    uint32_t at = 0;
    group(&set, 7);
    assert_false(look_set_next(&set, &at, &none));
    look_set_release(&set);
}

static void the_same_bytes_are_an_exact_group_whose_first_leads(void **state)
{
    struct look_set set = make_set(FEW);
    memcpy(set.looks[4].content, set.looks[1].content, LOOK_ID_BYTES);
    set.looks[4].hash = set.looks[1].hash;
    group(&set, 0);
    struct look_group found = one_group(&set);
    assert_true(found.is_exact);
    assert_int_equal(found.count, 2);
    assert_int_equal(set.members[found.first], 1);
    assert_int_equal(set.members[found.first + 1], 4);
    look_set_release(&set);
}

static void near_hashes_up_to_the_distance_are_a_near_group(void **state)
{
    for (uint32_t distance = 0; distance <= NEAR_HASHES_DISTANCE_MAX; distance++)
        for (uint32_t apart = distance; apart <= distance + 1; apart++) {
            struct look_set set = make_set(FEW);
            struct look_group found;
            uint32_t at = 0;
            set.looks[3].hash = set.looks[2].hash;
            for (uint32_t bit = 0; bit < apart; bit++)
                set.looks[3].hash ^= 1ULL << (bit * 5);
            group(&set, distance);
            assert_int_equal(look_set_next(&set, &at, &found), apart == distance);
            if (apart == distance)
                assert_false(found.is_exact);
            look_set_release(&set);
        }
}

/* Half the bytes 100, half so many that the cosine is this. */
static void turn(struct look *look, double cosine)
{
    double s = sqrt(1 / (cosine * cosine) - 1);
    for (int i = 0; i < SAMPLE_LOOK_LENGTH; i++)
        look->appearance[i] = (int8_t)lrint(100 * (i % 2 ? 1 + s : 1 - s));
}

static void near_hashes_of_images_that_look_different_are_none(void **state)
{
    static const double cosines[] = {GROUP_COSINE + 0.004, GROUP_COSINE - 0.004};
    for (uint32_t i = 0; i < 2; i++) {
        struct look_set set = make_set(FEW);
        struct look_group found;
        uint32_t at = 0;
        set.looks[3].hash = set.looks[2].hash ^ 1;
        turn(&set.looks[3], cosines[i]);
        group(&set, 7);
        assert_int_equal(look_set_next(&set, &at, &found), i == 0);
        look_set_release(&set);
    }
}

static void copies_stay_together_however_many_looks_have_their_hash(void **state)
{
    enum { MANY = NEAR_HASHES_LOOKS_OF_ONE_MAX + 2 };
    struct look_set set = make_set(MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        set.looks[i].hash = 1; /* flat */
        memset(set.looks[i].appearance, 0, sizeof(set.looks[i].appearance));
        set.looks[i].appearance[i] = 100;
    }
    set.looks[MANY - 1] = set.looks[MANY - 2];
    group(&set, 7);
    assert_int_equal(set.unheld, 1); /* of its copies only the first is looked at */
    assert_true(one_group(&set).is_exact);
    look_set_release(&set);
}

static void training_and_held_out_samples_are_a_leak(void **state)
{
    static const struct {
        enum look_usage one, other;
        bool is_leak;
    } cases[] = {
        {LOOK_USAGE_TRAIN, LOOK_USAGE_HELD_OUT, true}, {LOOK_USAGE_HELD_OUT, LOOK_USAGE_TRAIN, true},
        {LOOK_USAGE_TRAIN, LOOK_USAGE_TRAIN, false},   {LOOK_USAGE_HELD_OUT, LOOK_USAGE_HELD_OUT, false},
        {LOOK_USAGE_NONE, LOOK_USAGE_HELD_OUT, false}, {LOOK_USAGE_TRAIN, LOOK_USAGE_NONE, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct look_set set = make_set(FEW);
        set.looks[5].hash = set.looks[0].hash;
        set.looks[0].usage = (uint8_t)cases[i].one;
        set.looks[5].usage = (uint8_t)cases[i].other;
        group(&set, 7);
        assert_int_equal(one_group(&set).is_leak, cases[i].is_leak);
        look_set_release(&set);
    }
}

static void other_classes_contradict_when_both_are_labeled(void **state)
{
    for (uint32_t labeled = 0; labeled < 4; labeled++)
        for (uint32_t other = 0; other < 2; other++) {
            struct look_set set = make_set(FEW);
            set.looks[5].hash = set.looks[2].hash;
            set.looks[2].is_labeled = labeled & 1;
            set.looks[5].is_labeled = labeled & 2;
            set.looks[5].labels[0] = (unsigned char)other;
            group(&set, 7);
            assert_int_equal(one_group(&set).is_contradiction, labeled == 3 && other);
            look_set_release(&set);
        }
}

static void a_group_of_both_datasets_is_told(void **state)
{
    for (uint32_t of_other = 0; of_other < 2; of_other++) {
        struct look_set set = make_set(FEW);
        set.looks[5].hash = set.looks[2].hash;
        set.looks[5].is_of_other = of_other;
        group(&set, 7);
        assert_int_equal(one_group(&set).is_across, of_other);
        look_set_release(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_of_their_own_are_no_group),
        cmocka_unit_test(the_same_bytes_are_an_exact_group_whose_first_leads),
        cmocka_unit_test(near_hashes_up_to_the_distance_are_a_near_group),
        cmocka_unit_test(near_hashes_of_images_that_look_different_are_none),
        cmocka_unit_test(copies_stay_together_however_many_looks_have_their_hash),
        cmocka_unit_test(training_and_held_out_samples_are_a_leak),
        cmocka_unit_test(other_classes_contradict_when_both_are_labeled),
        cmocka_unit_test(a_group_of_both_datasets_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
