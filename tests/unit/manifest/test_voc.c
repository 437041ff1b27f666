/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "manifest/voc.h"

#include <math.h>
#include <string.h>

static bool read_text(struct arena *arena, const char *text, struct voc *ret, struct error *err)
{
    *err = (struct error){0};
    return voc_read((struct bytes){text, strlen(text)}, arena, ret, err);
}

static struct voc read_file(struct arena *arena, const char *text)
{
    struct error err;
    struct voc voc = {0};
    if (!read_text(arena, text, &voc, &err))
        fail_msg("%s", err.message);
    return voc;
}

static const char *write_file(struct arena *arena, const struct voc *voc)
{
    struct error err = {0};
    AUTO_BUFFER(text, VOC_FILE_MAX_BYTES);
    if (!voc_write(voc, &text, &err))
        fail_msg("%s", err.message);
    return arena_text_n(arena, text.data, text.size);
}

static void assert_refused(struct arena *arena, const char *text, enum error_code code, const char *words)
{
    struct error err;
    struct voc voc;
    if (read_text(arena, text, &voc, &err))
        fail_msg("read: %.200s", text);
    if (err.code != code || !strstr(err.message, words))
        fail_msg("%d: %s (expected '%s') of %.200s", err.code, err.message, words, text);
}

/* An object with these elements, in a file. */
#define FILE_OF(elements) "<annotation>" elements "</annotation>"
#define OBJECT(elements) FILE_OF("<object>" elements "</object>")
#define BOX "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>"

static const char whole_file[] =
    "<annotation>\n\t<folder>Images</folder>\n\t<filename>1.jpg</filename>\n\t<source>\n"
    "\t\t<database>Unknown</database>\n\t\t<flickrid>7</flickrid>\n\t</source>\n\t<size>\n"
    "\t\t<width>640</width>\n\t\t<height>480</height>\n\t\t<depth>3</depth>\n\t</size>\n"
    "\t<segmented>1</segmented>\n\t<mask_source>m.png</mask_source>\n\t<path>/a/1.jpg</path>\n\t<object>\n"
    "\t\t<name>cat &amp; &lt;dog&gt;</name>\n\t\t<pose>Frontal</pose>\n\t\t<truncated>1</truncated>\n"
    "\t\t<occluded>0</occluded>\n\t\t<difficult>1</difficult>\n\t\t<confidence>0.5</confidence>\n"
    "\t\t<hard-coefficient>0.25</hard-coefficient>\n\t\t<hard-reasons>1-7</hard-reasons>\n"
    "\t\t<mask_color>1,2,3</mask_color>\n\t\t<bndbox>\n\t\t\t<xmin>1</xmin>\n\t\t\t<ymin>2</ymin>\n"
    "\t\t\t<xmax>30.5</xmax>\n\t\t\t<ymax>40</ymax>\n\t\t</bndbox>\n\t\t<properties>\n\t\t\t<property>\n"
    "\t\t\t\t<key>colour</key>\n\t\t\t\t<value>red</value>\n\t\t\t</property>\n\t\t</properties>\n"
    "\t\t<part a=\"1\"><name>ear</name><!-- left --><bndbox/></part>\n\t</object>\n</annotation>\n";

static void every_element_is_read(void **state)
{
    AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
    struct voc voc = read_file(arena, whole_file);
    (void)state;
    assert_string_equal(voc.folder, "Images");
    assert_string_equal(voc.filename, "1.jpg");
    assert_string_equal(voc.database, "Unknown");
    assert_string_equal(voc.source_xml, "<flickrid>7</flickrid>");
    assert_string_equal(voc.segmented, "1");
    assert_string_equal(voc.mask_source, "m.png");
    assert_string_equal(voc.extra_xml, "<path>/a/1.jpg</path>");
    assert_int_equal(voc.width, 640);
    assert_int_equal(voc.height, 480);
    assert_int_equal(voc.depth, 3);
    assert_int_equal(voc.object_count, 1);
    const struct voc_object *object = &voc.objects[0];
    assert_string_equal(object->name, "cat & <dog>");
    assert_string_equal(object->pose, "Frontal");
    assert_string_equal(object->truncated, "1");
    assert_string_equal(object->occluded, "0");
    assert_string_equal(object->difficult, "1");
    assert_string_equal(object->mask_color, "1,2,3");
    assert_string_equal(object->hard_reasons, "1-7");
    assert_float_equal(object->confidence, 0.5, 0);
    assert_float_equal(object->hard_coefficient, 0.25, 0);
    assert_int_equal(object->shape.kind, VOC_BNDBOX);
    assert_float_equal(object->shape.values[2], 30.5, 0);
    assert_int_equal(object->property_count, 1);
    assert_string_equal(object->properties[0].key, "colour");
    assert_string_equal(object->properties[0].value, "red");
    assert_string_equal(object->extra_xml, "<part a=\"1\"><name>ear</name><!-- left --><bndbox/></part>");
    assert_int_equal(object->line, 16);
}

