/* SPDX-License-Identifier: Apache-2.0 */
/* What strangers put into files: bad entries are told with their numbers and do not stop the good ones. */
#include "test.h"

#include "format_fixture.h"
#include "formats/coco_parts.h"
#include "formats/yolo_set.h"

static bool find_here(void *state, const char *name, const char **ret_folder, struct error *err)
{
    (void)state, (void)name, (void)err;
    *ret_folder = "/here";
    return true;
}

static struct kept_lines *read_coco(const char *text, bool *ret_is_read, struct error *err)
{
    struct kept_lines *kept = kept_new(format_coco.holds);
    struct format_sink sink = kept_sink(kept);
    struct text_feed feed = feed_of(text);
    const struct format_reading reading = {.path = "/here/x.json", .is_detection = true};
    const struct coco_files files = {&reading, "/here/x.json", "TRAIN", NULL, find_here};
    *ret_is_read = format_coco_read(feed_text, &feed, &files, &sink, err);
    return kept;
}

static void bad_entries_of_coco_are_told_and_the_others_read(void **state)
{
    struct error err = {0};
    bool is_read = false;
    (void)state;
    struct kept_lines *kept = read_coco(
        "\xEF\xBB\xBF {\"info\": {\"a\": [1, \"]\"]}, \"annotations\": "
        "[{\"image_id\":1,\"category_id\":2,\"bbox\":[1,2,3,4]},"
        "{\"image_id\":9,\"category_id\":2,\"bbox\":[1,2,3,4]}, "
        "{\"image_id\":1,\"category_id\":2,\"bbox\":[1,2,3]}, 7],\r\n"
        "\"categories\":[{\"id\":2,\"name\":\"cat\"}], \"images\":[{\"id\":3,\"file_name\":\"b.jpg\"},"
        "{\"id\":1,\"file_name\":\"a.jpg\",\"width\":10,\"height\":10}, "
        "{\"id\":1e30,\"file_name\":\"c.jpg\"}]}",
        &is_read, &err);
    assert_true(is_read);
    assert_int_equal(kept->count, 2);
    assert_string_equal(kept->lines[0], "a|TRAIN|boxes cat:1,2,4,6 difficult=0");
    assert_string_equal(kept->lines[1], "b|TRAIN|boxes");
    assert_int_equal(kept->bad_count, 4);
    kept_free(kept);
}

static void coco_that_is_cut_off_or_says_a_list_twice_is_refused(void **state)
{
    static const char *const texts[] = {
        "{\"images\": [",
        "{\"images\": [{}",
        "{\"images\": [], \"images\": []}",
        "[]",
        "{\"images\": 7}",
        "{} {}",
        "",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct error err = {0};
        bool is_read = true;
        struct kept_lines *kept = read_coco(texts[i], &is_read, &err);
        if (is_read)
            fail_msg("read: %s", texts[i]);
        assert_int_equal(err.detail, DETAIL_BAD_MANIFEST);
        kept_free(kept);
    }
}

static struct kept_lines *read_stream(format_stream_reader *read, const char *text, bool is_detection,
                                      struct error *err)
{
    struct kept_lines *kept = kept_new(format_csv.holds);
    struct format_sink sink = kept_sink(kept);
    struct text_feed feed = feed_of(text);
    const struct format_reading reading = {.path = "/here/x", .is_detection = is_detection};
    const struct format_names names = {"/here/x", "/here"};
    if (!read(feed_text, &feed, &reading, &names, &sink, err))
        kept->bad_number = UINT64_MAX;
    return kept;
}

static void bad_rows_of_csv_make_their_image_bad_only(void **state)
{
    struct error err = {0};
    (void)state;
    struct kept_lines *kept =
        read_stream(format_csv_read,
                    "path,label,xmin,ymin,xmax,ymax\r\na.jpg,cat,1,2,3,4\r\na.jpg,cat,nan,2,3,4\r\n"
                    "b.jpg,dog,1,2,1e300,4\nc.jpg,dog,1,2,3,4\na.jpg,cat,1,2,3,4\ne.jpg,,,,,\n",
                    true, &err);
    assert_int_equal(kept->count, 2);
    assert_string_equal(kept->lines[0], "c||boxes dog:1,2,3,4");
    assert_string_equal(kept->lines[1], "e||");
    assert_int_equal(kept->bad_count, 3);
    assert_int_equal(kept->bad_number, 6);
    assert_non_null(strstr(kept->bad, "came before"));
    kept_free(kept);
}

static void csv_without_its_columns_is_refused(void **state)
{
    struct error err = {0};
    (void)state;
    struct kept_lines *kept = read_stream(format_csv_read, "path,label\na.jpg,cat\n", true, &err);
    assert_int_equal(kept->bad_number, UINT64_MAX);
    assert_non_null(strstr(err.message, "xmin"));
    kept_free(kept);
}

static void bad_lines_of_sagemaker_are_numbered(void **state)
{
    struct error err = {0};
    (void)state;
    struct kept_lines *kept = read_stream(
        format_sagemaker_read,
        "{\"source-ref\":\"s3://b/"
        "a.jpg\",\"l\":0,\"l-metadata\":{\"class-name\":\"cat\",\"confidence\":0.5,\"type\":"
        "\"groundtruth/image-classification\",\"human-annotated\":\"yes\"}}\r\n\n{\"source-ref\":7}\n"
        "{\"source-ref\":\"b.jpg\",\"l\":4,\"l-metadata\":{\"class-map\":{\"0\":\"x\"},\"type\":"
        "\"groundtruth/image-classification\"}}\n",
        false, &err);
    assert_int_equal(kept->count, 1);
    assert_string_equal(kept->lines[0], "a||[cat]");
    assert_int_equal(kept->bad_count, 2);
    assert_int_equal(kept->bad_number, 4);
    kept_free(kept);
}

