/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "given_fixture.h"

static bool read(struct fixture *fixture, const char *text)
{
    struct stream stream = stream_of(text);
    fixture->count = 0;
    return given_jsonl_lines(feed, &stream, &fixture->sink, "x.jsonl", &fixture->err);
}

static void scores_by_name_are_probabilities_in_the_order_of_the_line(void **state)
{
    struct fixture *fixture = *state;
    assert_done(
        fixture,
        read(fixture, "\xEF\xBB\xBF{\"image\":\"a.png\",\"scores\":{\"cat\":0.75,\"dog\":\"0.25\"}}\r\n\n"));
    assert_int_equal(fixture->count, 1);
    const struct kept *kept = &fixture->kept[0];
    assert_string_equal(kept->name, "a.png");
    assert_int_equal(kept->image.type, MODEL_TYPE_CLASSIFICATION);
    assert_false(kept->image.are_logits);
    assert_int_equal(kept->image.score_count, 2);
    assert_string_equal(given_labels_name(fixture->labels, kept->scores[1].label), "dog");
    assert_true(kept->scores[1].value == 0.25F);
}

static void a_first_line_of_labels_says_what_arrays_mean_and_closes_the_list(void **state)
{
    struct fixture *fixture = *state;
    assert_done(fixture,
                read(fixture, "{\"labels\":[\"b\",\"a\"]}\n{\"image\":\"1\",\"logits\":[3,-4.5]}\n"));
    assert_true(fixture->kept[0].image.are_logits);
    assert_string_equal(given_labels_name(fixture->labels, fixture->kept[0].scores[1].label), "a");
    assert_true(fixture->kept[0].scores[1].value == -4.5F);
    assert_done(fixture, given_labels_settle(fixture->labels, &fixture->err));
    assert_string_equal(given_labels_names(fixture->labels)[0], "b");
    assert_error(fixture, read(fixture, "{\"image\":\"2\",\"scores\":{\"c\":1}}"), ERR_INVALID,
                 "not one of the 2");
}

static void boxes_have_label_score_and_edges(void **state)
{
    struct fixture *fixture = *state;
    assert_done(fixture,
                read(fixture,
                     "{\"image\":\"a\",\"boxes\":[{\"label\":\"car\",\"score\":0.5,\"box\":[1,2,3,4]}]}\n"
                     "{\"image\":\"b\",\"boxes\":[]}\n"));
    assert_int_equal(fixture->count, 2);
    assert_int_equal(fixture->kept[0].image.type, MODEL_TYPE_DETECTION);
    assert_true(fixture->kept[0].boxes[0].box.y_max == 4.0F);
    assert_int_equal(fixture->kept[1].image.box_count, 0);
    assert_true(fixture->sink.lowest_score == 0.5);
}

static void an_embedding_goes_with_either(void **state)
{
    struct fixture *fixture = *state;
    assert_done(fixture, read(fixture, "{\"image\":\"a\",\"scores\":{\"x\":1},\"embedding\":[1,2,3]}"));
    assert_int_equal(fixture->sink.embedding_length, 3);
    assert_error(fixture, read(fixture, "{\"image\":\"b\",\"scores\":{\"x\":1},\"embedding\":[1,2]}"),
                 ERR_INVALID, "embedding has 2 numbers, those before have 3");
}

static void a_line_may_say_that_there_is_no_prediction(void **state)
{
    struct fixture *fixture = *state;
    assert_done(fixture, read(fixture, "{\"image\":\"a\",\"error\":\"too dark\"}"));
    assert_string_equal(fixture->kept[0].error, "too dark");
}

