/* SPDX-License-Identifier: Apache-2.0 */
/* Augmented manifests: JSON Lines with "source-ref", an attribute of any name, and its "-metadata". */
#include "base/json.h"
#include "base/json_stream.h"
#include "base/text.h"
#include "formats/format_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SAGEMAKER_NAME "output.manifest"
#define METADATA "-metadata"

static bool fits(const struct format_look *look)
{
    struct format_look file;
    struct error ignored = {0};
    const char *name = look->is_folder ? format_look_suffix(look, ".manifest") : NULL;
    const char *path = name ? arena_printf(look->arena, "%s/%s", look->path, name) : NULL;
    if (!look->is_folder)
        return format_first_byte(look->start) == '{' && format_holds_text(look->start, "\"source-ref\"");
    return path && format_look_at(look->roots, path, look->arena, &file, &ignored) && !file.is_folder &&
           fits(&file);
}

/* ---- reading ---- */

struct line_reader {
    struct format_sink *sink;
    bool is_detection;
    const char *folder;
};

static const char *copy(struct arena *arena, const char *text)
{
    return text ? arena_text(arena, text) : NULL;
}

/* The attribute whose metadata say that it is of the wanted kind; *ret_metadata NULL: there is none. */
static void find_attribute(yyjson_val *line, bool is_detection, yyjson_val **ret_value,
                           yyjson_val **ret_metadata)
{
    size_t index, max;
    yyjson_val *key, *value;
    *ret_value = *ret_metadata = NULL;
    yyjson_obj_foreach(line, index, max, key, value)
    {
        const char *name = yyjson_get_str(key);
        size_t length = yyjson_get_len(key) - (text_ends_with(name, METADATA) ? strlen(METADATA) : 0);
        if (!text_ends_with(name, METADATA) || !yyjson_is_obj(value))
            continue;
        const char *type = json_text(value, "type", "");
        yyjson_val *labels = yyjson_obj_getn(line, name, length);
        bool is_kind = is_detection ? strcmp(type, "groundtruth/object-detection") == 0
                                    : text_starts_with(type, "groundtruth/image-classification");
        if (!labels || !is_kind)
            continue;
        *ret_value = labels;
        *ret_metadata = value;
        return;
    }
}

/* The class's name by its number, in "class-map". */
static const char *mapped(yyjson_val *metadata, yyjson_val *number, struct arena *arena)
{
    char text[24];
    yyjson_val *map = yyjson_obj_get(metadata, "class-map");
    int64_t value = yyjson_get_sint(number);
    if (!yyjson_is_int(number) || value < 0)
        return NULL;
    (void)snprintf(text, sizeof(text), "%lld", (long long)value);
    return copy(arena, json_text(map, text, NULL));
}

static double confidence_of(yyjson_val *value)
{
    double confidence = yyjson_is_num(value) ? yyjson_get_num(value) : (double)NAN;
    return confidence >= 0 && confidence <= 1 ? confidence : (double)NAN;
}

static bool is_human(yyjson_val *metadata)
{
    return strcmp(json_text(metadata, "human-annotated", "yes"), "yes") == 0;
}

static bool read_many(const struct line_reader *reader, yyjson_val *labels, yyjson_val *metadata,
                      struct format_item *item, struct error *err)
{
    yyjson_val *confidences = yyjson_obj_get(metadata, "confidence-map"), *number;
    yyjson_arr_iter iter = yyjson_arr_iter_with(labels);
    while ((number = yyjson_arr_iter_next(&iter))) {
        char key[24];
        const char *name = mapped(metadata, number, reader->sink->arena);
        if (!name)
            return error_set(err, ERR_INVALID, "a class is not in \"class-map\"");
        (void)snprintf(key, sizeof(key), "%lld", (long long)yyjson_get_sint(number));
        double confidence =
            is_human(metadata) ? (double)NAN : confidence_of(yyjson_obj_get(confidences, key));
        if (!format_add_class(item, name, confidence, reader->sink->arena, err))
            return false;
    }
    return true;
}

