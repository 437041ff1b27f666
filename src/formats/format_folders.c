/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of images: a folder for each label (imagenet), or a text file beside each image (image_txt). */
#include "base/path.h"
#include "base/text.h"
#include "formats/format_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TXT_MAX_BYTES = 1024 * 1024, LABEL_FOLDER_MAX_BYTES = 255 };

/* ---- reading ---- */

struct folder_reader {
    const struct format_reading *reading;
    struct format_sink *sink;
    struct store *store;
    struct buffer text;
    struct format_item item;
    bool (*label)(struct folder_reader *reader, const char *key, struct error *err);
};

/* Length of the key's first folder; 0 without one. */
static size_t first_folder(const char *key)
{
    const char *slash = strchr(key, '/');
    return slash ? (size_t)(slash - key) : 0;
}

/* "cat/1.jpg" and "train/cat/1.jpg"; deeper folders belong to the label's. */
static bool label_by_folder(struct folder_reader *reader, const char *key, struct error *err)
{
    size_t length = first_folder(key);
    const char *usage = format_usage_of_word(key, length);
    if (length > 0 && usage && first_folder(key + length + 1) > 0) {
        reader->item.sample.usage = usage;
        key += length + 1;
        length = first_folder(key);
    }
    if (length == 0)
        return true;
    const char *label = arena_text_n(reader->sink->arena, key, length);
    return label ? format_add_class(&reader->item, label, (double)NAN, reader->sink->arena, err)
                 : error_no_memory(err);
}

static bool add_lines(struct folder_reader *reader, struct bytes text, struct error *err)
{
    struct bytes line;
    while (format_next_line(&text, &line)) {
        if (line.size == 0)
            continue;
        if (!format_check_label(line.data, line.size, err))
            return false;
        const char *label = arena_text_n(reader->sink->arena, line.data, line.size);
        if (!label)
            return error_no_memory(err);
        if (!format_add_class(&reader->item, label, (double)NAN, reader->sink->arena, err))
            return false;
    }
    return true;
}

/* "1.jpg" with "1.txt", "train/1.jpg" with "train/1.txt". */
static bool label_by_text(struct folder_reader *reader, const char *key, struct error *err)
{
    struct bytes text;
    const char *beside = format_beside(reader->sink->arena, key, ".txt");
    reader->item.sample.usage = format_usage_of_word(key, first_folder(key));
    if (!beside)
        return error_no_memory(err);
    if (!format_get(reader->store, beside, &reader->text, &text, err))
        return err->code == ERR_NOT_FOUND || error_wrap(err, "%s", beside);
    reader->item.bytes += text.size;
    return add_lines(reader, text, err) || error_wrap(err, "%s", beside);
}

static bool visit(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    struct folder_reader *reader = state;
    const char *source = NULL;
    (void)stat;
    if (!format_is_image(key))
        return true;
    reader->item = format_item_of(NULL, arena_text(reader->sink->arena, key), 0);
    bool is_good = format_source(reader->reading->path, key, reader->sink->arena, &source, err);
    reader->item.sample.source = source;
    is_good = is_good && reader->label(reader, key, err);
    return format_give(reader->reading, reader->sink, is_good, &reader->item, err);
}

static bool read_folder(const struct format_reading *reading, struct format_sink *sink,
                        bool (*label)(struct folder_reader *, const char *, struct error *),
                        struct error *err)
{
    AUTO(store) store = NULL;
    if (!store_open_within(reading->roots, reading->path, false, &store, err))
        return false;
    struct folder_reader reader = {.reading = reading, .sink = sink, .store = store, .label = label};
    buffer_init(&reader.text, TXT_MAX_BYTES);
    bool is_done = store_list(store, "", visit, &reader, NULL, err);
    buffer_release(&reader.text);
    return is_done;
}

static bool read_imagenet(const struct format_reading *reading, struct format_sink *sink, struct error *err)
{
    return read_folder(reading, sink, label_by_folder, err);
}

static bool read_image_txt(const struct format_reading *reading, struct format_sink *sink, struct error *err)
{
    return read_folder(reading, sink, label_by_text, err);
}

static bool has_folder(const struct format_look *look)
{
    return format_look_suffix(look, "/") != NULL;
}

static bool fits_imagenet(const struct format_look *look)
{
    return look->is_folder && has_folder(look);
}

