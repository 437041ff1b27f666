/* SPDX-License-Identifier: Apache-2.0 */
/* PASCAL VOC: Annotations/, JPEGImages/ and ImageSets/Main/, or an XML file beside each image. */
#include "base/path.h"
#include "formats/format_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETS "ImageSets/Main"

enum { SET_MAX_BYTES = 256 * 1024 * 1024, SET_NAMES_MAX = 10 * 1000 * 1000 };

/* Some have the folders in small letters. NULL: files lie beside the images. */
static const char *boxes_folder(const struct format_look *look)
{
    if (format_look_has(look, "Annotations/"))
        return "Annotations";
    return format_look_has(look, "annotations/") ? "annotations" : NULL;
}

static const char *images_folder(const struct format_look *look)
{
    if (format_look_has(look, "JPEGImages/"))
        return "JPEGImages";
    return format_look_has(look, "images/") ? "images" : ".";
}

static bool fits(const struct format_look *look)
{
    return look->is_folder && (boxes_folder(look) || format_look_suffix(look, ".xml"));
}

/* ---- reading ---- */

/* Names of one ImageSets file, sorted. */
struct name_set {
    struct buffer text;
    const char **names;
    size_t count;
};
struct voc_reader {
    const struct format_reading *reading;
    struct format_sink *sink;
    struct store *images, *boxes; /* boxes: the same when the files lie beside the images */
    const char *images_folder, *boxes_folder;
    struct name_set sets[FORMAT_USAGES];
    struct buffer file;
};

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The first word of each line: lists of one class have a number after it. */
static bool split_names(struct name_set *set, struct bytes text, struct error *err)
{
    struct bytes rest = text, line;
    size_t lines = 0;
    while (format_next_line(&rest, &line))
        lines += line.size > 0;
    if (lines > SET_NAMES_MAX)
        return error_set(err, ERR_LIMIT, "more than %d names", SET_NAMES_MAX);
    set->names = calloc(lines + 1, sizeof(*set->names));
    if (!set->names)
        return error_no_memory(err);
    while (format_next_line(&text, &line)) {
        if (line.size == 0)
            continue;
        char *name = set->text.data + ((const char *)line.data - set->text.data);
        /* The line's end, a blank or the final NUL of the buffer is overwritten. */
        name[line.size] = '\0';
        name[strcspn(name, " \t")] = '\0';
        set->names[set->count++] = name;
    }
    qsort(set->names, set->count, sizeof(*set->names), compare);
    return true;
}

static bool read_set(struct voc_reader *reader, struct store *store, size_t usage, struct error *err)
{
    struct name_set *set = &reader->sets[usage];
    char key[64];
    struct bytes text;
    (void)snprintf(key, sizeof(key), SETS "/%s.txt", format_word_of_usage(format_usage(usage)));
    buffer_init(&set->text, SET_MAX_BYTES);
    if (!format_get(store, key, &set->text, &text, err))
        return err->code == ERR_NOT_FOUND || error_wrap(err, "%s/%s", reader->reading->path, key);
    /* Room for the NUL after a last line without an end. */
    if (text.size == 0)
        return true;
    size_t mark = set->text.size - text.size;
    if (!buffer_add(&set->text, "", 1))
        return buffer_check(&set->text, key, err);
    text = (struct bytes){set->text.data + mark, set->text.size - mark - 1};
    return split_names(set, text, err) || error_wrap(err, "%s/%s", reader->reading->path, key);
}

static const char *usage_of(const struct voc_reader *reader, const char *key, struct arena *arena)
{
    const char *stem = format_beside(arena, key, "");
    for (size_t i = 0; stem && i < FORMAT_USAGES; i++) {
        const struct name_set *set = &reader->sets[i];
        if (set->count > 0 && bsearch(&stem, set->names, set->count, sizeof(*set->names), compare))
            return format_usage(i);
    }
    return NULL;
}