static bool read_yaml(const char *text, struct yolo_set *set, struct arena *arena, struct error *err)
{
    *set = (struct yolo_set){0};
    return yolo_set_read((struct bytes){text, strlen(text)}, arena, set, err);
}

static void names_and_places_of_yolo_are_read_in_every_form(void **state)
{
    static const char *const texts[] = {
        "path: ../d\ntrain: images/train\nval: [a, b]\nnames: [cat, \"big dog\"]\nextra: {names: [no]}\n",
        "names:\n- cat\n- big dog\nval:\n- a\n- b\ntrain: images/train # here\npath: ../d\n",
        "nc: 2\r\nnames:\r\n  1: big dog\r\n  0: cat\r\ntrain: images/train\r\nval: [a, b]\r\npath: ../d\r\n",
    };
    AUTO(arena) arena = arena_new(FORMAT_OWN_ARENA_BYTES);
    struct error err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct yolo_set set;
        assert_true(read_yaml(texts[i], &set, arena, &err));
        assert_int_equal(set.class_count, 2);
        assert_string_equal(set.classes[0], "cat");
        assert_string_equal(set.classes[1], "big dog");
        assert_string_equal(set.path, "../d");
        assert_int_equal(set.places[0].count, 1);
        assert_int_equal(set.places[1].count, 2);
        assert_string_equal(set.places[1].items[1], "b");
    }
}

static void yaml_that_is_damaged_or_endless_is_refused(void **state)
{
    static const char *const texts[] = {
        "names: [cat",
        "- a\n",
        "names: {0: a, 0: b}\n",
        "names: {x: a}\n",
        "names: {100000: a}\n",
        "names: &x [a]\ntrain: *x\n",
        "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "names: ['']\n",
    };
    AUTO(arena) arena = arena_new(FORMAT_OWN_ARENA_BYTES);
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct yolo_set set;
        struct error err = {0};
        if (read_yaml(texts[i], &set, arena, &err))
            fail_msg("read: %s", texts[i]);
        assert_non_null(strstr(err.message, "line"));
    }
}

static void lines_of_yolo_are_boxes_and_polygons_in_px(void **state)
{
    static const char text[] = "0 0.5 0.5 0.2 0.4\r\n\n1\t0.1 0.1 0.2 0.1 0.2 0.2\n0 0.5 0.5 1 1 0.9\n";
    const char *names[] = {"cat", "dog"};
    const struct yolo_set set = {.classes = names, .class_count = 2};
    AUTO(arena) arena = arena_new(FORMAT_OWN_ARENA_BYTES);
    struct error err = {0};
    struct voc voc;
    (void)state;
    assert_true(yolo_labels_read((struct bytes){text, sizeof(text) - 1}, &set, (struct yolo_size){100, 50},
                                 arena, &voc, &err));
    assert_int_equal(voc.object_count, 3);
    assert_true(voc.objects[0].shape.values[0] == 40 && voc.objects[0].shape.values[3] == 35);
    assert_int_equal(voc.objects[1].shape.kind, VOC_POLYGON);
    assert_true(voc.objects[1].shape.values[4] == 20 && voc.objects[1].shape.values[5] == 10);
}

static void lines_of_yolo_that_make_no_sense_are_refused_with_their_number(void **state)
{
    static const char *const texts[] = {"\n2 0 0 1 1\n",   "\n0 0 0 1\n",    "\n0 nan 0 1 1\n",
                                        "\n0 1e9 0 1 1\n", "\n-1 0 0 1 1\n", "\n0 0 0 1 x\n",
                                        "\n0.5 0 0 1 1\n"};
    const char *names[] = {"cat", NULL};
    const struct yolo_set set = {.classes = names, .class_count = 2};
    AUTO(arena) arena = arena_new(FORMAT_OWN_ARENA_BYTES);
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct error err = {0};
        struct voc voc;
        if (yolo_labels_read((struct bytes){texts[i], strlen(texts[i])}, &set, (struct yolo_size){9, 9},
                             arena, &voc, &err))
            fail_msg("read: %s", texts[i]);
        assert_non_null(strstr(err.message, "line 2"));
    }
}

static void boxes_of_one_image_end_at_their_limit(void **state)
{
    AUTO(arena) arena = arena_new(FORMAT_OWN_ARENA_BYTES);
    static const double box[] = {1, 2, 3, 4};
    struct error err = {0};
    struct voc voc = {0};
    (void)state;
    for (size_t i = 0; i < VOC_OBJECTS_MAX; i++)
        assert_true(format_add_box(&voc, "x", box, arena, NULL, &err));
    assert_false(format_add_box(&voc, "x", box, arena, NULL, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    for (size_t i = 0; i < VOC_OBJECTS_MAX; i++)
        assert_string_equal(voc.objects[i].name, "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_entries_of_coco_are_told_and_the_others_read),
        cmocka_unit_test(coco_that_is_cut_off_or_says_a_list_twice_is_refused),
        cmocka_unit_test(bad_rows_of_csv_make_their_image_bad_only),
        cmocka_unit_test(csv_without_its_columns_is_refused),
        cmocka_unit_test(bad_lines_of_sagemaker_are_numbered),
        cmocka_unit_test(names_and_places_of_yolo_are_read_in_every_form),
        cmocka_unit_test(yaml_that_is_damaged_or_endless_is_refused),
        cmocka_unit_test(lines_of_yolo_are_boxes_and_polygons_in_px),
        cmocka_unit_test(lines_of_yolo_that_make_no_sense_are_refused_with_their_number),
        cmocka_unit_test(boxes_of_one_image_end_at_their_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
