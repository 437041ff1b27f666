/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes of training manifests. */
#include "test.h"

#include "work/profile_build.h"
#include "work_fixture.h"

#define LINE(name, loc)                                                                                      \
    "{\"source\":\"/" name ".png\",\"annotation\":[{\"type\":\"modelarts/object_detection\","                \
    "\"annotation-loc\":\"" loc "\"}]}\n"
#define OBJECT(label, position) "<object><name>" label "</name>" position "</object>"
#define BOX(x0, y0, x1, y1)                                                                                  \
    "<bndbox><xmin>" #x0 "</xmin><ymin>" #y0 "</ymin><xmax>" #x1 "</xmax><ymax>" #y1 "</ymax></bndbox>"
#define FILE_OF(objects)                                                                                     \
    "<annotation><size><width>64</width><height>48</height></size>" objects "</annotation>"

/* Lists a training manifest of one shard for a detector. */
static struct input_list training(struct fixture *fixture, const char *lines, uint64_t skipped)
{
    struct input_list list = {0};
    const struct inputs_request request = {.data = fixture->store,
                                           .folder = "training",
                                           .input_url = write_text(fixture, "x.manifest", lines),
                                           .shard_images = 100,
                                           .is_training = true,
                                           .type = MODEL_TYPE_DETECTION};
    assert_true(store_delete_below(fixture->store, "training", &fixture->err));
    assert_int_equal(make_inputs(fixture, &request).skipped, skipped);
    if (!inputs_shard(fixture->store, "training", 0, fixture->arena, &list, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return list;
}

static void boxes_of_every_line_are_kept(void **state)
{
    struct fixture *fixture = *state;
    (void)write_text(fixture, "1.xml",
                     FILE_OF(OBJECT("car", BOX(1, 2, 30, 40)) OBJECT("tree", BOX(1.5, 2, 9, 9))));
    (void)write_text(fixture, "2.xml", FILE_OF(""));
    struct input_list list =
        training(fixture, LINE("1", "1.xml") LINE("2", "2.xml") "{\"source\":\"/3.png\"}\n", 1);
    assert_int_equal(list.count, 2);
    const struct input_item *item = &list.items[0];
    assert_int_equal(item->truth_count, 2);
    assert_string_equal(item->truth[0], "car");
    assert_string_equal(item->truth[1], "tree");
    assert_float_equal(item->truth_boxes[0].x_min, 1, 0);
    assert_float_equal(item->truth_boxes[0].y_max, 40, 0);
    assert_float_equal(item->truth_boxes[1].x_min, 1.5, 0);
    assert_float_equal(item->truth_boxes[1].x_max, 9, 0);
    item = &list.items[1]; /* labelled: nothing is there */
    assert_non_null(item->truth);
    assert_int_equal(item->truth_count, 0);
}

static void shapes_with_an_inside_count_as_the_rectangle_around_them(void **state)
{
    struct fixture *fixture = *state;
    (void)write_text(
        fixture, "1.xml",
        FILE_OF(OBJECT("a", "<polygon><x1>5</x1><y1>9</y1><x2>1</x2><y2>3</y2><x3>7</x3><y3>4</y3></polygon>")
                    OBJECT("b", "<circle><cx>20</cx><cy>10</cy><r>4</r></circle>")
                        OBJECT("c", "<point><x>1</x><y>1</y></point>")
                            OBJECT("d", "<line><x1>1</x1><y1>1</y1><x2>5</x2><y2>5</y2></line>")));
    (void)write_text(fixture, "2.xml", FILE_OF(OBJECT("c", "<point><x>1</x><y>1</y></point>")));
    struct input_list list = training(fixture, LINE("1", "1.xml") LINE("2", "2.xml"), 1);
    const struct input_item *item = &list.items[0];
    assert_int_equal(item->truth_count, 2);
    assert_string_equal(item->truth[1], "b");
    assert_float_equal(item->truth_boxes[0].x_min, 1, 0);
    assert_float_equal(item->truth_boxes[0].y_min, 3, 0);
    assert_float_equal(item->truth_boxes[0].x_max, 7, 0);
    assert_float_equal(item->truth_boxes[0].y_max, 9, 0);
    assert_float_equal(item->truth_boxes[1].x_min, 16, 0);
    assert_float_equal(item->truth_boxes[1].y_max, 14, 0);
}

static void boxes_that_do_not_fit_are_clipped_or_dropped(void **state)
{
    struct fixture *fixture = *state;
    (void)write_text(fixture, "1.xml", FILE_OF(OBJECT("a", BOX(50, 2, 70, 40)) OBJECT("b", BOX(9, 9, 9, 9))));
    (void)write_text(fixture, "2.xml", FILE_OF(OBJECT("b", BOX(9, 9, 9, 9))));
    struct input_list list = training(fixture, LINE("1", "1.xml") LINE("2", "2.xml"), 1);
    assert_int_equal(list.count, 1); /* nothing is left of what the second said */
    assert_int_equal(list.items[0].truth_count, 1);
    assert_float_equal(list.items[0].truth_boxes[0].x_max, 64, 0);
}

static void files_are_found_by_every_form_of_name(void **state)
{
    struct fixture *fixture = *state;
    static const char *const bad[] = {"none.xml",       "/none/none.xml", "obs://bucket/none.xml",
                                      "../../none.xml", "file:///%00",    "."};
    struct store *store = NULL;
    static const char text[] = FILE_OF(OBJECT("car", BOX(1, 2, 30, 40)));
    const char *path = write_text(fixture, "\xc3\xa4 1.xml", text);
    assert_true(store_open(fixture->folder, false, &store, &fixture->err));
    assert_true(store_put(store, "annotation/moved.xml", (struct bytes){text, strlen(text)}, &fixture->err));
    (void)store_free(store);
    const char *const good[] = {"\xc3\xa4 1.xml",
                                "./a/../\xc3\xa4 1.xml",
                                path,
                                arena_printf(fixture->arena, "file://%s/%%C3%%A4%%201.xml", fixture->folder),
                                "/once/here/annotation/moved.xml",
                                "obs://bucket/V001/annotation/moved.xml"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        const char *line = arena_printf(fixture->arena, LINE("1", "%s"), good[i]);
        assert_int_equal(training(fixture, line, 0).items[0].truth_count, 1);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct inputs inputs;
        const struct inputs_request request = {
            .data = fixture->store,
            .folder = "bad",
            .input_url =
                write_text(fixture, "x.manifest", arena_printf(fixture->arena, LINE("1", "%s"), bad[i])),
            .shard_images = 100,
            .is_training = true,
            .type = MODEL_TYPE_DETECTION};
        assert_false(inputs_make(&request, fixture->arena, &inputs, &fixture->err));
        assert_int_equal(fixture->err.detail, DETAIL_BAD_MANIFEST);
        assert_says(&fixture->err, "line 1 of ");
        assert_says(&fixture->err, "annotation file");
    }
}

static void only_annotations_of_the_models_type_count(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    uint64_t labeled = 0;
    (void)write_text(fixture, "1.xml", FILE_OF(OBJECT("car", BOX(1, 2, 30, 40))));
    const char *path =
        write_text(fixture, "x.manifest",
                   LINE("1", "1.xml")
                       LINE("2", "1.xml") "{\"source\":\"/3.png\",\"annotation\":[{\"name\":\"cat\",\"type\":"
                                          "\"modelarts/image_classification\"}]}\n");
    struct profile_manifest manifest = {.path = path};
    assert_true(profile_manifest_check(&manifest, MODEL_TYPE_DETECTION, &labeled, &err));
    assert_int_equal(labeled, 2);
    assert_true(profile_manifest_check(&manifest, MODEL_TYPE_CLASSIFICATION, &labeled, &err));
    assert_int_equal(labeled, 1);
    (void)write_text(fixture, "1.xml", "<annotation>\n<object/></annotation>");
    assert_false(profile_manifest_check(&manifest, MODEL_TYPE_DETECTION, &labeled, &err));
    assert_int_equal(err.detail, DETAIL_BAD_MANIFEST);
    assert_says(&err, "line 1 of ");
    assert_says(&err, "line 2: object 1: <object> has no <name>");
    manifest.path = write_text(fixture, "y.manifest", "{\"source\":\"/3.png\"}\n");
    assert_false(profile_manifest_check(&manifest, MODEL_TYPE_DETECTION, &labeled, &err));
    assert_says(&err, "no line with boxes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(boxes_of_every_line_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shapes_with_an_inside_count_as_the_rectangle_around_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(boxes_that_do_not_fit_are_clipped_or_dropped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_are_found_by_every_form_of_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_annotations_of_the_models_type_count, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
