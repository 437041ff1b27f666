/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_stream.h"
#include "base/text.h"
#include "formats/coco_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Images and annotations are two lists of one file: while images are written, annotations go to a file of
 * their own, which is appended in the end. */
struct coco_set {
    struct format_out images, boxes;
    char key[64], boxes_key[64];
    uint64_t image_count, box_count;
};
struct coco_writer {
    struct format_writing writing;
    struct coco_set sets[FORMAT_USAGES + 1]; /* the last: of no usage */
};

enum { COPY_BYTES = 64 * 1024 };

void coco_free(void *state)
{
    struct coco_writer *writer = state;
    if (!writer)
        return;
    for (size_t i = 0; i <= FORMAT_USAGES; i++) {
        format_out_release(&writer->sets[i].images);
        format_out_release(&writer->sets[i].boxes);
    }
    free(writer);
}

bool coco_begin(const struct format_writing *writing, void **ret, struct error *err)
{
    struct coco_writer *writer = calloc(1, sizeof(*writer));
    if (!writer)
        return error_no_memory(err);
    writer->writing = *writing;
    *ret = writer;
    return true;
}

static bool open_set(struct coco_writer *writer, size_t usage, struct coco_set **ret, struct error *err)
{
    struct coco_set *set = &writer->sets[usage];
    const char *word = format_word_of_usage(format_usage(usage));
    *ret = set;
    if (set->images.file)
        return true;
    (void)snprintf(set->key, sizeof(set->key), "annotations/instances%s%s.json", word ? "_" : "",
                   word ? word : "");
    (void)snprintf(set->boxes_key, sizeof(set->boxes_key), "annotations/instances%s%s.boxes", word ? "_" : "",
                   word ? word : "");
    if (!format_out_open(writer->writing.into, set->key, &set->images, err) ||
        !format_out_open(writer->writing.into, set->boxes_key, &set->boxes, err))
        return false;
    (void)buffer_add_text(&set->images.piece, "{\"images\":[");
    return true;
}

static void write_numbers(struct json_stream *out, const double box[4])
{
    json_stream_open(out, "bbox", '[');
    json_stream_number(out, NULL, box[0]);
    json_stream_number(out, NULL, box[1]);
    json_stream_number(out, NULL, box[2] - box[0]);
    json_stream_number(out, NULL, box[3] - box[1]);
    json_stream_close(out, ']');
    json_stream_number(out, "area", (box[2] - box[0]) * (box[3] - box[1]));
}

static bool write_box(struct coco_writer *writer, struct coco_set *set, const struct voc_object *object,
                      struct error *err)
{
    struct json_stream out = {.into = &set->boxes.piece};
    double box[4];
    uint32_t label = 0;
    if (!format_rectangle(&object->shape, box) ||
        !format_labels_find(writer->writing.labels, object->name, &label))
        return error_set(err, ERR_INVALID, "'%.100s' has no rectangle or no class", object->name);
    if (set->box_count++ > 0)
        (void)buffer_add_text(&set->boxes.piece, ",");
    (void)buffer_add_text(&set->boxes.piece, "\n");
    json_stream_open(&out, NULL, '{');
    json_stream_count(&out, "id", set->box_count);
    json_stream_count(&out, "image_id", set->image_count);
    json_stream_count(&out, "category_id", (uint64_t)label + 1);
    write_numbers(&out, box);
    json_stream_count(&out, "iscrowd", object->difficult && strcmp(object->difficult, "1") == 0);
    json_stream_number(&out, "score", object->confidence);
    json_stream_close(&out, '}');
    return json_stream_check(&out, "an annotation", err);
}

static bool write_image(struct coco_set *set, const struct format_item *item, const char *image,
                        struct error *err)
{
    struct json_stream out = {.into = &set->images.piece};
    if (set->image_count++ > 0)
        (void)buffer_add_text(&set->images.piece, ",");
    (void)buffer_add_text(&set->images.piece, "\n");
    json_stream_open(&out, NULL, '{');
    json_stream_count(&out, "id", set->image_count);
    json_stream_text(&out, "file_name", image);
    if (item->voc->width > 0 && item->voc->height > 0) {
        json_stream_count(&out, "width", (uint64_t)item->voc->width);
        json_stream_count(&out, "height", (uint64_t)item->voc->height);
    }
    json_stream_close(&out, '}');
    return json_stream_check(&out, "an image", err);
}

