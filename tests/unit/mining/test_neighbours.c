/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/workers.h"
#include "mining/neighbours.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH = 37, SAMPLES = 1300, QUERIES = 300, CLASSES = 5 }; /* no multiple of any tile */

struct fixture {
    float *rows, *queries;
    uint32_t labels[SAMPLES];
    uint64_t seed;
};

static double next_random(struct fixture *fixture)
{
    fixture->seed = fixture->seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(fixture->seed >> 11) / 9007199254740992.0 - 0.5;
}

static void fill(struct fixture *fixture, float *row, bool is_normal)
{
    double squares = 0;
    for (int i = 0; i < LENGTH; i++) {
        row[i] = (float)next_random(fixture);
        squares += (double)row[i] * (double)row[i];
    }
    for (int i = 0; is_normal && i < LENGTH; i++)
        row[i] = (float)((double)row[i] / sqrt(squares));
}

static int start(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->seed = 7;
    fixture->rows = calloc((size_t)SAMPLES * LENGTH, sizeof(float));
    fixture->queries = calloc((size_t)QUERIES * LENGTH, sizeof(float));
    for (size_t i = 0; i < SAMPLES; i++) {
        fill(fixture, fixture->rows + i * LENGTH, true);
        fixture->labels[i] = (uint32_t)i % CLASSES;
    }
    for (size_t i = 0; i < QUERIES; i++)
        fill(fixture, fixture->queries + i * LENGTH, false);
    *state = fixture;
    return 0;
}

static int stop(void **state)
{
    struct fixture *fixture = *state;
    free(fixture->rows);
    free(fixture->queries);
    free(fixture);
    return 0;
}

static struct neighbour_query query_of(const struct fixture *fixture, uint32_t q)
{
    return (struct neighbour_query){.vector = fixture->queries + (size_t)q * LENGTH,
                                    .class_index = q % CLASSES,
                                    .left_out = q % 3 == 0 ? q : SAMPLE_NONE};
}

static struct neighbour_search *search_of(const struct fixture *fixture, uint32_t count)
{
    struct neighbour_search *search = NULL;
    struct error err;
    assert_true(neighbour_search_new(fixture->rows, count, LENGTH, fixture->labels, &search, &err));
    return search;
}

static const struct neighbours *found_of(const struct neighbour_search *search,
                                         struct neighbour_scratch *scratch,
                                         const struct neighbour_query *queries, uint32_t count)
{
    const struct neighbours *found = NULL;
    struct error err = {0};
    if (!neighbour_search_run(search, scratch, queries, count, &found, &err))
        fail_msg("%s", err.message);
    return found;
}

/* Asks in groups of `group`, last group first, so that every query meets another place in a tile. */
static void ask(const struct neighbour_search *search, const struct fixture *fixture, uint32_t group,
                struct neighbours *ret)
{
    AUTO(neighbour_scratch) scratch = neighbour_scratch_new(search);
    assert_non_null(scratch);
    struct neighbour_query *queries = neighbour_scratch_queries(scratch);
    for (uint32_t end = QUERIES; end > 0;) {
        uint32_t count = end < group ? end : group;
        for (uint32_t i = 0; i < count; i++)
            queries[i] = query_of(fixture, end - count + i);
        memcpy(ret + end - count, found_of(search, scratch, queries, count), count * sizeof(*ret));
        end -= count;
    }
}

static double cosine_of(const float *a, const float *b)
{
    double product = 0, squares = 0;
    for (int i = 0; i < LENGTH; i++) {
        product += (double)a[i] * (double)b[i];
        squares += (double)a[i] * (double)a[i];
    }
    return product / sqrt(squares);
}

/* The plain way: every cosine, then the best that is not taken yet. */
static void check_by_plain_loop(const struct fixture *fixture, uint32_t q, uint32_t count,
                                const struct neighbours *found)
{
    struct neighbour_query query = query_of(fixture, q);
    bool taken[SAMPLES] = {false};
    double same = -1, other = -1;
    assert_int_equal(found->count, NEIGHBOURS);
    for (uint32_t rank = 0; rank < NEIGHBOURS; rank++) {
        uint32_t best = SAMPLE_NONE;
        double best_cosine = -2;
        for (uint32_t s = 0; s < count; s++) {
            double cosine = cosine_of(query.vector, fixture->rows + (size_t)s * LENGTH);
            if (s == query.left_out)
                continue;
            bool is_same = fixture->labels[s] == query.class_index;
            same = is_same && cosine > same ? cosine : same;
            other = !is_same && cosine > other ? cosine : other;
            if (!taken[s] && cosine > best_cosine) {
                best = s;
                best_cosine = cosine;
            }
        }
        assert_int_equal(found->samples[rank], best);
        assert_true(fabs((double)found->cosines[rank] - best_cosine) < 2e-7);
        if (best != SAMPLE_NONE)
            taken[best] = true;
    }
    assert_true(fabs((double)found->same_class_cosine - same) < 2e-7);
    assert_true(fabs((double)found->other_class_cosine - other) < 2e-7);
    assert_int_equal(fixture->labels[found->same_class_sample], query.class_index);
    assert_int_not_equal(fixture->labels[found->other_class_sample], query.class_index);
}

static void neighbours_are_those_of_a_plain_loop(void **state)
{
    static const uint32_t counts[] = {SAMPLES, 1024, 512, 511, 20};
    const struct fixture *fixture = *state;
    static struct neighbours found[QUERIES];
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        AUTO(neighbour_search) search = search_of(fixture, counts[c]);
        ask(search, fixture, NEIGHBOUR_QUERIES_MAX, found);
        for (uint32_t q = 0; q < QUERIES; q += 17)
            check_by_plain_loop(fixture, q, counts[c], &found[q]);
    }
}

