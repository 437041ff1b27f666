/* SPDX-License-Identifier: Apache-2.0 */
#include "manifest/voc_shape.h"

#include "base/json.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

const struct voc_shape_form voc_shape_forms[VOC_SHAPE_COUNT] = {
    [VOC_BNDBOX] = {"bndbox", {"xmin", "ymin", "xmax", "ymax"}, 4, 4},
    [VOC_POLYGON] = {"polygon", {NULL}, 2 * 3, 2 * VOC_POINTS_MAX},
    [VOC_POLYLINE] = {"polyline", {NULL}, 2 * 2, 2 * VOC_POINTS_MAX},
    [VOC_LINE] = {"line", {NULL}, 2 * 2, 2 * 2},
    [VOC_DASHED] = {"dashed", {NULL}, 2 * 2, 2 * 2},
    [VOC_CIRCLE] = {"circle", {"cx", "cy", "r"}, 3, 3},
    [VOC_POINT] = {"point", {"x", "y"}, 2, 2},
};

const char *voc_shape_name(enum voc_shape_kind kind)
{
    return voc_shape_forms[kind].name;
}

bool voc_shape_find(const char *name, enum voc_shape_kind *ret)
{
    for (int kind = 0; kind < VOC_SHAPE_COUNT; kind++) {
        if (strcmp(voc_shape_forms[kind].name, name) != 0)
            continue;
        *ret = (enum voc_shape_kind)kind;
        return true;
    }
    return false;
}

static bool check_values(const struct voc_shape *shape, struct error *err)
{
    const double *value = shape->values;
    for (size_t i = 0; i < shape->count; i++)
        if (!(fabs(value[i]) <= VOC_COORDINATE_MAX))
            return error_set(err, ERR_INVALID, "a number of a %s is beyond %d px",
                             voc_shape_name(shape->kind), VOC_COORDINATE_MAX);
    if (shape->kind == VOC_BNDBOX && !(value[0] < value[2] && value[1] < value[3]))
        return error_set(err, ERR_INVALID, "of a bndbox min must be below max, not [[%g,%g],[%g,%g]]",
                         value[0], value[1], value[2], value[3]);
    if (shape->kind == VOC_CIRCLE && value[2] < 0)
        return error_set(err, ERR_INVALID, "the radius of a circle is below 0");
    return true;
}

/* Each row is a point; the last of a circle is its radius alone. */
static bool read_row(yyjson_val *row, struct voc_shape *shape, size_t total, struct error *err)
{
    size_t expected = total - shape->count < 2 ? 1 : 2;
    bool is_row = yyjson_is_arr(row) && yyjson_arr_size(row) == expected;
    for (size_t i = 0; is_row && i < expected; i++) {
        yyjson_val *number = yyjson_arr_get(row, i);
        is_row = yyjson_is_num(number);
        shape->values[shape->count++] = is_row ? yyjson_get_num(number) : 0;
    }
    return is_row || error_set(err, ERR_INVALID,
                               "\"@modelarts:feature\" of a %s is a list of points [x,y], of a circle "
                               "[[cx,cy],[r]]",
                               voc_shape_name(shape->kind));
}

static bool read_feature(yyjson_val *rows, struct arena *arena, struct voc_shape *shape, struct error *err)
{
    const struct voc_shape_form *form = &voc_shape_forms[shape->kind];
    size_t points = yyjson_is_arr(rows) ? yyjson_arr_size(rows) : 0;
    size_t total = shape->kind == VOC_CIRCLE && points == 2 ? 3 : 2 * points, index, max;
    yyjson_val *row;
    if (points == 0 || total < form->min || total > form->max)
        return error_set(err, ERR_INVALID, "\"@modelarts:feature\" of a %s has %zu points", form->name,
                         points);
    shape->values = arena_array(arena, total, sizeof(*shape->values));
    if (!shape->values)
        return error_no_memory(err);
    yyjson_arr_foreach(rows, index, max, row)
    {
        if (!read_row(row, shape, total, err))
            return false;
    }
    return check_values(shape, err);
}

bool voc_shape_json_read(const char *json, struct arena *arena, struct voc_shape *ret, struct error *err)
{
    AUTO_JSON doc = NULL;
    struct voc_shape shape = {0};
    if (!json_parse((struct bytes){json, strlen(json)}, "the shape", &doc, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(doc);
    const char *name = json_text(root, "@modelarts:shape", "");
    if (!voc_shape_find(name, &shape.kind))
        return error_set(err, ERR_INVALID,
                         "a shape has \"@modelarts:shape\" (bndbox, polygon, polyline, line, dashed, circle "
                         "or point, not '%.60s') and \"@modelarts:feature\"",
                         name);
    if (!read_feature(yyjson_obj_get(root, "@modelarts:feature"), arena, &shape, err))
        return false;
    *ret = shape;
    return true;
}

bool voc_shape_json_write(const struct voc_shape *shape, struct arena *arena, const char **ret,
                          struct error *err)
{
    AUTO_BUFFER(text, (size_t)2 * VOC_POINTS_MAX * TEXT_NUMBER_BYTES + 256);
    char number[TEXT_NUMBER_BYTES];
    (void)buffer_printf(&text, "{\"@modelarts:shape\":\"%s\",\"@modelarts:feature\":[",
                        voc_shape_name(shape->kind));
    for (size_t i = 0; i < shape->count; i++) {
        bool is_first = i % 2 == 0, is_last = i % 2 == 1 || i + 1 == shape->count;
        (void)buffer_printf(&text, "%s%s%s", is_first ? i > 0 ? ",[" : "[" : ",",
                            text_of_double(shape->values[i], number), is_last ? "]" : "");
    }
    (void)buffer_add_text(&text, "]}");
    if (!buffer_check(&text, "the shape", err))
        return false;
    *ret = arena_text_n(arena, text.data, text.size);
    return *ret || error_no_memory(err);
}
