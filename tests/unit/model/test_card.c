/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "infer/onnx_file.h"
#include "model/card.h"
#include "model/guess.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 64 * 1024 * 1024 };

static struct model_card read_card(struct arena *arena, const char *json)
{
    struct model_card card = {0};
    struct error err = {0};
    AUTO_JSON doc = NULL;
    if (!json_parse((struct bytes){json, strlen(json)}, "a card", &doc, &err) ||
        !params_read_json(model_card_params, &card, yyjson_doc_get_root(doc), arena, &err))
        fail_msg("%s", err.message);
    return card;
}

static void a_card_is_read_as_it_was_written(void **state)
{
    static const char json[] =
        "{\"model_type\":\"image_classification\",\"adapter\":\"classifier\",\"input\":\"image\",\"layout\":"
        "\"nhwc\","
        "\"width\":224,\"height\":192,\"resize\":\"letterbox\",\"crop_fraction\":0.9,\"pad_value\":0,"
        "\"pad_place\":\"top_left\",\"color\":\"bgr\",\"scale\":0.5,\"mean\":[\"1\",\"2\",\"3\"],\"std\":["
        "\"4\"],"
        "\"outputs\":[\"scores\"],\"output_kind\":\"sigmoid_logits\",\"embedding\":\"pooled\",\"decode\":"
        "\"exact\","
        "\"labels\":[\"a, b\",\"c\"]}";
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    AUTO_BUFFER(text, 4096);
    struct error err = {0};
    struct model_card card = read_card(arena, json);
    assert_true(card_write(&card, &text, &err));
    assert_string_equal(text.data, json);
    const struct model model = {.card_json = text.data};
    struct model_card again;
    assert_true(model_card_read(&model, arena, &again, &err));
    assert_string_equal(again.labels.items[0], "a, b");
    assert_int_equal(again.pad_value, 0);
}

static void what_only_detectors_have_is_written_for_them_alone(void **state)
{
    static const char *const members[] = {"candidate_floor", "score_threshold", "nms_iou"};
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    struct error err = {0};
    for (int is_detector = 0; is_detector <= 1; is_detector++) {
        AUTO_BUFFER(text, 4096);
        struct model_card card = read_card(arena, is_detector ? "{\"model_type\":\"object_detection\"}"
                                                              : "{\"model_type\":\"image_classification\"}");
        assert_true(card_write(&card, &text, &err));
        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
            assert_int_equal(strstr(text.data, members[i]) != NULL, is_detector);
    }
    struct model_card card = read_card(arena, "{}");
    assert_true(card.candidate_floor == 0.05 && card.score_threshold == 0.3 && card.nms_iou == 0.45);
}

static void what_a_card_says_of_outputs_reaches_the_adapter(void **state)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    struct error err = {0};
    struct adapter_options options;
    struct model_card card = read_card(
        arena, "{\"model_type\":\"object_detection\",\"outputs\":[\"boxes\",\"scores\"],\"output_kind\":"
               "\"sigmoid_logits\",\"candidate_floor\":0.1,\"score_threshold\":0.1,\"nms_iou\":0.6}");
    assert_true(card_adapter_options(&card, &options, &err));
    assert_int_equal(options.output_count, 2);
    assert_string_equal(options.outputs[1], "scores");
    assert_int_equal(options.output_kind, OUTPUT_SIGMOID_LOGITS);
    assert_true(options.candidate_floor == 0.1 && options.nms_iou == 0.6);
    card.score_threshold = 0.09;
    assert_false(card_adapter_options(&card, &options, &err));
    assert_non_null(strstr(err.message, "score_threshold 0.09 is below candidate_floor 0.1"));
}

static void the_number_of_outputs_meets_its_limits(void **state)
{
    const char *names[ADAPTER_OUTPUTS_MAX + 1];
    for (size_t i = 0; i <= ADAPTER_OUTPUTS_MAX; i++)
        names[i] = "same";
    for (size_t count = 0; count <= ADAPTER_OUTPUTS_MAX + 1; count++) {
        struct error err = {0};
        struct adapter_options options;
        const struct model_card card = {.outputs = {names, count}, .output_kind = "logits"};
        assert_int_equal(card_adapter_options(&card, &options, &err),
                         count >= 1 && count <= ADAPTER_OUTPUTS_MAX);
    }
}

static void every_row_has_help_and_its_fallback_can_be_written_and_read(void **state)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    AUTO_BUFFER(text, 4096);
    struct error err = {0};
    struct model_card card = read_card(arena, "{\"width\": 8, \"height\": 8, \"scale\": 1}");
    for (const struct param_spec *spec = model_card_params; spec->name; spec++)
        assert_true(spec->help && strlen(spec->help) > 5);
    assert_true(card_write(&card, &text, &err));
    (void)read_card(arena, text.data);
}

