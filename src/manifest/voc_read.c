/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "manifest/voc_parse.h"
#include "manifest/voc_shape.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHAPE_VALUES_START = 8 };

struct voc_object voc_object_none(void)
{
    return (struct voc_object){.confidence = (double)NAN, .hard_coefficient = (double)NAN};
}

/* Elements that hold one text or number, and where it goes. */
struct leaf {
    const char *name;
    size_t offset;
    bool is_number, may_be_empty;
    size_t max_bytes;
    double max; /* of a number from 0 */
};
#define TEXT_LEAF(element, type, field)                                                                      \
    {                                                                                                        \
        .name = (element), .offset = offsetof(type, field), .max_bytes = VOC_TEXT_MAX_BYTES                  \
    }
#define LOOSE_LEAF(element, type, field)                                                                     \
    {                                                                                                        \
        .name = (element), .offset = offsetof(type, field), .max_bytes = VOC_TEXT_MAX_BYTES,                 \
        .may_be_empty = true                                                                                 \
    }
#define NUMBER_LEAF(element, type, field, top)                                                               \
    {                                                                                                        \
        .name = (element), .offset = offsetof(type, field), .is_number = true, .max = (top)                  \
    }

static const struct leaf object_leaves[] = {
    {.name = "name", .offset = offsetof(struct voc_object, name), .max_bytes = VOC_NAME_MAX_BYTES},
    TEXT_LEAF("pose", struct voc_object, pose),
    TEXT_LEAF("truncated", struct voc_object, truncated),
    TEXT_LEAF("occluded", struct voc_object, occluded),
    TEXT_LEAF("difficult", struct voc_object, difficult),
    TEXT_LEAF("mask_color", struct voc_object, mask_color),
    TEXT_LEAF("hard-reasons", struct voc_object, hard_reasons),
    NUMBER_LEAF("confidence", struct voc_object, confidence, 1),
    NUMBER_LEAF("hard-coefficient", struct voc_object, hard_coefficient, 1),
    NUMBER_LEAF("difficult-coefficient", struct voc_object, hard_coefficient, 1), /* its name in 2019 */
    {NULL},
};
static const struct leaf file_leaves[] = {
    LOOSE_LEAF("folder", struct voc, folder),
    TEXT_LEAF("filename", struct voc, filename),
    TEXT_LEAF("segmented", struct voc, segmented),
    TEXT_LEAF("mask_source", struct voc, mask_source),
    {NULL},
};
static const struct leaf source_leaves[] = {LOOSE_LEAF("database", struct voc, database), {NULL}};

struct sizes {
    double width, height, depth;
};
static const struct leaf size_leaves[] = {
    NUMBER_LEAF("width", struct sizes, width, VOC_SIDE_MAX_PX),
    NUMBER_LEAF("height", struct sizes, height, VOC_SIDE_MAX_PX),
    NUMBER_LEAF("depth", struct sizes, depth, VOC_SIDE_MAX_PX),
    {NULL},
};

static const struct leaf *leaf_find(const struct leaf *leaves, const char *name)
{
    for (; leaves->name; leaves++)
        if (strcmp(leaves->name, name) == 0)
            return leaves;
    return NULL;
}

static bool leaf_read(const struct voc_place *place, const struct leaf *leaf, const xmlNode *node, void *into,
                      struct error *err)
{
    char *field = (char *)into + leaf->offset;
    if (leaf->is_number) {
        double *number = (double *)(void *)field;
        if (!isnan(*number))
            return voc_refuse(place, node, "is there twice", err);
        return voc_number_of(place, node, 0, leaf->max, number, err);
    }
    const char **text = (const char **)(void *)field;
    if (*text)
        return voc_refuse(place, node, "is there twice", err);
    if (!leaf->may_be_empty)
        return voc_content_of(place, node, leaf->max_bytes, text, err);
    if (!voc_text_of(place, node, leaf->max_bytes, text, err))
        return false;
    if ((*text)[0] == '\0')
        *text = NULL;
    return true;
}

/* What has no member: kept in `extra`, texts between elements are not. */
static bool take_extra(const struct voc_place *place, const struct buffer *extra, const char **ret,
                       struct error *err)
{
    if (extra->size == 0)
        return true;
    *ret = arena_text_n(place->arena, extra->data, extra->size);
    return *ret || error_no_memory(err);
}