static bool read_boxes(struct voc_reader *reader, const char *key, struct format_item *item,
                       struct error *err)
{
    struct arena *arena = reader->sink->arena;
    struct bytes text;
    const char *beside = format_beside(arena, key, ".xml");
    struct voc *voc = arena_alloc(arena, sizeof(*voc));
    const char *path = beside ? path_join(arena, reader->boxes_folder, beside) : NULL;
    if (!path || !voc)
        return error_no_memory(err);
    if (!format_get(reader->boxes, beside, &reader->file, &text, err))
        return err->code == ERR_NOT_FOUND || error_wrap(err, "%.200s", path);
    item->boxes_file = path;
    item->bytes += 2 * text.size;
    return (voc_read(text, arena, voc, err) && format_set_boxes(item, voc, arena, err)) ||
           error_wrap(err, "%.200s", path);
}

static bool visit_image(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    struct voc_reader *reader = state;
    struct arena *arena = reader->sink->arena;
    (void)stat;
    if (!format_is_image(key))
        return true;
    struct format_item item = format_item_of(NULL, arena_text(arena, key), 0);
    item.sample.usage = usage_of(reader, key, arena);
    bool is_good = format_source(reader->images_folder, key, arena, &item.sample.source, err) &&
                   read_boxes(reader, key, &item, err);
    return format_give(reader->reading, reader->sink, is_good, &item, err);
}

static bool has_image(struct voc_reader *reader, const char *key, bool *ret, struct error *err)
{
    static const char *const suffixes[] = {".jpg", ".png",  ".jpeg", ".JPG",  ".PNG", ".JPEG",
                                           ".bmp", ".webp", ".gif",  ".tiff", ".tif", ".BMP"};
    *ret = false;
    for (size_t i = 0; !*ret && i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        const char *image = format_beside(reader->sink->arena, key, suffixes[i]);
        if (!image)
            return error_no_memory(err);
        if (!store_exists(reader->images, image, ret, err))
            return false;
    }
    return true;
}

/* Files whose image is not there would go unnoticed else. */
static bool visit_boxes(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    struct voc_reader *reader = state;
    bool is_there = true;
    (void)stat;
    if (strcmp(path_suffix(key), ".xml") != 0)
        return true;
    if (!has_image(reader, key, &is_there, err))
        return false;
    if (is_there)
        return true;
    const struct format_item item = format_item_of(NULL, key, 0);
    (void)error_set(err, ERR_NOT_FOUND, "%.200s: there is no image of this name in %.100s", key,
                    reader->images_folder);
    return format_give(reader->reading, reader->sink, false, &item, err);
}

static bool read_both(struct voc_reader *reader, struct error *err)
{
    return store_list(reader->images, "", visit_image, reader, NULL, err) &&
           store_list(reader->boxes, "", visit_boxes, reader, NULL, err);
}

static bool read_folders(struct voc_reader *reader, bool is_apart, struct error *err)
{
    const struct format_reading *reading = reader->reading;
    AUTO(store) top = NULL;
    AUTO(store) images = NULL;
    AUTO(store) boxes = NULL;
    if (!store_open_within(reading->roots, reading->path, false, &top, err) ||
        !store_open_within(reading->roots, reader->images_folder, false, &images, err) ||
        !store_open_within(reading->roots, reader->boxes_folder, false, &boxes, err))
        return false;
    reader->images = images;
    reader->boxes = boxes;
    for (size_t i = 0; is_apart && i < FORMAT_USAGES; i++)
        if (!read_set(reader, top, i, err))
            return false;
    return read_both(reader, err);
}

static bool read_voc(const struct format_reading *reading, struct format_sink *sink, struct error *err)
{
    AUTO(arena) arena = arena_new(FORMAT_OWN_ARENA_BYTES);
    struct format_look look;
    struct voc_reader reader = {.reading = reading, .sink = sink};
    if (!arena)
        return error_no_memory(err);
    if (!format_look_at(reading->roots, reading->path, arena, &look, err))
        return false;
    const char *boxes = boxes_folder(&look);
    bool is_apart = boxes != NULL;
    const char *images = is_apart && strcmp(images_folder(&look), ".") != 0
                             ? path_join(arena, reading->path, images_folder(&look))
                             : reading->path;
    reader.images_folder = reading->images ? reading->images : images;
    reader.boxes_folder = is_apart ? path_join(arena, reading->path, boxes) : reading->path;
    if (!reader.images_folder || !reader.boxes_folder)
        return error_no_memory(err);
    buffer_init(&reader.file, VOC_FILE_MAX_BYTES);
    bool is_done = read_folders(&reader, is_apart, err);
    buffer_release(&reader.file);
    for (size_t i = 0; i < FORMAT_USAGES; i++) {
        buffer_release(&reader.sets[i].text);
        free(reader.sets[i].names);
    }
    return is_done;
}

