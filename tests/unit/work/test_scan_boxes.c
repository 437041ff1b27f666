/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan does for detectors: the same bytes from any number of threads, boxes measured, features of the
 * boxes that a person drew where there are any. */
#include "test.h"

#include "record/box_features.h"
#include "work/scan_image.h"
#include "work/scan_shard.h"
#include "work_fixture.h"

#include <math.h>

enum { PICTURES = 25, SHARD_IMAGES = 4, MANY_THREADS = 8, SIDE = 40, CANDIDATES = 3, DRAWN = 2 };

static void scan_folder(struct fixture *fixture, const struct model_runner *runner, const char *folder,
                        uint32_t threads)
{
    const struct inputs_request listing = inputs_of(fixture, folder, SHARD_IMAGES);
    struct inputs inputs = make_inputs(fixture, &listing);
    const struct scan_request request = scan_of(fixture, folder, &inputs, runner, threads);
    uint64_t scanned = 0;
    if (!scan_run(&request, &scanned, &fixture->err))
        fail_msg("%s", fixture->err.message);
    assert_int_equal(scanned, PICTURES);
}

static void many_threads_write_the_boxes_that_one_writes(void **state)
{
    struct fixture *fixture = *state;
    write_pictures(fixture, PICTURES);
    AUTO(model_runner) runner = open_small_detector(fixture);
    scan_folder(fixture, runner, "one", 1);
    scan_folder(fixture, runner, "many", MANY_THREADS);
    (void)assert_same_objects(fixture, "one/records", "many/records");
}

static uint32_t look_at_record(const struct record_header *header, const struct record *record)
{
    uint32_t answers = record_answers(header, record->candidates, record->candidate_count);
    assert_null(record->error);
    for (uint32_t i = 0; i < record->candidate_count; i++) {
        const struct candidate *candidate = &record->candidates[i];
        bool is_answer = (double)candidate->score >= header->score_threshold;
        assert_true((double)candidate->score >= header->candidate_floor);
        assert_int_equal(isfinite(candidate->brightness), is_answer);
        assert_int_equal(isfinite(candidate->clarity), is_answer);
        assert_true(record->candidate_scores[i * header->classes + candidate->label] == candidate->score);
    }
    assert_true(record->features[FEATURE_BOX_COUNT] == answers);
    assert_int_equal(isnan(record->features[FEATURE_BOX_BRIGHTNESS]), answers == 0);
    return answers;
}

static void records_keep_answers_measured_and_near_misses_not(void **state)
{
    struct fixture *fixture = *state;
    struct record_set *opened = NULL;
    uint32_t answers = 0, candidates = 0;
    write_pictures(fixture, PICTURES);
    AUTO(model_runner) runner = open_small_detector(fixture);
    scan_folder(fixture, runner, "one", 2);
    assert_true(record_set_open(fixture->store, "one/records", &opened, &fixture->err));
    AUTO(record_set) set = opened;
    const struct record_header *header = record_set_header(set);
    assert_int_equal(header->type, MODEL_TYPE_DETECTION);
    assert_true(header->score_threshold == 0.3 && header->candidate_floor == 0.05);
    for (uint32_t number = 0; number < record_set_shards(set); number++) {
        struct record_shard *shard = NULL;
        assert_true(record_shard_open(set, number, &shard, &fixture->err));
        for (uint32_t row = 0; row < record_shard_count(shard); row++) {
            struct record record;
            record_shard_get(shard, row, &record);
            answers += look_at_record(header, &record);
            candidates += record.candidate_count;
        }
        (void)record_shard_free(shard);
    }
    assert_true(answers > 0 && candidates > answers);
}

/* ---- one image ---- */

/* Left half black, right half white. */
static void make_halves(struct image *image)
{
    struct error err = {0};
    assert_true(image_resize_buffer(image, SIDE, SIDE, &err));
    for (size_t i = 0; i < (size_t)SIDE * SIDE * 3; i++)
        image->pixels[i] = i / 3 % SIDE < SIDE / 2 ? 0 : 255;
}

static const struct candidate found_boxes[CANDIDATES] = {{.box = {2, 2, 12, 12}, .score = 0.9F},
                                                         {.box = {24, 0, 34, 40}, .score = 0.3F},
                                                         {.box = {0, 0, 9, 9}, .score = 0.2F}};
