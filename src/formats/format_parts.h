/* SPDX-License-Identifier: Apache-2.0 */
/* What formats do alike. For formats/ only. */
#ifndef FORMATS_FORMAT_PARTS_H
#define FORMATS_FORMAT_PARTS_H

#include "formats/format.h"

enum { FORMAT_OWN_ARENA_BYTES = 64 * 1024 * 1024 }; /* of a reader: names and lists */

/* ---- items ---- */

/* Hands an item over, or what is wrong with it: `is_good` false and *err filled. ERR_CANCELLED. */
MUST_CHECK bool format_give(const struct format_reading *reading, struct format_sink *sink, bool is_good,
                            const struct format_item *item, struct error *err);
/* An item without labels, of this source. */
struct format_item format_item_of(const char *source, const char *file, uint64_t number);
/* One more class; annotations grow as needed. ERR_LIMIT past MANIFEST_ANNOTATIONS_MAX. */
MUST_CHECK bool format_add_class(struct format_item *item, const char *label, double confidence,
                                 struct arena *arena, struct error *err);
/* Says that the item has these boxes. */
MUST_CHECK bool format_set_boxes(struct format_item *item, const struct voc *voc, struct arena *arena,
                                 struct error *err);
/* One more rectangle: x_min, y_min, x_max, y_max; the label is copied. ERR_LIMIT past VOC_OBJECTS_MAX;
 * ERR_INVALID for numbers that are none or beyond VOC_COORDINATE_MAX, or a label that is none. */
MUST_CHECK bool format_add_box(struct voc *voc, const char *label, const double box[4], struct arena *arena,
                               struct voc_object **ret, struct error *err);
/* The rectangle around a shape; false for lines and points, which have none. */
bool format_rectangle(const struct voc_shape *shape, double ret[4]);
/* A label from a file: UTF-8, not empty, at most VOC_NAME_MAX_BYTES. ERR_INVALID. */
MUST_CHECK bool format_check_label(const char *label, size_t bytes, struct error *err);

/* ---- usage ---- */

/* "TRAIN" for "train", "training" …; NULL for other words. Of `bytes` bytes. */
const char *format_usage_of_word(const char *word, size_t bytes);
/* "train", "val", "test", "inference"; NULL for NULL and what is no usage. */
const char *format_word_of_usage(const char *usage);
/* The usages, each once: FORMAT_USAGES of them. */
enum { FORMAT_USAGES = 4 };
const char *format_usage(size_t number);
/* 0 … FORMAT_USAGES - 1; FORMAT_USAGES for none. */
size_t format_usage_number(const char *usage);

/* ---- names ---- */

bool format_is_image(const char *name); /* by its suffix */
/* The path as a source. */
MUST_CHECK bool format_source(const char *folder, const char *name, struct arena *arena, const char **ret,
                              struct error *err);
/* The same for a source that may be an address already, or a file URL; kept as it is written. */
MUST_CHECK bool format_absolute(const char *folder, const char *source, struct arena *arena, const char **ret,
                                struct error *err);
/* "a/b.txt" for "a/b.jpg" and ".txt"; NULL when the arena is full. */
char *format_beside(struct arena *arena, const char *name, const char *suffix);
/* The file's bytes beneath a store, without byte order mark; the buffer's limit is the file's. */
MUST_CHECK bool format_get(struct store *store, const char *key, struct buffer *file, struct bytes *ret,
                           struct error *err);
/* Cuts the next line off, without its end; false at the end. */
bool format_next_line(struct bytes *text, struct bytes *ret_line);

/* "images/train" of a tree, "images" else; NULL when the arena is full. */
const char *format_usage_folder(const struct format_writing *writing, const char *folder,
                                const struct format_item *item, struct arena *arena);
struct format_naming {
    const char *images; /* folder of the image; "" for none */
    const char *beside; /* folder of the file that goes with it; NULL: none does */
    const char *suffix; /* of that file */
};
struct format_keys {
    const char *image;  /* its key, or the source when images stay */
    const char *beside; /* key of the file beside it; NULL without a folder for it */
};
/* Finds names that nobody has yet and has the image placed. */
MUST_CHECK bool format_place_image(const struct format_writing *writing, const struct format_item *item,
                                   const struct format_naming *naming, struct arena *arena,
                                   struct format_keys *ret, struct error *err);

/* ---- lines and sizes ---- */

/* A file to read from its start, in the roots. Release also after a failure. */
struct format_file {
    struct store *store;
    struct store_reader *reader;
};
MUST_CHECK bool format_file_open(const struct roots *roots, const char *path, struct format_file *ret,
                                 struct error *err);
void format_file_release(struct format_file *file);
/* A manifest_feed of its reader. */
MUST_CHECK bool format_file_feed(void *reader, void *into, size_t capacity, size_t *ret_bytes,
                                 struct error *err);
/* The file that a path names, or the first in the folder that ends like this. ERR_NOT_FOUND. */
MUST_CHECK bool format_find_file(const struct format_reading *reading, const char *suffix,
                                 struct arena *arena, const char **ret, struct error *err);
/* A reader of one stream. */
struct format_names {
    const char *file;   /* being read */
    const char *images; /* the folder in which names of images begin */
};
typedef bool format_stream_reader(manifest_feed *feed, void *state, const struct format_reading *reading,
                                  const struct format_names *names, struct format_sink *sink,
                                  struct error *err);
/* Opens the file that the path names, or the first in the folder that ends like this. */
MUST_CHECK bool format_read_one_file(const struct format_reading *reading, const char *suffix,
                                     format_stream_reader *read, struct format_sink *sink, struct error *err);
/* The streams, for tests and fuzzing. */
format_stream_reader format_csv_read, format_sagemaker_read;

/* After a failure of reading: a limit is the file's fault, and the message names it. Returns false. */
bool format_bad_file(const char *path, struct error *err);
/* First byte after a byte order mark and blanks; 0: none. */
char format_first_byte(struct bytes start);
/* True when the text stands in the bytes. */
bool format_holds_text(struct bytes bytes, const char *text);

/* An object written in pieces. */
enum { FORMAT_FLUSH_BYTES = 256 * 1024, FORMAT_PIECE_MAX_BYTES = 64 * 1024 * 1024 };
struct format_out {
    struct store_writer *file;
    struct buffer piece;
};
MUST_CHECK bool format_out_open(struct store *into, const char *key, struct format_out *ret,
                                struct error *err);
MUST_CHECK bool format_out_check(struct format_out *out, struct error *err); /* after adding to piece */
MUST_CHECK bool format_out_finish(struct format_out *out, struct error *err);
void format_out_release(struct format_out *out);

/* The state of a format that writes one file beside the images; finish and free as in struct dataset_format.
 */
struct format_file_writer {
    struct format_writing writing;
    struct format_out out;
};
MUST_CHECK bool format_file_begin(const struct format_writing *writing, const char *key,
                                  struct format_file_writer **ret, struct error *err);
MUST_CHECK bool format_file_finish(void *state, struct error *err);
void format_file_free(void *state);

#endif
