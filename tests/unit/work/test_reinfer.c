/* SPDX-License-Identifier: Apache-2.0 */
/* The model once more on augmented copies, on the fake engine: same bytes whatever happened in between. */
#include "test.h"

#include "work/mine_views.h"
#include "work_fixture.h"

enum { PICTURES = 23, SHARD_IMAGES = 5, OPS = 3 };

struct scanned {
    struct fixture *fixture;
    struct model_runner *runner;
    struct record_set *records;
    struct augment_settings settings;
    uint16_t wanted[PICTURES + 1];
    const struct roots *roots;
    struct stop_flag stop;
};

static void start(struct scanned *scanned, struct fixture *fixture, const char *folder, bool is_detector)
{
    *scanned = (struct scanned){.fixture = fixture};
    write_pictures(fixture, PICTURES);
    (void)write_input(fixture, "damaged.png", (struct bytes){"no image", 8});
    scanned->runner = is_detector ? open_small_detector(fixture) : open_small_runner(fixture);
    const struct inputs_request listing = inputs_of(fixture, folder, SHARD_IMAGES);
    struct inputs inputs = make_inputs(fixture, &listing);
    const struct scan_request scan = scan_of(fixture, folder, &inputs, scanned->runner, 2);
    uint64_t images = 0;
    const char *records = arena_printf(fixture->arena, "%s/records", folder);
    if (!scan_run(&scan, &images, &fixture->err) ||
        !record_set_open(fixture->store, records, &scanned->records, &fixture->err) ||
        !augment_settings_read("fliplr:1+gaussianblur:1+crop:1", &scanned->settings, &fixture->err))
        fail_msg("%s", fixture->err.message);
    for (int i = 0; i <= PICTURES; i++)
        scanned->wanted[i] = 7;
}

static void end(struct scanned *scanned)
{
    scanned->records = record_set_free(scanned->records);
    scanned->runner = model_runner_free(scanned->runner);
}

static bool reinfer(struct scanned *scanned, const char *folder, uint32_t threads,
                    struct reinfer_counts *counts)
{
    const struct reinfer_request request = {.images = {.roots = scanned->roots,
                                                       .data = scanned->fixture->store,
                                                       .folder = folder,
                                                       .records = scanned->records,
                                                       .threads = threads,
                                                       .stop = &scanned->stop},
                                            .model = &scanned->fixture->model,
                                            .runner = &scanned->runner,
                                            .settings = &scanned->settings,
                                            .wanted = scanned->wanted};
    return reinfer_run(&request, counts, &scanned->fixture->err);
}

static struct reinfer_counts must_reinfer(struct scanned *scanned, const char *folder, uint32_t threads)
{
    struct reinfer_counts counts = {0};
    if (!reinfer(scanned, folder, threads, &counts))
        fail_msg("%s", scanned->fixture->err.message);
    return counts;
}

static uint32_t measured_in(struct scanned *scanned, const char *folder, uint32_t op)
{
    uint32_t measured = 0;
    for (uint32_t shard = 0; shard < record_set_shards(scanned->records); shard++) {
        char key[VIEW_KEY_BYTES];
        struct view rows[SHARD_IMAGES];
        uint32_t left = PICTURES + 1 - shard * SHARD_IMAGES,
                 count = left < SHARD_IMAGES ? left : SHARD_IMAGES;
        view_key(folder, &scanned->settings.ops[op], shard, key);
        assert_true(view_read(scanned->fixture->store, key, count, rows, &scanned->fixture->err));
        for (uint32_t i = 0; i < count; i++)
            measured += view_is_measured(&rows[i]);
    }
    return measured;
}

static void every_image_that_can_be_read_is_seen_again(void **state)
{
    for (int is_detector = 0; is_detector < 2; is_detector++) {
        struct scanned scanned;
        const char *folder = is_detector ? "det" : "cls";
        start(&scanned, *state, folder, is_detector == 1);
        struct reinfer_counts counts = must_reinfer(&scanned, folder, 3);
        assert_int_equal(counts.measured, OPS * PICTURES);
        assert_int_equal(counts.images, PICTURES);
        assert_int_equal(counts.gone, 0); /* what failed before is not tried again */
        for (uint32_t op = 0; op < OPS; op++)
            assert_int_equal(measured_in(&scanned, folder, op), PICTURES);
        end(&scanned);
    }
}

