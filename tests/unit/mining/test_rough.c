/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "mining/neighbours.h"
#include "mining/rough.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH = 193, ROWS = 2 * ROUGH_ROWS + 37 };

struct kind {
    const char *name;
    double (*value)(uint64_t *seed, int place);
};

static double next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(*seed >> 11) / 9007199254740992.0;
}
static double even(uint64_t *seed, int place)
{
    (void)place;
    return next_random(seed) - 0.5;
}
static double sparse(uint64_t *seed, int place)
{
    double value = next_random(seed);
    return (place + (int)(value * 16)) % 16 == 0 ? value : 0;
}
static double of_all_sizes(uint64_t *seed, int place)
{
    return (next_random(seed) - 0.5) * pow(2, -place);
}
static double alike(uint64_t *seed, int place)
{
    return 1 + 1e-3 * next_random(seed) + place % 7;
}
/* Just between two numbers of bfloat16, where rounding loses most. */
static double halfway(uint64_t *seed, int place)
{
    (void)place;
    return (next_random(seed) < 0.5 ? -1 : 1) * (1 + 1.0 / 256);
}
static const struct kind kinds[] = {
    {"even", even},   {"sparse", sparse},   {"of all sizes", of_all_sizes},
    {"alike", alike}, {"halfway", halfway},
};

static float *make_rows(const struct kind *kind, size_t count, uint64_t seed)
{
    float *rows = calloc(count * LENGTH, sizeof(float));
    float row[LENGTH];
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < LENGTH; k++)
            row[k] = (float)kind->value(&seed, k);
        (void)neighbour_normalise(row, LENGTH, rows + i * LENGTH);
    }
    return rows;
}

static double worst_of(const struct rough_scratch *scratch, const float *queries, const float *rows,
                       uint32_t tile)
{
    uint32_t first = tile * ROUGH_ROWS, count = ROWS - first < ROUGH_ROWS ? ROWS - first : ROUGH_ROWS;
    double worst = 0;
    for (uint32_t q = 0; q < ROUGH_QUERIES; q++)
        for (uint32_t r = 0; r < count; r++) {
            double exact =
                neighbour_dot(queries + (size_t)q * LENGTH, rows + (size_t)(first + r) * LENGTH, LENGTH);
            double off = fabs((double)scratch->products[q * ROUGH_ROWS + r] - exact);
            worst = fmax(worst, off / scratch->errors[q]);
        }
    return worst;
}

static double worst_of_kind(const struct rough_way *way, const struct kind *kind)
{
    AUTO(rough) rough = NULL;
    AUTO(rough_scratch) scratch = NULL;
    struct error err;
    float *rows = make_rows(kind, ROWS, 1), *queries = make_rows(kind, ROUGH_QUERIES, 2);
    double worst = 0;
    assert_true(rough_new(way, rows, ROWS, LENGTH, &rough, &err));
    assert_true(rough_scratch_new(rough, &scratch, &err));
    rough_ask(scratch, queries, ROUGH_QUERIES);
    for (uint32_t tile = 0; tile * ROUGH_ROWS < ROWS; tile++) {
        assert_true(rough_multiply(scratch, tile, &err));
        worst = fmax(worst, worst_of(scratch, queries, rows, tile));
    }
    assert_true(scratch->errors[0] < 0.02); /* else it is of no use */
    free(rows);
    free(queries);
    return worst;
}

static void no_product_is_off_by_more_than_its_bound(void **state)
{
    (void)state;
    for (const struct rough_way *const *way = rough_ways; *way; way++)
        for (size_t i = 0; (*way)->is_there() && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
            double worst = worst_of_kind(*way, &kinds[i]);
            print_message("%s, %s: at most %.3f of the bound\n", (*way)->name, kinds[i].name, worst);
            assert_true(worst <= 1);
        }
}

static void the_last_way_is_there_on_every_processor(void **state)
{
    (void)state;
    size_t count = 0;
    while (rough_ways[count])
        count++;
    assert_true(rough_ways[count - 1]->is_there());
    assert_true(rough_best_way()->is_there());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_product_is_off_by_more_than_its_bound),
        cmocka_unit_test(the_last_way_is_there_on_every_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