static const float found_scores[CANDIDATES] = {0.9F, 0.3F, 0.2F};

static void see(struct scan_worker *worker, const struct input_item *item, struct scan_seen *seen)
{
    struct error err = {0};
    *seen = (struct scan_seen){.prediction = {.type = MODEL_TYPE_DETECTION,
                                              .classes = 1,
                                              .candidates = found_boxes,
                                              .candidate_scores = found_scores,
                                              .candidate_count = CANDIDATES}};
    make_halves(&worker->image);
    assert_true(image_measure(&worker->image, worker->scratch, &worker->measures, &err));
    if (!scan_boxes(worker, item, seen, &err))
        fail_msg("%s", err.message);
}

static struct scan_worker start_worker(void)
{
    static const struct record_header header = {.type = MODEL_TYPE_DETECTION,
                                                .classes = 1,
                                                .appearance_length = IMAGE_APPEARANCE_LENGTH,
                                                .score_threshold = 0.25,
                                                .candidate_floor = 0.05};
    struct scan_worker worker = {.header = &header, .scratch = image_scratch_new()};
    assert_non_null(worker.scratch);
    return worker;
}

static void answers_are_measured_and_described(void **state)
{
    (void)state;
    struct scan_worker worker = start_worker();
    const struct input_item item = {.source = "x"};
    struct scan_seen seen;
    see(&worker, &item, &seen);
    assert_int_equal(seen.answer_count, 2);
    assert_true(seen.answers[0].brightness == 0 && seen.answers[0].clarity == 0);
    assert_true(seen.answers[1].brightness > 254);
    assert_true(seen.features[FEATURE_BOX_COUNT] == 2);
    assert_true(fabs(seen.features[FEATURE_BOX_BRIGHTNESS] - (double)seen.answers[1].brightness / 2) < 1e-3);
    assert_true(fabs(seen.features[FEATURE_BOX_AREA_RATIO] - (100.0 + 400.0) / 2 / (SIDE * SIDE)) < 1e-9);
    scan_worker_release(&worker);
}

static void boxes_that_a_person_drew_are_described_instead(void **state)
{
    (void)state;
    static const struct box drawn[DRAWN] = {{24, 4, 34, 14}, {25, 10, 35, 30}};
    static const char *const labels[DRAWN] = {"a", "a"};
    struct scan_worker worker = start_worker();
    const struct input_item item = {
        .source = "x", .truth = labels, .truth_boxes = drawn, .truth_count = DRAWN};
    struct scan_seen seen;
    see(&worker, &item, &seen);
    assert_int_equal(seen.answer_count, 2);
    assert_true(seen.answers[0].brightness == 0 && seen.answers[0].score == 0.9F);
    assert_true(seen.features[FEATURE_BOX_COUNT] == DRAWN);
    assert_true(seen.features[FEATURE_BOX_BRIGHTNESS] > 254);
    assert_true(fabs(seen.features[FEATURE_BOX_ASPECT_RATIO] - 1.5) < 1e-9);
    scan_worker_release(&worker);
}

static void an_image_labelled_as_showing_nothing_has_no_boxes(void **state)
{
    (void)state;
    static const char *const none[1] = {NULL};
    struct scan_worker worker = start_worker();
    const struct input_item item = {.source = "x", .truth = none};
    struct scan_seen seen;
    see(&worker, &item, &seen);
    assert_true(seen.features[FEATURE_BOX_COUNT] == 0);
    assert_true(isnan(seen.features[FEATURE_BOX_AREA_RATIO]));
    assert_int_equal(seen.answer_count, 2);
    scan_worker_release(&worker);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(many_threads_write_the_boxes_that_one_writes),
        CASE(records_keep_answers_measured_and_near_misses_not),
        cmocka_unit_test(answers_are_measured_and_described),
        cmocka_unit_test(boxes_that_a_person_drew_are_described_instead),
        cmocka_unit_test(an_image_labelled_as_showing_nothing_has_no_boxes),
    };
    return cmocka_run_group_tests_name("scan boxes", tests, NULL, NULL);
}
