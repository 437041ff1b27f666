/* SPDX-License-Identifier: Apache-2.0 */
/* The hot path under many threads, on the fake engine: same bytes, no hang, whatever fails or is wished. */
#include "test.h"

#include "store/backend.h"
#include "work_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    PICTURES = 31,
    SHARD_IMAGES = 4,
    SHARDS = 8,
    MANY_THREADS = 8,
    SHARD_FILES = 7,
    DONE_BEFORE_STOP = 15
};

static void scan(struct fixture *fixture, const struct scan_request *request, uint64_t expected)
{
    uint64_t scanned = 0;
    if (!scan_run(request, &scanned, &fixture->err))
        fail_msg("%s", fixture->err.message);
    assert_int_equal(scanned, expected);
}

static struct inputs pictures_in(struct fixture *fixture, const char *folder, uint32_t shard_images)
{
    const struct inputs_request request = inputs_of(fixture, folder, shard_images);
    return make_inputs(fixture, &request);
}

/* The wanted records, made by one thread, in "one". */
static void scan_with_one_thread(struct fixture *fixture, const struct model_runner *runner,
                                 uint32_t shard_images)
{
    struct inputs inputs = pictures_in(fixture, "one", shard_images);
    const struct scan_request request = scan_of(fixture, "one", &inputs, runner, 1);
    scan(fixture, &request, inputs.count);
}

static void many_threads_write_what_one_writes(void **state)
{
    static const uint32_t sizes[] = {1, SHARD_IMAGES, PICTURES - 1, PICTURES, PICTURES + 1};
    struct fixture *fixture = *state;
    write_pictures(fixture, PICTURES);
    (void)write_input(fixture, "damaged.png", (struct bytes){"no image", 8});
    AUTO(model_runner) runner = open_small_runner(fixture);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_true(store_delete_below(fixture->store, "one", &fixture->err));
        assert_true(store_delete_below(fixture->store, "many", &fixture->err));
        scan_with_one_thread(fixture, runner, sizes[i]);
        struct inputs inputs = pictures_in(fixture, "many", sizes[i]);
        struct task_progress progress = {0};
        struct scan_request request = scan_of(fixture, "many", &inputs, runner, MANY_THREADS);
        request.progress = &progress;
        scan(fixture, &request, PICTURES + 1);
        assert_int_equal(atomic_load(&progress.done), PICTURES + 1);
        assert_int_equal(atomic_load(&progress.failed), 1);
        assert_int_equal(assert_same_objects(fixture, "one/records", "many/records"),
                         inputs.shards * SHARD_FILES);
    }
}

static void more_threads_than_images_do_no_harm(void **state)
{
    struct fixture *fixture = *state;
    write_pictures(fixture, 2);
    AUTO(model_runner) runner = open_small_runner(fixture);
    scan_with_one_thread(fixture, runner, SHARD_IMAGES);
    struct inputs inputs = pictures_in(fixture, "many", SHARD_IMAGES);
    const struct scan_request request = scan_of(fixture, "many", &inputs, runner, MANY_THREADS);
    scan(fixture, &request, 2);
    (void)assert_same_objects(fixture, "one/records", "many/records");
}

static void finished_shards_are_not_scanned_again(void **state)
{
    struct fixture *fixture = *state;
    write_pictures(fixture, PICTURES);
    AUTO(model_runner) runner = open_small_runner(fixture);
    scan_with_one_thread(fixture, runner, SHARD_IMAGES);
    struct inputs inputs = pictures_in(fixture, "one", SHARD_IMAGES);
    struct task_progress progress = {0};
    struct scan_request request = scan_of(fixture, "one", &inputs, runner, MANY_THREADS);
    request.progress = &progress;
    scan(fixture, &request, 0);
    assert_int_equal(atomic_load(&progress.done), PICTURES);
    assert_true(store_delete_below(fixture->store, "one/records/shard-000003", &fixture->err));
    assert_true(store_delete(fixture->store, "one/records/shard-000007/shard.json", &fixture->err));
    scan(fixture, &request, SHARD_IMAGES + PICTURES % SHARD_IMAGES);
}

/* ---- a store that fails at a chosen moment ---- */

static atomic_int writes_left;

static bool failing_write_start(void *state, const char *key, void *writer, struct error *err)
{
    if (strstr(key, "/records/") && atomic_fetch_sub(&writes_left, 1) <= 0)
        return error_set(err, ERR_IO, "no space left for '%s'", key);
    return store_backend_dir.write_start(state, key, writer, err);
}

typedef bool write_starter(void *state, const char *key, void *writer, struct error *err);

