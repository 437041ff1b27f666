/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "given_fixture.h"

static bool read(struct fixture *fixture, const char *text)
{
    fixture->count = 0;
    arena_reset(fixture->arena);
    return given_modelarts_result((struct bytes){text, strlen(text)}, "a.jpg", &fixture->sink, fixture->arena,
                                  &fixture->err);
}

static void scores_are_pairs_with_numbers_or_their_texts(void **state)
{
    struct fixture *fixture = *state;
    assert_done(fixture,
                read(fixture, "{\"predicted_label\":\"a\",\"scores\":[[\"a\",\"0.75\"],[\"b\",0.125]]}"));
    assert_int_equal(fixture->kept[0].image.score_count, 2);
    assert_true(fixture->kept[0].scores[0].value == 0.75F && fixture->kept[0].scores[1].value == 0.125F);
}

static void boxes_begin_with_y(void **state)
{
    struct fixture *fixture = *state;
    assert_done(fixture, read(fixture, "{\"detection_classes\":[\"a\"],\"detection_boxes\":[[1,\"2\",30,40]],"
                                       "\"detection_scores\":[\"0.5\"]}"));
    const struct box *box = &fixture->kept[0].boxes[0].box;
    assert_true(box->x_min == 2.0F && box->y_min == 1.0F && box->x_max == 40.0F && box->y_max == 30.0F);
}

static void errors_name_the_field(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"{}", "scores (classification) or detection_classes"},
        {"[]", "must be there"},
        {"", "it"},
        {"{\"scores\":{}}", "scores must be an array of [label, score]"},
        {"{\"scores\":[[\"a\"]]}", "scores[0] must be [label, score]"},
        {"{\"scores\":[[\"a\",0.5],[3,1]]}", "scores[1] must be the name of a label"},
        {"{\"scores\":[[\"a\",7]]}", "scores[0] is 7"},
        {"{\"detection_classes\":[\"a\"],\"detection_boxes\":[],\"detection_scores\":[1]}",
         "detection_boxes must be"},
        {"{\"detection_classes\":[\"a\"],\"detection_boxes\":[[1,2,3]],\"detection_scores\":[1]}",
         "detection_boxes[0] must be [y_min, x_min, y_max, x_max]"},
        {"{\"detection_classes\":[\"a\"],\"detection_boxes\":[[1,2,3,1e9]],\"detection_scores\":[1]}",
         "detection_boxes[0] is 1e+09"},
        {"{\"detection_classes\":[\"a\"],\"detection_boxes\":[[1,2,3,4]],\"detection_scores\":[null]}",
         "detection_scores[0] is no number"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_error(*state, read(*state, cases[i].text), ERR_INVALID, cases[i].words);
}

static bool read_path(struct fixture *fixture, const char *path)
{
    const struct given_options options = {.path = path};
    fixture->count = 0;
    return given_reader_modelarts.read(&options, &fixture->sink, &fixture->err);
}

static void a_folder_is_read_by_the_names_of_its_files(void **state)
{
    struct fixture *fixture = *state;
    (void)put_text(fixture, "r/b/x.png_result.txt", "{\"scores\":[[\"a\",1]]}");
    (void)put_text(fixture, "r/a.png_result.txt", "{\"scores\":[[\"b\",1]]}");
    (void)put_text(fixture, "r/readme", "hello");
    assert_done(fixture, read_path(fixture, arena_printf(fixture->arena, "%s/r", fixture->folder)));
    assert_int_equal(fixture->count, 2);
    assert_string_equal(fixture->kept[0].name, "a.png");
    assert_string_equal(fixture->kept[1].name, "b/x.png");
    (void)put_text(fixture, "r/c.png_result.txt", "{\"scores\":[[\"b\",2]]}");
    assert_error(fixture, read_path(fixture, arena_printf(fixture->arena, "%s/r", fixture->folder)),
                 ERR_INVALID, "c.png_result.txt: scores[0] is 2");
}

static void a_result_manifest_names_images_and_failures(void **state)
{
    struct fixture *fixture = *state;
    (void)put_text(fixture, "o/infer-result-1/x_result.txt", "{\"scores\":[[\"a\",1]]}");
    (void)put_text(
        fixture, "o/infer-result-1.manifest",
        "{\"source\":\"/in/x.png\",\"inference-loc\":\"obs://b/old/infer-result-1/x_result.txt\"}\n"
        "{\"source\":\"/in/y.png\",\"result\":\"FAILED\",\"error_message\":\"no image\"}\n");
    assert_done(fixture, read_path(fixture, arena_printf(fixture->arena, "%s/o", fixture->folder)));
    assert_string_equal(fixture->kept[0].name, "/in/x.png");
    assert_string_equal(fixture->kept[1].error, "no image");
    (void)put_text(fixture, "o/infer-result-2.manifest", "");
    assert_error(fixture, read_path(fixture, arena_printf(fixture->arena, "%s/o", fixture->folder)),
                 ERR_INVALID, "the results of 2 runs; name the manifest of one");
}

static void a_folder_without_results_says_so(void **state)
{
    struct fixture *fixture = *state;
    (void)put_text(fixture, "n/readme", "hello");
    assert_error(fixture, read_path(fixture, arena_printf(fixture->arena, "%s/n", fixture->folder)),
                 ERR_INVALID, "no file NAME_result.txt");
}

static void a_result_has_at_most_so_many_bytes(void **state)
{
    struct fixture *fixture = *state;
    char *text = malloc((size_t)GIVEN_RESULT_MAX_BYTES + 1);
    static const char content[] = "{\"scores\":[[\"a\",1]]}";
    assert_non_null(text);
    memset(text, ' ', (size_t)GIVEN_RESULT_MAX_BYTES + 1);
    memcpy(text, content, strlen(content));
    for (size_t more = 0; more < 2; more++) {
        const char *path =
            put(fixture, "x_result.txt", (struct bytes){text, (size_t)GIVEN_RESULT_MAX_BYTES + more});
        bool is_ok = read_path(fixture, path);
        if (more == 0)
            assert_done(fixture, is_ok);
        else
            assert_error(fixture, is_ok, ERR_LIMIT, "x_result.txt");
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, given_setup, given_teardown)
        T(scores_are_pairs_with_numbers_or_their_texts),
        T(boxes_begin_with_y),
        T(errors_name_the_field),
        T(a_folder_is_read_by_the_names_of_its_files),
        T(a_result_manifest_names_images_and_failures),
        T(a_folder_without_results_says_so),
        T(a_result_has_at_most_so_many_bytes),
    };
    return cmocka_run_group_tests_name("given modelarts", tests, NULL, NULL);
}