/* ---- positions ---- */

struct numbers {
    double *values; /* NaN: not yet read */
    size_t count, capacity;
};

static bool numbers_reach(struct numbers *numbers, size_t index, struct error *err)
{
    size_t capacity = numbers->capacity == 0 ? SHAPE_VALUES_START : numbers->capacity;
    while (capacity <= index)
        capacity *= 2;
    if (capacity > numbers->capacity) {
        double *grown = realloc(numbers->values, capacity * sizeof(*grown));
        if (!grown)
            return error_no_memory(err);
        for (size_t i = numbers->capacity; i < capacity; i++)
            grown[i] = (double)NAN;
        numbers->values = grown;
        numbers->capacity = capacity;
    }
    numbers->count = index + 1 > numbers->count ? index + 1 : numbers->count;
    return true;
}

/* "x3" → 4, "y3" → 5: the place of a point's number. False for other names. */
static bool point_index(const char *name, size_t *ret)
{
    struct error ignored = {0};
    uint64_t number = 0;
    bool is_one = (name[0] == 'x' || name[0] == 'y') && name[1] >= '1' && name[1] <= '9' &&
                  text_to_count(name + 1, "number", 1, VOC_POINTS_MAX, &number, &ignored);
    *ret = is_one ? 2 * (size_t)(number - 1) + (name[0] == 'y') : 0;
    return is_one;
}

static bool value_index(enum voc_shape_kind kind, const char *name, size_t *ret)
{
    const struct voc_shape_form *form = &voc_shape_forms[kind];
    for (size_t i = 0; i < VOC_SHAPE_NAMED_VALUES && form->values[i]; i++) {
        *ret = i;
        if (strcmp(form->values[i], name) == 0)
            return true;
    }
    bool has_points = !form->values[0] || kind == VOC_POINT; /* a point is x, y or x1, y1 */
    return has_points && point_index(name, ret) && *ret < form->max;
}

static bool read_value(const struct voc_place *place, enum voc_shape_kind kind, const xmlNode *node,
                       struct numbers *numbers, struct error *err)
{
    size_t index = 0;
    double number = 0;
    if (!value_index(kind, (const char *)node->name, &index))
        return voc_refuse(place, node, "has no meaning in this position", err);
    if (!numbers_reach(numbers, index, err))
        return false;
    if (!isnan(numbers->values[index]))
        return voc_refuse(place, node, "is there twice", err);
    double min = kind == VOC_CIRCLE && index == 2 ? 0 : -VOC_COORDINATE_MAX;
    if (!voc_number_of(place, node, min, VOC_COORDINATE_MAX, &number, err))
        return false;
    numbers->values[index] = number;
    return true;
}

static bool read_values(const struct voc_place *place, enum voc_shape_kind kind, const xmlNode *position,
                        struct numbers *numbers, struct error *err)
{
    const struct voc_shape_form *form = &voc_shape_forms[kind];
    for (const xmlNode *node = position->children; node; node = node->next)
        if (voc_element_name(node) && !read_value(place, kind, node, numbers, err))
            return false;
    bool is_whole = numbers->count >= form->min && (form->values[0] || numbers->count % 2 == 0);
    for (size_t i = 0; is_whole && i < numbers->count; i++)
        is_whole = !isnan(numbers->values[i]);
    return is_whole || voc_refuse(place, position, "misses some of its numbers", err);
}

static bool read_shape(const struct voc_place *place, enum voc_shape_kind kind, const xmlNode *position,
                       struct voc_shape *ret, struct error *err)
{
    struct numbers numbers = {0};
    bool is_read = read_values(place, kind, position, &numbers, err);
    double *values = is_read ? arena_array(place->arena, numbers.count, sizeof(*values)) : NULL;
    if (values)
        memcpy(values, numbers.values, numbers.count * sizeof(*values));
    free(numbers.values);
    if (!values)
        return is_read ? error_no_memory(err) : false;
    *ret = (struct voc_shape){kind, values, numbers.count};
    return true;
}

/* ---- properties ---- */

