/* SPDX-License-Identifier: Apache-2.0 */
/* From hard images to the list: groups, classes, budgets. */
#include "test.h"

#include "mining/choose.h"
#include "run_fixture.h"

#include <stdlib.h>

/* Images 10 to 10 + BURST - 1 of the pool are one picture, the hardest of them in the middle. */
enum { POOL = 120, BURST = 30, BURST_FIRST = 10, BURST_HARDEST = 25, PER_SHARD = 50 };

struct pool {
    struct run_fixture *fixture;
    struct record_set *set;
    double coefficients[POOL];
    struct mining_plan plan;
    uint64_t vectors_max_bytes, pool_max_bytes;
};

static void make_pool(struct run_fixture *fixture, struct pool *pool)
{
    struct error err = {0};
    *pool = (struct pool){.fixture = fixture,
                          .plan = {.threshold = 0.1, .groups = true},
                          .vectors_max_bytes = CHOOSE_VECTORS_MAX_BYTES,
                          .pool_max_bytes = CHOOSE_POOL_MAX_BYTES};
    for (uint32_t i = 0; i < POOL; i++) {
        make_image(fixture, i, "pool");
        finish_logits(&fixture->records[i]);
        pool->coefficients[i] = 0.9 - 0.005 * i;
    }
    const struct record *first = &fixture->records[BURST_FIRST];
    for (uint32_t i = BURST_FIRST; i < BURST_FIRST + BURST; i++) {
        fixture->records[i].perceptual_hash = first->perceptual_hash;
        fixture->records[i].appearance = first->appearance;
        fixture->records[i].logits = first->logits;
        fixture->records[i].log_sum_exp = first->log_sum_exp;
    }
    pool->coefficients[BURST_HARDEST] = 0.95;
    pool->coefficients[POOL - 1] = (double)NAN;
    pool->coefficients[POOL - 2] = 0.05;
    write_shards(fixture, "pool", POOL, PER_SHARD);
    assert_true(record_set_open(fixture->store, "pool", &pool->set, &err));
}

static void release_pool(struct pool *pool)
{
    struct error err = {0};
    pool->set = record_set_free(pool->set);
    assert_true(store_delete_below(pool->fixture->store, "pool", &err));
}

static struct choose_input input_of(const struct pool *pool, uint32_t threads)
{
    return (struct choose_input){.records = pool->set,
                                 .coefficients = pool->coefficients,
                                 .plan = &pool->plan,
                                 .threads = threads,
                                 .vectors_max_bytes = pool->vectors_max_bytes,
                                 .pool_max_bytes = pool->pool_max_bytes};
}

static struct choice chosen(const struct pool *pool, uint32_t threads)
{
    struct error err = {0};
    struct choice choice;
    const struct choose_input input = input_of(pool, threads);
    if (!choose_hard(&input, &choice, &err))
        fail_msg("%s", err.message);
    for (size_t i = 1; i < choice.count; i++)
        assert_true(pool->coefficients[choice.images[i - 1].record] >=
                    pool->coefficients[choice.images[i].record]);
    return choice;
}

static void a_burst_becomes_its_hardest_which_names_the_others(void **state)
{
    struct pool pool;
    struct error err = {0};
    make_pool(*state, &pool);
    struct choice choice = chosen(&pool, 2);
    assert_int_equal(choice.hard, POOL - 2);
    assert_int_equal(choice.represented, BURST - 1);
    assert_int_equal(choice.count, POOL - 2 - (BURST - 1));
    assert_int_equal(choice.images[0].record, BURST_HARDEST);
    assert_int_equal(choice.images[0].others, BURST - 1);
    assert_int_equal(choice.images[0].named, CHOOSE_NAMED_MAX); /* the hardest, and no more */
    AUTO(arena) arena = arena_new(1 << 20);
    const char *sources[POOL] = {NULL};
    assert_true(choose_sources(pool.set, &choice, arena, sources, &err));
    for (uint32_t i = 0; i < CHOOSE_NAMED_MAX; i++) {
        uint64_t record = choice.named[choice.images[0].first_named + i];
        assert_int_equal(record, BURST_FIRST + i + (BURST_FIRST + i >= BURST_HARDEST));
        assert_string_equal(sources[i], pool.fixture->images[record].source);
    }
    for (size_t i = 1; i < choice.count; i++)
        assert_int_equal(choice.images[i].others, 0);
    choice_release(&choice);
    release_pool(&pool);
}