static bool read_classes(const struct line_reader *reader, yyjson_val *labels, yyjson_val *metadata,
                         struct format_item *item, struct error *err)
{
    if (yyjson_is_arr(labels))
        return read_many(reader, labels, metadata, item, err);
    const char *name = copy(reader->sink->arena, json_text(metadata, "class-name", NULL));
    name = name ? name : mapped(metadata, labels, reader->sink->arena);
    if (!name)
        return error_set(err, ERR_INVALID,
                         "the metadata have neither \"class-name\" nor the class in \"class-map\"");
    double confidence =
        is_human(metadata) ? (double)NAN : confidence_of(yyjson_obj_get(metadata, "confidence"));
    return format_add_class(item, name, confidence, reader->sink->arena, err);
}

static bool read_box(const struct line_reader *reader, yyjson_val *entry, yyjson_val *metadata,
                     struct voc *voc, struct error *err)
{
    static const char *const names[4] = {"left", "top", "width", "height"};
    double part[4];
    const char *label = mapped(metadata, yyjson_obj_get(entry, "class_id"), reader->sink->arena);
    if (!label)
        return error_set(err, ERR_INVALID, "a box's \"class_id\" is not in \"class-map\"");
    for (size_t i = 0; i < 4; i++) {
        yyjson_val *value = yyjson_obj_get(entry, names[i]);
        if (!yyjson_is_num(value))
            return error_set(err, ERR_INVALID, "a box's \"%s\" is no number", names[i]);
        part[i] = yyjson_get_num(value);
    }
    const double box[] = {part[0], part[1], part[0] + part[2], part[1] + part[3]};
    return format_add_box(voc, label, box, reader->sink->arena, NULL, err);
}

static int64_t side_of(yyjson_val *size, const char *name)
{
    int64_t side = json_integer(size, name, 0);
    return side > 0 && side <= VOC_SIDE_MAX_PX ? side : 0;
}

static bool read_boxes(const struct line_reader *reader, yyjson_val *value, yyjson_val *metadata,
                       struct format_item *item, struct error *err)
{
    struct arena *arena = reader->sink->arena;
    struct voc *voc = arena_alloc(arena, sizeof(*voc));
    yyjson_val *boxes = yyjson_obj_get(value, "annotations"), *entry;
    yyjson_val *size = yyjson_arr_get_first(yyjson_obj_get(value, "image_size"));
    yyjson_val *objects = yyjson_obj_get(metadata, "objects");
    yyjson_arr_iter iter = yyjson_arr_iter_with(boxes), scores = yyjson_arr_iter_with(objects);
    if (!voc)
        return error_no_memory(err);
    if (!yyjson_is_arr(boxes))
        return error_set(err, ERR_INVALID, "the boxes have no list \"annotations\"");
    *voc = (struct voc){
        .width = side_of(size, "width"), .height = side_of(size, "height"), .depth = side_of(size, "depth")};
    while ((entry = yyjson_arr_iter_next(&iter))) {
        yyjson_val *score = yyjson_obj_get(yyjson_arr_iter_next(&scores), "confidence");
        if (!read_box(reader, entry, metadata, voc, err))
            return false;
        if (!is_human(metadata))
            voc->objects[voc->object_count - 1].confidence = confidence_of(score);
    }
    return format_set_boxes(item, voc, arena, err);
}

static bool read_object(const struct line_reader *reader, yyjson_val *line, struct format_item *item,
                        struct error *err)
{
    yyjson_val *value = NULL, *metadata = NULL;
    const char *source = copy(reader->sink->arena, json_text(line, "source-ref", NULL));
    const char *usage = copy(reader->sink->arena, json_text(line, "usage", NULL));
    if (!source || source[0] == '\0')
        return error_set(err, ERR_INVALID, "\"source-ref\" is missing");
    const char *known = usage ? format_usage_of_word(usage, strlen(usage)) : NULL;
    item->sample.usage = known ? known : usage;
    if (!format_absolute(reader->folder, source, reader->sink->arena, &item->sample.source, err))
        return false;
    find_attribute(line, reader->is_detection, &value, &metadata);
    if (!metadata)
        return true;
    return reader->is_detection ? read_boxes(reader, value, metadata, item, err)
                                : read_classes(reader, value, metadata, item, err);
}

