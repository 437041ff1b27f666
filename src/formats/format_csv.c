/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "formats/csv_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CSV_NAME "dataset.csv"

enum { CSV_IMAGES_MAX = 8 * 1000 * 1000, CSV_FIRST_SLOTS = 1024, ROW_COST_BYTES = 1024 };

enum column { PATH, LABEL, XMIN, YMIN, XMAX, YMAX, USAGE, WIDTH, HEIGHT, COLUMNS };
static const char *const column_names[COLUMNS][4] = {
    {"path", "filename", "image"},
    {"label", "class"},
    {"xmin"},
    {"ymin"},
    {"xmax"},
    {"ymax"},
    {"usage", "split"},
    {"width"},
    {"height"},
};

static bool fits(const struct format_look *look)
{
    if (look->is_folder)
        return format_look_suffix(look, ".csv") != NULL;
    return text_ends_with(look->path, ".csv") || text_ends_with(look->path, ".CSV");
}

/* ---- images that came before ---- */

/* Rows of an image follow one another; a later one would not reach the sample. Hashes of 64 bits: two of
 * CSV_IMAGES_MAX names agree by chance once in 500,000 files, and are then reported. */
struct seen {
    uint64_t *slots; /* 0: free */
    size_t count, slot_count;
    unsigned char key[crypto_shorthash_KEYBYTES];
};

static bool grow(struct seen *seen, struct error *err)
{
    size_t count = seen->slot_count ? 2 * seen->slot_count : CSV_FIRST_SLOTS;
    uint64_t *slots = calloc(count, sizeof(*slots));
    if (!slots)
        return error_no_memory(err);
    for (size_t i = 0; i < seen->slot_count; i++) {
        size_t at = (size_t)(seen->slots[i] % count);
        while (seen->slots[i] && slots[at])
            at = (at + 1) % count;
        if (seen->slots[i])
            slots[at] = seen->slots[i];
    }
    free(seen->slots);
    seen->slots = slots;
    seen->slot_count = count;
    return true;
}

static bool see(struct seen *seen, const char *name, bool *ret_is_new, struct error *err)
{
    uint64_t hash = 0;
    if (seen->count == CSV_IMAGES_MAX)
        return error_set(err, ERR_LIMIT, "more than %d images; cut the file into parts", CSV_IMAGES_MAX);
    if (2 * (seen->count + 1) > seen->slot_count && !grow(seen, err))
        return false;
    (void)crypto_shorthash((unsigned char *)&hash, (const unsigned char *)name, strlen(name), seen->key);
    hash = hash ? hash : 1;
    size_t at = (size_t)(hash % seen->slot_count);
    while (seen->slots[at] && seen->slots[at] != hash)
        at = (at + 1) % seen->slot_count;
    *ret_is_new = seen->slots[at] == 0;
    seen->slots[at] = hash;
    seen->count += *ret_is_new;
    return true;
}

/* ---- reading ---- */

struct csv_reader {
    const struct format_reading *reading;
    struct format_sink *sink;
    const char *path, *folder;
    int columns[COLUMNS]; /* -1: not there */
    struct seen seen;
    bool is_open, is_bad; /* an item is being gathered; one of its rows was bad */
    struct error cause;
    const char *name; /* of its image, as the file has it */
    struct format_item item;
    struct voc *voc;
};

static int find_column(const struct csv_row *header, enum column column)
{
    for (size_t i = 0; i < header->count; i++)
        for (size_t k = 0; k < 4 && column_names[column][k]; k++)
            if (text_equal_ignoring_case(header->fields[i], column_names[column][k]))
                return (int)i;
    return -1;
}

static bool read_header(struct csv_reader *reader, const struct csv_row *header, struct error *err)
{
    enum column last = reader->reading->is_detection ? YMAX : LABEL;
    for (int i = 0; i < COLUMNS; i++)
        reader->columns[i] = find_column(header, (enum column)i);
    for (enum column i = PATH; i <= last; i++)
        if (reader->columns[i] < 0)
            return error_set(err, ERR_INVALID, "the first line names no column \"%s\"; it needs path,label%s",
                             column_names[i][0], last == YMAX ? ",xmin,ymin,xmax,ymax" : "");
    return true;
}

static const char *field_of(const struct csv_reader *reader, const struct csv_row *row, enum column column)
{
    int at = reader->columns[column];
    return at >= 0 && (size_t)at < row->count ? row->fields[at] : "";
}

static bool close_item(struct csv_reader *reader, struct error *err)
{
    if (!reader->is_open)
        return true;
    bool is_good = !reader->is_bad;
    if (!is_good)
        *err = reader->cause;
    reader->is_open = reader->is_bad = false;
    return format_give(reader->reading, reader->sink, is_good, &reader->item, err);
}