static void what_a_card_says_of_pixels_reaches_the_preprocessing(void **state)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    struct error err = {0};
    struct preprocess_options options;
    struct model_card card =
        read_card(arena, "{\"layout\":\"nhwc\",\"width\":30,\"height\":20,\"resize\":\"letterbox\",\"color\":"
                         "\"bgr\",\"scale\":0.5,"
                         "\"mean\":[1,2.5,3],\"std\":[4],\"pad_place\":\"top_left\",\"pad_value\":7}");
    assert_true(card_preprocess(&card, ELEMENT_FLOAT32, &options, &err));
    assert_int_equal(options.layout, LAYOUT_NHWC);
    assert_int_equal(options.resize, RESIZE_LETTERBOX);
    assert_int_equal(options.color, COLOR_BGR);
    assert_int_equal(options.pad_place, PAD_TOP_LEFT);
    assert_int_equal(options.pad_value, 7);
    assert_int_equal(options.width, 30);
    assert_true(options.mean[1] == 2.5 && options.std[2] == 4 && options.scale == 0.5);
    assert_false(card_preprocess(&card, ELEMENT_UINT8, &options, &err));
    assert_non_null(strstr(err.message, "8-bit pixels"));
    const char *words[] = {"much"};
    card.mean = (struct param_list){words, 1};
    assert_false(card_preprocess(&card, ELEMENT_FLOAT32, &options, &err));
    assert_non_null(strstr(err.message, "not 'much'"));
}

static void cards_and_flags_are_merged_member_by_member(void **state)
{
    struct error err = {0};
    AUTO_JSON file = yyjson_read("{\"a\":1,\"b\":2}", 13, 0);
    AUTO_JSON flags = yyjson_read("{\"b\":3}", 7, 0);
    AUTO_JSON list = yyjson_read("[]", 2, 0);
    AUTO_JSON merged = NULL;
    assert_true(card_merge(yyjson_doc_get_root(file), yyjson_doc_get_root(flags), &merged, &err));
    assert_int_equal(json_integer(yyjson_doc_get_root(merged), "a", 0), 1);
    assert_int_equal(json_integer(yyjson_doc_get_root(merged), "b", 0), 3);
    AUTO_JSON nothing = NULL;
    assert_true(card_merge(NULL, NULL, &nothing, &err));
    assert_int_equal(yyjson_obj_size(yyjson_doc_get_root(nothing)), 0);
    assert_false(card_merge(yyjson_doc_get_root(list), NULL, &merged, &err));
}

/* ---- labels ---- */

static void labels_are_lines(void **state)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    struct param_list labels = {0};
    struct error err = {0};
    static const char text[] = "one\ntwo words\r\n\nfour\n\n\n";
    assert_true(card_read_labels((struct bytes){text, strlen(text)}, arena, &labels, &err));
    assert_int_equal(labels.count, 4);
    assert_string_equal(labels.items[1], "two words");
    assert_string_equal(labels.items[2], "");
    assert_string_equal(labels.items[3], "four");
    assert_true(card_read_labels((struct bytes){NULL, 0}, arena, &labels, &err));
    assert_int_equal(labels.count, 0);
}

static void lines_meet_their_limit(void **state)
{
    AUTO_BUFFER(text, 4U << 20);
    for (size_t i = 0; i < PREDICTION_CLASSES_MAX; i++)
        (void)buffer_printf(&text, "%zu\n", i);
    for (int over = 0; over <= 1; over++) {
        AUTO(arena) arena = arena_new(ARENA_BYTES);
        struct param_list labels = {0};
        struct error err = {0};
        assert_int_equal(card_read_labels((struct bytes){text.data, text.size}, arena, &labels, &err),
                         over == 0);
        assert_int_equal(labels.count, over == 0 ? PREDICTION_CLASSES_MAX : 0);
        (void)buffer_add_text(&text, "one more\n");
    }
}

static bool settle(const char **items, size_t count, size_t *ret_renamed, struct error *err)
{
    static char kept[4][64];
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    struct param_list labels = {items, count};
    bool is_done = card_settle_labels(&labels, arena, ret_renamed, err);
    for (size_t i = 0; is_done && i < count && i < 4; i++) {
        (void)snprintf(kept[i], sizeof(kept[i]), "%s", items[i]);
        items[i] = kept[i];
    }
    return is_done;
}

