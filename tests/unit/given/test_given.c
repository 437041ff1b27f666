/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "given_fixture.h"

#include <fcntl.h>
#include <math.h>
#include <unistd.h>

/* The same two predictions in each form, so that no reader is without an example. */
static const struct example {
    const char *format, *file, *text;
} examples[] = {
    {"modelarts", "m/a.png_result.txt",
     "{\"detection_classes\":[\"1\"],\"detection_boxes\":[[2,1,6,4]],\"detection_scores\":[0.5]}"},
    {"coco", "c.json", "[{\"image_id\":\"a.png\",\"category_id\":1,\"bbox\":[1,2,3,4],\"score\":0.5}]"},
    {"jsonl", "l.jsonl",
     "{\"image\":\"a.png\",\"boxes\":[{\"label\":\"1\",\"score\":0.5,\"box\":[1,2,4,6]}]}\n"},
};

static bool open_text(struct fixture *fixture, const char *path, const char *format, struct given **ret)
{
    AUTO(store) store = NULL;
    assert_done(fixture, store_open(fixture->folder, true, &store, &fixture->err));
    const struct given_options options = {
        .path = path, .format = format, .images_folder = "/pictures", .data = store, .spool = "spool"};
    return given_open(&options, fixture->labels, ret, &fixture->err);
}

static struct given *open_lines(struct fixture *fixture, const char *text)
{
    struct given *given = NULL;
    assert_done(fixture, open_text(fixture, put_text(fixture, "x.jsonl", text), NULL, &given));
    return given;
}

static void every_reader_is_whole_known_by_content_and_reads_the_same(void **state)
{
    struct fixture *fixture = *state;
    size_t readers = 0;
    for (const struct given_reader *const *reader = given_readers; *reader; reader++, readers++) {
        const struct example *example = &examples[readers];
        struct given *given = NULL;
        assert_true((*reader)->name[0] && (*reader)->summary[0] && (*reader)->fits && (*reader)->read);
        for (size_t i = 0; i < readers; i++)
            assert_string_not_equal((*reader)->name, given_readers[i]->name);
        assert_string_equal((*reader)->name, example->format);
        const char *path = put_text(fixture, example->file, example->text);
        for (int forced = 0; forced < 2; forced++) {
            assert_done(fixture, open_text(fixture, path, forced ? example->format : NULL, &given));
            assert_string_equal(given_format(given), example->format);
            assert_int_equal(given_count(given), 1);
            assert_string_equal(given_name(given, 0), "a.png");
            assert_int_equal(given_type(given), MODEL_TYPE_DETECTION);
            assert_true(given_lowest_score(given) == 0.5);
            given = given_free(given);
        }
    }
    assert_int_equal(readers, sizeof(examples) / sizeof(examples[0]));
}

static void what_is_no_form_of_predictions_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct given *given = NULL;
    assert_error(fixture, open_text(fixture, put_text(fixture, "x.csv", "a,b\n"), NULL, &given), ERR_INVALID,
                 "not a form of predictions that is known");
    assert_error(fixture, open_text(fixture, put_text(fixture, "x.csv", ""), NULL, &given), ERR_INVALID,
                 "not a form");
    assert_error(fixture, open_text(fixture, "/no/such", NULL, &given), ERR_INVALID, "/no/such");
    assert_error(fixture, open_text(fixture, put_text(fixture, "x.json", "[]"), NULL, &given), ERR_INVALID,
                 "holds no prediction");
    assert_error(fixture, open_text(fixture, put_text(fixture, "x.json", "{}"), "csv", &given), ERR_INVALID,
                 "no format of predictions 'csv'");
}

static void two_predictions_of_one_image_are_refused_with_their_lines(void **state)
{
    struct fixture *fixture = *state;
    struct given *given = NULL;
    const char *path =
        put_text(fixture, "x.jsonl",
                 "{\"image\":\"a\",\"scores\":{\"x\":1}}\n{\"image\":\"b\",\"scores\":{\"x\":1}}\n"
                 "{\"image\":\"/pictures/a\",\"scores\":{\"x\":1}}\n");
    assert_error(fixture, open_text(fixture, path, NULL, &given), ERR_INVALID, "at 1 and 3");
}

