/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "mining/spread.h"

enum { GROUPS = 5, OF_EACH = 20, IMAGES = GROUPS * OF_EACH, LENGTH = 6 };

/* Five heaps of images, each around its own axis, one after the other in turn. */
static void make_heaps(float rows[IMAGES][LENGTH], double weights[IMAGES])
{
    uint64_t seed = 5;
    for (int i = 0; i < IMAGES; i++) {
        weights[i] = 1 - 0.5 * i / IMAGES;
        for (int k = 0; k < LENGTH; k++) {
            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            rows[i][k] = (float)(k == i % GROUPS) + 0.1F * (float)(seed >> 40) / (float)(1 << 24);
        }
    }
}

static uint32_t spread(const float *rows, const double *weights, uint32_t count, uint32_t clusters,
                       uint32_t *ret)
{
    struct error err = {0};
    uint32_t middles[IMAGES];
    struct spread_output output = {.clusters = ret, .middles = middles};
    const struct spread_input input = {rows, weights, count, LENGTH, clusters};
    if (!spread_images(&input, &output, &err))
        fail_msg("%s", err.message);
    for (uint32_t c = 0; c < output.found; c++)
        assert_int_equal(ret[middles[c]], c);
    return output.found;
}

static void heaps_become_clusters(void **state)
{
    float rows[IMAGES][LENGTH];
    double weights[IMAGES];
    uint32_t clusters[IMAGES];
    make_heaps(rows, weights);
    assert_int_equal(spread(rows[0], weights, IMAGES, GROUPS, clusters), GROUPS);
    for (int i = 0; i < IMAGES; i++)
        for (int j = 0; j < i; j++)
            assert_int_equal(clusters[i] == clusters[j], i % GROUPS == j % GROUPS);
}

static void every_image_has_a_cluster_and_every_cluster_an_image(void **state)
{
    float rows[IMAGES][LENGTH];
    double weights[IMAGES];
    uint32_t clusters[IMAGES];
    make_heaps(rows, weights);
    for (uint32_t wanted = 1; wanted <= IMAGES; wanted += 9) {
        uint32_t sizes[IMAGES] = {0};
        uint32_t found = spread(rows[0], weights, IMAGES, wanted, clusters);
        assert_int_equal(found, wanted);
        for (int i = 0; i < IMAGES; i++) {
            assert_true(clusters[i] < found);
            sizes[clusters[i]]++;
        }
        for (uint32_t c = 0; c < found; c++)
            assert_true(sizes[c] > 0);
    }
}

/* Four in a row and one far out: weights pull the mean, and with it the middle. */
static void the_middle_is_nearest_to_the_weighted_mean(void **state)
{
    struct error err = {0};
    const float rows[5] = {0, 1, 2, 3, 10};
    double weights[5] = {1, 1, 1, 1, 1};
    uint32_t clusters[5], middle = 0;
    struct spread_output output = {.clusters = clusters, .middles = &middle};
    const struct spread_input input = {rows, weights, 5, 1, 1};
    assert_true(spread_images(&input, &output, &err));
    assert_int_equal(middle, 3); /* the mean is 3.2 */
    weights[0] = 20;
    assert_true(spread_images(&input, &output, &err));
    assert_int_equal(middle, 1); /* 0.67 */
    weights[4] = 100;
    assert_true(spread_images(&input, &output, &err));
    assert_int_equal(middle, 4);
}

static void equal_images_are_one_cluster(void **state)
{
    float rows[IMAGES][LENGTH];
    double weights[IMAGES];
    uint32_t clusters[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
        weights[i] = 0.3;
        for (int k = 0; k < LENGTH; k++)
            rows[i][k] = 0.37F * (float)(k + 1);
    }
    assert_int_equal(spread(rows[0], weights, IMAGES, 10, clusters), 1);
    assert_int_equal(spread(rows[0], weights, 1, 10, clusters), 1);
    assert_int_equal(spread(rows[0], weights, 0, 10, clusters), 0);
}

static void the_same_images_give_the_same_clusters(void **state)
{
    float rows[IMAGES][LENGTH];
    double weights[IMAGES];
    uint32_t first[IMAGES], second[IMAGES];
    make_heaps(rows, weights);
    (void)spread(rows[0], weights, IMAGES, 30, first);
    (void)spread(rows[0], weights, IMAGES, 30, second);
    assert_memory_equal(first, second, sizeof(first));
}

static void past_the_limits_is_refused(void **state)
{
    struct error err = {0};
    struct spread_output output = {0};
    const struct spread_input inputs[] = {{.length = 1, .clusters = 0},
                                          {.length = 1, .clusters = SPREAD_CLUSTERS_MAX + 1},
                                          {.length = 0, .clusters = 1},
                                          {.length = SPREAD_LENGTH_MAX + 1, .clusters = 1}};
    for (int i = 0; i < 4; i++) {
        assert_false(spread_images(&inputs[i], &output, &err));
        assert_int_equal(err.code, ERR_INVALID);
    }
    const struct spread_input at = {.length = SPREAD_LENGTH_MAX, .clusters = SPREAD_CLUSTERS_MAX};
    assert_true(spread_images(&at, &output, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heaps_become_clusters),
        cmocka_unit_test(every_image_has_a_cluster_and_every_cluster_an_image),
        cmocka_unit_test(the_middle_is_nearest_to_the_weighted_mean),
        cmocka_unit_test(equal_images_are_one_cluster),
        cmocka_unit_test(the_same_images_give_the_same_clusters),
        cmocka_unit_test(past_the_limits_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
