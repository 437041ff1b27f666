/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "mining/feature_shift.h"

#include <math.h>
#include <stdlib.h>

enum { MANY = 400 };

#define VALUES(...)                                                                                          \
    {                                                                                                        \
        (const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double)                \
    }

static int by_value(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

/* splitmix64 */
static uint64_t next_random(uint64_t *seed)
{
    uint64_t mixed = *seed += 0x9E3779B97F4A7C15ULL;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 31);
}

/* Sums of four even draws, ascending: a bell around 2 `scale`, moved by `by`. */
static void draw(double *values, uint32_t count, uint64_t seed, double scale, double by)
{
    for (uint32_t i = 0; i < count; i++) {
        values[i] = by;
        for (int k = 0; k < 4; k++) {
            values[i] += scale * (double)(next_random(&seed) >> 40) / (double)(1 << 24);
        }
    }
    qsort(values, count, sizeof(*values), by_value);
}

static struct feature_shift shift_of(const double *one, uint32_t count, const double *other,
                                     uint32_t other_count)
{
    const struct shift_values left = {one, count}, right = {other, other_count};
    struct feature_shift shift = feature_shift_of(&left, &right);
    struct feature_shift back = feature_shift_of(&right, &left);
    assert_true(isnan(shift.distance) || fabs(shift.distance - back.distance) == 0);
    assert_int_equal(shift.verdict, back.verdict);
    return shift;
}

static void distances_are_those_worked_out_by_hand(void **state)
{
    const struct {
        struct shift_values one, other;
        double distance;
    } rows[] = {
        {VALUES(1, 2, 3, 4), VALUES(3, 4, 5, 6), 0.5}, /* at 2: 1/2 against none */
        {VALUES(1, 2, 3, 4), VALUES(1, 2, 3, 4), 0},   /* equal */
        {VALUES(1, 1, 1, 2), VALUES(1, 2, 2, 2), 0.5}, /* ties: at 1, 3/4 against 1/4 */
        {VALUES(1, 2), VALUES(3, 4, 5), 1},            /* apart */
        {VALUES(7), VALUES(7, 7, 7), 0},               /* one value */
        {VALUES(1, 3, 5), VALUES(2, 4, 6, 8), 0.5},    /* at 5: 3/3 against 2/4 */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct feature_shift shift =
            shift_of(rows[i].one.ascending, rows[i].one.count, rows[i].other.ascending, rows[i].other.count);
        assert_true(fabs(shift.distance - rows[i].distance) < 1e-12);
        assert_int_equal(shift.verdict, SHIFT_TOO_FEW);
    }
}

static void the_chance_is_that_of_the_formula(void **state)
{
    (void)state;
    struct feature_shift shift = shift_of((const double[]){1, 2, 3, 4}, 4, (const double[]){3, 4, 5, 6}, 4);
    assert_true(fabs(shift.p_value - 0.5344157192165071) < 1e-9);
    struct feature_shift equal = shift_of((const double[]){1, 2}, 2, (const double[]){1, 2}, 2);
    assert_true(equal.p_value >= 1);
    struct feature_shift none = shift_of((const double[]){1, 2}, 2, NULL, 0);
    assert_true(isnan(none.distance) && isnan(none.p_value));
    assert_int_equal(none.verdict, SHIFT_TOO_FEW);
}

/* 14 features in 40 comparisons at each size: at the chance that is claimed, none or one is expected. */
static void equal_distributions_are_not_shifted(void **state)
{
    static const uint32_t sizes[] = {SHIFT_VALUES_MIN, 100, MANY};
    double one[MANY], other[MANY];
    int found = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 40ULL * FEATURE_COUNT; seed++)
        for (int i = 0; i < 3; i++) {
            draw(one, sizes[i], 1000000 * seed, 50, 10);
            draw(other, sizes[i], 1000000 * seed + 500000, 50, 10);
            struct feature_shift shift = shift_of(one, sizes[i], other, sizes[i]);
            assert_int_not_equal(shift.verdict, SHIFT_TOO_FEW);
            found += shift.verdict == SHIFT_FOUND;
        }
    assert_in_range(found, 0, 3);
}

static void a_moved_distribution_is_shifted(void **state)
{
    double one[MANY], other[MANY];
    (void)state;
    draw(one, MANY, 1, 50, 10);
    draw(other, MANY, 2, 50, 30);
    struct feature_shift shift = shift_of(one, MANY, other, MANY);
    assert_int_equal(shift.verdict, SHIFT_FOUND);
    assert_true(shift.distance > 0.2 && shift.p_value < 1e-9);
    draw(other, MANY, 2, 25, 60); /* the same middle, half as wide */
    assert_int_equal(shift_of(one, MANY, other, MANY).verdict, SHIFT_FOUND);
}