/* ---- numbers ---- */

static const struct given_shape three = {.classes = 3};

static struct prediction read_first(struct fixture *fixture, const struct given *given)
{
    struct prediction prediction = {0};
    arena_reset(fixture->arena);
    assert_done(fixture, given_read(given, 0, &three, fixture->arena, &prediction, &fixture->err));
    return prediction;
}

static void probabilities_become_logarithms_and_the_rest_is_shared(void **state)
{
    struct fixture *fixture = *state;
    AUTO(given)
    given = open_lines(fixture, "{\"image\":\"a\",\"scores\":{\"b\":0.5,\"c\":0.4}}\n"
                                "{\"image\":\"z\",\"scores\":{\"a\":1}}\n");
    assert_done(fixture, given_labels_settle(fixture->labels, &fixture->err));
    const struct prediction prediction = read_first(fixture, given);
    assert_int_equal(prediction.classes, 3);
    assert_float_equal(exp((double)prediction.logits[0]), 0.1, 1e-6);
    assert_float_equal(exp((double)prediction.logits[1]), 0.5, 1e-6);
    assert_float_equal(exp((double)prediction.logits[2]), 0.4, 1e-6);
}

static void nobody_gets_more_of_the_rest_than_the_smallest_and_nobody_nothing(void **state)
{
    struct fixture *fixture = *state;
    AUTO(given)
    given = open_lines(fixture, "{\"image\":\"a\",\"scores\":{\"b\":0.2,\"c\":0.1}}\n"
                                "{\"image\":\"z\",\"scores\":{\"a\":1}}\n");
    struct prediction prediction;
    assert_done(fixture, given_labels_settle(fixture->labels, &fixture->err));
    prediction = read_first(fixture, given);
    assert_float_equal(exp((double)prediction.logits[0]), 0.1, 1e-6);
    assert_done(fixture, given_read(given, 1, &three, fixture->arena, &prediction, &fixture->err));
    assert_float_equal(exp((double)prediction.logits[2]), GIVEN_SCORE_FLOOR, 1e-9);
}

static void logits_stay_as_they_are_and_must_be_of_all_labels(void **state)
{
    struct fixture *fixture = *state;
    struct prediction prediction;
    AUTO(given)
    given = open_lines(fixture, "{\"image\":\"a\",\"logits\":{\"c\":-2,\"b\":7,\"a\":1}}\n"
                                "{\"image\":\"z\",\"logits\":{\"a\":1}}\n");
    assert_done(fixture, given_labels_settle(fixture->labels, &fixture->err));
    prediction = read_first(fixture, given);
    assert_true(prediction.logits[0] == 1.0F && prediction.logits[1] == 7.0F &&
                prediction.logits[2] == -2.0F);
    assert_error(fixture, given_read(given, 1, &three, fixture->arena, &prediction, &fixture->err),
                 ERR_INVALID, "logits of 1 of the 3 labels");
}

static void an_embedding_is_read_and_missed(void **state)
{
    struct fixture *fixture = *state;
    struct prediction prediction;
    const struct given_shape shape = {1, 2};
    AUTO(given)
    given =
        open_lines(fixture, "{\"image\":\"a\",\"scores\":{\"x\":1},\"embedding\":[1,2]}\n"
                            "{\"image\":\"b\",\"scores\":{\"x\":1}}\n{\"image\":\"c\",\"error\":\"dark\"}\n");
    assert_done(fixture, given_labels_settle(fixture->labels, &fixture->err));
    assert_int_equal(given_embedding_length(given), 2);
    assert_done(fixture, given_read(given, 0, &shape, fixture->arena, &prediction, &fixture->err));
    assert_true(prediction.embedding[1] == 2.0F);
    assert_error(fixture, given_read(given, 1, &shape, fixture->arena, &prediction, &fixture->err),
                 ERR_INVALID, "no embedding");
    assert_error(fixture, given_read(given, 2, &shape, fixture->arena, &prediction, &fixture->err),
                 ERR_INVALID, "failed elsewhere: dark");
}