static struct store *open_with(struct fixture *fixture, write_starter *write_start)
{
    static struct store_backend backend;
    struct store *store = NULL;
    backend = store_backend_dir;
    backend.write_start = write_start;
    if (!store_open_backend(&backend, fixture->data, false, &store, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return store;
}

static void a_write_that_fails_ends_the_scan_with_its_reason(void **state)
{
    struct fixture *fixture = *state;
    write_pictures(fixture, PICTURES);
    AUTO(model_runner) runner = open_small_runner(fixture);
    scan_with_one_thread(fixture, runner, SHARD_IMAGES);
    bool has_succeeded = false;
    for (int writes = 0; !has_succeeded; writes += 9) {
        assert_true(store_delete_below(fixture->store, "many", &fixture->err));
        struct inputs inputs = pictures_in(fixture, "many", SHARD_IMAGES);
        struct scan_request request = scan_of(fixture, "many", &inputs, runner, MANY_THREADS);
        atomic_store(&writes_left, writes);
        AUTO(store) failing = open_with(fixture, failing_write_start);
        uint64_t scanned = 0;
        request.data = failing;
        struct error err = {0};
        has_succeeded = scan_run(&request, &scanned, &err);
        if (!has_succeeded) {
            assert_int_equal(err.code, ERR_IO);
            assert_says(&err, "no space left for");
        }
        /* with room again, what is missing is scanned, and only that */
        request.data = fixture->store;
        assert_true(scan_run(&request, &scanned, &err));
        (void)assert_same_objects(fixture, "one/records", "many/records");
        assert_true(writes <= SHARDS * SHARD_FILES + 9);
    }
}

/* ---- a store where another process is at the same files, for a while ---- */

static atomic_int failures_left, failures_seen;
static struct stop_flag *stop_at_failure; /* NULL: none */

static bool disturbed_write_start(void *state, const char *key, void *writer, struct error *err)
{
    if (!strstr(key, "/records/") || atomic_fetch_sub(&failures_left, 1) <= 0)
        return store_backend_dir.write_start(state, key, writer, err);
    atomic_fetch_add(&failures_seen, 1);
    if (stop_at_failure)
        atomic_store(&stop_at_failure->is_set, true);
    return error_set(err, ERR_NOT_FOUND, "the folder of '%s' was taken away", key);
}

static struct store *open_disturbed(struct fixture *fixture, int failures, struct stop_flag *stop)
{
    stop_at_failure = stop;
    atomic_store(&failures_seen, 0);
    atomic_store(&failures_left, failures);
    return open_with(fixture, disturbed_write_start);
}

static void a_shard_that_another_process_disturbs_is_written_again(void **state)
{
    struct fixture *fixture = *state;
    write_pictures(fixture, PICTURES);
    AUTO(model_runner) runner = open_small_runner(fixture);
    scan_with_one_thread(fixture, runner, PICTURES);
    struct inputs inputs = pictures_in(fixture, "many", PICTURES);
    struct scan_request request = scan_of(fixture, "many", &inputs, runner, MANY_THREADS);
    AUTO(store) disturbed = open_disturbed(fixture, 2, NULL);
    request.data = disturbed;
    scan(fixture, &request, PICTURES);
    assert_int_equal(atomic_load(&failures_seen), 2);
    (void)assert_same_objects(fixture, "one/records", "many/records");
}

static void a_shard_is_tried_three_times_at_most(void **state)
{
    struct fixture *fixture = *state;
    write_pictures(fixture, PICTURES);
    AUTO(model_runner) runner = open_small_runner(fixture);
    struct inputs inputs = pictures_in(fixture, "many", PICTURES);
    struct scan_request request = scan_of(fixture, "many", &inputs, runner, MANY_THREADS);
    AUTO(store) disturbed = open_disturbed(fixture, PICTURES, NULL);
    uint64_t scanned = 0;
    request.data = disturbed;
    assert_false(scan_run(&request, &scanned, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
    assert_says(&fixture->err, "was taken away");
    assert_int_equal(atomic_load(&failures_seen), 3);
}

static void a_shard_is_not_tried_again_after_a_wish_to_stop(void **state)
{
    struct fixture *fixture = *state;
    write_pictures(fixture, PICTURES);
    AUTO(model_runner) runner = open_small_runner(fixture);
    struct inputs inputs = pictures_in(fixture, "many", PICTURES);
    struct scan_request request = scan_of(fixture, "many", &inputs, runner, MANY_THREADS);
    struct stop_flag stop = {0};
    AUTO(store) disturbed = open_disturbed(fixture, 1, &stop);
    uint64_t scanned = 0;
    request.data = disturbed;
    request.stop = &stop;
    assert_false(scan_run(&request, &scanned, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CANCELLED);
    request.stop = NULL; /* nothing was kept of it */
    scan(fixture, &request, PICTURES);
}

static void a_scan_that_was_stopped_before_it_began_writes_nothing(void **state)
{
    struct fixture *fixture = *state;
    write_pictures(fixture, PICTURES);
    AUTO(model_runner) runner = open_small_runner(fixture);
    scan_with_one_thread(fixture, runner, SHARD_IMAGES);
    struct inputs inputs = pictures_in(fixture, "many", SHARD_IMAGES);
    struct scan_request request = scan_of(fixture, "many", &inputs, runner, MANY_THREADS);
    uint64_t scanned = 0;
    struct stop_flag stop = {false};
    request.stop = &stop;
    atomic_store(&stop.is_set, true);
    assert_false(scan_run(&request, &scanned, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CANCELLED);
    bool exists = true;
    assert_true(record_shard_exists(fixture->store, "many/records", 0, &exists, &fixture->err));
    assert_false(exists);
    atomic_store(&stop.is_set, false);
    assert_true(scan_run(&request, &scanned, &fixture->err));
    (void)assert_same_objects(fixture, "one/records", "many/records");
}

struct stopper {
    struct task_progress progress;
    struct stop_flag stop;
    atomic_bool is_over;
};

static void *stop_when_some_are_done(void *argument)
{
    struct stopper *stopper = argument;
    while (atomic_load(&stopper->progress.done) < DONE_BEFORE_STOP && !atomic_load(&stopper->is_over))
        ;
    atomic_store(&stopper->stop.is_set, true);
    return NULL;
}

static void a_wish_to_stop_in_the_middle_keeps_whole_shards_only(void **state)
{
    struct fixture *fixture = *state;
    write_pictures(fixture, PICTURES);
    AUTO(model_runner) runner = open_small_runner(fixture);
    scan_with_one_thread(fixture, runner, SHARD_IMAGES);
    struct inputs inputs = pictures_in(fixture, "many", SHARD_IMAGES);
    struct stopper stopper = {0};
    struct scan_request request = scan_of(fixture, "many", &inputs, runner, MANY_THREADS);
    request.stop = &stopper.stop;
    request.progress = &stopper.progress;
    pthread_t thread;
    uint64_t scanned = 0;
    assert_int_equal(pthread_create(&thread, NULL, stop_when_some_are_done, &stopper), 0);
    bool is_done = scan_run(&request, &scanned, &fixture->err);
    atomic_store(&stopper.is_over, true);
    (void)pthread_join(thread, NULL);
    assert_true(is_done || fixture->err.code == ERR_CANCELLED); /* the scan may have been faster */
    request.stop = NULL;
    assert_true(scan_run(&request, &scanned, &fixture->err));
    assert_true(scanned % SHARD_IMAGES == 0 || scanned % SHARD_IMAGES == PICTURES % SHARD_IMAGES);
    (void)assert_same_objects(fixture, "one/records", "many/records");
}

static void a_lost_list_of_inputs_is_an_error_for_all_workers(void **state)
{
    struct fixture *fixture = *state;
    write_pictures(fixture, PICTURES);
    AUTO(model_runner) runner = open_small_runner(fixture);
    struct inputs inputs = pictures_in(fixture, "many", SHARD_IMAGES);
    assert_true(store_delete(fixture->store, "many/inputs/000004.jsonl", &fixture->err));
    const struct scan_request request = scan_of(fixture, "many", &inputs, runner, MANY_THREADS);
    uint64_t scanned = 0;
    assert_false(scan_run(&request, &scanned, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
    assert_says(&fixture->err, "the list of input images");
}

static void images_that_vanished_fail_alone(void **state)
{
    struct fixture *fixture = *state;
    struct record record;
    write_pictures(fixture, 5);
    AUTO(model_runner) runner = open_small_runner(fixture);
    struct inputs inputs = pictures_in(fixture, "many", 5);
    assert_int_equal(remove(arena_printf(fixture->arena, "%s/in/001.png", fixture->folder)), 0);
    const struct scan_request request = scan_of(fixture, "many", &inputs, runner, MANY_THREADS);
    scan(fixture, &request, 5);
    struct record_set *opened = NULL;
    struct record_shard *shard = NULL;
    assert_true(record_set_open(fixture->store, "many/records", &opened, &fixture->err));
    AUTO(record_set) set = opened;
    assert_true(record_shard_open(set, 0, &shard, &fixture->err));
    for (uint32_t row = 0; row < 5; row++) {
        record_shard_get(shard, row, &record);
        assert_int_equal(record.error != NULL, row == 1);
    }
    record_shard_get(shard, 1, &record);
    assert_string_equal(record.error, "there is no such file");
    assert_null(record.content_hash);
    (void)record_shard_free(shard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_threads_write_what_one_writes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_threads_than_images_do_no_harm, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finished_shards_are_not_scanned_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_write_that_fails_ends_the_scan_with_its_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_shard_that_another_process_disturbs_is_written_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_shard_is_tried_three_times_at_most, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_shard_is_not_tried_again_after_a_wish_to_stop, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_scan_that_was_stopped_before_it_began_writes_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_wish_to_stop_in_the_middle_keeps_whole_shards_only, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_lost_list_of_inputs_is_an_error_for_all_workers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(images_that_vanished_fail_alone, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