static bool read_size(const struct csv_reader *reader, const struct csv_row *row, enum column column,
                      int64_t *ret, struct error *err)
{
    const char *text = field_of(reader, row, column);
    uint64_t value = 0;
    if (text[0] && !text_to_count(text, column_names[column][0], 1, VOC_SIDE_MAX_PX, &value, err))
        return false;
    *ret = (int64_t)value;
    return true;
}

static bool add_box(struct csv_reader *reader, const struct csv_row *row, struct error *err)
{
    struct arena *arena = reader->sink->arena;
    const char *label = arena_text(arena, field_of(reader, row, LABEL));
    double box[4];
    if (!label)
        return error_no_memory(err);
    for (int i = 0; i < 4; i++)
        if (!text_to_double(field_of(reader, row, (enum column)(XMIN + i)), column_names[XMIN + i][0],
                            -VOC_COORDINATE_MAX, VOC_COORDINATE_MAX, &box[i], err))
            return false;
    if (!reader->voc) {
        reader->voc = arena_alloc(arena, sizeof(*reader->voc));
        if (!reader->voc)
            return error_no_memory(err);
        if (!read_size(reader, row, WIDTH, &reader->voc->width, err) ||
            !read_size(reader, row, HEIGHT, &reader->voc->height, err))
            return false;
    }
    return format_add_box(reader->voc, label, box, arena, NULL, err) &&
           format_set_boxes(&reader->item, reader->voc, arena, err);
}

static bool add_label(struct csv_reader *reader, const struct csv_row *row, struct error *err)
{
    const char *text = field_of(reader, row, LABEL);
    if (text[0] == '\0' && (!reader->reading->is_detection || field_of(reader, row, XMIN)[0] == '\0'))
        return true;
    if (reader->reading->is_detection)
        return add_box(reader, row, err);
    const char *label = arena_text(reader->sink->arena, text);
    return label ? format_add_class(&reader->item, label, (double)NAN, reader->sink->arena, err)
                 : error_no_memory(err);
}

static bool open_item(struct csv_reader *reader, const struct csv_row *row, struct error *err)
{
    struct arena *arena = reader->sink->arena;
    bool is_new = false;
    reader->name = arena_text(arena, field_of(reader, row, PATH));
    const char *usage = arena_text(arena, field_of(reader, row, USAGE));
    if (!reader->name || !usage)
        return error_no_memory(err);
    reader->is_open = true;
    reader->voc = NULL;
    reader->item = format_item_of(NULL, reader->path, row->line);
    if (usage[0])
        reader->item.sample.usage =
            format_usage_of_word(usage, strlen(usage)) ? format_usage_of_word(usage, strlen(usage)) : usage;
    if (reader->name[0] == '\0')
        return error_set(err, ERR_INVALID, "the row names no image");
    if (!text_is_utf8(reader->name, strlen(reader->name)))
        return error_set(err, ERR_INVALID, "the name of the image is not UTF-8");
    return see(&reader->seen, reader->name, &is_new, err) &&
           (is_new ||
            error_set(err, ERR_INVALID, "the image '%.150s' came before; its rows must follow one another",
                      reader->name)) &&
           format_absolute(reader->folder, reader->name, arena, &reader->item.sample.source, err);
}

static bool take_row(struct csv_reader *reader, const struct csv_row *row, struct error *err)
{
    struct error cause = {0};
    bool is_same = reader->is_open && strcmp(reader->name, field_of(reader, row, PATH)) == 0;
    if (!is_same && !close_item(reader, err))
        return false;
    bool is_good =
        (is_same || open_item(reader, row, &cause)) && (reader->is_bad || add_label(reader, row, &cause));
    reader->item.bytes += ROW_COST_BYTES;
    if (!is_good && !reader->is_bad) {
        reader->is_open = reader->is_bad = true;
        reader->cause = cause;
        reader->item.place.number = row->line;
    }
    return true;
}

static bool read_rows(struct csv_reader *reader, struct csv_rows *rows, struct error *err)
{
    struct csv_row row;
    if (!csv_rows_next(rows, &row, err) || !read_header(reader, &row, err))
        return false;
    for (;;) {
        if (!csv_rows_next(rows, &row, err))
            return false;
        if (row.count == 0)
            return close_item(reader, err);
        if (!take_row(reader, &row, err))
            return false;
    }
}

