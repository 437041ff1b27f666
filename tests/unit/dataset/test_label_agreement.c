/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "boxes_fixture.h"
#include "dataset/label_agreement.h"

static struct annotation box(const char *name, const char *shape)
{
    struct annotation annotation = label(name);
    annotation.shape_json = shape;
    return annotation;
}

static bool agree(struct annotation *one, size_t ones, struct annotation *other, size_t others)
{
    AUTO(arena) arena = arena_new(1024 * 1024);
    const struct sample a = {.annotations = one, .annotation_count = ones};
    const struct sample b = {.annotations = other, .annotation_count = others};
    struct error err = {0};
    bool there = false, back = false;
    assert_true(labels_agree(&a, &b, arena, &there, &err));
    assert_true(labels_agree(&b, &a, arena, &back, &err));
    assert_int_equal(there, back);
    return there;
}
#define AGREE(one, other)                                                                                    \
    agree(one, sizeof(one) / sizeof((one)[0]), other, sizeof(other) / sizeof((other)[0]))

static void classes_agree_in_any_order(void **state)
{
    struct annotation ab[] = {label("a"), label("b")}, ba[] = {label("b"), label("a")};
    struct annotation ac[] = {label("a"), label("c")}, a[] = {label("a")};
    ba[0].annotated_by = "human/anna";
    ba[1].property_json = "{\"x\":1}";
    ba[0].created_ms = 7;
    assert_true(AGREE(ab, ba));
    assert_false(AGREE(ab, ac));
    assert_false(AGREE(ab, a));
    assert_true(agree(NULL, 0, NULL, 0));
    assert_false(agree(a, 1, NULL, 0));
}

static void boxes_may_differ_by_a_pixel_and_no_more(void **state)
{
    struct annotation at[] = {box("car", SHAPE(10, 10, 20, 20))};
    struct annotation limit[] = {box("car", SHAPE(11, 9, 19, 21))};
    struct annotation past[] = {box("car", SHAPE(11.01, 10, 20, 20))};
    struct annotation other[] = {box("bus", SHAPE(10, 10, 20, 20))};
    struct annotation class[] = {label("car")};
    assert_true(AGREE(at, limit));
    assert_false(AGREE(at, past));
    assert_false(AGREE(at, other));
    assert_false(AGREE(at, class));
}

static void each_box_needs_one_of_its_own(void **state)
{
    struct annotation twice[] = {box("car", SHAPE(10, 10, 20, 20)), box("car", SHAPE(10, 10, 20, 20))};
    struct annotation apart[] = {box("car", SHAPE(10, 10, 20, 20)), box("car", SHAPE(50, 10, 60, 20))};
    struct annotation crossed[] = {box("car", SHAPE(11, 0, 20, 9)), box("car", SHAPE(10, 50, 20, 60))};
    struct annotation turned[] = {box("car", SHAPE(11, 50, 20, 60)), box("car", SHAPE(10, 0, 20, 9))};
    assert_true(AGREE(twice, twice));
    assert_false(AGREE(twice, apart));
    assert_true(AGREE(crossed, turned));
}

static void other_shapes_agree_by_kind_and_points(void **state)
{
#define CIRCLE(x, y, r) "{\"@modelarts:shape\":\"circle\",\"@modelarts:feature\":[[" #x "," #y "],[" #r "]]}"
#define LINE_OF(kind) "{\"@modelarts:shape\":\"" kind "\",\"@modelarts:feature\":[[1,2],[3,4]]}"
    struct annotation circle[] = {box("o", CIRCLE(5, 5, 3))}, near[] = {box("o", CIRCLE(5.5, 4.5, 4))};
    struct annotation far[] = {box("o", CIRCLE(5, 5, 4.5))};
    struct annotation line[] = {box("o", LINE_OF("line"))}, dashed[] = {box("o", LINE_OF("dashed"))};
    struct annotation odd[] = {box("o", "{\"odd\":1}")}, other[] = {box("o", "{\"odd\":2}")};
    assert_true(AGREE(circle, near));
    assert_false(AGREE(circle, far));
    assert_false(AGREE(line, dashed));
    assert_true(AGREE(odd, odd));
    assert_false(AGREE(odd, other));
    assert_false(AGREE(odd, circle));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_agree_in_any_order),
        cmocka_unit_test(boxes_may_differ_by_a_pixel_and_no_more),
        cmocka_unit_test(each_box_needs_one_of_its_own),
        cmocka_unit_test(other_shapes_agree_by_kind_and_points),
    };
    return RUN_TESTS(tests);
}