static bool read_line(const struct line_reader *reader, struct bytes line, struct format_item *item,
                      struct error *err)
{
    AUTO_JSON doc = NULL;
    if (!json_parse(line, "the line", &doc, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(doc);
    return yyjson_is_obj(root) ? read_object(reader, root, item, err)
                               : error_set(err, ERR_INVALID, "the line is no object");
}

bool format_sagemaker_read(manifest_feed *feed, void *state, const struct format_reading *reading,
                           const struct format_names *names, struct format_sink *sink, struct error *err)
{
    AUTO(manifest_lines) lines = NULL;
    const struct line_reader reader = {sink, reading->is_detection, names->images};
    if (!manifest_lines_new(feed, state, &lines, err))
        return false;
    for (;;) {
        struct bytes line;
        uint64_t number = 0;
        if (!manifest_lines_next(lines, &line, &number, err))
            return false;
        if (!line.data)
            return true;
        struct format_item item = format_item_of(NULL, names->file, number);
        item.bytes = 2 * line.size;
        bool is_good = read_line(&reader, line, &item, err);
        if (!format_give(reading, sink, is_good, &item, err))
            return false;
    }
}

static bool read_sagemaker(const struct format_reading *reading, struct format_sink *sink, struct error *err)
{
    return format_read_one_file(reading, ".manifest", format_sagemaker_read, sink, err);
}

/* ---- writing ---- */

static bool begin(const struct format_writing *writing, void **ret, struct error *err)
{
    struct format_file_writer *writer = NULL;
    if (!format_file_begin(writing, SAGEMAKER_NAME, &writer, err))
        return false;
    *ret = writer;
    return true;
}

static uint32_t number_of(const struct format_file_writer *writer, const char *label)
{
    uint32_t number = 0;
    return format_labels_find(writer->writing.labels, label, &number) ? number : FORMAT_LABELS_MAX;
}

static const char *label_at(const struct format_item *item, size_t index)
{
    return item->voc ? item->voc->objects[index].name : item->sample.annotations[index].name;
}

static double confidence_at(const struct format_item *item, size_t index)
{
    return item->voc ? item->voc->objects[index].confidence : item->sample.annotations[index].confidence;
}

/* The classes of this line, each once. */
static void write_map(const struct format_file_writer *writer, const struct format_item *item, size_t count,
                      struct json_stream *out)
{
    json_stream_open(out, "class-map", '{');
    for (size_t i = 0; i < count; i++) {
        char key[24];
        bool is_first = true;
        for (size_t k = 0; is_first && k < i; k++)
            is_first = strcmp(label_at(item, k), label_at(item, i)) != 0;
        (void)snprintf(key, sizeof(key), "%u", number_of(writer, label_at(item, i)));
        if (is_first)
            json_stream_text(out, key, label_at(item, i));
    }
    json_stream_close(out, '}');
}

/* True when a person gave every label: those have no confidence. */
static bool are_human(const struct format_item *item, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isnan(confidence_at(item, i)))
            return false;
    return true;
}

static void write_classes(const struct format_file_writer *writer, const struct format_item *item,
                          struct json_stream *out)
{
    size_t count = item->sample.annotation_count;
    bool is_human_made = are_human(item, count);
    json_stream_open(out, "label", '[');
    for (size_t i = 0; i < count; i++)
        json_stream_count(out, NULL, number_of(writer, label_at(item, i)));
    json_stream_close(out, ']');
    json_stream_open(out, "label" METADATA, '{');
    write_map(writer, item, count, out);
    json_stream_open(out, "confidence-map", '{');
    for (size_t i = 0; i < count; i++) {
        char key[24];
        (void)snprintf(key, sizeof(key), "%u", number_of(writer, label_at(item, i)));
        json_stream_number(out, key, is_human_made ? 1 : confidence_at(item, i));
    }
    json_stream_close(out, '}');
    json_stream_text(out, "type", "groundtruth/image-classification-multilabel");
    json_stream_text(out, "human-annotated", is_human_made ? "yes" : "no");
    json_stream_close(out, '}');
}

static void write_class(const struct format_file_writer *writer, const struct format_item *item,
                        struct json_stream *out)
{
    bool is_human_made = are_human(item, 1);
    json_stream_count(out, "label", number_of(writer, label_at(item, 0)));
    json_stream_open(out, "label" METADATA, '{');
    json_stream_text(out, "class-name", label_at(item, 0));
    json_stream_number(out, "confidence", is_human_made ? 1 : confidence_at(item, 0));
    json_stream_text(out, "type", "groundtruth/image-classification");
    json_stream_text(out, "human-annotated", is_human_made ? "yes" : "no");
    json_stream_close(out, '}');
}

static void write_size(const struct voc *voc, struct json_stream *out)
{
    json_stream_open(out, "image_size", '[');
    json_stream_open(out, NULL, '{');
    json_stream_count(out, "width", (uint64_t)voc->width);
    json_stream_count(out, "height", (uint64_t)voc->height);
    json_stream_count(out, "depth", (uint64_t)voc->depth);
    json_stream_close(out, '}');
    json_stream_close(out, ']');
}

static void write_boxes(const struct format_file_writer *writer, const struct format_item *item,
                        struct json_stream *out)
{
    const struct voc *voc = item->voc;
    json_stream_open(out, "bounding-box", '{');
    write_size(voc, out);
    json_stream_open(out, "annotations", '[');
    for (size_t i = 0; i < voc->object_count; i++) {
        double box[4] = {0};
        (void)format_rectangle(&voc->objects[i].shape, box);
        json_stream_open(out, NULL, '{');
        json_stream_count(out, "class_id", number_of(writer, voc->objects[i].name));
        json_stream_number(out, "left", box[0]);
        json_stream_number(out, "top", box[1]);
        json_stream_number(out, "width", box[2] - box[0]);
        json_stream_number(out, "height", box[3] - box[1]);
        json_stream_close(out, '}');
    }
    json_stream_close(out, ']');
    json_stream_close(out, '}');
    json_stream_open(out, "bounding-box" METADATA, '{');
    json_stream_open(out, "objects", '[');
    bool is_human_made = are_human(item, voc->object_count);
    for (size_t i = 0; i < voc->object_count; i++) {
        json_stream_open(out, NULL, '{');
        json_stream_number(out, "confidence", is_human_made ? 1 : confidence_at(item, i));
        json_stream_close(out, '}');
    }
    json_stream_close(out, ']');
    write_map(writer, item, voc->object_count, out);
    json_stream_text(out, "type", "groundtruth/object-detection");
    json_stream_text(out, "human-annotated", is_human_made ? "yes" : "no");
    json_stream_close(out, '}');
}

static bool add(void *state, const struct format_item *item, struct arena *arena, struct error *err)
{
    struct format_file_writer *writer = state;
    struct json_stream out = {.into = &writer->out.piece};
    struct format_keys keys;
    const struct format_naming naming = {.images =
                                             format_usage_folder(&writer->writing, "images", item, arena)};
    if (!naming.images)
        return error_no_memory(err);
    if (!format_place_image(&writer->writing, item, &naming, arena, &keys, err))
        return false;
    json_stream_open(&out, NULL, '{');
    json_stream_text(&out, "source-ref", keys.image);
    json_stream_text(&out, "usage", format_word_of_usage(item->sample.usage));
    if (item->voc)
        write_boxes(writer, item, &out);
    else if (item->sample.annotation_count > 1)
        write_classes(writer, item, &out);
    else if (item->sample.annotation_count == 1)
        write_class(writer, item, &out);
    json_stream_close(&out, '}');
    (void)buffer_add_text(&writer->out.piece, "\n");
    return json_stream_check(&out, "a line", err) && format_out_check(&writer->out, err);
}

const struct dataset_format format_sagemaker = {
    .name = "sagemaker",
    .title = "SageMaker augmented manifest",
    .summary = "JSON Lines: `source-ref`, an attribute, and its `-metadata` whose `type` is "
               "`groundtruth/image-classification`, `…-multilabel` or `groundtruth/object-detection`; names "
               "of classes are in "
               "`class-name` or `class-map`. Confidences count where `human-annotated` is not `yes`. A line "
               "without such "
               "an attribute is unlabeled; `usage` is our own. Read: the file, or the first `*.manifest` of "
               "a folder. "
               "Written: `" SAGEMAKER_NAME "` and `images/`, attributes `label` and `bounding-box`.",
    .holds = FORMAT_CLASSES | FORMAT_MULTI_LABEL | FORMAT_BOXES | FORMAT_USAGE | FORMAT_SCORE |
             FORMAT_UNLABELED | FORMAT_NOTHING | FORMAT_ELSEWHERE,
    .fits = fits,
    .read = read_sagemaker,
    .begin = begin,
    .add = add,
    .finish = format_file_finish,
    .free = format_file_free,
};