/* ---- writing ---- */

struct voc_writer {
    struct format_writing writing;
    struct format_out sets[FORMAT_USAGES]; /* opened with their first name */
    struct buffer file;
};

static void free_writer(void *state)
{
    struct voc_writer *writer = state;
    if (!writer)
        return;
    for (size_t i = 0; i < FORMAT_USAGES; i++)
        format_out_release(&writer->sets[i]);
    buffer_release(&writer->file);
    free(writer);
}

static bool begin(const struct format_writing *writing, void **ret, struct error *err)
{
    struct voc_writer *writer = calloc(1, sizeof(*writer));
    if (!writer)
        return error_no_memory(err);
    writer->writing = *writing;
    buffer_init(&writer->file, VOC_FILE_MAX_BYTES);
    *ret = writer;
    return true;
}

static bool add_to_set(struct voc_writer *writer, const struct format_item *item, const char *image,
                       struct arena *arena, struct error *err)
{
    size_t usage = format_usage_number(item->sample.usage);
    if (!writer->writing.is_tree || usage == FORMAT_USAGES)
        return true;
    struct format_out *out = &writer->sets[usage];
    const char *key = arena_printf(arena, SETS "/%s.txt", format_word_of_usage(item->sample.usage));
    const char *stem = format_beside(arena, path_base(image), "");
    if (!key || !stem)
        return error_no_memory(err);
    if (!out->file && !format_out_open(writer->writing.into, key, out, err))
        return false;
    (void)buffer_printf(&out->piece, "%s\n", stem);
    return format_out_check(out, err);
}

static bool add(void *state, const struct format_item *item, struct arena *arena, struct error *err)
{
    struct voc_writer *writer = state;
    bool is_tree = writer->writing.is_tree;
    const struct format_naming naming = {is_tree ? "JPEGImages" : "", is_tree ? "Annotations" : "", ".xml"};
    struct format_keys keys;
    if (!format_place_image(&writer->writing, item, &naming, arena, &keys, err))
        return false;
    if (item->voc) {
        struct voc voc = *item->voc;
        voc.filename = path_base(keys.image);
        buffer_clear(&writer->file);
        if (!voc_write(&voc, &writer->file, err) ||
            !store_put_fast(writer->writing.into, keys.beside,
                            (struct bytes){writer->file.data, writer->file.size}, err))
            return false;
    }
    return add_to_set(writer, item, keys.image, arena, err);
}

static bool finish(void *state, struct error *err)
{
    struct voc_writer *writer = state;
    for (size_t i = 0; i < FORMAT_USAGES; i++)
        if (writer->sets[i].file && !format_out_finish(&writer->sets[i], err))
            return false;
    return store_flush(writer->writing.into, err);
}

const struct dataset_format format_voc = {
    .name = "voc",
    .title = "PASCAL VOC",
    .summary =
        "Boxes and shapes in [XML files](manifest-format.md#annotation-files) of the images' names: images "
        "in "
        "`JPEGImages/`, files in `Annotations/`, usages in `" SETS "/train.txt`, `val.txt`, `test.txt`, "
        "`inference.txt` (tree; `images/` and `annotations/` are read, too); or each file beside its image "
        "(flat, without usage). An image without a "
        "file "
        "is unlabeled; a file without an image is a bad line.",
    .holds = FORMAT_BOXES | FORMAT_USAGE | FORMAT_DIFFICULT | FORMAT_SCORE | FORMAT_ATTRIBUTES |
             FORMAT_UNLABELED | FORMAT_NOTHING | FORMAT_SHAPES,
    .fits = fits,
    .read = read_voc,
    .begin = begin,
    .add = add,
    .finish = finish,
    .free = free_writer,
};
