/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset_fixture.h"

enum { SOURCES = 40, STEPS = 600, STEPS_ON_SERVER = 150, SEED = 20261122 };

struct chance {
    uint64_t state;
};

/* splitmix64: the same sequence on every machine. */
static uint64_t below(struct chance *chance, uint64_t end)
{
    uint64_t x = chance->state += 0x9E3779B97F4A7C15U;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
    x = (x ^ x >> 27) * 0x94D049BB133111EBU;
    return (x ^ x >> 31) % end;
}

static void assert_sample_holds_together(const struct sample *sample)
{
    bool is_labeled = strcmp(sample->state, SAMPLE_LABELED) == 0;
    bool is_unlabeled = strcmp(sample->state, SAMPLE_UNLABELED) == 0;
    assert_true(is_labeled || is_unlabeled || strcmp(sample->state, SAMPLE_TO_BE_CONFIRMED) == 0);
    if (is_unlabeled)
        assert_int_equal(sample->annotation_count, 0);
    if (is_labeled)
        assert_true(sample->annotation_count > 0);
    for (size_t i = 0; i < sample->annotation_count; i++)
        assert_true(sample->annotations[i].is_suggested == !is_labeled);
}

/* Counts of the dataset, of the filters and of a look at every row must be the same. */
static void assert_counts_equal_rows(struct fixture *f)
{
    static const char *const states[] = {SAMPLE_UNLABELED, SAMPLE_TO_BE_CONFIRMED, SAMPLE_LABELED};
    struct dataset now = counts_now(f);
    struct sample_filter filter;
    struct sample_page all;
    int64_t rows[3] = {0}, hard_rows = 0, excluded = 0;
    sample_filter_init(&filter);
    filter.include_excluded = true;
    filter.limit = DATASET_PAGE_MAX;
    ASSERT_DONE(f, samples_page(f->db, f->arena, f->dataset.id, &filter, &all, &f->err));
    for (size_t i = 0; i < all.count; i++) {
        assert_sample_holds_together(&all.samples[i]);
        excluded += all.samples[i].is_excluded;
        hard_rows += !all.samples[i].is_excluded && all.samples[i].is_hard;
        for (size_t j = 0; j < 3; j++)
            rows[j] += !all.samples[i].is_excluded && strcmp(all.samples[i].state, states[j]) == 0;
    }
    assert_int_equal(now.samples, (int64_t)all.count - excluded);
    assert_int_equal(now.unlabeled, rows[0]);
    assert_int_equal(now.to_be_confirmed, rows[1]);
    assert_int_equal(now.labeled, rows[2]);
    assert_int_equal(now.hard, hard_rows);
    filter.include_excluded = false;
    assert_int_equal(count_of(f, &filter), now.samples);
    for (size_t j = 0; j < 3; j++) {
        filter.state = states[j];
        assert_int_equal(count_of(f, &filter), rows[j]);
    }
}

static void add_something(struct fixture *f, struct chance *chance, const char *source)
{
    static const char *const names[] = {"wren", "robin", "owl"};
    struct annotation said = label(names[below(chance, 3)]),
                      guessed = suggestion(names[below(chance, 3)], (double)below(chance, 100) / 100);
    struct sample_new kinds[] = {unlabeled(source), labeled(source, &said),
                                 hard(source, &guessed, (double)below(chance, 100) / 100, "1-3")};
    (void)add(f, &kinds[below(chance, 3)], 1, (enum sample_merge)below(chance, 3));
}

static void decide_something(struct fixture *f, struct chance *chance, const char *source)
{
    const char *names[] = {"heron"};
    enum sample_action action = (enum sample_action)below(chance, SAMPLE_INCLUDE + 1);
    bool has_labels = action <= SAMPLE_REJECT && below(chance, 2) == 0;
    (void)decide(f, source, action, list_of(names, has_labels ? 1 : 0));
}

static void counts_equal_rows_after_any_sequence(void **state)
{
    struct fixture *f = *state;
    struct chance chance = {SEED};
    const int steps = test_database_is_postgresql() ? STEPS_ON_SERVER : STEPS;
    for (int step = 0; step < steps; step++) {
        char source[16];
        (void)snprintf(source, sizeof(source), "/%d", (int)below(&chance, SOURCES));
        if (below(&chance, 2) == 0)
            add_something(f, &chance, source);
        else
            decide_something(f, &chance, source);
        if (step % 10 == 0)
            assert_counts_equal_rows(f);
    }
    assert_counts_equal_rows(f);
    assert_true(counts_now(f).samples > SOURCES / 4);
}

static void samples_of_other_datasets_are_not_counted(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample = unlabeled("/1");
    struct dataset birds = f->dataset;
    (void)add(f, &sample, 1, SAMPLE_MERGE_KEEP);
    f->dataset = new_dataset(f, "fish", DATASET_TYPE_CLASSIFICATION);
    assert_int_equal(counts_now(f).samples, 0);
    f->dataset = birds;
    assert_int_equal(counts_now(f).samples, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counts_equal_rows_after_any_sequence),
        TEST(samples_of_other_datasets_are_not_counted),
    };
    return RUN_TESTS(tests);
}