static bool has_texts(const struct format_look *look)
{
    for (size_t i = 0; look->is_folder && i < look->name_count; i++) {
        char text[LABEL_FOLDER_MAX_BYTES + sizeof(".txt")];
        size_t stem = strlen(look->names[i]) - strlen(path_suffix(look->names[i]));
        if (!format_is_image(look->names[i]) || stem > LABEL_FOLDER_MAX_BYTES)
            continue;
        (void)snprintf(text, sizeof(text), "%.*s.txt", (int)stem, look->names[i]);
        if (format_look_has(look, text))
            return true;
    }
    return false;
}

static bool fits_image_txt(const struct format_look *look)
{
    if (has_texts(look))
        return true;
    for (size_t i = 0; look->is_folder && i < look->name_count; i++) {
        struct format_look below;
        struct error ignored = {0};
        size_t length = strlen(look->names[i]);
        const char *path =
            look->names[i][length - 1] == '/' && format_usage_of_word(look->names[i], length - 1)
                ? arena_printf(look->arena, "%s/%.*s", look->path, (int)length - 1, look->names[i])
                : NULL;
        if (path && format_look_at(look->roots, path, look->arena, &below, &ignored) && has_texts(&below))
            return true;
    }
    return false;
}

/* ---- writing ---- */

static bool begin(const struct format_writing *writing, void **ret, struct error *err)
{
    struct format_writing *writer = malloc(sizeof(*writer));
    if (!writer)
        return error_no_memory(err);
    *writer = *writing;
    *ret = writer;
    return true;
}

static bool check_folder_name(const char *label, struct error *err)
{
    if (strchr(label, '/') || label[0] == '.' || strlen(label) > LABEL_FOLDER_MAX_BYTES)
        return error_set(err, ERR_INVALID, "no folder can be named after the label '%.100s'", label);
    return true;
}

static bool add_imagenet(void *state, const struct format_item *item, struct arena *arena, struct error *err)
{
    const struct format_writing *writing = state;
    const char *label = item->sample.annotations[0].name;
    struct format_keys keys;
    const char *top = format_usage_folder(writing, "", item, arena);
    const char *folder = top && top[0] ? path_join(arena, top, label) : label;
    const struct format_naming naming = {.images = folder};
    if (!top || !folder)
        return error_no_memory(err);
    return check_folder_name(label, err) && format_place_image(writing, item, &naming, arena, &keys, err);
}

static bool add_image_txt(void *state, const struct format_item *item, struct arena *arena, struct error *err)
{
    const struct format_writing *writing = state;
    struct format_keys keys;
    const char *folder = format_usage_folder(writing, "", item, arena);
    const struct format_naming naming = {folder, folder, ".txt"};
    AUTO_BUFFER(text, TXT_MAX_BYTES);
    if (!folder)
        return error_no_memory(err);
    for (size_t i = 0; i < item->sample.annotation_count; i++) {
        const char *label = item->sample.annotations[i].name;
        if (strpbrk(label, "\r\n"))
            return error_set(err, ERR_INVALID, "the label '%.100s' is not one line", label);
        (void)buffer_printf(&text, "%s\n", label);
    }
    if (!buffer_check(&text, "the labels of an image", err) ||
        !format_place_image(writing, item, &naming, arena, &keys, err))
        return false;
    return text.size == 0 ||
           store_put_fast(writing->into, keys.beside, (struct bytes){text.data, text.size}, err);
}

static bool finish(void *state, struct error *err)
{
    const struct format_writing *writing = state;
    return store_flush(writing->into, err);
}

const struct dataset_format format_imagenet = {
    .name = "imagenet",
    .title = "A folder for each label",
    .summary =
        "As ImageNet has it: `LABEL/IMAGE`. Read: the folder; below one named `train`, `val`, `test` or "
        "`inference` (and common other words for them) folders are labels of that usage; images in no "
        "folder are unlabeled. Written (tree): `train/LABEL/IMAGE` …; flat: without usage.",
    .holds = FORMAT_CLASSES | FORMAT_USAGE,
    .fits = fits_imagenet,
    .read = read_imagenet,
    .begin = begin,
    .add = add_imagenet,
    .finish = finish,
    .free = free,
};
const struct dataset_format format_image_txt = {
    .name = "image_txt",
    .title = "Image and text",
    .summary =
        "A text file beside each image, of the same name and with one label a line. An image without one, "
        "or with an empty one, is unlabeled. A first folder named `train`, `val`, `test` or `inference` "
        "is the usage (written as tree).",
    .holds = FORMAT_CLASSES | FORMAT_MULTI_LABEL | FORMAT_USAGE | FORMAT_UNLABELED,
    .fits = fits_image_txt,
    .read = read_image_txt,
    .begin = begin,
    .add = add_image_txt,
    .finish = finish,
    .free = free,
};