static void what_was_read_is_written_as_it_was(void **state)
{
    AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
    struct voc voc = read_file(arena, whole_file);
    (void)state;
    assert_string_equal(write_file(arena, &voc), whole_file);
}

static void every_shape_goes_both_ways(void **state)
{
    static const struct {
        const char *xml, *json;
        enum voc_shape_kind kind;
    } rows[] = {
        {BOX, "[[1,2],[30,40]]", VOC_BNDBOX},
        {"<polygon><x1>1</x1><y1>1</y1><x2>9</x2><y2>1.5</y2><x3>-5</x3><y3>9</y3></polygon>",
         "[[1,1],[9,1.5],[-5,9]]", VOC_POLYGON},
        {"<polygon><y2>1</y2><x2>9</x2><x1>1</x1><y1>1</y1><x3>5</x3><y3>9</y3></polygon>",
         "[[1,1],[9,1],[5,9]]", VOC_POLYGON},
        {"<polyline><x1>1</x1><y1>1</y1><x2>9</x2><y2>1</y2></polyline>", "[[1,1],[9,1]]", VOC_POLYLINE},
        {"<line><x1>1</x1><y1>1</y1><x2>9</x2><y2>1</y2></line>", "[[1,1],[9,1]]", VOC_LINE},
        {"<dashed><x1>1</x1><y1>1</y1><x2>9</x2><y2>1</y2></dashed>", "[[1,1],[9,1]]", VOC_DASHED},
        {"<circle><cx>10</cx><cy>11</cy><r>5</r></circle>", "[[10,11],[5]]", VOC_CIRCLE},
        {"<point><x>3</x><y> 4\n</y></point>", "[[3,4]]", VOC_POINT},
        {"<point><x1>3</x1><y1>4</y1></point>", "[[3,4]]", VOC_POINT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
        struct error err = {0};
        struct voc_shape back;
        const char *json = NULL;
        const char *text = arena_printf(arena, OBJECT("<name>a</name>%s"), rows[i].xml);
        struct voc voc = read_file(arena, text);
        assert_int_equal(voc.objects[0].shape.kind, rows[i].kind);
        assert_true(voc_shape_json_write(&voc.objects[0].shape, arena, &json, &err));
        assert_string_equal(json,
                            arena_printf(arena, "{\"@modelarts:shape\":\"%s\",\"@modelarts:feature\":%s}",
                                         voc_shape_name(rows[i].kind), rows[i].json));
        assert_true(voc_shape_json_read(json, arena, &back, &err));
        assert_int_equal(back.count, voc.objects[0].shape.count);
        assert_memory_equal(back.values, voc.objects[0].shape.values, back.count * sizeof(double));
        voc = read_file(arena, write_file(arena, &voc));
        assert_memory_equal(back.values, voc.objects[0].shape.values, back.count * sizeof(double));
    }
}

static void old_files_lack_much_and_are_read(void **state)
{
    AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
    struct voc voc =
        read_file(arena, FILE_OF("<folder></folder><source/><object><name>a</name>" BOX
                                 "<difficult-coefficient>0.75</difficult-coefficient></object>"));
    (void)state;
    assert_null(voc.folder);
    assert_null(voc.database);
    assert_int_equal(voc.width + voc.height + voc.depth, 0);
    assert_null(voc.objects[0].occluded);
    assert_true(isnan(voc.objects[0].confidence));
    assert_float_equal(voc.objects[0].hard_coefficient, 0.75, 0);
    const char *written = write_file(arena, &voc);
    assert_non_null(strstr(written, "<folder>NA</folder>"));
    assert_non_null(strstr(written, "<database>Unknown</database>"));
    assert_non_null(strstr(written, "<pose>Unspecified</pose>"));
    assert_non_null(strstr(written, "<occluded>0</occluded>"));
    assert_non_null(strstr(written, "<hard-coefficient>0.75</hard-coefficient>"));
}

static void elements_without_a_member_keep_their_namespaces(void **state)
{
    AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
    struct voc voc =
        read_file(arena, "<annotation xmlns:t=\"t:t\"><t:more t:a=\"1\">x<b/>y</t:more><also/></annotation>");
    (void)state;
    assert_string_equal(voc.extra_xml, "<t:more xmlns:t=\"t:t\" t:a=\"1\">x<b/>y</t:more><also/>");
    voc = read_file(arena, write_file(arena, &voc));
    assert_string_equal(voc.extra_xml, "<t:more xmlns:t=\"t:t\" t:a=\"1\">x<b/>y</t:more><also/>");
}

static void properties_of_another_form_are_kept_whole(void **state)
{
    static const char *const forms[] = {
        "<properties/>",
        "<properties><property><key>a</key></property></properties>",
        "<properties><property><key>a</key><value>1</value><unit>m</unit></property></properties>",
        "<properties><property><key>a</key><value>1</value></property><property><key>a</key>"
        "<value>2</value></property></properties>",
        "<properties><other/></properties>",
    };
    AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct voc voc = read_file(arena, arena_printf(arena, OBJECT("<name>a</name>" BOX "%s"), forms[i]));
        assert_int_equal(voc.objects[0].property_count, 0);
        assert_string_equal(voc.objects[0].extra_xml, forms[i]);
        voc = read_file(arena, write_file(arena, &voc));
        assert_string_equal(voc.objects[0].extra_xml, forms[i]);
    }
}

