/* SPDX-License-Identifier: Apache-2.0 */
/* A feature extractor on the images of a run, on the fake engine: same bytes whatever happened in between. */
#include "test.h"

#include "work/extract.h"
#include "work_fixture.h"

#include <math.h>
#include <unistd.h>

enum { PICTURES = 23, SHARD_IMAGES = 5, SHARDS = 5, LENGTH = 6, IN_LAST = PICTURES + 1 - 4 * SHARD_IMAGES };
#define KEY "0123456789abcdef0123456789abcdef"

struct scanned {
    struct fixture *fixture;
    struct record_set *records;
    struct model_extractor_source source;
    struct model_extractor *extractor;
    struct stop_flag stop;
};

static const char *write_extractor(struct fixture *fixture)
{
    struct onnx_builder builder = {0};
    onnx_builder_start(&builder);
    onnx_builder_input(&builder, "input", 1, "N,3,8,8");
    onnx_builder_output(&builder, "maps", 1, "N,6,2,2");
    onnx_builder_float(&builder, "w", 1);
    onnx_builder_node(&builder, "Conv", "input,w", "maps");
    const char *path = write_file(fixture, "extractor.onnx", onnx_builder_finish(&builder));
    onnx_builder_release(&builder);
    return path;
}

static void start(struct scanned *scanned, struct fixture *fixture, const char *folder)
{
    *scanned = (struct scanned){.fixture = fixture};
    write_pictures(fixture, PICTURES);
    (void)write_input(fixture, "damaged.png", (struct bytes){"no image", 8});
    AUTO(model_runner) runner = open_small_runner(fixture);
    const struct inputs_request listing = inputs_of(fixture, folder, SHARD_IMAGES);
    struct inputs inputs = make_inputs(fixture, &listing);
    const struct scan_request scan = scan_of(fixture, folder, &inputs, runner, 2);
    uint64_t images = 0;
    const char *records = arena_printf(fixture->arena, "%s/records", folder);
    if (!scan_run(&scan, &images, &fixture->err) ||
        !record_set_open(fixture->store, records, &scanned->records, &fixture->err))
        fail_msg("%s", fixture->err.message);
    scanned->source =
        (struct model_extractor_source){.path = write_extractor(fixture), .engine = &engine_fake};
}

static void end(struct scanned *scanned)
{
    scanned->records = record_set_free(scanned->records);
    scanned->extractor = model_extractor_free(scanned->extractor);
}

static bool extract(struct scanned *scanned, const char *folder, uint32_t threads,
                    struct extract_counts *counts)
{
    const struct extract_request request = {.images = {.data = scanned->fixture->store,
                                                       .folder = folder,
                                                       .records = scanned->records,
                                                       .threads = threads,
                                                       .stop = &scanned->stop},
                                            .key = KEY,
                                            .source = &scanned->source,
                                            .extractor = &scanned->extractor};
    return extract_run(&request, counts, &scanned->fixture->err);
}

static struct extract_counts must_extract(struct scanned *scanned, const char *folder, uint32_t threads)
{
    struct extract_counts counts = {0};
    if (!extract(scanned, folder, threads, &counts))
        fail_msg("%s", scanned->fixture->err.message);
    return counts;
}

/* Rows with a vector of L2 norm 1; of the damaged image there is one of zeros. */
static uint32_t vectors_in(struct scanned *scanned, const char *folder)
{
    uint32_t vectors = 0, zeros = 0;
    for (uint32_t shard = 0; shard < SHARDS; shard++) {
        float rows[SHARD_IMAGES * LENGTH];
        uint32_t length = 0, count = shard < SHARDS - 1 ? SHARD_IMAGES : IN_LAST;
        const struct extract_place place = {scanned->fixture->store, folder, KEY, shard, count};
        bool is_there = false;
        assert_true(extract_read(&place, &length, rows, &is_there, &scanned->fixture->err));
        assert_true(is_there);
        assert_int_equal(length, LENGTH);
        for (uint32_t i = 0; i < count; i++) {
            double squares = 0;
            for (int n = 0; n < LENGTH; n++)
                squares += pow((double)rows[i * LENGTH + (uint32_t)n], 2);
            vectors += fabs(squares - 1) < 1e-5;
            zeros += squares == 0;
        }
    }
    assert_int_equal(zeros, 1);
    return vectors;
}