static const xmlNode *only_child(const xmlNode *parent, const char *name)
{
    const xmlNode *found = NULL;
    for (const xmlNode *node = parent->children; node; node = node->next) {
        const char *element = voc_element_name(node);
        if (!element || strcmp(element, name) != 0)
            continue;
        if (found)
            return NULL;
        found = node;
    }
    return found;
}

static bool read_property(const struct voc_place *place, const xmlNode *node, struct voc_property *ret)
{
    struct error ignored = {0};
    const xmlNode *key = only_child(node, "key"), *value = only_child(node, "value");
    return key && value && xmlChildElementCount((xmlNode *)(uintptr_t)node) == 2 &&
           voc_content_of(place, key, VOC_TEXT_MAX_BYTES, &ret->key, &ignored) &&
           voc_content_of(place, value, VOC_TEXT_MAX_BYTES, &ret->value, &ignored);
}

static bool has_key(const struct voc_object *object, const char *key)
{
    for (size_t i = 0; i < object->property_count; i++)
        if (strcmp(object->properties[i].key, key) == 0)
            return true;
    return false;
}

/* False when they are more than keys with values, each once: then the element is kept as it is. */
static bool read_properties(const struct voc_place *place, const xmlNode *node, struct voc_object *object)
{
    size_t count = (size_t)xmlChildElementCount((xmlNode *)(uintptr_t)node);
    struct voc_object read = *object;
    if (object->properties || count == 0 || count > VOC_PROPERTIES_MAX)
        return false;
    read.properties = arena_array(place->arena, count, sizeof(*read.properties));
    for (const xmlNode *child = node->children; child && read.properties; child = child->next) {
        struct voc_property property = {0};
        const char *name = voc_element_name(child);
        if (!name)
            continue;
        if (strcmp(name, "property") != 0 || !read_property(place, child, &property) ||
            has_key(&read, property.key))
            return false;
        read.properties[read.property_count++] = property;
    }
    if (read.properties)
        *object = read;
    return read.properties != NULL;
}

/* ---- objects ---- */

static bool read_object_child(const struct voc_place *place, xmlNode *node, struct voc_object *object,
                              struct buffer *extra, struct error *err)
{
    enum voc_shape_kind kind;
    const char *name = voc_element_name(node);
    const struct leaf *leaf = leaf_find(object_leaves, name);
    if (leaf)
        return leaf_read(place, leaf, node, object, err);
    if (voc_shape_find(name, &kind)) {
        if (object->shape.values)
            return voc_refuse(place, node, "is a second position; an object has one", err);
        return read_shape(place, kind, node, &object->shape, err);
    }
    if (strcmp(name, "properties") == 0 && read_properties(place, node, object))
        return true;
    return voc_keep_element(place, node, extra, err);
}

static bool read_object(const struct voc_place *place, const xmlNode *element, struct voc_object *ret,
                        struct error *err)
{
    AUTO_BUFFER(extra, VOC_EXTRA_MAX_BYTES);
    struct voc_object object = voc_object_none();
    object.line = voc_line_of(element);
    for (xmlNode *node = element->children; node; node = node->next)
        if (voc_element_name(node) && !read_object_child(place, node, &object, &extra, err))
            return false;
    if (!object.name)
        return voc_refuse(place, element, "has no <name>", err);
    if (!object.shape.values)
        return voc_refuse(place, element,
                          "has no position: bndbox, polygon, polyline, line, dashed, circle "
                          "or point",
                          err);
    if (!take_extra(place, &extra, &object.extra_xml, err))
        return false;
    *ret = object;
    return true;
}

static bool read_objects(struct voc_place *place, const xmlNode *root, struct voc *voc, struct error *err)
{
    size_t count = 0;
    for (const xmlNode *node = root->children; node; node = node->next)
        count += voc_element_name(node) && strcmp(voc_element_name(node), "object") == 0;
    if (count > VOC_OBJECTS_MAX)
        return error_set(err, ERR_LIMIT, "the file has %zu objects; %d is the limit", count, VOC_OBJECTS_MAX);
    voc->objects = arena_array(place->arena, count + 1, sizeof(*voc->objects));
    if (!voc->objects)
        return error_no_memory(err);
    for (const xmlNode *node = root->children; node; node = node->next) {
        const char *name = voc_element_name(node);
        if (!name || strcmp(name, "object") != 0)
            continue;
        place->object = voc->object_count + 1;
        if (!read_object(place, node, &voc->objects[voc->object_count], err))
            return false;
        voc->object_count++;
    }
    place->object = 0;
    return true;
}

