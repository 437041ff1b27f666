/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "manifest/voc_shape.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct writing {
    struct buffer *into;
    int depth;
};

static void indent(const struct writing *out)
{
    for (int i = 0; i < out->depth; i++)
        (void)buffer_add(out->into, "\t", 1);
}

static void put_open(struct writing *out, const char *name)
{
    indent(out);
    (void)buffer_printf(out->into, "<%s>\n", name);
    out->depth++;
}

static void put_close(struct writing *out, const char *name)
{
    out->depth--;
    indent(out);
    (void)buffer_printf(out->into, "</%s>\n", name);
}

static void put_escaped(struct writing *out, const char *text)
{
    for (const char *at = text; *at;) {
        size_t plain = strcspn(at, "<>&\r");
        (void)buffer_add(out->into, at, plain);
        at += plain;
        if (*at == '\0')
            return;
        (void)buffer_add_text(out->into, *at == '<'   ? "&lt;"
                                         : *at == '>' ? "&gt;"
                                         : *at == '&' ? "&amp;"
                                                      : "&#13;");
        at++;
    }
}

/* NULL writes nothing. */
static void put_text(struct writing *out, const char *name, const char *text)
{
    if (!text)
        return;
    indent(out);
    (void)buffer_printf(out->into, "<%s>", name);
    put_escaped(out, text);
    (void)buffer_printf(out->into, "</%s>\n", name);
}

static void put_number(struct writing *out, const char *name, double value)
{
    char text[TEXT_NUMBER_BYTES];
    if (!isnan(value))
        put_text(out, name, text_of_double(value, text));
}

static void put_count(struct writing *out, const char *name, int64_t value)
{
    char text[TEXT_NUMBER_BYTES];
    (void)snprintf(text, sizeof(text), "%" PRId64, value);
    put_text(out, name, text);
}

static void put_raw(struct writing *out, const char *xml)
{
    if (!xml)
        return;
    indent(out);
    (void)buffer_add_text(out->into, xml);
    (void)buffer_add(out->into, "\n", 1);
}

static const char *or_usual(const char *text, const char *usual)
{
    return text ? text : usual;
}

static void put_shape(struct writing *out, const struct voc_shape *shape)
{
    const struct voc_shape_form *form = &voc_shape_forms[shape->kind];
    char name[32];
    put_open(out, form->name);
    for (size_t i = 0; i < shape->count; i++) {
        (void)snprintf(name, sizeof(name), "%c%zu", i % 2 == 0 ? 'x' : 'y', i / 2 + 1);
        put_number(out, form->values[0] ? form->values[i] : name, shape->values[i]);
    }
    put_close(out, form->name);
}

static void put_properties(struct writing *out, const struct voc_object *object)
{
    if (object->property_count == 0)
        return;
    put_open(out, "properties");
    for (size_t i = 0; i < object->property_count; i++) {
        put_open(out, "property");
        put_text(out, "key", object->properties[i].key);
        put_text(out, "value", object->properties[i].value);
        put_close(out, "property");
    }
    put_close(out, "properties");
}

static void put_object(struct writing *out, const struct voc_object *object)
{
    put_open(out, "object");
    put_text(out, "name", object->name);
    put_text(out, "pose", or_usual(object->pose, "Unspecified"));
    put_text(out, "truncated", or_usual(object->truncated, "0"));
    put_text(out, "occluded", or_usual(object->occluded, "0"));
    put_text(out, "difficult", or_usual(object->difficult, "0"));
    put_number(out, "confidence", object->confidence);
    put_number(out, "hard-coefficient", object->hard_coefficient);
    put_text(out, "hard-reasons", object->hard_reasons);
    put_text(out, "mask_color", object->mask_color);
    put_shape(out, &object->shape);
    put_properties(out, object);
    put_raw(out, object->extra_xml);
    put_close(out, "object");
}

static void put_file(struct writing *out, const struct voc *voc)
{
    put_open(out, "annotation");
    put_text(out, "folder", or_usual(voc->folder, "NA"));
    put_text(out, "filename", voc->filename);
    put_open(out, "source");
    put_text(out, "database", or_usual(voc->database, "Unknown"));
    put_raw(out, voc->source_xml);
    put_close(out, "source");
    put_open(out, "size");
    put_count(out, "width", voc->width);
    put_count(out, "height", voc->height);
    put_count(out, "depth", voc->depth > 0 ? voc->depth : 3);
    put_close(out, "size");
    put_text(out, "segmented", or_usual(voc->segmented, "0"));
    put_text(out, "mask_source", voc->mask_source);
    put_raw(out, voc->extra_xml);
    for (size_t i = 0; i < voc->object_count; i++)
        put_object(out, &voc->objects[i]);
    put_close(out, "annotation");
}

/* A file that we would read as something else must not leave the house. */
static bool reads_back(const struct voc *voc, struct bytes file, struct error *err)
{
    AUTO(arena) arena = arena_new(VOC_ARENA_BYTES);
    AUTO_BUFFER(again, VOC_FILE_MAX_BYTES + 1);
    struct voc read = {0};
    if (!arena)
        return error_no_memory(err);
    if (!voc_read(file, arena, &read, err))
        return false;
    struct writing out = {.into = &again};
    put_file(&out, &read);
    bool is_same = read.object_count == voc->object_count && again.size == file.size &&
                   memcmp(again.data, file.data, file.size) == 0;
    return is_same || error_set(err, ERR_INVALID, "the annotation file would not read back as it is meant");
}

bool voc_write(const struct voc *voc, struct buffer *into, struct error *err)
{
    AUTO_BUFFER(file, VOC_FILE_MAX_BYTES);
    struct writing out = {.into = &file};
    size_t before = into->size;
    put_file(&out, voc);
    if (!buffer_check(&file, "the annotation file", err) ||
        !reads_back(voc, (struct bytes){file.data, file.size}, err))
        return false;
    if (buffer_add(into, file.data, file.size))
        return true;
    (void)!buffer_check(into, "the annotation file", err);
    buffer_cut(into, before);
    return false;
}
