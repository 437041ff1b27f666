/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "index_fixture.h"

/* Threads of a server on one index: each with a database handle of its own, as requests have. */
enum { THREADS = 4, SAMPLES = 120, TURNS = 25, ARENA_BYTES = 64 * 1024 * 1024 };

struct shared {
    struct fixture *fixture;
    struct sample_index *index;
    const char *dataset_id;
};

static bool fail_because(struct error *err, const char *what)
{
    return error_set(err, ERR_FAILED, "%s", what);
}

static bool total_of(const struct shared *shared, struct db *db, struct arena *arena,
                     const struct sample_filter *filter, int64_t *ret, struct error *err)
{
    struct sample_found found;
    if (!samples_search(&(struct sample_scope){shared->index, db, shared->dataset_id}, arena, filter, &found,
                        err))
        return false;
    *ret = found.total;
    return true;
}

/* Each thread decides samples of its own, marked by a label of its own, and must find each at once. */
static bool decide_and_look(const struct shared *shared, struct db *db, uint32_t index, int turn,
                            struct error *err)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    struct sample_filter filter;
    struct sample_facets facets;
    struct sample_outcome *outcomes = NULL;
    char id[HASH_HEX_BYTES];
    int64_t total = 0;
    const char *label = arena_printf(arena, "thread %u", index), *ids[] = {id};
    sample_id_of(shared->dataset_id, arena_printf(arena, "/%u", (uint32_t)turn * THREADS + index), id);
    const struct sample_decision decision = {
        .project_id = "0", .action = SAMPLE_CONFIRM, .labels = list_of(&label, 1)};
    if (!samples_decide(db, arena, list_of(ids, 1), &decision, &outcomes, err))
        return false;
    sample_filter_init(&filter);
    filter.label = label;
    if (!total_of(shared, db, arena, &filter, &total, err))
        return false;
    if (total != turn + 1)
        return error_set(err, ERR_FAILED, "%lld samples have '%s' after %d decisions", (long long)total,
                         label, turn + 1);
    filter.label = NULL;
    if (!samples_facets(&(struct sample_scope){shared->index, db, shared->dataset_id}, arena, &filter, 10,
                        &facets, err))
        return false;
    return facets.total == SAMPLES || fail_because(err, "a sample is missing in the counts");
}

static bool run_thread(void *state, uint32_t index, struct error *err)
{
    const struct shared *shared = state;
    AUTO(db) db = NULL;
    if (!db_open_again(shared->fixture->db, &db, err))
        return false;
    for (int turn = 0; turn < TURNS; turn++)
        if (!decide_and_look(shared, db, index, turn, err))
            return false;
    return true;
}

static void each_thread_sees_what_it_wrote(void **state)
{
    struct fixture *f = *state;
    char file[TEMP_PATH_BYTES + 32], url[TEST_DATABASE_URL_BYTES];
    struct sample_new *samples = arena_array(f->arena, SAMPLES, sizeof(*samples));
    AUTO(sample_index) index = sample_index_new(64 * 1024 * 1024);
    (void)snprintf(file, sizeof(file), "%s/index.db", f->folder);
    test_database_url(file, url);
    f->db = db_free(f->db);
    ASSERT_DONE(f, db_open(url, &f->db, &f->err));
    ASSERT_DONE(f, db_migrate(f->db, &f->err));
    f->dataset = new_dataset(f, "birds", DATASET_TYPE_CLASSIFICATION);
    for (int i = 0; i < SAMPLES; i++)
        samples[i] = unlabeled(arena_printf(f->arena, "/%d", i));
    (void)add(f, samples, SAMPLES, SAMPLE_MERGE_KEEP);
    struct shared shared = {f, index, f->dataset.id};
    ASSERT_DONE(f, workers_run(THREADS, run_thread, &shared, &f->err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_thread_sees_what_it_wrote, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