/* ---- the file ---- */

static bool read_source(const struct voc_place *place, const xmlNode *source, struct voc *voc,
                        struct error *err)
{
    AUTO_BUFFER(extra, VOC_EXTRA_MAX_BYTES);
    for (xmlNode *node = source->children; node; node = node->next) {
        const char *name = voc_element_name(node);
        const struct leaf *leaf = name ? leaf_find(source_leaves, name) : NULL;
        if (name &&
            !(leaf ? leaf_read(place, leaf, node, voc, err) : voc_keep_element(place, node, &extra, err)))
            return false;
    }
    return take_extra(place, &extra, &voc->source_xml, err);
}

static int64_t whole(double value)
{
    return isnan(value) ? 0 : (int64_t)value;
}

static bool read_size(const struct voc_place *place, const xmlNode *size, struct voc *voc, struct error *err)
{
    struct sizes sizes = {(double)NAN, (double)NAN, (double)NAN};
    for (const xmlNode *node = size->children; node; node = node->next) {
        const char *name = voc_element_name(node);
        const struct leaf *leaf = name ? leaf_find(size_leaves, name) : NULL;
        if (name && !leaf)
            return voc_refuse(place, node, "has no meaning in <size>", err);
        if (leaf && !leaf_read(place, leaf, node, &sizes, err))
            return false;
    }
    voc->width = whole(sizes.width);
    voc->height = whole(sizes.height);
    voc->depth = whole(sizes.depth);
    bool is_whole = !(sizes.width > (double)voc->width) && !(sizes.height > (double)voc->height) &&
                    !(sizes.depth > (double)voc->depth);
    return is_whole || voc_refuse(place, size, "must hold whole numbers", err);
}

static bool read_file_child(const struct voc_place *place, xmlNode *node, struct voc *voc,
                            struct buffer *extra, struct error *err)
{
    const char *name = voc_element_name(node);
    const struct leaf *leaf = leaf_find(file_leaves, name);
    if (leaf)
        return leaf_read(place, leaf, node, voc, err);
    if (strcmp(name, "object") == 0)
        return true;
    if (strcmp(name, "source") == 0 && !voc->source_xml && !voc->database)
        return read_source(place, node, voc, err);
    if (strcmp(name, "size") == 0 && voc->width + voc->height + voc->depth == 0)
        return read_size(place, node, voc, err);
    bool is_twin = strcmp(name, "source") == 0 || strcmp(name, "size") == 0;
    return is_twin ? voc_refuse(place, node, "is there twice", err)
                   : voc_keep_element(place, node, extra, err);
}

static bool read_root(struct voc_place *place, const xmlNode *root, struct voc *ret, struct error *err)
{
    AUTO_BUFFER(extra, VOC_EXTRA_MAX_BYTES);
    struct voc voc = {0};
    if (!root || strcmp((const char *)root->name, "annotation") != 0)
        return error_set(err, ERR_INVALID, "line %u: the outermost element is <%.60s>, not <annotation>",
                         root ? voc_line_of(root) : 0, root ? (const char *)root->name : "");
    for (xmlNode *node = root->children; node; node = node->next)
        if (voc_element_name(node) && !read_file_child(place, node, &voc, &extra, err))
            return false;
    if (!take_extra(place, &extra, &voc.extra_xml, err) || !read_objects(place, root, &voc, err))
        return false;
    *ret = voc;
    return true;
}

bool voc_read(struct bytes file, struct arena *arena, struct voc *ret, struct error *err)
{
    struct voc_place place = {.arena = arena};
    xmlDoc *doc = NULL;
    if (!voc_parse(file, &doc, err))
        return false;
    bool is_read = read_root(&place, xmlDocGetRootElement(doc), ret, err);
    xmlFreeDoc(doc);
    return is_read;
}
