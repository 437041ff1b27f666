/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifest: JSON Lines that name samples and their annotations, in ModelArts' form (docs/manifest-format.md),
 * and the result manifest of a batch service. Pure parsing and writing; streaming; every line has a byte
 * limit.
 */
#ifndef MANIFEST_MANIFEST_H
#define MANIFEST_MANIFEST_H

#include "base/arena.h"
#include "base/buffer.h"

enum {
    MANIFEST_LINE_MAX_BYTES = 1024 * 1024, /* without the newline */
    MANIFEST_ANNOTATIONS_MAX = 10000,      /* of one sample */
    MANIFEST_REASONS_MAX = 256,            /* ids in one hard-reasons */
    MANIFEST_REASON_ID_MAX = 999,
    MANIFEST_ARENA_BYTES = 8 * MANIFEST_LINE_MAX_BYTES, /* enough for any line */
};

enum manifest_hard { MANIFEST_HARD_UNKNOWN, MANIFEST_HARD_NO, MANIFEST_HARD_YES };

#define MANIFEST_TYPE_CLASSIFICATION "modelarts/image_classification"
#define MANIFEST_TYPE_DETECTION "modelarts/object_detection"

/* Texts are NULL when the line has none; an empty text counts as none. */
struct manifest_annotation {
    const char *type;              /* always there: "modelarts/image_classification" … */
    const char *name;              /* label; NULL for detection, whose boxes are in the XML */
    const char *annotation_loc;    /* path of the XML */
    const char *annotation_format; /* "PASCAL VOC" */
    const char *annotated_by, *creation_time;
    const char *property_json;           /* JSON on one line, without blanks */
    double confidence, hard_coefficient; /* NaN when absent */
    enum manifest_hard hard;
    const char *hard_reasons; /* "1-7-20", in the order of the line */
};
struct manifest_sample {
    const char *source; /* always there; manifest_source_decode makes a path of it */
    const char *id, *inference_loc, *property_json;
    const char *usage; /* as written; manifest_usage knows what it means */
    enum manifest_hard hard;
    double hard_coefficient; /* NaN when absent */
    const char *hard_reasons;
    int64_t sample_type; /* -1 when absent */
    struct manifest_annotation *annotations;
    size_t annotation_count;
};

/* A sample or annotation with nothing in it. Zeroed memory is not one: absent numbers are NaN and -1. */
struct manifest_sample manifest_sample_none(void);
struct manifest_annotation manifest_annotation_none(void);

/* "TRAIN", "EVAL", "TEST" or "INFERENCE" for such a text in any case; NULL for NULL and all others. */
const char *manifest_usage(const char *text);

/* ERR_INVALID (DETAIL_BAD_MANIFEST) names the member at fault, ERR_LIMIT a limit above. Reads the snake_case
 * twins too, numbers given as text, hard as text, number or bool, hard-reasons as text or list of ids.
 * Unknown members are ignored; of equal names the first counts. Texts live in the arena. */
MUST_CHECK bool manifest_line_read(struct bytes line, struct arena *arena, struct manifest_sample *ret,
                                   struct error *err);
/* Appends one line with its newline; members in the order annotation, usage, hard…, inference-loc, property,
 * sample-type, source, id. What is written reads back equal, and the same sample gives the same bytes.
 * ERR_INVALID: what manifest_line_read would refuse; ERR_LIMIT: longer than MANIFEST_LINE_MAX_BYTES. On
 * failure `into` is as before. */
MUST_CHECK bool manifest_line_write(const struct manifest_sample *sample, struct buffer *into,
                                    struct error *err);

/* One line of a batch service's result manifest; `error_message` NULL: SUCCESSFUL with inference-loc.
 * Otherwise FAILED; bytes of the message that are not UTF-8 become U+FFFD. */
MUST_CHECK bool manifest_result_write(const char *source, const char *inference_loc,
                                      const char *error_message, struct buffer *into, struct error *err);

/*
 * How a local file's path becomes a source. JSON holds UTF-8 only, file names hold any byte. A path that is
 * UTF-8 is its own source; any other becomes "file://" and the path with every byte but A-Z a-z 0-9 - . _ ~ /
 * as %XX (RFC 8089). Every path has one source and comes back from it (docs/decisions/source-names.md).
 */
char *manifest_source_encode(struct arena *arena, const char *path); /* NULL when the arena is full */
/* A source that does not start with "file://" is its own path. ERR_INVALID: a broken or zero %XX. */
MUST_CHECK bool manifest_source_decode(struct arena *arena, const char *source, char **ret_path,
                                       struct error *err);

/* Cuts a stream into lines. Bytes come from `read` (0 bytes = end). Blank lines are skipped but counted. A
 * UTF-8 byte order mark at the start and '\r' before '\n' are dropped. ERR_LIMIT names the line that is too
 * long; it ends the reading. */
typedef bool manifest_feed(void *state, void *into, size_t capacity, size_t *ret_bytes, struct error *err);
struct manifest_lines;
MUST_CHECK bool manifest_lines_new(manifest_feed *read, void *state, struct manifest_lines **ret,
                                   struct error *err);
/* *ret_line.data NULL at the end; the line is borrowed until the next call. Numbers start at 1. */
MUST_CHECK bool manifest_lines_next(struct manifest_lines *lines, struct bytes *ret_line,
                                    uint64_t *ret_number, struct error *err);
struct manifest_lines *manifest_lines_free(struct manifest_lines *lines);

DEFINE_AUTO(manifest_lines)

#endif