bool coco_add(void *state, const struct format_item *item, struct arena *arena, struct error *err)
{
    struct coco_writer *writer = state;
    struct coco_set *set = NULL;
    struct format_keys keys;
    const struct format_naming naming = {.images =
                                             format_usage_folder(&writer->writing, "images", item, arena)};
    size_t usage = writer->writing.is_tree ? format_usage_number(item->sample.usage) : FORMAT_USAGES;
    if (!naming.images)
        return error_no_memory(err);
    for (size_t i = 0; i < item->voc->object_count; i++) {
        uint32_t label = 0;
        if (!format_labels_find(writer->writing.labels, item->voc->objects[i].name, &label))
            return error_set(err, ERR_INVALID, "'%.100s' is no class", item->voc->objects[i].name);
    }
    if (!format_place_image(&writer->writing, item, &naming, arena, &keys, err) ||
        !open_set(writer, usage, &set, err) || !write_image(set, item, keys.image, err))
        return false;
    for (size_t i = 0; i < item->voc->object_count; i++)
        if (!write_box(writer, set, &item->voc->objects[i], err))
            return false;
    return format_out_check(&set->images, err) && format_out_check(&set->boxes, err);
}

static bool append_boxes(struct coco_writer *writer, struct coco_set *set, struct error *err)
{
    AUTO(store_reader) reader = NULL;
    size_t bytes = 0;
    AUTO_BUFFER(copy, COPY_BYTES);
    if (!format_out_finish(&set->boxes, err) ||
        !store_read_start(writer->writing.into, set->boxes_key, &reader, err))
        return false;
    if (!buffer_reserve(&copy, COPY_BYTES))
        return error_no_memory(err);
    do {
        if (!store_read_some(reader, copy.data, COPY_BYTES, &bytes, err))
            return false;
        (void)buffer_add(&set->images.piece, copy.data, bytes);
        if (!format_out_check(&set->images, err))
            return false;
    } while (bytes > 0);
    return store_delete(writer->writing.into, set->boxes_key, err);
}

static bool write_categories(const struct coco_writer *writer, struct format_out *into, struct error *err)
{
    struct json_stream out = {.into = &into->piece};
    for (uint32_t i = 0; i < format_labels_count(writer->writing.labels); i++) {
        (void)buffer_add_text(&into->piece, i ? ",\n" : "\n");
        out.has_items = false;
        json_stream_open(&out, NULL, '{');
        json_stream_count(&out, "id", (uint64_t)i + 1);
        json_stream_text(&out, "name", format_labels_name(writer->writing.labels, i));
        json_stream_close(&out, '}');
        if (!json_stream_check(&out, "the categories", err) || !format_out_check(into, err))
            return false;
    }
    return true;
}

static bool finish_set(struct coco_writer *writer, struct coco_set *set, struct error *err)
{
    (void)buffer_add_text(&set->images.piece, "\n],\"annotations\":[");
    if (!append_boxes(writer, set, err))
        return false;
    (void)buffer_add_text(&set->images.piece, "\n],\"categories\":[");
    if (!write_categories(writer, &set->images, err))
        return false;
    (void)buffer_add_text(&set->images.piece, "\n]}\n");
    return format_out_finish(&set->images, err);
}

bool coco_finish(void *state, struct error *err)
{
    struct coco_writer *writer = state;
    struct coco_set *none = NULL;
    bool is_any = false;
    for (size_t i = 0; i <= FORMAT_USAGES; i++)
        is_any = is_any || writer->sets[i].images.file;
    if (!is_any && !open_set(writer, FORMAT_USAGES, &none, err))
        return false;
    for (size_t i = 0; i <= FORMAT_USAGES; i++)
        if (writer->sets[i].images.file && !finish_set(writer, &writer->sets[i], err))
            return false;
    return true;
}
