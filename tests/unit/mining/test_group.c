/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "mining/group.h"

#include <math.h>

#include <stdlib.h>
#include <string.h>

enum { IMAGES = 64, LENGTH = 16 };

/* Images of random hashes, far apart in the run, that all look the same. */
struct pool {
    struct group_image images[IMAGES];
    int8_t vectors[IMAGES * LENGTH];
    uint32_t leaders[IMAGES];
    struct group_input input;
};

static uint64_t hash_of(uint64_t number)
{
    uint64_t hash = (number + 1) * 0x9E3779B97F4A7C15ULL;
    hash = (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9ULL;
    return hash ^ hash >> 27;
}

static void make_pool(struct pool *pool, uint32_t count)
{
    *pool = (struct pool){.input = {.count = count, .vectors_count = count, .length = LENGTH}};
    for (uint32_t i = 0; i < count; i++)
        pool->images[i] = (struct group_image){.record = 100ULL * i, .hash = hash_of(i)};
    memset(pool->vectors, 50, sizeof(pool->vectors));
    pool->input.images = pool->images;
    pool->input.vectors = pool->vectors;
}

static void group(struct pool *pool)
{
    struct error err = {0};
    if (!group_images(&pool->input, pool->leaders, &err))
        fail_msg("%s", err.message);
}

/* Turns the vector of an image by so much that its cosine with the others is near this. */
static void turn(struct pool *pool, uint32_t image, double cosine)
{
    float vector[LENGTH];
    /* Half the numbers 1 + s, half 1 - s: cosine 1 / sqrt(1 + s²). */
    double s = sqrt(1 / (cosine * cosine) - 1);
    for (int i = 0; i < LENGTH; i++)
        vector[i] = (float)(i % 2 ? 1 + s : 1 - s);
    group_vector(vector, LENGTH, pool->vectors + (size_t)image * LENGTH);
}

static uint64_t flip(uint64_t hash, int bits)
{
    for (int i = 0; i < bits; i++)
        hash ^= 1ULL << (i * 9 % 64); /* over all four parts */
    return hash;
}

static void images_of_other_hashes_stand_alone(void **state)
{
    struct pool pool;
    make_pool(&pool, IMAGES);
    group(&pool);
    for (uint32_t i = 0; i < IMAGES; i++)
        assert_int_equal(pool.leaders[i], i);
}

static void a_near_duplicate_belongs_to_the_harder_one(void **state)
{
    struct pool pool;
    make_pool(&pool, 5);
    pool.images[3].hash = flip(pool.images[1].hash, 3);
    group(&pool);
    static const uint32_t expected[] = {0, 1, 2, 1, 4};
    assert_memory_equal(pool.leaders, expected, sizeof(expected));
}

static void hashes_at_the_limit_are_near_and_one_past_are_not(void **state)
{
    for (int bits = 0; bits <= GROUP_HASH_BITS + 1; bits++) {
        struct pool pool;
        make_pool(&pool, 2);
        pool.images[1].hash = flip(pool.images[0].hash, bits);
        group(&pool);
        assert_int_equal(pool.leaders[1], bits <= GROUP_HASH_BITS ? 0 : 1);
    }
}

/* Whatever bits differ: the four parts miss none. */
static void every_hash_within_the_limit_is_found(void **state)
{
    for (uint32_t round = 0; round < 2000; round++) {
        struct pool pool;
        make_pool(&pool, 2);
        uint64_t random = hash_of(round + 1000);
        pool.images[1].hash = pool.images[0].hash;
        for (int i = 0; i < GROUP_HASH_BITS; i++, random >>= 6)
            pool.images[1].hash ^= 1ULL << (random & 63);
        group(&pool);
        assert_int_equal(pool.leaders[1], 0);
    }
}

static void a_near_hash_of_an_image_that_looks_different_is_not_enough(void **state)
{
    static const double cosines[] = {GROUP_COSINE + 0.005, GROUP_COSINE - 0.005};
    for (uint32_t i = 0; i < 2; i++) {
        struct pool pool;
        make_pool(&pool, 2);
        pool.images[1].hash = flip(pool.images[0].hash, 1);
        turn(&pool, 1, cosines[i]);
        group(&pool);
        assert_int_equal(pool.leaders[1], i);
    }
}

static void other_answers_keep_images_apart_unless_they_are_consecutive(void **state)
{
    for (uint32_t apart = GROUP_FRAMES_APART; apart <= GROUP_FRAMES_APART + 1; apart++) {
        struct pool pool;
        make_pool(&pool, 2);
        pool.images[0].record = 7 + apart; /* the harder one is the later one */
        pool.images[1].record = 7;
        pool.images[1].hash = pool.images[0].hash;
        pool.images[1].answer = 1;
        group(&pool);
        assert_int_equal(pool.leaders[1], apart > GROUP_FRAMES_APART);
    }
}

static void consecutive_frames_may_differ_more(void **state)
{
    for (int bits = GROUP_FRAME_BITS; bits <= GROUP_FRAME_BITS + 1; bits++) {
        struct pool pool;
        make_pool(&pool, 2);
        pool.images[1].record = GROUP_FRAMES_APART;
        pool.images[1].hash = flip(pool.images[0].hash, bits);
        turn(&pool, 1, GROUP_FRAME_COSINE + 0.005);
        group(&pool);
        assert_int_equal(pool.leaders[1], bits > GROUP_FRAME_BITS);
        turn(&pool, 1, GROUP_FRAME_COSINE - 0.005);
        group(&pool);
        assert_int_equal(pool.leaders[1], 1);
    }
}

static void a_pan_does_not_become_one_group(void **state)
{
    struct pool pool;
    make_pool(&pool, 4);
    for (uint32_t i = 1; i < 4; i++) {
        pool.images[i].hash = pool.images[i - 1].hash;
        for (uint32_t bit = 0; bit < 4; bit++)
            pool.images[i].hash ^= 1ULL << (i * 4 + bit); /* each four bits on from the one before */
    }
    group(&pool);
    static const uint32_t expected[] = {0, 0, 2, 2};
    assert_memory_equal(pool.leaders, expected, sizeof(expected));
}

static void without_appearance_only_equal_hashes_are_near(void **state)
{
    struct pool pool;
    make_pool(&pool, 4);
    pool.input.vectors_count = 1;
    pool.images[2].hash = pool.images[0].hash;
    pool.images[3].hash = flip(pool.images[0].hash, 1);
    group(&pool);
    static const uint32_t expected[] = {0, 1, 0, 3};
    assert_memory_equal(pool.leaders, expected, sizeof(expected));
}

static void flat_images_are_near_only_when_they_look_the_same(void **state)
{
    struct pool pool;
    make_pool(&pool, 4);
    for (uint32_t i = 0; i < 4; i++)
        pool.images[i].hash = 1;
    turn(&pool, 1, 0.98);
    memset(pool.vectors + (size_t)3 * LENGTH, 0, LENGTH); /* no direction */
    group(&pool);
    static const uint32_t expected[] = {0, 1, 0, 3};
    assert_memory_equal(pool.leaders, expected, sizeof(expected));
}

static void nothing_is_grouped_of_nothing(void **state)
{
    struct pool pool;
    make_pool(&pool, 0);
    group(&pool);
}

static void more_than_the_limit_is_refused(void **state)
{
    struct error err = {0};
    const struct group_input input = {.count = GROUP_IMAGES_MAX + 1};
    assert_false(group_images(&input, NULL, &err));
    assert_int_equal(err.code, ERR_LIMIT);
}

/* Many images share a part of the hash and are no duplicates: the search ends, and the first are found. */
static void a_crowded_part_is_looked_through_up_to_a_limit(void **state)
{
    enum { CROWD = GROUP_LOOKS_MAX + 10 };
    struct group_image *images = calloc(CROWD, sizeof(*images));
    uint32_t *leaders = calloc(CROWD, sizeof(*leaders));
    int8_t *vectors = malloc(CROWD);
    struct error err = {0};
    memset(vectors, 1, CROWD);
    /* All have the first part in common, and are far apart in the others. */
    for (uint32_t i = 0; i < CROWD; i++)
        images[i] = (struct group_image){.record = 100ULL * i, .hash = hash_of(i) << 16 | 0xFFFF};
    /* Two bits in each of the other parts: only the first part finds them. */
    uint64_t twin = images[0].hash ^ 0x0003000300030000ULL;
    images[GROUP_LOOKS_MAX].hash = twin;
    images[GROUP_LOOKS_MAX + 1].hash = twin ^ 4ULL << 16;
    const struct group_input input = {
        .images = images, .count = CROWD, .vectors = vectors, .vectors_count = CROWD, .length = 1};
    assert_true(group_images(&input, leaders, &err));
    assert_int_equal(leaders[GROUP_LOOKS_MAX], 0);
    assert_int_equal(leaders[GROUP_LOOKS_MAX + 1], GROUP_LOOKS_MAX + 1);
    free(images);
    free(leaders);
    free(vectors);
}

/* Images with the hash of the first that look different, and then its copy. */
static void so_many_that_look_different_are_refused_and_no_more(void **state)
{
    enum { CROWD = GROUP_REFUSED_MAX + 2 };
    for (uint32_t different = GROUP_REFUSED_MAX - 1; different <= GROUP_REFUSED_MAX; different++) {
        struct group_image *images = calloc(CROWD, sizeof(*images));
        uint32_t leaders[CROWD];
        int8_t vectors[CROWD];
        struct error err = {0};
        for (uint32_t i = 0; i < CROWD; i++)
            images[i] = (struct group_image){.record = 100ULL * i, .hash = hash_of(1)};
        memset(vectors, -1, sizeof(vectors));
        vectors[0] = vectors[different + 1] = 1;
        const struct group_input input = {.images = images,
                                          .count = different + 2,
                                          .vectors = vectors,
                                          .vectors_count = different + 2,
                                          .length = 1};
        assert_true(group_images(&input, leaders, &err));
        assert_int_equal(leaders[1], 1);
        assert_int_equal(leaders[different + 1], different < GROUP_REFUSED_MAX ? 0 : different + 1);
        free(images);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_of_other_hashes_stand_alone),
        cmocka_unit_test(a_near_duplicate_belongs_to_the_harder_one),
        cmocka_unit_test(hashes_at_the_limit_are_near_and_one_past_are_not),
        cmocka_unit_test(every_hash_within_the_limit_is_found),
        cmocka_unit_test(a_near_hash_of_an_image_that_looks_different_is_not_enough),
        cmocka_unit_test(other_answers_keep_images_apart_unless_they_are_consecutive),
        cmocka_unit_test(consecutive_frames_may_differ_more),
        cmocka_unit_test(a_pan_does_not_become_one_group),
        cmocka_unit_test(without_appearance_only_equal_hashes_are_near),
        cmocka_unit_test(flat_images_are_near_only_when_they_look_the_same),
        cmocka_unit_test(nothing_is_grouped_of_nothing),
        cmocka_unit_test(more_than_the_limit_is_refused),
        cmocka_unit_test(a_crowded_part_is_looked_through_up_to_a_limit),
        cmocka_unit_test(so_many_that_look_different_are_refused_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
