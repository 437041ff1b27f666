/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "manifest/voc.h"

#include <string.h>

static struct voc read_file(struct arena *arena, const char *text)
{
    struct error err = {0};
    struct voc voc = {0};
    if (!voc_read((struct bytes){text, strlen(text)}, arena, &voc, &err))
        fail_msg("%s", err.message);
    return voc;
}

#define FILE_OF(elements) "<annotation>" elements "</annotation>"
#define OBJECT(elements) FILE_OF("<object>" elements "</object>")
#define BOX "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>"

struct fixes {
    size_t counts[VOC_FIX_COUNT], last_number;
};

static void note_fix(void *state, const struct voc_fixed *fixed)
{
    struct fixes *fixes = state;
    fixes->counts[fixed->fix]++;
    fixes->last_number = fixed->number;
}

static void boxes_are_clipped_or_dropped(void **state)
{
    static const struct {
        double box[4];
        int fix; /* VOC_FIX_COUNT: stays */
        double after[4];
    } rows[] = {
        {{0, 0, 100, 50}, VOC_FIX_COUNT, {0, 0, 100, 50}},
        {{10, 10, 12, 12}, VOC_FIX_COUNT, {10, 10, 12, 12}},
        {{10, 10, 11.9, 20}, VOC_FIX_TOO_SMALL, {0}},
        {{10, 10, 20, 11}, VOC_FIX_TOO_SMALL, {0}},
        {{10, 10, 10, 20}, VOC_FIX_NO_AREA, {0}},
        {{10, 10, 10, 10}, VOC_FIX_NO_AREA, {0}},
        {{20, 10, 10, 20}, VOC_FIX_INVERTED, {0}},
        {{10, 20, 20, 10}, VOC_FIX_INVERTED, {0}},
        {{-10, 10, 10, 20}, VOC_FIX_CLIPPED, {0, 10, 10, 20}}, /* exactly half outside */
        {{-11, 10, 10, 20}, VOC_FIX_OUTSIDE, {0}},
        {{90, 40, 102, 52}, VOC_FIX_CLIPPED, {90, 40, 100, 50}},
        {{200, 10, 300, 20}, VOC_FIX_OUTSIDE, {0}},
        {{-3, 0, 1, 50}, VOC_FIX_OUTSIDE, {0}},
        {{-1, 0, 1, 50}, VOC_FIX_TOO_SMALL, {0}}, /* what is left of it is */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixes fixes = {0};
        double values[4];
        memcpy(values, rows[i].box, sizeof(values));
        struct voc_object object = voc_object_none();
        object.shape = (struct voc_shape){VOC_BNDBOX, values, 4};
        struct voc voc = {.width = 100, .height = 50, .objects = &object, .object_count = 1};
        voc_fix_boxes(&voc, 0, 0, note_fix, &fixes);
        bool stays = rows[i].fix == VOC_FIX_COUNT || rows[i].fix == VOC_FIX_CLIPPED;
        assert_int_equal(voc.object_count, stays);
        assert_true(rows[i].fix == VOC_FIX_COUNT || fixes.counts[rows[i].fix] == 1);
        assert_int_equal(fixes.last_number, rows[i].fix != VOC_FIX_COUNT);
        if (stays)
            assert_memory_equal(values, rows[i].after, sizeof(values));
    }
}

static void size_of_the_image_counts_when_it_is_known(void **state)
{
    AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
    struct fixes fixes = {0};
    static const char text[] =
        FILE_OF("<size><width>20</width><height>20</height></size><object><name>a</name>" BOX "</object>");
    struct voc voc = read_file(arena, text);
    (void)state;
    voc_fix_boxes(&voc, 640, 480, note_fix, &fixes);
    assert_int_equal(voc.width, 640);
    assert_int_equal(voc.height, 480);
    assert_int_equal(fixes.counts[VOC_FIX_SIZE], 1);
    assert_int_equal(voc.object_count, 1);
    voc = read_file(arena, text);
    fixes = (struct fixes){0};
    voc_fix_boxes(&voc, 0, 0, note_fix, &fixes);
    assert_int_equal(fixes.counts[VOC_FIX_OUTSIDE], 1);
    voc = read_file(arena, OBJECT("<name>a</name>" BOX)); /* no size at all: nothing is outside */
    fixes = (struct fixes){0};
    voc_fix_boxes(&voc, 0, 0, note_fix, &fixes);
    assert_int_equal(voc.object_count, 1);
}

static void other_shapes_are_never_touched(void **state)
{
    AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
    struct fixes fixes = {0};
    struct voc voc = read_file(
        arena,
        FILE_OF("<size><width>20</width><height>20</height></size>"
                "<object><name>a</name><point><x>900</x><y>-4</y></point></object>"
                "<object><name>b</name><bndbox><xmin>9</xmin><ymin>9</ymin><xmax>9</xmax><ymax>9</ymax>"
                "</bndbox></object>"
                "<object><name>c</name><circle><cx>9</cx><cy>9</cy><r>0</r></circle></object>"));
    (void)state;
    voc_fix_boxes(&voc, 0, 0, note_fix, &fixes);
    assert_int_equal(voc.object_count, 2);
    assert_string_equal(voc.objects[0].name, "a");
    assert_string_equal(voc.objects[1].name, "c");
    assert_int_equal(fixes.last_number, 2);
    assert_float_equal(voc.objects[0].shape.values[0], 900, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_are_clipped_or_dropped),
        cmocka_unit_test(size_of_the_image_counts_when_it_is_known),
        cmocka_unit_test(other_shapes_are_never_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