static void grouping_of_queries_changes_no_bit(void **state)
{
    const struct fixture *fixture = *state;
    AUTO(neighbour_search) search = search_of(fixture, SAMPLES);
    static struct neighbours together[QUERIES], apart[QUERIES];
    ask(search, fixture, NEIGHBOUR_QUERIES_MAX, together);
    static const uint32_t groups[] = {1, 2, 7, 64, 127};
    for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
        ask(search, fixture, groups[g], apart);
        assert_memory_equal(together, apart, sizeof(together));
    }
}

struct shared_work {
    const struct fixture *fixture;
    const struct neighbour_search *search;
    atomic_uint next;
    struct neighbours found[QUERIES];
};

static bool work(void *state, uint32_t index, struct error *err)
{
    struct shared_work *shared = state;
    AUTO(neighbour_scratch) scratch = neighbour_scratch_new(shared->search);
    if (!scratch)
        return error_no_memory(err);
    for (;;) {
        uint32_t first = atomic_fetch_add(&shared->next, 50);
        if (first >= QUERIES)
            return true;
        struct neighbour_query queries[50];
        for (uint32_t i = 0; i < 50; i++)
            queries[i] = query_of(shared->fixture, first + i);
        const struct neighbours *found = NULL;
        if (!neighbour_search_run(shared->search, scratch, queries, 50, &found, err))
            return false;
        memcpy(shared->found + first, found, 50 * sizeof(shared->found[0]));
    }
}

static void threads_change_no_bit(void **state)
{
    AUTO(neighbour_search) search = search_of(*state, SAMPLES);
    static struct shared_work results[3];
    for (uint32_t threads = 1; threads <= 3; threads++) {
        struct shared_work *shared = &results[threads - 1];
        shared->fixture = *state;
        shared->search = search;
        atomic_store(&shared->next, 0);
        struct error err;
        assert_true(workers_run(threads, work, shared, &err));
        assert_memory_equal(shared->found, results[0].found, sizeof(shared->found));
    }
}

static void equal_cosines_go_by_sample(void **state)
{
    const struct fixture *fixture = *state;
    enum { COPIES = 700 };
    float *rows = calloc((size_t)COPIES * LENGTH, sizeof(float));
    uint32_t labels[COPIES];
    for (size_t i = 0; i < COPIES; i++) {
        memcpy(rows + i * LENGTH, fixture->rows, LENGTH * sizeof(float));
        labels[i] = i >= 600;
    }
    AUTO(neighbour_search) search = NULL;
    struct error err;
    assert_true(neighbour_search_new(rows, COPIES, LENGTH, labels, &search, &err));
    AUTO(neighbour_scratch) scratch = neighbour_scratch_new(search);
    struct neighbour_query query = {.vector = fixture->rows, .class_index = 1, .left_out = 3};
    const struct neighbours found = *found_of(search, scratch, &query, 1);
    static const uint32_t expected[NEIGHBOURS] = {0, 1, 2, 4, 5, 6, 7, 8, 9, 10};
    assert_memory_equal(found.samples, expected, sizeof(expected));
    assert_true(found.cosines[0] <= 1 && found.cosines[0] > 0.9999F);
    assert_int_equal(found.same_class_sample, 600);
    assert_int_equal(found.other_class_sample, 0);
    free(rows);
}

static void a_vector_without_direction_has_no_neighbours(void **state)
{
    AUTO(neighbour_search) search = search_of(*state, 100);
    AUTO(neighbour_scratch) scratch = neighbour_scratch_new(search);
    float zeros[LENGTH] = {0}, huge[LENGTH] = {0}, tiny[LENGTH] = {0};
    huge[0] = INFINITY;
    tiny[5] = 1e-30F;
    struct neighbour_query queries[3] = {{.vector = zeros}, {.vector = huge}, {.vector = tiny}};
    const struct neighbours *found = found_of(search, scratch, queries, 3);
    assert_int_equal(found[0].count, 0);
    assert_int_equal(found[1].count, 0);
    assert_int_equal(found[0].same_class_sample, SAMPLE_NONE);
    assert_int_equal(found[2].count, NEIGHBOURS); /* small, but it points somewhere */
}

static void a_set_smaller_than_the_list_gives_what_it_has(void **state)
{
    const struct fixture *fixture = *state;
    AUTO(neighbour_search) search = search_of(fixture, 2);
    AUTO(neighbour_scratch) scratch = neighbour_scratch_new(search);
    struct neighbour_query query = {.vector = fixture->rows, .class_index = 0, .left_out = 0};
    const struct neighbours found = *found_of(search, scratch, &query, 1);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.samples[0], 1);
    assert_int_equal(found.same_class_sample, SAMPLE_NONE);
    assert_true(found.same_class_cosine <= -1);
    assert_int_equal(found.other_class_sample, 1);
}

static void impossible_sizes_are_refused(void **state)
{
    const struct fixture *fixture = *state;
    struct neighbour_search *search = NULL;
    struct error err;
    assert_false(neighbour_search_new(fixture->rows, 0, LENGTH, fixture->labels, &search, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_false(neighbour_search_new(fixture->rows, 1, 0, fixture->labels, &search, &err));
    assert_false(
        neighbour_search_new(fixture->rows, 1, NEIGHBOUR_LENGTH_MAX + 1, fixture->labels, &search, &err));
    assert_null(search);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_are_those_of_a_plain_loop),
        cmocka_unit_test(grouping_of_queries_changes_no_bit),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(equal_cosines_go_by_sample),
        cmocka_unit_test(a_vector_without_direction_has_no_neighbours),
        cmocka_unit_test(a_set_smaller_than_the_list_gives_what_it_has),
        cmocka_unit_test(impossible_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