static void refusals_name_line_object_and_element(void **state)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"", "not XML"},
        {"<annotation>", "line 1: not XML"},
        {"<annotation>\n<a></b></annotation>", "line 2: not XML"},
        {"<html/>", "<html>, not <annotation>"},
        {FILE_OF("&undefined;"), "not XML"},
        {FILE_OF("\n<object>\n" BOX "</object>"), "line 2: object 1: <object> has no <name>"},
        {FILE_OF("<object><name>a</name>" BOX "</object><object><name>b</name></object>"),
         "object 2: <object> has no position"},
        {OBJECT("<name/>" BOX), "object 1: <name> is empty"},
        {OBJECT("<name>a</name><pose></pose>" BOX), "<pose> is empty"},
        {OBJECT("<name>a</name><name>b</name>" BOX), "<name> is there twice"},
        {OBJECT("<name><b>a</b></name>" BOX), "must hold text, no elements"},
        {OBJECT("<name>a</name>" BOX "<point><x>1</x><y>2</y></point>"),
         "<point> is a second position; an object has one"},
        {OBJECT("<name>a</name>" BOX BOX), "<bndbox> is a second position"},
        {OBJECT("<name>a</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax></bndbox>"),
         "<bndbox> misses some of its numbers"},
        {OBJECT("<name>a</name><bndbox/>"), "<bndbox> misses some of its numbers"},
        {OBJECT("<name>a</name><bndbox>\n<xmin></xmin></bndbox>"), "line 2: object 1: <xmin> is empty"},
        {OBJECT("<name>a</name><bndbox><xmin>1 2</xmin></bndbox>"), "<xmin> must be a number"},
        {OBJECT("<name>a</name><bndbox><xmin>nan</xmin></bndbox>"), "<xmin> must be a number"},
        {OBJECT("<name>a</name><bndbox><xmin>10000001</xmin></bndbox>"), "<xmin> must be a number"},
        {OBJECT("<name>a</name><bndbox><xmin>1</xmin><xmin>1</xmin></bndbox>"), "<xmin> is there twice"},
        {OBJECT("<name>a</name><bndbox><angle>1</angle></bndbox>"), "<angle> has no meaning"},
        {OBJECT("<name>a</name><circle><cx>1</cx><cy>1</cy><r>-1</r></circle>"), "<r> must be a number"},
        {OBJECT("<name>a</name><polygon><x1>1</x1><y1>1</y1><x2>1</x2><y2>1</y2></polygon>"),
         "<polygon> misses some"},
        {OBJECT("<name>a</name><polyline><x1>1</x1><y1>1</y1><x2>1</x2></polyline>"), "misses some"},
        {OBJECT("<name>a</name><polyline><x1>1</x1><y1>1</y1><x3>1</x3><y3>1</y3></polyline>"),
         "misses some"},
        {OBJECT("<name>a</name><line><x1>1</x1><y1>1</y1><x3>1</x3></line>"), "<x3> has no meaning"},
        {OBJECT("<name>a</name><point><x01>1</x01></point>"), "<x01> has no meaning"},
        {OBJECT("<name>a</name><confidence>1.5</confidence>" BOX),
         "<confidence> must be a number from 0 to 1"},
        {FILE_OF("<size><width/></size>"), "<width> is empty"},
        {FILE_OF("<size><width>1.5</width></size>"), "whole numbers"},
        {FILE_OF("<size><width>-1</width></size>"), "<width> must be a number"},
        {FILE_OF("<segmented/>"), "<segmented> is empty"},
    };
    AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_refused(arena, rows[i].text, ERR_INVALID, rows[i].words);
}

