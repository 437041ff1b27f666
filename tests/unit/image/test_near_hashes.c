/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "image/near_hashes.h"

#include <stdlib.h>
#include <string.h>

enum { MANY = 3000 };

static uint64_t hash_of(uint64_t number)
{
    uint64_t hash = (number + 1) * 0x9E3779B97F4A7C15ULL;
    hash = (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9ULL;
    return hash ^ hash >> 27;
}

/* Random hashes, every third a copy of an earlier one with 0 to 15 other bits. */
static void make_hashes(uint64_t *hashes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        hashes[i] = hash_of(i);
        if (i % 3 != 2)
            continue;
        uint64_t random = hash_of(i + 1000000), bits = random % 16;
        hashes[i] = hashes[random / 16 % i];
        for (uint64_t bit = 0; bit < bits; bit++)
            hashes[i] ^= 1ULL << (hash_of(random + bit) & 63);
    }
}

/* Single linkage by holding each against each. */
static void group_slowly(const uint64_t *hashes, uint32_t count, uint32_t distance, uint32_t *heads)
{
    for (uint32_t i = 0; i < count; i++)
        heads[i] = i;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = i + 1; j < count; j++) {
            uint32_t one = heads[i], other = heads[j];
            if (one == other || near_hashes_apart(hashes[i], hashes[j]) > distance)
                continue;
            uint32_t from = one > other ? one : other, to = one > other ? other : one;
            for (uint32_t k = 0; k < count; k++)
                heads[k] = heads[k] == from ? to : heads[k];
        }
}

static uint64_t group(const struct near_hashes_grouping *wanted, uint32_t *heads)
{
    struct error err = {0};
    uint64_t unheld = 99;
    if (!near_hashes_group(wanted, heads, &unheld, &err))
        fail_msg("%s", err.message);
    return unheld;
}

static void groups_are_those_of_holding_each_against_each(void **state)
{
    uint64_t *hashes = calloc(MANY, sizeof(*hashes));
    uint32_t *slow = calloc(MANY, sizeof(*slow)), *heads = calloc(MANY, sizeof(*heads));
    make_hashes(hashes, MANY);
    for (uint32_t distance = 0; distance <= NEAR_HASHES_DISTANCE_MAX; distance++) {
        group_slowly(hashes, MANY, distance, slow);
        for (uint32_t threads = 1; threads <= 5; threads += 2) {
            const struct near_hashes_grouping wanted = {
                .hashes = hashes, .count = MANY, .distance = distance, .threads = threads};
            assert_int_equal(group(&wanted, heads), 0);
            assert_memory_equal(heads, slow, MANY * sizeof(*slow));
        }
    }
    free(hashes);
    free(slow);
    free(heads);
}

struct found {
    bool is_there[MANY];
};

static void take(void *state, uint32_t place)
{
    ((struct found *)state)->is_there[place] = true;
}

static void the_index_finds_all_from_a_place_on_and_no_others(void **state)
{
    uint64_t *hashes = calloc(MANY, sizeof(*hashes));
    struct near_hashes *index = NULL;
    struct error err = {0};
    make_hashes(hashes, MANY);
    assert_true(near_hashes_new(hashes, MANY, &index, &err));
    for (uint32_t i = 0; i < MANY; i += 7)
        for (uint32_t distance = 0; distance <= NEAR_HASHES_DISTANCE_MAX; distance++) {
            struct found found = {0};
            const struct near_hashes_query query = {.hash = hashes[i],
                                                    .from = i,
                                                    .distance = distance,
                                                    .looks_max = UINT32_MAX,
                                                    .take = take,
                                                    .state = &found};
            near_hashes_find(index, &query);
            for (uint32_t j = 0; j < MANY; j++)
                assert_int_equal(found.is_there[j],
                                 j >= i && near_hashes_apart(hashes[i], hashes[j]) <= distance);
        }
    near_hashes_free(index);
    free(hashes);
}

static void count_one(void *state, uint32_t place)
{
    (void)place;
    ++*(uint32_t *)state;
}

static void no_more_are_looked_at_than_is_said(void **state)
{
    uint64_t hashes[20];
    struct near_hashes *index = NULL;
    struct error err = {0};
    memset(hashes, 0, sizeof(hashes));
    assert_true(near_hashes_new(hashes, 20, &index, &err));
    for (uint32_t looks = 19; looks <= 21; looks++) {
        uint32_t taken = 0;
        const struct near_hashes_query query = {
            .distance = 7, .looks_max = looks, .take = count_one, .state = &taken};
        near_hashes_find(index, &query);
        assert_int_equal(taken, 4 * (looks < 20 ? looks : 20)); /* by each of the parts */
    }
    near_hashes_free(index);
}

/* Images of odd numbers look alike, and those of even ones. */
static bool have_same_parity(const void *state, uint32_t one, uint32_t other)
{
    (void)state;
    return one % 2 == other % 2;
}