static void one_value_less_than_needed_is_too_few(void **state)
{
    double one[SHIFT_VALUES_MIN], other[SHIFT_VALUES_MIN];
    (void)state;
    draw(one, SHIFT_VALUES_MIN, 1, 50, 0);
    draw(other, SHIFT_VALUES_MIN, 2, 50, 500);
    assert_int_equal(shift_of(one, SHIFT_VALUES_MIN, other, SHIFT_VALUES_MIN).verdict, SHIFT_FOUND);
    assert_int_equal(shift_of(one, SHIFT_VALUES_MIN - 1, other, SHIFT_VALUES_MIN).verdict, SHIFT_TOO_FEW);
}

/* Ranks move by one in twenty: surely no chance among so many, and nothing that matters. */
static void what_does_not_matter_is_not_shifted(void **state)
{
    enum { MOST = 20000, LITTLE = MOST / 20, MUCH = MOST / 10 };
    double *one = malloc(MOST * sizeof(*one)), *other = malloc(MOST * sizeof(*other));
    (void)state;
    for (int i = 0; i < MOST; i++) {
        one[i] = i;
        other[i] = i + LITTLE;
    }
    struct feature_shift shift = shift_of(one, MOST, other, MOST);
    assert_true(shift.p_value < 1e-9);
    assert_int_equal(shift.verdict, SHIFT_NOT_FOUND);
    for (int i = 0; i < MOST; i++)
        other[i] = i + MUCH;
    assert_int_equal(shift_of(one, MOST, other, MOST).verdict, SHIFT_FOUND);
    free(one);
    free(other);
}

static uint64_t sum_of(const struct feature_counts *counts)
{
    uint64_t sum = counts->below + counts->above;
    for (int i = 0; i < SHIFT_BINS_MAX; i++)
        sum += counts->bins[i];
    return sum;
}

static void bins_are_shared_and_hold_every_value(void **state)
{
    double values[MANY];
    const struct shift_values one = VALUES(0, 1, 2, 3, 4), other = VALUES(5, 10), none = {NULL, 0};
    struct feature_counts counts;
    (void)state;
    struct feature_bins bins = feature_bins_of(&one, &other, FEATURE_BRIGHTNESS, 10);
    assert_int_equal(bins.count, 10);
    assert_true(fabs(bins.edges[0]) < 1e-12 && fabs(bins.edges[10] - 10) < 1e-12);
    feature_bins_count(&bins, &one, &counts);
    for (int i = 0; i < 10; i++)
        assert_int_equal(counts.bins[i], i < 5);
    feature_bins_count(&bins, &other, &counts);
    assert_int_equal(counts.bins[5], 1);
    assert_int_equal(counts.bins[9], 1); /* the last edge belongs to it */
    draw(values, MANY, 1, 50, 0);
    values[MANY - 1] = 1e6;
    values[0] = -1e6;
    const struct shift_values far = {values, MANY};
    bins = feature_bins_of(&far, &none, FEATURE_CLARITY, SHIFT_BINS_MAX);
    feature_bins_count(&bins, &far, &counts);
    assert_int_equal(sum_of(&counts), MANY);
    assert_true(counts.above >= 1 && counts.below >= 1 && bins.edges[bins.count] < 1000);
    assert_int_equal(feature_bins_of(&none, &none, FEATURE_CLARITY, 10).count, 0);
}

static void a_constant_lies_in_the_middle(void **state)
{
    const struct shift_values one = VALUES(0.75, 0.75, 0.75), none = {NULL, 0};
    struct feature_counts counts;
    (void)state;
    struct feature_bins bins = feature_bins_of(&one, &none, FEATURE_ASPECT_RATIO, 3);
    feature_bins_count(&bins, &one, &counts);
    assert_int_equal(counts.bins[1], 3);
}

static void bins_of_box_counts_are_whole_numbers_wide(void **state)
{
    const struct shift_values one = VALUES(0, 1, 1, 2, 6), none = {NULL, 0};
    struct feature_counts counts;
    (void)state;
    struct feature_bins bins = feature_bins_of(&one, &none, FEATURE_BOX_COUNT, SHIFT_BINS_MAX);
    assert_int_equal(bins.count, 7);
    assert_true(fabs(bins.edges[0] + 0.5) < 1e-12 && fabs(bins.edges[7] - 6.5) < 1e-12);
    feature_bins_count(&bins, &one, &counts);
    assert_int_equal(counts.bins[1], 2);
    bins = feature_bins_of(&one, &none, FEATURE_BOX_COUNT, 3);
    assert_int_equal(bins.count, 3);
    assert_true(fabs(bins.edges[1] - 2.5) < 1e-12);
    feature_bins_count(&bins, &one, &counts);
    assert_int_equal(sum_of(&counts), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_are_those_worked_out_by_hand),
        cmocka_unit_test(the_chance_is_that_of_the_formula),
        cmocka_unit_test(equal_distributions_are_not_shifted),
        cmocka_unit_test(a_moved_distribution_is_shifted),
        cmocka_unit_test(one_value_less_than_needed_is_too_few),
        cmocka_unit_test(what_does_not_matter_is_not_shifted),
        cmocka_unit_test(bins_are_shared_and_hold_every_value),
        cmocka_unit_test(a_constant_lies_in_the_middle),
        cmocka_unit_test(bins_of_box_counts_are_whole_numbers_wide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
