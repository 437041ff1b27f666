/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "formats/format_parts.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { FIRST_ROOM = 4 };

bool format_give(const struct format_reading *reading, struct format_sink *sink, bool is_good,
                 const struct format_item *item, struct error *err)
{
    if (reading->stop && atomic_load(&reading->stop->is_set))
        return error_set(err, ERR_CANCELLED, "stopped");
    if (is_good)
        return sink->take(sink->state, item, err);
    return err->code != ERR_NO_MEMORY && err->code != ERR_CANCELLED &&
           sink->bad(sink->state, &item->place, err);
}

struct format_item format_item_of(const char *source, const char *file, uint64_t number)
{
    struct format_item item = {.sample = manifest_sample_none(), .place = {file, number}};
    item.sample.source = source;
    return item;
}

/* Room for one more of `count` elements: lists double. */
static void *make_room(void *list, size_t count, size_t size, struct arena *arena)
{
    bool is_full = count == 0 || (count >= FIRST_ROOM && (count & (count - 1)) == 0);
    if (!is_full)
        return list;
    void *grown = arena_array(arena, count ? 2 * count : FIRST_ROOM, size);
    if (grown && count > 0)
        memcpy(grown, list, count * size);
    return grown;
}

bool format_add_class(struct format_item *item, const char *label, double confidence, struct arena *arena,
                      struct error *err)
{
    struct manifest_sample *sample = &item->sample;
    if (sample->annotation_count == MANIFEST_ANNOTATIONS_MAX)
        return error_set(err, ERR_LIMIT, "more than %d labels on one image", MANIFEST_ANNOTATIONS_MAX);
    if (!format_check_label(label, strlen(label), err))
        return false;
    struct manifest_annotation *grown =
        make_room(sample->annotations, sample->annotation_count, sizeof(*grown), arena);
    if (!grown)
        return error_no_memory(err);
    sample->annotations = grown;
    struct manifest_annotation *annotation = &grown[sample->annotation_count++];
    *annotation = manifest_annotation_none();
    annotation->type = MANIFEST_TYPE_CLASSIFICATION;
    annotation->name = label;
    annotation->confidence = confidence;
    return true;
}

bool format_set_boxes(struct format_item *item, const struct voc *voc, struct arena *arena, struct error *err)
{
    struct manifest_annotation *annotation = arena_array(arena, 1, sizeof(*annotation));
    if (!annotation)
        return error_no_memory(err);
    *annotation = manifest_annotation_none();
    annotation->type = MANIFEST_TYPE_DETECTION;
    annotation->annotation_format = "PASCAL VOC";
    item->sample.annotations = annotation;
    item->sample.annotation_count = 1;
    item->voc = voc;
    item->bytes += voc->object_count * sizeof(*voc->objects) * 2;
    return true;
}

bool format_check_label(const char *label, size_t bytes, struct error *err)
{
    if (bytes == 0)
        return error_set(err, ERR_INVALID, "there is a label without a name");
    if (bytes > VOC_NAME_MAX_BYTES)
        return error_set(err, ERR_LIMIT, "a label has %zu bytes; %d is the limit", bytes, VOC_NAME_MAX_BYTES);
    return text_is_utf8(label, bytes) || error_set(err, ERR_INVALID, "a label is not UTF-8");
}

static bool check_box(const double box[4], struct error *err)
{
    for (size_t i = 0; i < 4; i++)
        if (!(fabs(box[i]) <= VOC_COORDINATE_MAX))
            return error_set(err, ERR_INVALID, "a box from %g, %g to %g, %g lies beyond %d px", box[0],
                             box[1], box[2], box[3], VOC_COORDINATE_MAX);
    return true;
}

bool format_add_box(struct voc *voc, const char *label, const double box[4], struct arena *arena,
                    struct voc_object **ret, struct error *err)
{
    if (voc->object_count == VOC_OBJECTS_MAX)
        return error_set(err, ERR_LIMIT, "more than %d boxes in one image", VOC_OBJECTS_MAX);
    if (!check_box(box, err) || !format_check_label(label, strlen(label), err))
        return false;
    struct voc_object *grown = make_room(voc->objects, voc->object_count, sizeof(*grown), arena);
    double *values = arena_array(arena, 4, sizeof(*values));
    const char *name = arena_text(arena, label); /* items outlive their reader */
    if (!grown || !values || !name)
        return error_no_memory(err);
    memcpy(values, box, 4 * sizeof(*values));
    voc->objects = grown;
    struct voc_object *object = &grown[voc->object_count++];
    *object = voc_object_none();
    object->name = name;
    object->shape = (struct voc_shape){VOC_BNDBOX, values, 4};
    if (ret)
        *ret = object;
    return true;
}

bool format_rectangle(const struct voc_shape *shape, double ret[4])
{
    const double *values = shape->values;
    if (shape->kind == VOC_BNDBOX) {
        memcpy(ret, values, 4 * sizeof(*ret));
        return true;
    }
    if (shape->kind == VOC_CIRCLE) {
        const double box[] = {values[0] - values[2], values[1] - values[2], values[0] + values[2],
                              values[1] + values[2]};
        memcpy(ret, box, sizeof(box));
        return true;
    }
    if (shape->kind != VOC_POLYGON)
        return false;
    const double first[] = {values[0], values[1], values[0], values[1]};
    memcpy(ret, first, sizeof(first));
    for (size_t i = 0; i + 1 < shape->count; i += 2) {
        ret[0] = fmin(ret[0], values[i]);
        ret[1] = fmin(ret[1], values[i + 1]);
        ret[2] = fmax(ret[2], values[i]);
        ret[3] = fmax(ret[3], values[i + 1]);
    }
    return true;
}

/* ---- usage ---- */

static const struct {
    const char *usage, *word;
} usages[FORMAT_USAGES] = {{"TRAIN", "train"}, {"EVAL", "val"}, {"TEST", "test"}, {"INFERENCE", "inference"}};

const char *format_usage(size_t number)
{
    return number < FORMAT_USAGES ? usages[number].usage : NULL;
}

size_t format_usage_number(const char *usage)
{
    const char *known = manifest_usage(usage);
    for (size_t i = 0; known && i < FORMAT_USAGES; i++)
        if (strcmp(usages[i].usage, known) == 0)
            return i;
    return FORMAT_USAGES;
}

const char *format_word_of_usage(const char *usage)
{
    size_t number = format_usage_number(usage);
    return number < FORMAT_USAGES ? usages[number].word : NULL;
}

const char *format_usage_of_word(const char *word, size_t bytes)
{
    static const struct {
        const char *word;
        size_t number;
    } words[] = {
        {"train", 0}, {"training", 0}, {"val", 1},     {"valid", 1},     {"validation", 1},
        {"eval", 1},  {"test", 2},     {"testing", 2}, {"inference", 3},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strlen(words[i].word) == bytes && strncasecmp(words[i].word, word, bytes) == 0)
            return usages[words[i].number].usage;
    return NULL;
}