static void boxes_come_best_first_and_are_cut_to_the_image(void **state)
{
    struct fixture *fixture = *state;
    uint32_t dropped = 0;
    const struct given_extent extent = {10, 10};
    AUTO(given)
    given = open_lines(fixture, "{\"image\":\"a\",\"boxes\":["
                                "{\"label\":\"a\",\"score\":0.25,\"box\":[-5,1,4,20]},"
                                "{\"label\":\"c\",\"score\":0.75,\"box\":[20,20,30,30]},"
                                "{\"label\":\"b\",\"score\":0.5,\"box\":[1,1,4,4]}]}");
    assert_done(fixture, given_labels_settle(fixture->labels, &fixture->err));
    struct prediction prediction = read_first(fixture, given);
    assert_int_equal(prediction.candidate_count, 3);
    assert_int_equal(prediction.candidates[0].label, 2);
    assert_true(prediction.candidate_scores[2] == 0.75F && prediction.candidate_scores[0] == 0.0F);
    assert_done(fixture, given_clip(&prediction, &extent, fixture->arena, &dropped, &fixture->err));
    assert_int_equal(dropped, 1);
    assert_int_equal(prediction.candidate_count, 2);
    assert_int_equal(prediction.candidates[0].label, 1);
    assert_true(prediction.candidate_scores[1] == 0.5F && prediction.candidate_scores[3] == 0.25F);
    assert_true(prediction.candidates[1].box.x_min == 0.0F && prediction.candidates[1].box.y_max == 10.0F);
}

static void a_label_counts_anew_for_the_next_set_of_predictions(void **state)
{
    struct fixture *fixture = *state;
    static const char text[] = "{\"image\":\"a.png\",\"scores\":{\"cat\":0.9}}\n"
                               "{\"image\":\"b.png\",\"scores\":{\"dog\":0.9}}\n";
    AUTO(given) run = open_lines(fixture, text);
    AUTO(given) training = open_lines(fixture, text);
    assert_int_equal(given_count(run), given_count(training));
    assert_int_equal(given_labels_count(fixture->labels), 2);
}

/* ---- matching ---- */

static void images_find_their_predictions_by_path_and_then_by_base_name(void **state)
{
    static const char *const keys[] = {"in/a.png", "in/x/b.png", "in/y/b.png",
                                       "in/c.png", "in/d.png",   "in/e.png"};
    enum { IMAGES = sizeof(keys) / sizeof(keys[0]) };
    struct fixture *fixture = *state;
    struct given_keys images[IMAGES];
    uint32_t found[IMAGES];
    bool is_used[6];
    AUTO(given)
    given = open_lines(fixture, "{\"image\":\"/pictures/in/a.png\",\"scores\":{\"x\":1}}\n" /* absolute */
                                "{\"image\":\"./x/b.png\",\"scores\":{\"x\":1}}\n"          /* below in/ */
                                "{\"image\":\"/far/b.png\",\"scores\":{\"x\":1}}\n"         /* two images */
                                "{\"image\":\"file:///far/c.png\",\"scores\":{\"x\":1}}\n"  /* base name */
                                "{\"image\":\"/one/d.png\",\"scores\":{\"x\":1}}\n"         /* two … */
                                "{\"image\":\"/two/d.png\",\"scores\":{\"x\":1}}\n"); /* … predictions */
    for (size_t i = 0; i < IMAGES; i++)
        given_keys_of(keys[i], "in/", &images[i]);
    assert_done(fixture, given_match(given, images, IMAGES, found, is_used, &fixture->err));
    static const uint32_t wanted[IMAGES] = {0, 1, GIVEN_NONE, 3, GIVEN_NONE, GIVEN_NONE};
    for (size_t i = 0; i < IMAGES; i++)
        assert_int_equal(found[i], wanted[i]);
    assert_true(is_used[0] && is_used[1] && is_used[3] && !is_used[2] && !is_used[4] && !is_used[5]);
}

/* ---- limits ---- */

