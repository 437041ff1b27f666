/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "given/json_entries.h"
#include "given_fixture.h"

static const char names_json[] =
    "{\"images\":[{\"id\":9,\"file_name\":\"i/nine.jpg\"},{\"id\":2,\"file_name\":\"two.jpg\"},"
    "{\"id\":5,\"file_name\":\"five.jpg\"}],"
    "\"categories\":[{\"id\":18,\"name\":\"dog\"},{\"id\":3,\"name\":\"car\"}]}";

static bool read(struct fixture *fixture, const char *text, const struct given_coco_names *names)
{
    struct stream stream = stream_of(text);
    fixture->count = 0;
    return given_coco_list(feed, &stream, names, &fixture->sink, "x.json", &fixture->err);
}

#define BOX(image, category, score)                                                                          \
    "{\"image_id\":" image ",\"category_id\":" category ",\"bbox\":[1,2,3,4],\"score\":" score "}"

static void boxes_of_an_image_come_together_in_the_order_of_the_list(void **state)
{
    struct fixture *fixture = *state;
    assert_done(fixture,
                read(fixture,
                     " [" BOX("7", "1", "0.5") " ,\n" BOX("3", "2", "0.9") "," BOX("7", "1", "0.75") "] ",
                     NULL));
    assert_int_equal(fixture->count, 2);
    assert_string_equal(fixture->kept[0].name, "000000000003.jpg");
    assert_int_equal(fixture->kept[1].image.box_count, 2);
    assert_true(fixture->kept[1].boxes[0].score == 0.5F && fixture->kept[1].boxes[1].score == 0.75F);
    assert_true(fixture->kept[0].boxes[0].box.x_max == 4.0F && fixture->kept[0].boxes[0].box.y_max == 6.0F);
    assert_string_equal(given_labels_name(fixture->labels, fixture->kept[0].boxes[0].label), "2");
}

static void names_say_what_ids_mean_and_images_without_boxes_show_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct given_coco_names *names = NULL;
    assert_done(fixture, given_coco_names_read((struct bytes){names_json, strlen(names_json)},
                                               fixture->labels, &names, &fixture->err));
    assert_done(fixture, read(fixture, "[" BOX("9", "18", "1") "]", names));
    assert_int_equal(fixture->count, 3);
    assert_string_equal(fixture->kept[0].name, "i/nine.jpg");
    assert_string_equal(fixture->kept[1].name, "two.jpg");
    assert_string_equal(fixture->kept[2].name, "five.jpg");
    assert_int_equal(fixture->kept[2].image.box_count, 0);
    assert_string_equal(given_labels_name(fixture->labels, fixture->kept[0].boxes[0].label), "dog");
    assert_error(fixture, read(fixture, "[" BOX("4", "18", "1") "]", names), ERR_INVALID,
                 "x.json: entry 1: image_id is 4, which --coco-images does not have");
    assert_error(fixture, read(fixture, "[" BOX("9", "1", "1") "]", names), ERR_INVALID,
                 "category_id is 1, which");
    assert_done(fixture, given_labels_settle(fixture->labels, &fixture->err));
    assert_string_equal(given_labels_names(fixture->labels)[0], "car");
    given_coco_names_free(names);
}

static void line_n_of_given_labels_names_category_n(void **state)
{
    struct fixture *fixture = *state;
    const char *path = put_text(fixture, "labels.txt", "person\r\ncar\n");
    assert_done(fixture, given_labels_read(fixture->labels, path, &fixture->err));
    assert_done(fixture, read(fixture, "[" BOX("\"a.png\"", "2", "1") "]", NULL));
    assert_string_equal(fixture->kept[0].name, "a.png");
    assert_string_equal(given_labels_name(fixture->labels, fixture->kept[0].boxes[0].label), "car");
    assert_error(fixture, read(fixture, "[" BOX("1", "3", "1") "]", NULL), ERR_INVALID,
                 "line n names category n");
    assert_error(fixture, read(fixture, "[" BOX("1", "0", "1") "]", NULL), ERR_INVALID,
                 "line n names category n");
}