static void a_group_names_others_up_to_the_limit_and_counts_all(void **state)
{
    struct pool pool;
    make_pool(*state, &pool);
    for (uint32_t others = CHOOSE_NAMED_MAX - 1; others <= CHOOSE_NAMED_MAX + 1; others++) {
        uint32_t kept = 0;
        for (uint32_t at = BURST_FIRST; at < BURST_FIRST + BURST; at++)
            if (at != BURST_HARDEST) /* the rest of the burst is not hard */
                pool.coefficients[at] = kept++ < others ? 0.6 : 0.01;
        struct choice choice = chosen(&pool, 1);
        assert_int_equal(choice.images[0].others, others);
        assert_int_equal(choice.images[0].named, others < CHOOSE_NAMED_MAX ? others : CHOOSE_NAMED_MAX);
        choice_release(&choice);
    }
    release_pool(&pool);
}

static void the_same_picture_with_another_answer_is_listed_too(void **state)
{
    struct pool pool;
    struct run_fixture *fixture = *state;
    make_pool(fixture, &pool);
    pool.set = record_set_free(pool.set);
    fixture->records[100].perceptual_hash = fixture->records[BURST_FIRST].perceptual_hash;
    fixture->records[100].appearance = fixture->records[BURST_FIRST].appearance;
    for (uint32_t same = 0; same < 2; same++) {
        struct error err = {0};
        const struct record *answer = &fixture->records[same ? BURST_FIRST : 99];
        fixture->records[100].logits = answer->logits;
        fixture->records[100].log_sum_exp = answer->log_sum_exp;
        write_shards(fixture, "pool", POOL, PER_SHARD);
        assert_true(record_set_open(fixture->store, "pool", &pool.set, &err));
        struct choice choice = chosen(&pool, 2);
        assert_int_equal(choice.represented, BURST - 1 + same);
        choice_release(&choice);
        pool.set = record_set_free(pool.set);
    }
    release_pool(&pool);
}

static void without_groups_the_burst_is_listed_whole(void **state)
{
    struct pool pool;
    make_pool(*state, &pool);
    pool.plan.groups = false;
    struct choice choice = chosen(&pool, 1);
    assert_int_equal(choice.count, POOL - 2);
    assert_int_equal(choice.represented, 0);
    assert_false(choose_needs_records(&pool.plan));
    choice_release(&choice);
    release_pool(&pool);
}

static void members_of_a_group_take_no_places_of_the_budget(void **state)
{
    struct pool pool;
    make_pool(*state, &pool);
    pool.plan.top_count = 20;
    struct choice choice = chosen(&pool, 2);
    assert_int_equal(choice.count, 20);
    assert_int_equal(choice.images[0].record, BURST_HARDEST);
    for (uint64_t i = 1; i < 20; i++) /* the burst's places go to those behind it */
        assert_int_equal(choice.images[i].record, i <= BURST_FIRST ? i - 1 : i - 1 + BURST);
    choice_release(&choice);
    release_pool(&pool);
}

static void a_share_is_of_the_images_analysed(void **state)
{
    struct pool pool;
    make_pool(*state, &pool);
    pool.plan.top_percent = 10;
    struct choice choice = chosen(&pool, 2);
    assert_int_equal(choice.count, (POOL - 1) / 10);
    choice_release(&choice);
    release_pool(&pool);
}

