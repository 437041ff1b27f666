/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset_fixture.h"

/* Several handles on one database at once, as several servers would have. */
enum { THREADS = 4, SAMPLES = 200, BATCH = 20, ARENA_BYTES = 16 * 1024 * 1024 };

struct shared {
    struct fixture *fixture;
    const char *dataset_id;
    atomic_int_fast64_t added, decided, published, refused;
};

static void make_shared_database(struct fixture *f)
{
    char file[TEMP_PATH_BYTES + 32], url[TEST_DATABASE_URL_BYTES];
    (void)snprintf(file, sizeof(file), "%s/threads.db", f->folder);
    test_database_url(file, url);
    f->db = db_free(f->db);
    ASSERT_DONE(f, db_open(url, &f->db, &f->err));
    ASSERT_DONE(f, db_migrate(f->db, &f->err));
    f->dataset = new_dataset(f, "birds", DATASET_TYPE_CLASSIFICATION);
}

static bool add_the_same(void *state, uint32_t index, struct error *err)
{
    struct shared *shared = state;
    struct sample_add_counts counts = {0};
    AUTO(db) db = NULL;
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    if (!arena || !db_open_again(shared->fixture->db, &db, err))
        return false;
    for (int first = 0; first < SAMPLES; first += BATCH) {
        struct sample_new samples[BATCH];
        struct annotation said = label("wren");
        for (int i = 0; i < BATCH; i++)
            samples[i] = labeled(arena_printf(arena, "/%d", first + i), &said);
        struct sample_batch batch = {samples, BATCH, SAMPLE_MERGE_KEEP};
        if (!samples_add(db, shared->dataset_id, &batch, &counts, err))
            return false;
    }
    atomic_fetch_add(&shared->added, counts.added);
    return true;
}

static bool publish_the_same(void *state, uint32_t index, struct error *err)
{
    struct shared *shared = state;
    struct dataset_version version;
    struct dataset_publish request = {.project_id = "0",
                                      .dataset_id = shared->dataset_id,
                                      .name = "V001",
                                      .description = "by one of several"};
    AUTO(db) db = NULL;
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    if (!arena || !db_open_again(shared->fixture->db, &db, err))
        return false;
    request.hard_attributes = index % 2 == 0; /* so that the bytes differ */
    if (dataset_publish(db, shared->fixture->store, arena, &request, &version, err))
        atomic_fetch_add(&shared->published, 1);
    else if (err->detail == DETAIL_VERSION_EXISTS)
        atomic_fetch_add(&shared->refused, 1);
    else
        return false;
    return true;
}

/* Each gives its own label to all samples, every other one from the end on. */
static bool decide_all_in_turn(void *state, uint32_t index, struct error *err)
{
    struct shared *shared = state;
    AUTO(db) db = NULL;
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    if (!arena || !db_open_again(shared->fixture->db, &db, err))
        return false;
    const char *own = arena_printf(arena, "thread %u", index);
    struct sample_decision decision = {
        .project_id = "0", .action = SAMPLE_CONFIRM, .labels = list_of(&own, 1)};
    for (int first = 0; first < SAMPLES; first += BATCH) {
        const char *ids[BATCH];
        struct sample_outcome *outcomes = NULL;
        for (int i = 0; i < BATCH; i++) {
            int number = index % 2 ? SAMPLES - 1 - first - i : first + i;
            char id[HASH_HEX_BYTES];
            sample_id_of(shared->dataset_id, arena_printf(arena, "/%d", number), id);
            ids[i] = arena_text(arena, id);
        }
        if (!samples_decide(db, arena, list_of(ids, BATCH), &decision, &outcomes, err))
            return false;
        for (int i = 0; i < BATCH; i++)
            atomic_fetch_add(&shared->decided, outcomes[i].is_done);
    }
    return true;
}

static void writers_at_once_add_each_sample_once(void **state)
{
    struct fixture *f = *state;
    make_shared_database(f);
    struct shared shared = {.fixture = f, .dataset_id = f->dataset.id};
    ASSERT_DONE(f, workers_run(THREADS, add_the_same, &shared, &f->err));
    assert_int_equal(atomic_load(&shared.added), SAMPLES);
    assert_int_equal(counts_now(f).labeled, SAMPLES);
}

static void of_decisions_at_once_none_is_lost(void **state)
{
    struct fixture *f = *state;
    struct dataset_label *labels = NULL;
    size_t count = 0;
    make_shared_database(f);
    struct shared shared = {.fixture = f, .dataset_id = f->dataset.id};
    ASSERT_DONE(f, add_the_same(&shared, 0, &f->err));
    ASSERT_DONE(f, workers_run(THREADS, decide_all_in_turn, &shared, &f->err));
    assert_int_equal(atomic_load(&shared.decided), THREADS * SAMPLES);
    for (int i = 0; i < SAMPLES; i++)
        assert_int_equal(get(f, arena_printf(f->arena, "/%d", i)).revision, 1 + THREADS);
    ASSERT_DONE(f, dataset_labels(f->db, f->arena, f->dataset.id, &labels, &count, &f->err));
    assert_int_equal(count, 1 + THREADS);
}

static void publishers_at_once_leave_the_file_of_the_one_that_registered(void **state)
{
    struct fixture *f = *state;
    struct dataset_version *versions = NULL;
    size_t count = 0;
    char hash[HASH_HEX_BYTES];
    AUTO_BUFFER(bytes, ARENA_BYTES);
    make_shared_database(f);
    struct shared shared = {.fixture = f, .dataset_id = f->dataset.id};
    ASSERT_DONE(f, add_the_same(&shared, 0, &f->err));
    ASSERT_DONE(f, workers_run(THREADS, publish_the_same, &shared, &f->err));
    assert_int_equal(atomic_load(&shared.published), 1);
    assert_int_equal(atomic_load(&shared.refused), THREADS - 1);
    ASSERT_DONE(f, dataset_versions(f->db, f->arena, f->dataset.id, &versions, &count, &f->err));
    assert_int_equal(count, 1);
    ASSERT_DONE(f, store_get(f->store, versions[0].manifest_key, &bytes, &f->err));
    hash_of((struct bytes){bytes.data, bytes.size}, hash);
    assert_string_equal(hash, versions[0].manifest_hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writers_at_once_add_each_sample_once),
        TEST(of_decisions_at_once_none_is_lost),
        TEST(publishers_at_once_leave_the_file_of_the_one_that_registered),
    };
    return RUN_TESTS(tests);
}