static void errors_name_entry_and_field(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "no list"},
        {"{}", "no list"},
        {"[" BOX("1", "1", "1"), "after 1 entries: it is cut off"},
        {"[{\"image_id\":1,", "it is cut off"},
        {"[" BOX("1", "1", "1") BOX("1", "1", "1") "]", "after entry 1 a ',' or ']' must come"},
        {"[7]", "entry 1 is no object"},
        {"[" BOX("1", "1", "1") ",]", "entry 2 is no object"},
        {"[] x", "something follows"},
        {"[" BOX("1", "1", "1.1") "]", "entry 1: score is 1.1"},
        {"[" BOX("1.5", "1", "1") "]", "image_id is 1.5, no whole number"},
        {"[" BOX("1", "true", "1") "]", "category_id is no number"},
        {"[" BOX("1", "1", "1") "," BOX("\"a\"", "1", "1") "]",
         "entry 2: image_id is a text, those before are not"},
        {"[{\"image_id\":1,\"category_id\":1,\"bbox\":[1,2,-3,4],\"score\":1}]", "-3 is none of these"},
        {"[{\"image_id\":1,\"category_id\":1,\"bbox\":[1,2,3],\"score\":1}]",
         "bbox must be an array of 4 numbers"},
        {"[{\"image_id\":1 \"x\"}]", "entry 1"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_error(*state, read(*state, cases[i].text, NULL), ERR_INVALID, cases[i].words);
}

static void names_that_are_no_names_are_refused(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"[]", "images must be an array"},
        {"{\"images\":[{\"id\":1}],\"categories\":[]}", "images[0].file_name must be a text"},
        {"{\"images\":[{\"id\":1,\"file_name\":\"a\"},{\"id\":1,\"file_name\":\"b\"}],\"categories\":[]}",
         "the id 1 twice"},
        {"{\"images\":[],\"categories\":[{\"name\":\"x\"}]}", "categories[0].id is missing"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct given_coco_names *names = NULL;
        bool is_ok = given_coco_names_read((struct bytes){cases[i].text, strlen(cases[i].text)},
                                           fixture->labels, &names, &fixture->err);
        assert_error(fixture, is_ok, ERR_INVALID, cases[i].words);
    }
}

static void a_list_has_at_most_so_many_boxes(void **state)
{
    struct fixture *fixture = *state;
    fixture->sink.coco_boxes_max = 2;
    assert_done(fixture, read(fixture, "[" BOX("1", "1", "1") "," BOX("2", "1", "1") "]", NULL));
    assert_error(
        fixture,
        read(fixture, "[" BOX("1", "1", "1") "," BOX("2", "1", "1") "," BOX("2", "1", "1") "]", NULL),
        ERR_LIMIT, "more than 2 boxes");
}

static void an_entry_has_at_most_so_many_bytes(void **state)
{
    struct fixture *fixture = *state;
    for (size_t more = 0; more < 2; more++) {
        static const char start[] = "[{",
                          rest[] = "\"image_id\":1,\"category_id\":1,\"bbox\":[1,2,3,4],\"score\":1}]";
        size_t bytes = GIVEN_COCO_ENTRY_MAX_BYTES + more + 2; /* and the brackets of the list */
        char *text = malloc(bytes);
        assert_non_null(text);
        memset(text, ' ', bytes);
        memcpy(text, start, strlen(start));
        memcpy(text + bytes - strlen(rest), rest, strlen(rest));
        struct stream stream = {text, bytes, 4096};
        bool is_ok = given_coco_list(feed, &stream, NULL, &fixture->sink, "x.json", &fixture->err);
        if (more == 0)
            assert_done(fixture, is_ok);
        else
            assert_error(fixture, is_ok, ERR_LIMIT, "entry 1 is longer than 1048576 bytes");
        free(text);
    }
}

static void an_image_has_at_most_so_many_boxes(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(text, 4 * 1024 * 1024);
    for (int more = 0; more < 2; more++) {
        buffer_clear(&text);
        (void)buffer_add_text(&text, "[");
        for (int i = 0; i < PREDICTION_CANDIDATES_MAX + more; i++)
            (void)buffer_printf(&text, "%s" BOX("1", "1", "1"), i ? "," : "");
        (void)buffer_add_text(&text, "]");
        struct stream stream = {text.data, text.size, 4096};
        bool is_ok = given_coco_list(feed, &stream, NULL, &fixture->sink, "x.json", &fixture->err);
        if (more == 0)
            assert_done(fixture, is_ok);
        else
            assert_error(fixture, is_ok, ERR_LIMIT, "10001 boxes");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, given_setup, given_teardown)
        T(boxes_of_an_image_come_together_in_the_order_of_the_list),
        T(names_say_what_ids_mean_and_images_without_boxes_show_nothing),
        T(line_n_of_given_labels_names_category_n),
        T(errors_name_entry_and_field),
        T(names_that_are_no_names_are_refused),
        T(a_list_has_at_most_so_many_boxes),
        T(an_entry_has_at_most_so_many_bytes),
        T(an_image_has_at_most_so_many_boxes),
    };
    return cmocka_run_group_tests_name("given coco", tests, NULL, NULL);
}