static void what_is_known_is_not_measured_again(void **state)
{
    struct scanned scanned;
    start(&scanned, *state, "one", false);
    (void)must_reinfer(&scanned, "one", 2);
    scanned.runner = model_runner_free(scanned.runner); /* not even the model is opened: it could not be */
    struct reinfer_counts counts = must_reinfer(&scanned, "one", 2);
    assert_int_equal(counts.measured, 0);
    assert_null(scanned.runner);
    end(&scanned);
}

static void only_what_is_wanted_is_measured_and_more_is_added(void **state)
{
    struct scanned scanned;
    start(&scanned, *state, "one", false);
    for (int i = 0; i <= PICTURES; i++)
        scanned.wanted[i] = i == 7 ? 2 : 0;
    assert_int_equal(must_reinfer(&scanned, "one", 2).measured, 1);
    assert_int_equal(measured_in(&scanned, "one", 1), 1);
    scanned.wanted[7] = 7;
    scanned.wanted[8] = 4;
    struct reinfer_counts counts = must_reinfer(&scanned, "one", 2);
    assert_int_equal(counts.measured, 3);
    assert_int_equal(counts.kept, 1);
    end(&scanned);
}

static void only_operations_that_were_measured_are_written(void **state)
{
    struct fixture *fixture = *state;
    struct scanned scanned;
    bool is_there = false;
    start(&scanned, fixture, "one", false);
    for (int i = 0; i <= PICTURES; i++)
        scanned.wanted[i] = i == 7 ? 2 : 0;
    (void)must_reinfer(&scanned, "one", 2);
    for (uint32_t op = 0; op < OPS; op++) {
        char key[VIEW_KEY_BYTES];
        view_key("one", &scanned.settings.ops[op], 7 / SHARD_IMAGES, key);
        assert_true(store_exists(fixture->store, key, &is_there, &fixture->err));
        assert_int_equal(is_there, op == 1);
    }
    end(&scanned);
}

static void threads_interruptions_and_damage_leave_the_same_bytes(void **state)
{
    struct fixture *fixture = *state;
    struct scanned scanned, again;
    start(&scanned, fixture, "one", false);
    (void)must_reinfer(&scanned, "one", 1);
    start(&again, fixture, "many", false);
    for (int i = 0; i < 9; i++) /* as if killed after two shards, one file half written */
        again.wanted[i + 9] = 0;
    (void)must_reinfer(&again, "many", 8);
    char key[VIEW_KEY_BYTES];
    view_key("many", &again.settings.ops[1], 0, key);
    assert_true(store_put(fixture->store, key, (struct bytes){"half", 4}, &fixture->err));
    for (int i = 0; i <= PICTURES; i++)
        again.wanted[i] = 7;
    (void)must_reinfer(&again, "many", 5);
    assert_int_equal(assert_same_objects(fixture, "one/views", "many/views"), OPS * 5);
    end(&scanned);
    end(&again);
}

static void an_image_that_is_another_now_is_left_out(void **state)
{
    struct scanned scanned;
    start(&scanned, *state, "one", false);
    (void)write_picture(*state, "000.png", 77);
    struct reinfer_counts counts = must_reinfer(&scanned, "one", 2);
    assert_int_equal(counts.gone, 1);
    assert_int_equal(counts.measured, OPS * (PICTURES - 1));
    end(&scanned);
}

