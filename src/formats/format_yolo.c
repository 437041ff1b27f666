/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/path.h"
#include "base/text.h"
#include "formats/yolo_set.h"
#include "image/image.h"

#include <stdlib.h>
#include <string.h>

enum { LABEL_FILE_MAX_BYTES = 4 * 1024 * 1024, LIST_MAX_BYTES = 1024 * 1024 * 1024 };

static const char *yaml_of(const struct format_look *look)
{
    const char *name = format_look_suffix(look, ".yaml");
    return name ? name : format_look_suffix(look, ".yml");
}

static const char *classes_of(const struct format_look *look)
{
    static const char *const names[] = {"classes.txt", "obj.names", "labels/classes.txt"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (format_look_below(look, names[i]))
            return names[i];
    return NULL;
}

static bool fits(const struct format_look *look)
{
    if (look->is_folder)
        return yaml_of(look) || classes_of(look);
    return text_ends_with(look->path, ".yaml") || text_ends_with(look->path, ".yml");
}

/* ---- reading ---- */

struct yolo_reader {
    const struct format_reading *reading;
    struct format_sink *sink;
    struct arena *arena;
    struct store *root; /* of everything: keys are paths without the first slash */
    struct yolo_set set;
    const char *folder; /* of the description */
    struct buffer file;
    const char *images, *usage; /* being read */
};

/* ".../labels/a.txt" for the last "/images/" of the path, else beside the image. */
static char *label_path(struct arena *arena, const char *image)
{
    static const char images[] = "/images/";
    const char *found = NULL;
    for (const char *at = image; (at = strstr(at, images)); at++)
        found = at;
    const char *moved =
        found ? arena_printf(arena, "%.*s/labels/%s", (int)(found - image), image, found + sizeof(images) - 1)
              : image;
    return moved ? format_beside(arena, moved, ".txt") : NULL;
}

static bool size_of_image(struct yolo_reader *reader, const char *image, struct yolo_size *ret,
                          struct error *err)
{
    struct store_map map;
    if (!store_map(reader->root, image + 1, &map, err))
        return false;
    bool is_read = image_read_size(map.bytes, &ret->width, &ret->height, err);
    store_map_release(&map);
    return is_read || error_wrap(err, "its size is needed for its boxes");
}

static bool read_labels(struct yolo_reader *reader, const char *image, struct format_item *item,
                        struct error *err)
{
    struct arena *arena = reader->sink->arena;
    struct yolo_size size;
    struct bytes text;
    const char *labels = label_path(arena, image);
    struct voc *voc = arena_alloc(arena, sizeof(*voc));
    if (!labels || !voc)
        return error_no_memory(err);
    if (!roots_check(reader->reading->roots, labels, err))
        return false;
    if (!format_get(reader->root, labels + 1, &reader->file, &text, err))
        return err->code == ERR_NOT_FOUND || error_wrap(err, "%.200s", labels);
    item->boxes_file = labels;
    item->bytes += 2 * text.size;
    return (size_of_image(reader, image, &size, err) &&
            yolo_labels_read(text, &reader->set, size, arena, voc, err) &&
            format_set_boxes(item, voc, arena, err)) ||
           error_wrap(err, "%.200s", labels);
}

static bool take_image(struct yolo_reader *reader, const char *path, struct error *err)
{
    char *image = arena_text(reader->sink->arena, path);
    struct format_item item = format_item_of(NULL, image, 0);
    if (!image)
        return error_no_memory(err);
    item.sample.usage = reader->usage;
    bool is_good = roots_check(reader->reading->roots, image, err) &&
                   format_source("/", image, reader->sink->arena, &item.sample.source, err) &&
                   read_labels(reader, image, &item, err);
    return format_give(reader->reading, reader->sink, is_good, &item, err);
}

static bool visit(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    struct yolo_reader *reader = state;
    const char *usage = reader->usage, *slash = strchr(key, '/');
    (void)stat;
    if (!format_is_image(key))
        return true;
    const char *path = path_join(reader->sink->arena, reader->images, key);
    if (!path)
        return error_no_memory(err);
    if (!usage && slash)
        reader->usage = format_usage_of_word(key, (size_t)(slash - key));
    bool is_taken = take_image(reader, path, err);
    reader->usage = usage;
    return is_taken;
}

static bool read_images(struct yolo_reader *reader, const char *folder, struct error *err)
{
    AUTO(store) store = NULL;
    reader->images = folder;
    return store_open_within(reader->reading->roots, folder, false, &store, err) &&
           store_list(store, "", visit, reader, NULL, err);
}

/* A list has an image a line, relative to the description's path. */
static bool read_list(struct yolo_reader *reader, const char *folder, const char *path, struct error *err)
{
    struct bytes text, line;
    AUTO_BUFFER(list, LIST_MAX_BYTES);
    AUTO(arena) scratch = arena_new((size_t)8 * PATH_MAX_BYTES);
    if (!scratch)
        return error_no_memory(err);
    if (!format_get(reader->root, path + 1, &list, &text, err))
        return error_wrap(err, "%s", path);
    for (uint64_t number = 1; format_next_line(&text, &line); number++) {
        char *name = NULL, *full = NULL;
        arena_reset(scratch);
        if (line.size == 0)
            continue;
        bool is_good = line.size < PATH_MAX_BYTES && memchr(line.data, '\0', line.size) == NULL;
        if (is_good) {
            name = arena_text_n(scratch, line.data, line.size);
            name = name && name[0] != '/' ? path_join(scratch, folder, name) : name;
            is_good = name && path_absolute(scratch, name, &full, err);
        } else {
            (void)error_set(err, ERR_INVALID, "this is no path");
        }
        const struct format_item item = format_item_of(NULL, path, number);
        if (!(is_good ? take_image(reader, full, err)
                      : format_give(reader->reading, reader->sink, false, &item, err)))
            return false;
    }
    return true;
}

/* Exports write "../train/images" where "train/images" is meant; that is looked for second. */
static bool find_place(struct yolo_reader *reader, const char *base, const char *place, char **ret,
                       struct format_look *look, struct error *err)
{
    const char *joined = place[0] == '/' ? place : path_join(reader->arena, base, place);
    if (!joined)
        return error_no_memory(err);
    if (!path_absolute(reader->arena, joined, ret, err))
        return false;
    if (format_look_at(reader->reading->roots, *ret, reader->arena, look, err))
        return true;
    if (!text_starts_with(place, "../"))
        return false;
    joined = path_join(reader->arena, base, place + strlen("../"));
    return joined ? path_absolute(reader->arena, joined, ret, err) &&
                        format_look_at(reader->reading->roots, *ret, reader->arena, look, err)
                  : error_no_memory(err);
}

static bool read_places(struct yolo_reader *reader, struct error *err)
{
    char *base = NULL;
    const char *path = reader->set.path ? reader->set.path : ".";
    const char *joined = path[0] == '/' ? path : path_join(reader->arena, reader->folder, path);
    if (!joined)
        return error_no_memory(err);
    if (!path_absolute(reader->arena, joined, &base, err))
        return false;
    for (size_t usage = 0; usage < FORMAT_USAGES; usage++)
        for (size_t i = 0; i < reader->set.places[usage].count; i++) {
            struct format_look look;
            char *place = NULL;
            reader->usage = format_usage(usage);
            if (!find_place(reader, base, reader->set.places[usage].items[i], &place, &look, err) ||
                !(look.is_folder ? read_images(reader, place, err) : read_list(reader, base, place, err)))
                return false;
        }
    return true;
}

static bool has_places(const struct yolo_set *set)
{
    size_t count = 0;
    for (size_t i = 0; i < FORMAT_USAGES; i++)
        count += set->places[i].count;
    return count > 0;
}

/* Without places: images/ with folders of usages, or the folder itself. */
static bool read_folder(struct yolo_reader *reader, struct error *err)
{
    struct format_look look;
    if (reader->reading->images)
        return read_images(reader, reader->reading->images, err);
    if (!format_look_at(reader->reading->roots, reader->folder, reader->arena, &look, err))
        return false;
    const char *images = format_look_has(&look, "images/")
                             ? path_join(reader->arena, reader->folder, "images")
                             : reader->folder;
    return images ? read_images(reader, images, err) : error_no_memory(err);
}

static bool read_description(struct yolo_reader *reader, struct error *err)
{
    struct format_look look;
    struct bytes text;
    const char *path = reader->reading->path;
    if (!format_look_at(reader->reading->roots, path, reader->arena, &look, err))
        return false;
    const char *yaml = look.is_folder ? yaml_of(&look) : path_base(path);
    const char *classes = look.is_folder && !yaml ? classes_of(&look) : NULL;
    reader->folder = look.is_folder ? path : path_folder(reader->arena, path);
    if (look.is_folder && !yaml && !classes)
        return error_set_detail(err, DETAIL_PATH_NOT_FOUND,
                                "%s has no data.yaml and no classes.txt to say what its classes are", path);
    path = reader->folder ? path_join(reader->arena, reader->folder, yaml ? yaml : classes) : NULL;
    if (!path)
        return error_no_memory(err);
    AUTO_BUFFER(file, YOLO_FILE_MAX_BYTES);
    return (format_get(reader->root, path + 1, &file, &text, err) &&
            (yaml ? yolo_set_read(text, reader->arena, &reader->set, err)
                  : yolo_classes_read(text, reader->arena, &reader->set, err))) ||
           error_wrap(err, "%s", path);
}

static bool read_yolo(const struct format_reading *reading, struct format_sink *sink, struct error *err)
{
    AUTO(arena) arena = arena_new(FORMAT_OWN_ARENA_BYTES);
    AUTO(store) root = NULL;
    if (!arena)
        return error_no_memory(err);
    if (!store_open_within(reading->roots, "/", false, &root, err))
        return false;
    struct yolo_reader reader = {.reading = reading, .sink = sink, .arena = arena, .root = root};
    buffer_init(&reader.file, LABEL_FILE_MAX_BYTES);
    bool is_done =
        read_description(&reader, err) &&
        (has_places(&reader.set) && !reading->images ? read_places(&reader, err) : read_folder(&reader, err));
    buffer_release(&reader.file);
    return is_done;
}

/* ---- writing ---- */

struct yolo_writer {
    struct format_writing writing;
    bool has[FORMAT_USAGES + 1]; /* images of this usage; the last: of none */
};

static bool begin(const struct format_writing *writing, void **ret, struct error *err)
{
    struct yolo_writer *writer = calloc(1, sizeof(*writer));
    if (!writer)
        return error_no_memory(err);
    writer->writing = *writing;
    *ret = writer;
    return true;
}

static void write_part(struct buffer *text, double part)
{
    char number[TEXT_NUMBER_BYTES];
    (void)buffer_printf(text, " %s", text_of_double(part, number));
}

static bool write_labels(const struct yolo_writer *writer, const struct voc *voc, struct buffer *text,
                         struct error *err)
{
    double width = (double)voc->width, height = (double)voc->height;
    if (voc->object_count > 0 && (voc->width <= 0 || voc->height <= 0))
        return error_set(err, ERR_INVALID,
                         "the image's size is not known, in parts of which boxes are written");
    for (size_t i = 0; i < voc->object_count; i++) {
        double box[4];
        uint32_t label = 0;
        if (!format_rectangle(&voc->objects[i].shape, box) ||
            !format_labels_find(writer->writing.labels, voc->objects[i].name, &label))
            return error_set(err, ERR_INVALID, "object %zu has no rectangle or no class", i + 1);
        (void)buffer_printf(text, "%u", label);
        write_part(text, (box[0] + box[2]) / 2 / width);
        write_part(text, (box[1] + box[3]) / 2 / height);
        write_part(text, (box[2] - box[0]) / width);
        write_part(text, (box[3] - box[1]) / height);
        (void)buffer_add_text(text, "\n");
    }
    return buffer_check(text, "the boxes of an image", err);
}

static bool add(void *state, const struct format_item *item, struct arena *arena, struct error *err)
{
    struct yolo_writer *writer = state;
    const struct format_naming naming = {format_usage_folder(&writer->writing, "images", item, arena),
                                         format_usage_folder(&writer->writing, "labels", item, arena),
                                         ".txt"};
    struct format_keys keys;
    AUTO_BUFFER(text, LABEL_FILE_MAX_BYTES);
    if (!naming.images || !naming.beside)
        return error_no_memory(err);
    if ((item->voc && !write_labels(writer, item->voc, &text, err)) ||
        !format_place_image(&writer->writing, item, &naming, arena, &keys, err))
        return false;
    size_t usage = writer->writing.is_tree ? format_usage_number(item->sample.usage) : FORMAT_USAGES;
    writer->has[usage] = true;
    return !item->voc || store_put_fast(writer->writing.into, keys.beside,
                                        (struct bytes){text.size ? text.data : "", text.size}, err);
}

/* Text in YAML's double quotes, which are JSON's. */
static bool add_quoted(struct buffer *text, const char *name, struct error *err)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    char *quoted = doc ? yyjson_mut_val_write(yyjson_mut_str(doc, name), 0, NULL) : NULL;
    yyjson_mut_doc_free(doc);
    if (!quoted)
        return error_no_memory(err);
    (void)buffer_add_text(text, quoted);
    free(quoted);
    return true;
}