static void errors_name_line_and_field(void **state)
{
    static const struct {
        const char *line, *words;
    } cases[] = {
        {"{\"image\":\"a\",\"scores\":{\"x\":1.5}}", "line 1 of x.jsonl: scores.x is 1.5; it may be 0 to 1"},
        {"{\"image\":\"a\",\"scores\":{\"x\":\"much\"}}", "scores.x is 'much'"},
        {"{\"image\":\"a\",\"scores\":{\"x\":0.9,\"y\":0.9}}", "the scores come to 1.8 in all"},
        {"{\"image\":\"a\",\"scores\":{\"x\":0.1,\"x\":0.1}}", "the label 'x' has two scores"},
        {"{\"image\":\"a\",\"scores\":{}}", "there is no score"},
        {"{\"image\":\"a\",\"scores\":[0.5]}", "has 1 numbers for 0 labels"},
        {"{\"image\":\"a\",\"scores\":7}", "scores must be an object"},
        {"{\"image\":\"a\",\"logits\":{\"x\":null}}", "logits.x is no number"},
        {"{\"image\":\"a\",\"boxes\":{}}", "boxes must be an array"},
        {"{\"image\":\"a\",\"boxes\":[{\"label\":\"c\",\"score\":2,\"box\":[0,0,1,1]}]}",
         "boxes[0].score is 2"},
        {"{\"image\":\"a\",\"boxes\":[{\"label\":3,\"score\":1,\"box\":[0,0,1,1]}]}",
         "boxes[0].label must be"},
        {"{\"image\":\"a\",\"boxes\":[{\"label\":\"c\",\"score\":1,\"box\":[0,0,1]}]}",
         "boxes[0].box must be an array of 4"},
        {"{\"image\":\"a\",\"boxes\":[{\"label\":\"c\",\"score\":1,\"box\":[5,0,1,1]}]}", "upside down"},
        {"{\"image\":\"a\",\"boxes\":[],\"scores\":{\"x\":1}}", "one of scores, logits"},
        {"{\"image\":\"a\"}", "one of scores, logits"},
        {"{\"scores\":{\"x\":1}}", "image must name the image"},
        {"{\"image\":\"\",\"scores\":{\"x\":1}}", "has 0 bytes"},
        {"{\"image\":\"a\",\"scores\":{\"\":1}}", "a label has 0 bytes"},
        {"{\"image\":\"a\",\"scores\":{\"x\":1},\"embedding\":[]}", "embedding must be an array"},
        {"{\"image\":\"a\",\"scores\":{\"x\":1},\"embedding\":[1,\"y\"]}", "embedding is 'y'"},
        {"not JSON", "line 1 of x.jsonl"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture *fixture = *state;
        fixture->sink.has_type = false;
        assert_error(fixture, read(fixture, cases[i].line), ERR_INVALID, cases[i].words);
        assert_int_equal(fixture->count, 0);
    }
}

static void both_kinds_in_one_file_are_refused(void **state)
{
    struct fixture *fixture = *state;
    assert_error(
        fixture, read(fixture, "{\"image\":\"a\",\"boxes\":[]}\n{\"image\":\"b\",\"scores\":{\"x\":1}}"),
        ERR_INVALID, "line 2 of x.jsonl: this is image_classification, what came before object_detection");
}

static void scores_for_themselves_may_come_to_more_than_one(void **state)
{
    struct fixture *fixture = *state;
    fixture->sink.activation = ACTIVATION_SIGMOID;
    assert_done(fixture, read(fixture, "{\"image\":\"a\",\"scores\":{\"x\":0.9,\"y\":0.9}}"));
}

static void an_embedding_has_at_most_so_many_numbers(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(text, MANIFEST_LINE_MAX_BYTES);
    for (uint32_t more = 0; more < 2; more++) {
        buffer_clear(&text);
        (void)buffer_add_text(&text, "{\"image\":\"a\",\"scores\":{\"x\":1},\"embedding\":[0");
        for (uint32_t i = 1; i < PREDICTION_EMBEDDING_MAX + more; i++)
            (void)buffer_add_text(&text, ",0");
        (void)buffer_add_text(&text, "]}");
        struct stream stream = {text.data, text.size, 4096};
        bool is_ok = given_jsonl_lines(feed, &stream, &fixture->sink, "x.jsonl", &fixture->err);
        if (more == 0)
            assert_done(fixture, is_ok);
        else
            assert_error(fixture, is_ok, ERR_INVALID, "1 to 16384 numbers");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, given_setup, given_teardown)
        T(scores_by_name_are_probabilities_in_the_order_of_the_line),
        T(a_first_line_of_labels_says_what_arrays_mean_and_closes_the_list),
        T(boxes_have_label_score_and_edges),
        T(an_embedding_goes_with_either),
        T(a_line_may_say_that_there_is_no_prediction),
        T(errors_name_line_and_field),
        T(both_kinds_in_one_file_are_refused),
        T(scores_for_themselves_may_come_to_more_than_one),
        T(an_embedding_has_at_most_so_many_numbers),
    };
    return cmocka_run_group_tests_name("given jsonl", tests, NULL, NULL);
}