static void nothing_outside_the_roots_is_read_again(void **state)
{
    struct fixture *fixture = *state;
    struct scanned scanned;
    struct roots roots;
    start(&scanned, fixture, "one", false);
    assert_true(roots_parse("/elsewhere", NULL, fixture->arena, &roots, &fixture->err));
    scanned.roots = &roots;
    struct reinfer_counts counts = must_reinfer(&scanned, "one", 2);
    assert_int_equal(counts.gone, PICTURES);
    assert_int_equal(counts.measured, 0);
    const char *input = arena_printf(fixture->arena, "%s/in", fixture->folder);
    assert_true(roots_parse(input, NULL, fixture->arena, &roots, &fixture->err));
    assert_int_equal(must_reinfer(&scanned, "one", 2).measured, OPS * PICTURES);
    end(&scanned);
}

static void the_stage_that_asked_goes_on_where_it_was(void **state)
{
    struct fixture *fixture = *state;
    struct scanned scanned;
    struct task_progress progress = {0};
    start(&scanned, fixture, "one", false);
    (void)write_picture(fixture, "000.png", 77);
    struct mine_views views = {.data = fixture->store,
                               .model = &fixture->model,
                               .records = scanned.records,
                               .run_records = "one/records",
                               .training_records = "",
                               .runner = scanned.runner,
                               .progress = &progress};
    scanned.runner = NULL;
    assert_true(mine_views_start(&views, &fixture->err));
    task_progress_stage(&progress, "analyzing", 24);
    atomic_store(&progress.done, 5);
    for (int round = 0; round < 2; round++) {
        if (!views.views.measure(&views, false, &scanned.settings, scanned.wanted, &fixture->err))
            fail_msg("%s", fixture->err.message);
        assert_string_equal(atomic_load(&progress.stage), "analyzing");
        assert_int_equal(atomic_load(&progress.total), 24);
        assert_int_equal(atomic_load(&progress.done), 5);
        assert_int_equal(views.inferred, OPS * (PICTURES - 1));
        assert_int_equal(views.gone[0], 1);
    }
    mine_views_release(&views);
    end(&scanned);
}

static atomic_bool is_open;
static atomic_uint fake_calls;

static bool run_but_each_third(struct engine_call *call, struct error *err)
{
    if (atomic_load(&is_open) && atomic_fetch_add(&fake_calls, 1) % OPS == 0)
        return error_set(err, ERR_FAILED, "no answer");
    return engine_fake.run(call, err);
}

static void a_copy_without_an_answer_leaves_the_other_copies(void **state)
{
    struct scanned scanned;
    struct engine_backend silent = engine_fake;
    silent.run = run_but_each_third;
    start(&scanned, *state, "one", false);
    struct fixture *fixture = scanned.fixture;
    scanned.runner = model_runner_free(scanned.runner);
    atomic_store(&is_open, false); /* the model is tried when it is opened */
    if (!model_runner_open_with(&silent, fixture->store, &fixture->model, &scanned.runner, &fixture->err))
        fail_msg("%s", fixture->err.message);
    atomic_store(&is_open, true);
    assert_int_equal(must_reinfer(&scanned, "one", 1).measured, (OPS - 1) * PICTURES);
    assert_int_equal(measured_in(&scanned, "one", 0), 0);
    for (uint32_t op = 1; op < OPS; op++)
        assert_int_equal(measured_in(&scanned, "one", op), PICTURES);
    end(&scanned);
}

static void a_wish_to_stop_is_heard(void **state)
{
    struct scanned scanned;
    struct reinfer_counts counts = {0};
    start(&scanned, *state, "one", false);
    atomic_store(&scanned.stop.is_set, true);
    assert_false(reinfer(&scanned, "one", 2, &counts));
    assert_int_equal(scanned.fixture->err.code, ERR_CANCELLED);
    end(&scanned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_image_that_can_be_read_is_seen_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_known_is_not_measured_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_what_is_wanted_is_measured_and_more_is_added, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_operations_that_were_measured_are_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_stage_that_asked_goes_on_where_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(threads_interruptions_and_damage_leave_the_same_bytes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_image_that_is_another_now_is_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_outside_the_roots_is_read_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_copy_without_an_answer_leaves_the_other_copies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wish_to_stop_is_heard, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