static void every_image_that_can_be_read_gets_a_vector(void **state)
{
    struct scanned scanned;
    start(&scanned, *state, "one");
    struct extract_counts counts = must_extract(&scanned, "one", 3);
    assert_int_equal(counts.extracted, PICTURES);
    assert_int_equal(counts.gone, 0); /* what failed before is not tried again */
    assert_int_equal(counts.length, LENGTH);
    assert_int_equal(vectors_in(&scanned, "one"), PICTURES);
    end(&scanned);
}

static void what_is_kept_is_not_extracted_again(void **state)
{
    struct scanned scanned;
    start(&scanned, *state, "one");
    (void)must_extract(&scanned, "one", 2);
    scanned.extractor = model_extractor_free(scanned.extractor);
    scanned.source.path = "/nowhere.onnx"; /* not even opened */
    struct extract_counts counts = must_extract(&scanned, "one", 2);
    assert_int_equal(counts.extracted, 0);
    assert_int_equal(counts.length, LENGTH);
    assert_null(scanned.extractor);
    end(&scanned);
}

static void threads_interruptions_and_damage_leave_the_same_bytes(void **state)
{
    struct fixture *fixture = *state;
    struct scanned scanned, again;
    struct extract_counts counts = {0};
    start(&scanned, fixture, "one");
    (void)must_extract(&scanned, "one", 1);
    start(&again, fixture, "many");
    atomic_store(&again.stop.is_set, true);
    assert_false(extract(&again, "many", 2, &counts));
    assert_int_equal(fixture->err.code, ERR_CANCELLED);
    atomic_store(&again.stop.is_set, false);
    (void)must_extract(&again, "many", 8);
    assert_true(store_put(fixture->store, "many/features-" KEY "/000001.npy", (struct bytes){"half", 4},
                          &fixture->err));
    assert_true(store_delete(fixture->store, "many/features-" KEY "/000003.npy", &fixture->err));
    counts = must_extract(&again, "many", 8);
    assert_true(counts.extracted == 2 * SHARD_IMAGES || counts.extracted == 2 * SHARD_IMAGES - 1);
    for (int shard = 0; shard < SHARDS; shard++) {
        AUTO_BUFFER(left, FILE_MAX_BYTES);
        AUTO_BUFFER(right, FILE_MAX_BYTES);
        const char *name = arena_printf(fixture->arena, "/features-" KEY "/%06d.npy", shard);
        assert_true(
            store_get(fixture->store, arena_printf(fixture->arena, "one%s", name), &left, &fixture->err));
        assert_true(
            store_get(fixture->store, arena_printf(fixture->arena, "many%s", name), &right, &fixture->err));
        assert_int_equal(left.size, right.size);
        assert_memory_equal(left.data, right.data, left.size);
    }
    end(&scanned);
    end(&again);
}

static void an_image_that_is_gone_is_tried_again_when_it_is_back(void **state)
{
    struct fixture *fixture = *state;
    struct scanned scanned;
    start(&scanned, fixture, "one");
    const char *path = arena_printf(fixture->arena, "%s/in/007.png", fixture->folder),
               *away = arena_printf(fixture->arena, "%s/away.png", fixture->folder);
    assert_int_equal(rename(path, away), 0);
    struct extract_counts counts = must_extract(&scanned, "one", 2);
    assert_int_equal(counts.extracted, PICTURES - 1);
    assert_int_equal(counts.gone, 1);
    assert_int_equal(vectors_in(&scanned, "one"), PICTURES - 1);
    assert_int_equal(rename(away, path), 0);
    counts = must_extract(&scanned, "one", 2);
    assert_int_equal(counts.extracted, 1);
    assert_int_equal(vectors_in(&scanned, "one"), PICTURES);
    end(&scanned);
}

static void a_list_that_does_not_fit_the_records_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct scanned scanned;
    struct extract_counts counts = {0};
    AUTO_BUFFER(list, FILE_MAX_BYTES);
    start(&scanned, fixture, "one");
    assert_true(store_get(fixture->store, "one/inputs/000001.jsonl", &list, &fixture->err));
    size_t first = (size_t)((const char *)memchr(list.data, '\n', list.size) - list.data) + 1;
    assert_true(store_put(fixture->store, "one/inputs/000001.jsonl",
                          (struct bytes){list.data + first, list.size - first}, &fixture->err));
    assert_false(extract(&scanned, "one", 2, &counts));
    assert_string_equal(fixture->err.message, "shard 1 lists 4 images, its records are 5");
    end(&scanned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_image_that_can_be_read_gets_a_vector, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_kept_is_not_extracted_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(threads_interruptions_and_damage_leave_the_same_bytes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_image_that_is_gone_is_tried_again_when_it_is_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_list_that_does_not_fit_the_records_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