static void no_class_has_more_than_it_may(void **state)
{
    struct pool pool;
    make_pool(*state, &pool);
    for (int diversity = 0; diversity < 2; diversity++) {
        for (uint64_t most = 1; most < 60; most += 6) {
            uint64_t counts[RUN_CLASSES] = {0};
            pool.plan.per_class = most;
            pool.plan.diversity = diversity;
            struct choice choice = chosen(&pool, 2);
            for (size_t i = 0; i < choice.count; i++)
                counts[choice.images[i].record % RUN_CLASSES]++;
            for (int c = 0; c < RUN_CLASSES; c++)
                assert_true(counts[c] == most || (counts[c] < most && most > 28));
            choice_release(&choice);
        }
    }
    pool.plan.per_class = 4;
    pool.plan.top_count = 10; /* the smaller of both budgets */
    struct choice choice = chosen(&pool, 2);
    assert_int_equal(choice.count, 10);
    choice_release(&choice);
    release_pool(&pool);
}

/* Many hard images look alike, and fewer, less hard ones differ. */
static void diversity_brings_in_what_looks_different(void **state)
{
    struct pool pool;
    make_pool(*state, &pool);
    for (uint32_t i = 0; i < POOL; i++) /* the classes are the heaps: two of three are the hardest */
        pool.coefficients[i] = i % RUN_CLASSES == 0 ? 0.5 - 0.001 * i : 0.9 - 0.001 * i;
    pool.plan.top_count = 20;
    for (int diversity = 0; diversity < 2; diversity++) {
        uint64_t of_third = 0;
        pool.plan.diversity = diversity;
        struct choice choice = chosen(&pool, 2);
        assert_int_equal(choice.count, 20);
        assert_int_equal(choice.clusters, diversity ? 20 : 0);
        for (size_t i = 0; i < choice.count; i++)
            of_third += choice.images[i].record % RUN_CLASSES == 0;
        assert_int_equal(of_third > 0, diversity);
        choice_release(&choice);
    }
    release_pool(&pool);
}

/* Three heaps, one of each class; of two of them an image without noise is in the middle, and not the
 * hardest. */
static void of_what_looks_alike_the_middle_is_listed(void **state)
{
    struct pool pool;
    struct error err = {0};
    struct run_fixture *fixture = *state;
    make_pool(fixture, &pool);
    pool.set = record_set_free(pool.set);
    for (uint32_t i = 7; i <= 8; i++)
        for (uint32_t k = 0; k < APPEARANCE; k++) {
            fixture->images[i].appearance[k] = k == i % RUN_CLASSES ? 1 : 0;
            fixture->images[i].embedding[k % EMBEDDING] = k % EMBEDDING == i % RUN_CLASSES ? 3 : 0;
        }
    write_shards(fixture, "pool", POOL, PER_SHARD);
    assert_true(record_set_open(fixture->store, "pool", &pool.set, &err));
    pool.plan.diversity = 1;
    pool.plan.top_count = 3;
    pool.coefficients[0] = 0.99;
    struct choice choice = chosen(&pool, 2);
    assert_int_equal(choice.count, 3);
    assert_int_equal(choice.images[0].record, 0);
    assert_int_equal(choice.images[1].record, 7);
    assert_int_equal(choice.images[2].record, 8);
    choice_release(&choice);
    release_pool(&pool);
}

static void the_hardest_image_is_always_listed(void **state)
{
    struct pool pool;
    make_pool(*state, &pool);
    pool.plan.diversity = 1;
    for (uint64_t top = 1; top < POOL; top += 7) {
        pool.plan.top_count = top;
        struct choice choice = chosen(&pool, 1);
        assert_int_equal(choice.images[0].record, BURST_HARDEST);
        assert_true(choice.count == top || choice.count == POOL - 2 - (BURST - 1));
        choice_release(&choice);
    }
    release_pool(&pool);
}

static void of_the_least_hard_only_the_hash_counts_when_appearances_do_not_fit(void **state)
{
    enum { HARD = POOL - 2 };
    struct pool pool;
    make_pool(*state, &pool);
    for (uint64_t missing = 0; missing < 3; missing++) {
        pool.vectors_max_bytes = (uint64_t)HARD * APPEARANCE - missing;
        struct choice choice = chosen(&pool, 2);
        assert_int_equal(choice.by_hash, missing > 0);
        assert_int_equal(choice.represented, BURST - 1);
        choice_release(&choice);
    }
    pool.vectors_max_bytes = APPEARANCE - 1;
    struct choice choice = chosen(&pool, 2);
    assert_int_equal(choice.by_hash, HARD);
    assert_int_equal(choice.represented, BURST - 1); /* its images have the very same hash */
    choice_release(&choice);
    release_pool(&pool);
}