static void near_hashes_of_images_that_look_different_stay_apart(void **state)
{
    static const uint64_t hashes[] = {5, 5, 5, 5, 7, 7};
    static const uint32_t expected[] = {0, 1, 0, 1, 0, 1};
    uint32_t heads[6];
    const struct near_hashes_grouping wanted = {
        .hashes = hashes, .count = 6, .distance = 1, .is_same = have_same_parity, .threads = 2};
    assert_int_equal(group(&wanted, heads), 0);
    assert_memory_equal(heads, expected, sizeof(expected));
}

static bool are_last_and_first(const void *state, uint32_t one, uint32_t other)
{
    return one == 0 && other == *(const uint32_t *)state;
}

static bool are_last_two(const void *state, uint32_t one, uint32_t other)
{
    uint32_t last = *(const uint32_t *)state;
    return one == last - 1 && other == last;
}

/* Of one hash that many images have, so many looks are told apart and no more. */
static void looks_of_one_hash_are_told_apart_up_to_a_limit(void **state)
{
    uint64_t hashes[NEAR_HASHES_LOOKS_OF_ONE_MAX + 2] = {0};
    uint32_t heads[NEAR_HASHES_LOOKS_OF_ONE_MAX + 2];
    for (uint32_t looks = NEAR_HASHES_LOOKS_OF_ONE_MAX; looks <= NEAR_HASHES_LOOKS_OF_ONE_MAX + 1; looks++) {
        uint32_t last = looks;
        struct near_hashes_grouping wanted = {.hashes = hashes,
                                              .count = looks + 1,
                                              .distance = 7,
                                              .is_same = are_last_two,
                                              .state = &last,
                                              .threads = 1};
        bool fits = looks == NEAR_HASHES_LOOKS_OF_ONE_MAX;
        assert_int_equal(group(&wanted, heads), fits ? 0 : 2);
        assert_int_equal(heads[last], fits ? last - 1 : last);
        wanted.is_same = are_last_and_first;
        assert_int_equal(group(&wanted, heads), fits ? 0 : 1);
        assert_int_equal(heads[last], 0);
    }
}

static void what_is_stopped_ends_as_cancelled(void **state)
{
    static const uint64_t hashes[] = {1, 2};
    uint32_t heads[2];
    uint64_t unheld = 0;
    struct error err = {0};
    struct stop_flag stop = {true};
    const struct near_hashes_grouping wanted = {
        .hashes = hashes, .count = 2, .distance = 3, .threads = 1, .stop = &stop};
    assert_false(near_hashes_group(&wanted, heads, &unheld, &err));
    assert_int_equal(err.code, ERR_CANCELLED);
}

static void nothing_and_one_are_groups_too(void **state)
{
    static const uint64_t hash = 3;
    uint32_t head = 7;
    const struct near_hashes_grouping one = {.hashes = &hash, .count = 1, .distance = 7, .threads = 1};
    const struct near_hashes_grouping none = {.hashes = &hash, .distance = 7, .threads = 1};
    assert_int_equal(group(&one, &head), 0);
    assert_int_equal(head, 0);
    assert_int_equal(group(&none, &head), 0);
}

static void more_than_the_limits_are_refused(void **state)
{
    struct error err = {0};
    struct near_hashes *index = NULL;
    uint64_t unheld = 0;
    struct near_hashes_grouping wanted = {.count = NEAR_HASHES_MAX + 1, .threads = 1};
    assert_false(near_hashes_group(&wanted, NULL, &unheld, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_false(near_hashes_new(NULL, NEAR_HASHES_MAX + 1, &index, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    wanted = (struct near_hashes_grouping){.distance = NEAR_HASHES_DISTANCE_MAX + 1, .threads = 1};
    assert_false(near_hashes_group(&wanted, NULL, &unheld, &err));
    assert_int_equal(err.code, ERR_LIMIT);
}

static void as_many_as_the_limit_are_indexed(void **state)
{
    uint64_t *hashes = calloc(NEAR_HASHES_MAX, sizeof(*hashes));
    struct near_hashes *index = NULL;
    struct error err = {0};
    uint32_t taken = 0;
    assert_non_null(hashes);
    for (uint32_t i = 0; i < NEAR_HASHES_MAX; i++)
        hashes[i] = hash_of(i);
    assert_true(near_hashes_new(hashes, NEAR_HASHES_MAX, &index, &err));
    const struct near_hashes_query query = {.hash = hashes[NEAR_HASHES_MAX - 1],
                                            .from = NEAR_HASHES_MAX - 1,
                                            .looks_max = 100,
                                            .take = count_one,
                                            .state = &taken};
    near_hashes_find(index, &query);
    assert_int_equal(taken, 4); /* itself, by each part */
    near_hashes_free(index);
    free(hashes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_those_of_holding_each_against_each),
        cmocka_unit_test(the_index_finds_all_from_a_place_on_and_no_others),
        cmocka_unit_test(no_more_are_looked_at_than_is_said),
        cmocka_unit_test(near_hashes_of_images_that_look_different_stay_apart),
        cmocka_unit_test(looks_of_one_hash_are_told_apart_up_to_a_limit),
        cmocka_unit_test(what_is_stopped_ends_as_cancelled),
        cmocka_unit_test(nothing_and_one_are_groups_too),
        cmocka_unit_test(more_than_the_limits_are_refused),
        cmocka_unit_test(as_many_as_the_limit_are_indexed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