static void names_that_occur_twice_get_the_number_of_their_class(void **state)
{
    const char *items[] = {"crane", "b", "crane", "crane"};
    size_t renamed = 0;
    struct error err = {0};
    assert_true(settle(items, 4, &renamed, &err));
    assert_int_equal(renamed, 2);
    assert_string_equal(items[0], "crane");
    assert_string_equal(items[1], "b");
    assert_string_equal(items[2], "crane (2)");
    assert_string_equal(items[3], "crane (3)");
    const char *clash[] = {"a", "a", "a (1)"};
    assert_false(settle(clash, 3, &renamed, &err));
    assert_int_equal(err.detail, DETAIL_MODEL_UNUSABLE);
}

static void labels_meet_their_limits(void **state)
{
    char longest[MODEL_LABEL_MAX_CHARACTERS + 2];
    memset(longest, 'x', sizeof(longest));
    for (int over = 0; over <= 1; over++) {
        longest[MODEL_LABEL_MAX_CHARACTERS + over] = '\0';
        const char *items[] = {"short", longest};
        size_t renamed = 0;
        struct error err = {0};
        AUTO(arena) arena = arena_new(ARENA_BYTES);
        struct param_list labels = {items, 2};
        assert_int_equal(card_settle_labels(&labels, arena, &renamed, &err), over == 0);
        longest[MODEL_LABEL_MAX_CHARACTERS] = 'x';
    }
    static const char *const bad[] = {"", "a\tb", "\xc3"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *items[] = {"good", bad[i]};
        size_t renamed = 0;
        struct error err = {0};
        assert_false(settle(items, 2, &renamed, &err));
        assert_non_null(strstr(err.message, "label 1"));
    }
}

/* ---- notes on preprocessing ---- */

static void formulas_are_understood(void **state)
{
    static const struct {
        const char *text;
        double scale, mean, std; /* scale 0: not understood */
    } rows[] = {
        {"x", 1, 0, 1},
        {"x/255", 1.0 / 255, 0, 1},
        {"(x-127.5)/127.5", 1, 127.5, 127.5},
        {"( x - 128 ) / 128", 1, 128, 128},
        {"x/127.5-1", 1 / 127.5, 1, 1},
        {"x-128", 1, 128, 1},
        {"x/0", 0, 0, 1},
        {"y/255", 0, 0, 1},
        {"x*2", 0, 0, 1},
        {"(x-1", 0, 0, 1},
        {"(x-1)/2-3", 0, 0, 1},
        {"x/1e400", 0, 0, 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct guess_note note;
        guess_read_note(rows[i].text, &note);
        if (note.has_values != (rows[i].scale != 0))
            fail_msg("%s", rows[i].text);
        const struct guess_values *values = &note.values;
        if (note.has_values && (fabs(values->scale - rows[i].scale) > 1e-12 ||
                                values->mean[1] != rows[i].mean || values->std[2] != rows[i].std))
            fail_msg("%s: %g %g %g", rows[i].text, values->scale, values->mean[1], values->std[2]);
    }
}

static void words_of_a_note_are_understood_and_the_rest_skipped(void **state)
{
    struct guess_note note;
    guess_read_note("Grayscale; NHWC,,letterbox,100x0,mean=[1,2],std=[1,2,3,4],center_crop=7,blah=3,5000x20",
                    &note);
    assert_string_equal(note.color, "gray");
    assert_string_equal(note.layout, "nhwc");
    assert_string_equal(note.resize, "letterbox");
    assert_int_equal(note.width, 0);
    assert_true(note.crop_fraction == 0 && note.values.mean[0] == 0 && note.values.std[0] == 1);
    guess_read_note("", &note);
    assert_null(note.color);
    assert_false(note.has_values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_read_as_it_was_written),
        cmocka_unit_test(what_only_detectors_have_is_written_for_them_alone),
        cmocka_unit_test(what_a_card_says_of_outputs_reaches_the_adapter),
        cmocka_unit_test(the_number_of_outputs_meets_its_limits),
        cmocka_unit_test(every_row_has_help_and_its_fallback_can_be_written_and_read),
        cmocka_unit_test(what_a_card_says_of_pixels_reaches_the_preprocessing),
        cmocka_unit_test(cards_and_flags_are_merged_member_by_member),
        cmocka_unit_test(labels_are_lines),
        cmocka_unit_test(lines_meet_their_limit),
        cmocka_unit_test(names_that_occur_twice_get_the_number_of_their_class),
        cmocka_unit_test(labels_meet_their_limits),
        cmocka_unit_test(formulas_are_understood),
        cmocka_unit_test(words_of_a_note_are_understood_and_the_rest_skipped),
    };
    return cmocka_run_group_tests_name("model card", tests, NULL, NULL);
}