bool format_csv_read(manifest_feed *feed, void *state, const struct format_reading *reading,
                     const struct format_names *names, struct format_sink *sink, struct error *err)
{
    struct csv_rows rows;
    struct csv_reader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        return error_no_memory(err);
    reader->reading = reading;
    reader->sink = sink;
    reader->path = names->file;
    reader->folder = names->images;
    randombytes_buf(reader->seen.key, sizeof(reader->seen.key));
    bool is_done = csv_rows_start(&rows, feed, state, err) && read_rows(reader, &rows, err);
    csv_rows_release(&rows);
    free(reader->seen.slots);
    free(reader);
    return is_done;
}

static bool read_csv(const struct format_reading *reading, struct format_sink *sink, struct error *err)
{
    return format_read_one_file(reading, ".csv", format_csv_read, sink, err);
}

/* ---- writing ---- */

static bool begin(const struct format_writing *writing, void **ret, struct error *err)
{
    struct format_file_writer *writer = NULL;
    if (!format_file_begin(writing, CSV_NAME, &writer, err))
        return false;
    (void)buffer_add_text(&writer->out.piece, writing->is_detection
                                                  ? "path,label,xmin,ymin,xmax,ymax,usage,width,height\n"
                                                  : "path,label,usage\n");
    *ret = writer;
    return true;
}

static void add_number(struct buffer *into, double value)
{
    char text[TEXT_NUMBER_BYTES];
    csv_add_field(into, text_of_double(value, text), false);
}

static void add_object(struct format_file_writer *writer, const char *image, const struct format_item *item,
                       const struct voc_object *object)
{
    struct buffer *into = &writer->out.piece;
    const char *usage = format_word_of_usage(item->sample.usage);
    double box[4] = {0};
    csv_add_field(into, image, true);
    csv_add_field(into, object ? object->name : "", false);
    bool has_box = object && format_rectangle(&object->shape, box);
    for (size_t i = 0; i < 4; i++)
        if (has_box)
            add_number(into, box[i]);
        else
            csv_add_field(into, "", false);
    csv_add_field(into, usage ? usage : "", false);
    if (has_box && item->voc->width > 0 && item->voc->height > 0)
        (void)buffer_printf(into, ",%lld,%lld\n", (long long)item->voc->width, (long long)item->voc->height);
    else
        (void)buffer_add_text(into, ",,\n");
}

static void add_class(struct format_file_writer *writer, const char *image, const struct format_item *item,
                      const char *label)
{
    struct buffer *into = &writer->out.piece;
    const char *usage = format_word_of_usage(item->sample.usage);
    csv_add_field(into, image, true);
    csv_add_field(into, label, false);
    csv_add_field(into, usage ? usage : "", false);
    (void)buffer_add_text(into, "\n");
}

static bool add(void *state, const struct format_item *item, struct arena *arena, struct error *err)
{
    struct format_file_writer *writer = state;
    struct format_keys keys;
    const struct format_naming naming = {.images =
                                             format_usage_folder(&writer->writing, "images", item, arena)};
    if (!naming.images)
        return error_no_memory(err);
    if (!format_place_image(&writer->writing, item, &naming, arena, &keys, err))
        return false;
    size_t count = item->sample.annotation_count;
    for (size_t i = 0; item->voc && i < item->voc->object_count; i++)
        add_object(writer, keys.image, item, &item->voc->objects[i]);
    for (size_t i = 0; !writer->writing.is_detection && i < count; i++)
        add_class(writer, keys.image, item, item->sample.annotations[i].name);
    if (count == 0 && writer->writing.is_detection)
        add_object(writer, keys.image, item, NULL);
    else if (count == 0)
        add_class(writer, keys.image, item, "");
    return format_out_check(&writer->out, err);
}

const struct dataset_format format_csv = {
    .name = "csv",
    .title = "CSV",
    .summary = "Rows of RFC 4180, UTF-8; the first names the columns: `path,label[,usage]`, or "
               "`path,label,xmin,ymin,xmax,ymax[,usage][,width,height]` with px. Also read: `filename` or "
               "`image`, `class`, "
               "`split`; further columns are ignored. A row for each label or box, those of an image one "
               "after the other; a "
               "row without label and box: unlabeled. Paths begin at the file's folder. Read: the file, or "
               "the first "
               "`*.csv` of a folder. Written: `" CSV_NAME "` and `images/`.",
    .holds = FORMAT_CLASSES | FORMAT_MULTI_LABEL | FORMAT_BOXES | FORMAT_USAGE | FORMAT_UNLABELED |
             FORMAT_ELSEWHERE,
    .fits = fits,
    .read = read_csv,
    .begin = begin,
    .add = add,
    .finish = format_file_finish,
    .free = format_file_free,
};