static void entities_and_outside_files_are_refused_with_words(void **state)
{
    AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
    (void)state;
    assert_refused(arena, "<!DOCTYPE annotation>\n<annotation/>", ERR_INVALID, "document type declaration");
    assert_refused(arena,
                   "<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n"
                   "<annotation><folder>&x;</folder></annotation>",
                   ERR_INVALID, "line 2: a document type declaration");
    assert_refused(arena, "<!DOCTYPE a SYSTEM \"http://127.0.0.1/a.dtd\"><annotation/>", ERR_INVALID,
                   "document type declaration");
    struct voc voc = read_file(arena, FILE_OF("<x:include xmlns:x=\"http://www.w3.org/2001/XInclude\" "
                                              "href=\"/etc/passwd\"/><folder>&#65;&amp;</folder>"));
    assert_string_equal(voc.folder, "A&");
    assert_null(strstr(voc.extra_xml, "root:"));
}

static const char *repeated(struct arena *arena, const char *start, const char *piece, size_t times,
                            const char *end)
{
    AUTO_BUFFER(text, (size_t)2 * VOC_FILE_MAX_BYTES);
    assert_true(buffer_add_text(&text, start));
    for (size_t i = 0; i < times; i++)
        assert_true(buffer_add_text(&text, piece));
    assert_true(buffer_add_text(&text, end));
    return arena_text_n(arena, text.data, text.size);
}

static void assert_limit(const char *start, const char *piece, size_t limit, const char *end,
                         const char *words)
{
    AUTO(arena) arena = arena_new((size_t)4 * VOC_ARENA_BYTES);
    (void)read_file(arena, repeated(arena, start, piece, limit, end));
    assert_refused(arena, repeated(arena, start, piece, limit + 1, end), ERR_LIMIT, words);
}

static void limits_hold_and_one_past_is_refused(void **state)
{
    AUTO(arena) arena = arena_new((size_t)2 * VOC_ARENA_BYTES);
    (void)state;
    assert_limit("<annotation>", "<object><name>a</name><point><x>1</x><y>1</y></point></object>",
                 VOC_OBJECTS_MAX, "</annotation>", "10000 is the limit");
    assert_limit("<annotation><a>", "<b/>", (VOC_EXTRA_MAX_BYTES - 7) / 4, "</a></annotation>", "too long");
    assert_limit("<annotation><object><name>", "a", VOC_NAME_MAX_BYTES,
                 "</name>" BOX "</object></annotation>", "<name> is longer");
    assert_limit("<annotation><filename>", "a", VOC_TEXT_MAX_BYTES, "</filename></annotation>",
                 "<filename> is longer");
    assert_limit("<annotation>", " ", VOC_FILE_MAX_BYTES - 25, "</annotation>", "4194304 is the limit");
    const char *many =
        repeated(arena, "<annotation><object>", "<name/>", VOC_ELEMENTS_MAX, "</object></annotation>");
    assert_refused(arena, many, ERR_LIMIT, "250000 elements");
}