static void a_name_has_at_most_so_many_bytes(void **state)
{
    struct fixture *fixture = *state;
    char name[GIVEN_NAME_MAX_BYTES + 2];
    const struct given_image image = {.name = name, .error = "none"};
    memset(name, 'a', sizeof(name));
    name[GIVEN_NAME_MAX_BYTES] = '\0';
    assert_done(fixture, given_sink_put(&fixture->sink, &image, &fixture->err));
    name[GIVEN_NAME_MAX_BYTES] = 'a';
    name[GIVEN_NAME_MAX_BYTES + 1] = '\0';
    assert_error(fixture, given_sink_put(&fixture->sink, &image, &fixture->err), ERR_LIMIT, "4096 bytes");
}

static void there_are_at_most_so_many_predictions(void **state)
{
    struct fixture *fixture = *state;
    const struct given_image image = {.name = "a", .error = "none"};
    fixture->sink.images = GIVEN_IMAGES_MAX - 1;
    assert_done(fixture, given_sink_put(&fixture->sink, &image, &fixture->err));
    assert_error(fixture, given_sink_put(&fixture->sink, &image, &fixture->err), ERR_LIMIT,
                 "more than 10000000");
}

static void an_image_has_at_most_so_many_boxes(void **state)
{
    struct fixture *fixture = *state;
    struct given_box *boxes = calloc(PREDICTION_CANDIDATES_MAX + 1, sizeof(*boxes));
    struct given_image image = {
        .name = "a", .type = MODEL_TYPE_DETECTION, .boxes = boxes, .box_count = PREDICTION_CANDIDATES_MAX};
    assert_non_null(boxes);
    assert_done(fixture, given_sink_put(&fixture->sink, &image, &fixture->err));
    image.box_count++;
    assert_error(fixture, given_sink_put(&fixture->sink, &image, &fixture->err), ERR_LIMIT, "10001 boxes");
    free(boxes);
}

static void a_file_of_images_and_categories_has_at_most_so_many_bytes(void **state)
{
    struct fixture *fixture = *state;
    const char *names = put_text(fixture, "names.json", "{}");
    for (int more = 0; more < 2; more++) {
        const struct given_options options = {.path = put_text(fixture, "c.json", "[]"),
                                              .coco_images = names};
        assert_int_equal(truncate(names, (off_t)GIVEN_COCO_IMAGES_MAX_BYTES + more), 0);
        bool is_ok = given_reader_coco.read(&options, &fixture->sink, &fixture->err);
        assert_error(fixture, is_ok, more ? ERR_LIMIT : ERR_INVALID,
                     more ? "images and categories" : "names.json");
    }
}

static void an_end_of_patience_ends_the_reading(void **state)
{
    struct fixture *fixture = *state;
    struct stop_flag stop;
    const struct given_image image = {.name = "a", .error = "none"};
    atomic_init(&stop.is_set, true);
    fixture->sink.stop = &stop;
    assert_error(fixture, given_sink_put(&fixture->sink, &image, &fixture->err), ERR_CANCELLED, "stopped");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, given_setup, given_teardown)
        T(every_reader_is_whole_known_by_content_and_reads_the_same),
        T(what_is_no_form_of_predictions_is_refused),
        T(two_predictions_of_one_image_are_refused_with_their_lines),
        T(probabilities_become_logarithms_and_the_rest_is_shared),
        T(nobody_gets_more_of_the_rest_than_the_smallest_and_nobody_nothing),
        T(logits_stay_as_they_are_and_must_be_of_all_labels),
        T(an_embedding_is_read_and_missed),
        T(boxes_come_best_first_and_are_cut_to_the_image),
        T(a_label_counts_anew_for_the_next_set_of_predictions),
        T(images_find_their_predictions_by_path_and_then_by_base_name),
        T(a_name_has_at_most_so_many_bytes),
        T(there_are_at_most_so_many_predictions),
        T(an_image_has_at_most_so_many_boxes),
        T(a_file_of_images_and_categories_has_at_most_so_many_bytes),
        T(an_end_of_patience_ends_the_reading),
    };
    return cmocka_run_group_tests_name("given", tests, NULL, NULL);
}
