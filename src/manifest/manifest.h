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

enum { MANIFEST_LINE_MAX_BYTES = 1024 * 1024, MANIFEST_ANNOTATIONS_MAX = 10000 };

enum manifest_hard { MANIFEST_HARD_UNKNOWN, MANIFEST_HARD_NO, MANIFEST_HARD_YES };

#define MANIFEST_TYPE_CLASSIFICATION "modelarts/image_classification"
#define MANIFEST_TYPE_DETECTION "modelarts/object_detection"

struct manifest_annotation {
    const char *type;              /* "modelarts/image_classification" … */
    const char *name;              /* label; NULL for detection, whose boxes are in the XML */
    const char *annotation_loc;    /* path of the XML */
    const char *annotation_format; /* "PASCAL VOC" */
    const char *annotated_by, *creation_time, *property_json; /* NULL when absent */
    double confidence, hard_coefficient;                      /* NaN when absent */
    enum manifest_hard hard;
    const char *hard_reasons; /* "1-7-20" */
};
struct manifest_sample {
    const char *source; /* always there */
    const char *id, *usage, *inference_loc, *property_json;
    enum manifest_hard hard;
    double hard_coefficient; /* NaN when absent */
    const char *hard_reasons;
    int64_t sample_type; /* -1 when absent */
    struct manifest_annotation *annotations;
    size_t annotation_count;
};

/* ERR_INVALID names the member at fault. Reads the snake_case twins too, numbers given as text, hard as text,
 * number or bool. Unknown members are ignored. Texts live in the arena. */
MUST_CHECK bool manifest_line_read(struct bytes line, struct arena *arena, struct manifest_sample *ret,
                                   struct error *err);
/* Appends one line with its newline; members in the order annotation, usage, hard…, inference-loc, property,
 * source, id. */
MUST_CHECK bool manifest_line_write(const struct manifest_sample *sample, struct buffer *into,
                                    struct error *err);

/* One line of a batch service's result manifest; `error_message` NULL: SUCCESSFUL with inference-loc. */
MUST_CHECK bool manifest_result_write(const char *source, const char *inference_loc,
                                      const char *error_message, struct buffer *into, struct error *err);

/* Cuts a stream into lines. Bytes come from `read` (0 bytes = end). Blank lines are skipped but counted. A
 * UTF-8 byte order mark at the start and '\r' before '\n' are dropped. ERR_LIMIT names the line that is too
 * long. */
typedef bool manifest_source(void *state, void *into, size_t capacity, size_t *ret_bytes, struct error *err);
struct manifest_lines;
MUST_CHECK bool manifest_lines_new(manifest_source *read, void *state, struct manifest_lines **ret,
                                   struct error *err);
/* *ret_line.data NULL at the end; the line is borrowed until the next call. */
MUST_CHECK bool manifest_lines_next(struct manifest_lines *lines, struct bytes *ret_line,
                                    uint64_t *ret_number, struct error *err);
struct manifest_lines *manifest_lines_free(struct manifest_lines *lines);

DEFINE_AUTO(manifest_lines)

#endif