static void depth_has_a_limit(void **state)
{
    AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        const char *open = repeated(arena, "<annotation>", "<a>", VOC_DEPTH_MAX - 1 + extra, "");
        const char *text = repeated(arena, open, "</a>", VOC_DEPTH_MAX - 1 + extra, "</annotation>");
        if (extra == 0)
            (void)read_file(arena, text);
        else
            assert_refused(arena, text, ERR_LIMIT, "32 elements in one another");
    }
}

static void points_of_a_shape_have_a_limit(void **state)
{
    AUTO_BUFFER(text, VOC_FILE_MAX_BYTES);
    AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
    (void)state;
    for (int points = VOC_POINTS_MAX; points <= VOC_POINTS_MAX + 1; points++) {
        buffer_clear(&text);
        (void)buffer_add_text(&text, "<annotation><object><name>a</name><polygon>");
        for (int i = 1; i <= points; i++)
            (void)buffer_printf(&text, "<x%d>1</x%d><y%d>2</y%d>", i, i, i, i);
        assert_true(buffer_add_text(&text, "</polygon></object></annotation>"));
        if (points > VOC_POINTS_MAX)
            assert_refused(arena, text.data, ERR_INVALID, "<x10001> has no meaning");
        else
            assert_int_equal(read_file(arena, text.data).objects[0].shape.count, 2 * points);
    }
}

static void what_would_read_as_something_else_is_not_written(void **state)
{
    AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
    AUTO_BUFFER(text, VOC_FILE_MAX_BYTES);
    struct error err = {0};
    struct voc voc = read_file(arena, OBJECT("<name>a</name>" BOX));
    static const char *const extras[] = {"<a>",
                                         "text",
                                         "</object><object>",
                                         "<name>b</name>",
                                         "&x;",
                                         "<!--",
                                         "</object><object><name>b</name>" BOX};
    (void)state;
    assert_true(buffer_add_text(&text, "before"));
    for (size_t i = 0; i < sizeof(extras) / sizeof(extras[0]); i++) {
        voc.objects[0].extra_xml = extras[i];
        if (voc_write(&voc, &text, &err))
            fail_msg("written: %s", extras[i]);
        assert_string_equal(text.data, "before");
    }
    voc.objects[0].extra_xml = NULL;
    voc.objects[0].name = "a\x01";
    assert_false(voc_write(&voc, &text, &err));
}

static void json_of_another_form_is_refused(void **state)
{
#define SHAPE(kind, feature) "{\"@modelarts:shape\":\"" kind "\",\"@modelarts:feature\":" feature "}"
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        SHAPE("box", "[[1,2],[3,4]]"),
        SHAPE("bndbox", "[[1,2]]"),
        SHAPE("bndbox", "[[1,2],[3,4],[5,6]]"),
        SHAPE("bndbox", "[[1,2],[3]]"),
        SHAPE("bndbox", "[1,2,3,4]"),
        SHAPE("bndbox", "[[3,2],[3,4]]"),
        SHAPE("bndbox", "[[1,4],[3,2]]"),
        SHAPE("bndbox", "[[1,2],[3,\"4\"]]"),
        SHAPE("bndbox", "[[1,2],[3,1e9]]"),
        SHAPE("circle", "[[1,2],[-1]]"),
        SHAPE("circle", "[[1,2],[3,4]]"),
        SHAPE("point", "[]"),
        SHAPE("point", "{}"),
        SHAPE("polygon", "[[1,2],[3,4]]"),
    };
    AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct error err = {0};
        struct voc_shape shape;
        if (voc_shape_json_read(bad[i], arena, &shape, &err))
            fail_msg("read: %s", bad[i]);
        assert_int_equal(err.code, ERR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_element_is_read),
        cmocka_unit_test(what_was_read_is_written_as_it_was),
        cmocka_unit_test(every_shape_goes_both_ways),
        cmocka_unit_test(old_files_lack_much_and_are_read),
        cmocka_unit_test(elements_without_a_member_keep_their_namespaces),
        cmocka_unit_test(properties_of_another_form_are_kept_whole),
        cmocka_unit_test(refusals_name_line_object_and_element),
        cmocka_unit_test(entities_and_outside_files_are_refused_with_words),
        cmocka_unit_test(limits_hold_and_one_past_is_refused),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(points_of_a_shape_have_a_limit),
        cmocka_unit_test(what_would_read_as_something_else_is_not_written),
        cmocka_unit_test(json_of_another_form_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