/* One image more than there are clusters: with less than that nothing is left to choose from. */
static void the_pool_is_as_large_as_fits(void **state)
{
    enum { TOP = 20, ROW_BYTES = (APPEARANCE + EMBEDDING) * 4 };
    struct pool pool;
    make_pool(*state, &pool);
    pool.plan.groups = false;
    pool.plan.diversity = 1;
    pool.plan.top_count = TOP;
    pool.pool_max_bytes = (uint64_t)(TOP + 1) * ROW_BYTES;
    struct choice fits = chosen(&pool, 2);
    assert_int_equal(fits.count, TOP);
    assert_true(fits.clusters > 0);
    pool.pool_max_bytes--;
    struct choice past = chosen(&pool, 2);
    assert_int_equal(past.count, TOP);
    assert_int_equal(past.clusters, 0);
    for (uint64_t i = 1; i < TOP; i++) /* the hardest of all, as without diversity */
        assert_int_equal(past.images[i].record, i - 1);
    choice_release(&fits);
    choice_release(&past);
    release_pool(&pool);
}

static void ties_are_listed_by_record(void **state)
{
    struct pool pool;
    make_pool(*state, &pool);
    for (uint32_t i = 0; i < POOL; i++)
        pool.coefficients[i] = 0.5;
    struct choice choice = chosen(&pool, 2);
    assert_int_equal(choice.images[BURST_FIRST].record, BURST_FIRST);
    for (size_t i = 1; i < choice.count; i++)
        assert_true(choice.images[i - 1].record < choice.images[i].record);
    choice_release(&choice);
    release_pool(&pool);
}

static void threads_change_nothing(void **state)
{
    struct pool pool;
    make_pool(*state, &pool);
    pool.plan.top_count = 30;
    pool.plan.per_class = 12;
    pool.plan.diversity = 0.5;
    struct choice first = chosen(&pool, 1);
    for (uint32_t threads = 2; threads < 6; threads++) {
        struct choice again = chosen(&pool, threads);
        assert_int_equal(again.count, first.count);
        assert_memory_equal(again.images, first.images, first.count * sizeof(*first.images));
        choice_release(&again);
    }
    choice_release(&first);
    release_pool(&pool);
}

static void a_stop_ends_it(void **state)
{
    struct pool pool;
    struct error err = {0};
    struct choice choice;
    struct stop_flag stop = {0};
    make_pool(*state, &pool);
    atomic_store(&stop.is_set, true);
    struct choose_input input = input_of(&pool, 2);
    input.stop = &stop;
    assert_false(choose_hard(&input, &choice, &err));
    assert_int_equal(err.code, ERR_CANCELLED);
    release_pool(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_becomes_its_hardest_which_names_the_others),
        cmocka_unit_test(a_group_names_others_up_to_the_limit_and_counts_all),
        cmocka_unit_test(the_same_picture_with_another_answer_is_listed_too),
        cmocka_unit_test(without_groups_the_burst_is_listed_whole),
        cmocka_unit_test(members_of_a_group_take_no_places_of_the_budget),
        cmocka_unit_test(a_share_is_of_the_images_analysed),
        cmocka_unit_test(no_class_has_more_than_it_may),
        cmocka_unit_test(diversity_brings_in_what_looks_different),
        cmocka_unit_test(of_what_looks_alike_the_middle_is_listed),
        cmocka_unit_test(the_hardest_image_is_always_listed),
        cmocka_unit_test(of_the_least_hard_only_the_hash_counts_when_appearances_do_not_fit),
        cmocka_unit_test(the_pool_is_as_large_as_fits),
        cmocka_unit_test(ties_are_listed_by_record),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(a_stop_ends_it),
    };
    return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