/* Places are only named where nothing lies outside of them: images of no usage are found in images/. */
static bool finish(void *state, struct error *err)
{
    struct yolo_writer *writer = state;
    AUTO_BUFFER(text, (size_t)2 * YOLO_CLASSES_MAX * VOC_NAME_MAX_BYTES);
    for (size_t i = 0; i < FORMAT_USAGES && !writer->has[FORMAT_USAGES]; i++)
        if (writer->has[i])
            (void)buffer_printf(&text, "%s: images/%s\n", format_word_of_usage(format_usage(i)),
                                format_word_of_usage(format_usage(i)));
    (void)buffer_printf(&text, "nc: %u\nnames:\n", format_labels_count(writer->writing.labels));
    for (uint32_t i = 0; i < format_labels_count(writer->writing.labels); i++) {
        (void)buffer_printf(&text, "  %u: ", i);
        if (!add_quoted(&text, format_labels_name(writer->writing.labels, i), err))
            return false;
        (void)buffer_add_text(&text, "\n");
    }
    return buffer_check(&text, "data.yaml", err) &&
           store_put_fast(writer->writing.into, "data.yaml", (struct bytes){text.data, text.size}, err) &&
           store_flush(writer->writing.into, err);
}

const struct dataset_format format_yolo = {
    .name = "yolo",
    .title = "YOLO",
    .summary =
        "`data.yaml` (or `classes.txt`, `obj.names`) with the classes; images in `images/`, for each a file "
        "of the same name in `labels/` (beside the image when it is in no `images/`): a class and centre, "
        "width "
        "and height in parts of the image a line, or a polygon. An empty file: nothing is there; none: "
        "unlabeled. "
        "`train`, `val` and `test` of data.yaml are usages: folders, or lists of images. Numbers are rounded "
        "to "
        "hundredths of a px when read; the image's size is taken from its header. Written: `images/`, "
        "`labels/` "
        "(tree: `images/train/` …) and data.yaml.",
    .holds = FORMAT_BOXES | FORMAT_USAGE | FORMAT_UNLABELED | FORMAT_NOTHING,
    .fits = fits,
    .read = read_yolo,
    .begin = begin,
    .add = add,
    .finish = finish,
    .free = free,
};
