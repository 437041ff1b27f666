/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/clock.h"
#include "dataset_fixture.h"

/* Prints how long a large dataset takes; asserts only that nothing is lost in it. */
enum { SAMPLES_IN_FILE = 100000, SAMPLES_ON_SERVER = 5000, BATCH = 1000 };

static int how_many(void)
{
    return test_database_is_postgresql() ? SAMPLES_ON_SERVER : SAMPLES_IN_FILE;
}

static void add_batch(struct fixture *f, int batch)
{
    static const char *const names[] = {"wren", "robin", "owl", "heron", "coot"};
    AUTO(arena) arena = arena_new(FIXTURE_ARENA_BYTES);
    struct sample_new *samples = arena_array(arena, BATCH, sizeof(*samples));
    struct annotation *guesses = arena_array(arena, BATCH, sizeof(*guesses));
    for (int i = 0; i < BATCH; i++) {
        int number = batch * BATCH + i;
        guesses[i] = suggestion(names[number % 5], (number % 97) / 97.0);
        samples[i] = hard(arena_printf(arena, "/data/in/%08d.png", number), &guesses[i],
                          (number % 101) / 101.0, "1-7-20");
    }
    struct sample_add_counts counts = add(f, samples, BATCH, SAMPLE_MERGE_HARD);
    assert_int_equal(counts.added, BATCH);
}

static int64_t walk(struct fixture *f, const char *sort)
{
    struct sample_filter filter;
    char cursor[1024];
    int64_t seen = 0;
    sample_filter_init(&filter);
    filter.sort = sort;
    filter.state = SAMPLE_TO_BE_CONFIRMED;
    filter.limit = DATASET_PAGE_MAX;
    AUTO(arena) arena = arena_new(FIXTURE_ARENA_BYTES);
    do {
        struct sample_page page;
        arena_reset(arena);
        ASSERT_DONE(f, samples_page(f->db, arena, f->dataset.id, &filter, &page, &f->err));
        seen += (int64_t)page.count;
        filter.cursor = page.cursor ? strcpy(cursor, page.cursor) : NULL;
    } while (filter.cursor);
    return seen;
}

static void many_samples_are_added_paged_counted_and_published(void **state)
{
    struct fixture *f = *state;
    static const char *const sorts[] = {"-hard_coefficient", "source", "created", "id"};
    const int samples = how_many();
    double start = clock_steady_seconds();
    for (int i = 0; i < samples / BATCH; i++)
        add_batch(f, i);
    print_message("# added %d in %.2f s\n", samples, clock_steady_seconds() - start);
    for (size_t i = 0; i < 4; i++) {
        start = clock_steady_seconds();
        assert_int_equal(walk(f, sorts[i]), samples);
        print_message("# walked all by %s in %.2f s\n", sorts[i], clock_steady_seconds() - start);
    }
    start = clock_steady_seconds();
    assert_int_equal(counts_now(f).to_be_confirmed, samples);
    print_message("# counted in %.3f s\n", clock_steady_seconds() - start);

    struct sample_filter filter;
    sample_filter_init(&filter);
    filter.reason = 7;
    filter.label = "owl";
    filter.source_contains = "99.png";
    start = clock_steady_seconds();
    assert_int_equal(count_of(f, &filter), 0);
    print_message("# filtered in %.3f s\n", clock_steady_seconds() - start);

    assert_int_equal(decide(f, "/data/in/00000000.png", SAMPLE_CONFIRM, NO_LABELS).code, ERR_NONE);
    struct dataset_publish request = {
        .project_id = "0", .dataset_id = f->dataset.id, .hard_attributes = true};
    struct dataset_version version;
    start = clock_steady_seconds();
    ASSERT_DONE(f, dataset_publish(f->db, f->store, f->arena, &request, &version, &f->err));
    print_message("# published in %.2f s\n", clock_steady_seconds() - start);
    assert_int_equal(version.samples, samples);
    assert_int_equal(version.labeled, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(many_samples_are_added_paged_counted_and_published),
    };
    return RUN_TESTS(tests);
}
