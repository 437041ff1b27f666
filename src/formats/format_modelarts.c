/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"
#include "base/text.h"
#include "formats/annotation_file.h"
#include "formats/format_parts.h"

#include <stdlib.h>
#include <string.h>

#define MANIFEST_NAME "dataset.manifest"

static bool fits(const struct format_look *look)
{
    if (look->is_folder)
        return format_look_suffix(look, ".manifest") != NULL;
    char first = format_first_byte(look->start);
    return first == '{' || first == 0 || text_ends_with(look->path, ".manifest");
}

/* ---- reading ---- */

struct manifest_reader {
    const struct format_reading *reading;
    struct format_sink *sink;
    const char *path, *folder;
    struct annotation_files files;
};

/* An annotation of another type is the dataset's to refuse. */
static bool read_boxes(struct manifest_reader *reader, struct format_item *item, struct error *err)
{
    const struct manifest_sample *sample = &item->sample;
    const char *path = NULL;
    bool has_file = reader->reading->is_detection && sample->annotation_count == 1 &&
                    strcmp(sample->annotations[0].type, MANIFEST_TYPE_DETECTION) == 0;
    if (!has_file)
        return true;
    struct voc *voc = arena_alloc(reader->sink->arena, sizeof(*voc));
    if (!voc)
        return error_no_memory(err);
    bool is_read = annotation_file_read(&reader->files, sample->annotations[0].annotation_loc,
                                        reader->sink->arena, voc, &path, err);
    item->bytes += 2 * reader->files.file.size;
    item->boxes_file = path;
    item->voc = voc;
    return is_read;
}

static bool read_line(struct manifest_reader *reader, struct bytes line, struct format_item *item,
                      struct error *err)
{
    return manifest_line_read(line, reader->sink->arena, &item->sample, err) &&
           format_absolute(reader->folder, item->sample.source, reader->sink->arena, &item->sample.source,
                           err) &&
           read_boxes(reader, item, err);
}

static bool read_lines(struct manifest_reader *reader, struct manifest_lines *lines, struct error *err)
{
    for (;;) {
        struct bytes line;
        uint64_t number = 0;
        if (!manifest_lines_next(lines, &line, &number, err))
            return format_bad_file(reader->path, err);
        if (!line.data)
            return true;
        struct format_item item = format_item_of(NULL, reader->path, number);
        item.bytes = line.size;
        bool is_good = read_line(reader, line, &item, err);
        if (!format_give(reader->reading, reader->sink, is_good, &item, err))
            return false;
    }
}

static bool read_manifest(const struct format_reading *reading, struct format_sink *sink, struct error *err)
{
    AUTO(arena) arena = arena_new(FORMAT_OWN_ARENA_BYTES);
    AUTO(manifest_lines) lines = NULL;
    struct manifest_reader reader = {.reading = reading, .sink = sink};
    struct format_file file = {0};
    if (!arena)
        return error_no_memory(err);
    bool is_done = format_find_file(reading, ".manifest", arena, &reader.path, err);
    const char *beside = is_done ? path_folder(arena, reader.path) : NULL;
    reader.folder = reading->images ? reading->images : beside;
    is_done = is_done && (beside || error_no_memory(err)) &&
              annotation_files_open(reading->roots, beside, &reader.files, err) &&
              format_file_open(reading->roots, reader.path, &file, err) &&
              manifest_lines_new(format_file_feed, file.reader, &lines, err) &&
              read_lines(&reader, lines, err);
    annotation_files_release(&reader.files);
    format_file_release(&file);
    return is_done;
}

/* ---- writing ---- */

struct manifest_writer {
    struct format_writing writing;
    struct format_out out;
    struct buffer boxes;
};

static void free_writer(void *writer)
{
    struct manifest_writer *manifest = writer;
    if (!manifest)
        return;
    format_out_release(&manifest->out);
    buffer_release(&manifest->boxes);
    free(manifest);
}

static bool begin(const struct format_writing *writing, void **ret, struct error *err)
{
    struct manifest_writer *writer = calloc(1, sizeof(*writer));
    if (!writer)
        return error_no_memory(err);
    writer->writing = *writing;
    buffer_init(&writer->boxes, VOC_FILE_MAX_BYTES);
    if (!format_out_open(writing->into, MANIFEST_NAME, &writer->out, err)) {
        free_writer(writer);
        return false;
    }
    *ret = writer;
    return true;
}

static bool write_boxes(struct manifest_writer *writer, const struct format_item *item, const char *image,
                        const char *key, struct error *err)
{
    struct voc voc = *item->voc;
    if (writer->writing.place)
        voc.filename = path_base(image);
    buffer_clear(&writer->boxes);
    return voc_write(&voc, &writer->boxes, err) &&
           store_put_fast(writer->writing.into, key, (struct bytes){writer->boxes.data, writer->boxes.size},
                          err);
}

static bool add(void *state, const struct format_item *item, struct arena *arena, struct error *err)
{
    struct manifest_writer *writer = state;
    struct manifest_sample line = item->sample;
    struct manifest_annotation boxes;
    struct format_keys keys;
    const char *images = format_usage_folder(&writer->writing, "images", item, arena);
    const struct format_naming naming = {images, item->voc ? "annotation" : NULL, ".xml"};
    if (!images)
        return error_no_memory(err);
    if (!format_place_image(&writer->writing, item, &naming, arena, &keys, err) ||
        (item->voc && !write_boxes(writer, item, keys.image, keys.beside, err)))
        return false;
    line.source = keys.image;
    if (item->voc) {
        boxes = item->sample.annotations[0];
        boxes.annotation_loc = keys.beside;
        line.annotations = &boxes;
    }
    return manifest_line_write(&line, &writer->out.piece, err) && format_out_check(&writer->out, err);
}

static bool finish(void *state, struct error *err)
{
    struct manifest_writer *writer = state;
    return format_out_finish(&writer->out, err);
}

const struct dataset_format format_modelarts = {
    .name = "modelarts",
    .title = "ModelArts manifest",
    .summary =
        "A manifest ([manifest-format.md](manifest-format.md)): a line of JSON for each image, boxes in "
        "PASCAL VOC files in `annotation/` beside it. Read: the file, or the first `*.manifest` of a "
        "folder. Written: `" MANIFEST_NAME "`, `annotation/`, images in `images/` (tree: "
        "`images/train/` …).",
    .holds = FORMAT_CLASSES | FORMAT_MULTI_LABEL | FORMAT_BOXES | FORMAT_USAGE | FORMAT_DIFFICULT |
             FORMAT_SCORE | FORMAT_ATTRIBUTES | FORMAT_UNLABELED | FORMAT_NOTHING | FORMAT_HARD |
             FORMAT_SHAPES | FORMAT_ELSEWHERE,
    .fits = fits,
    .read = read_manifest,
    .begin = begin,
    .add = add,
    .finish = finish,
    .free = free_writer,
};
