/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Given: predictions that were made elsewhere, read so that mining can work on them as on our own
 * (docs/predictions-format.md): ModelArts result files, COCO results, JSON Lines. Everything is read once,
 * checked, and spooled into the data store in one form; only an index of GIVEN_INDEX_BYTES an image stays in
 * memory. Files come from strangers: every error names file, line or entry, and field.
 *
 * Threads: a finished `given` does not change and may be read by several threads.
 */
#ifndef GIVEN_GIVEN_H
#define GIVEN_GIVEN_H

#include "infer/prediction.h"
#include "store/store.h"

#include <stdatomic.h>

enum {
    GIVEN_IMAGES_MAX = 10 * 1000 * 1000,
    GIVEN_INDEX_BYTES = 32,
    GIVEN_LABEL_MAX_BYTES = 1024,
    GIVEN_LABELS_MAX_BYTES = 16 * 1024 * 1024,     /* of all of them, and of a file of labels */
    GIVEN_NAME_MAX_BYTES = 4095,                   /* of an image */
    GIVEN_ERROR_MAX_BYTES = 399,                   /* of what a line says went wrong; the rest is cut off */
    GIVEN_RESULT_MAX_BYTES = 16 * 1024 * 1024,     /* one ModelArts result file */
    GIVEN_COCO_ENTRY_MAX_BYTES = 1024 * 1024,      /* one entry of a COCO result list */
    GIVEN_COCO_BOXES_MAX = 10 * 1000 * 1000,       /* of one list, which is sorted in memory */
    GIVEN_COCO_IMAGES_MAX_BYTES = 64 * 1024 * 1024 /* file of COCO's images and categories */
};
/* Threshold of detections where nobody says one: that of our own models' cards. */
#define GIVEN_SCORE_THRESHOLD 0.3
/* What a probability counts for that was given as 0, or not at all where the others leave nothing: ModelArts'
 * six decimals hide up to 5e-7. */
#define GIVEN_SCORE_FLOOR 1e-7

/* Class names, shared by the predictions of a run and of its training images. */
struct given_labels;
struct given_labels *given_labels_new(void); /* NULL: no memory */
struct given_labels *given_labels_free(struct given_labels *labels);
/* Text file, line n = class n - 1. From then on no other label is taken. */
MUST_CHECK bool given_labels_read(struct given_labels *labels, const char *path, struct error *err);
/* Settles the order: as read from a file, else by bytes. Then labels do not change. ERR_INVALID: there is
 * none. */
MUST_CHECK bool given_labels_settle(struct given_labels *labels, struct error *err);
uint32_t given_labels_count(const struct given_labels *labels);
const char *const *given_labels_names(const struct given_labels *labels); /* after settling */

struct given_options {
    const char *path;           /* absolute: a file or a folder */
    const char *format;         /* "modelarts", "coco", "jsonl"; NULL: by content */
    const char *coco_images;    /* COCO: file with "images" and "categories"; may be NULL */
    const char *images_folder;  /* absolute; names below it become relative. NULL: none */
    enum activation activation; /* what probabilities mean */
    struct store *data;         /* the spool goes into … */
    const char *spool;          /* … this key */
    struct stop_flag *stop;     /* may be NULL */
    atomic_int_fast64_t *done;  /* images read; may be NULL */
};

struct given;
/* Reads and spools all of it. ERR_INVALID, ERR_LIMIT as said above. `labels` is borrowed. */
MUST_CHECK bool given_open(const struct given_options *options, struct given_labels *labels,
                           struct given **ret, struct error *err);
struct given *given_free(struct given *given);

uint64_t given_count(const struct given *given);
const char *given_format(const struct given *given); /* "coco" */
enum model_type given_type(const struct given *given);
uint32_t given_embedding_length(const struct given *given); /* 0: none */
/* Detection: the lowest score of all boxes; 1 without boxes. */
double given_lowest_score(const struct given *given);
/* Detection: the format holds only what was the model's answer, no near misses. */
bool given_is_answers_only(const struct given *given);
/* How the file names image i, in the order of the file; borrowed. */
const char *given_name(const struct given *given, uint64_t image);

/* ---- which prediction is of which image ---- */

#define GIVEN_NONE UINT32_MAX
struct given_keys {
    uint64_t whole, below, base;
};
/* `key`: path below the folder of the images; `common`: the folder that all of them share, "" or "a/b/". */
void given_keys_of(const char *key, const char *common, struct given_keys *ret);
/* ret[i] is the prediction of image i, or GIVEN_NONE. By the path below the folder, or by that without the
 * common folder; what is left by the base name where only one image and one prediction have it.
 * ret_is_used[prediction] tells the rest. */
MUST_CHECK bool given_match(const struct given *given, const struct given_keys *images, uint64_t count,
                            uint32_t *ret, bool *ret_is_used, struct error *err);

/* ---- reading ---- */

struct given_shape {
    uint32_t classes, embedding_length; /* 0: embeddings are not asked for */
};
/* The prediction, in the arena, which must be empty. Labels must be settled. Boxes are as they were given,
 * the best first. ERR_INVALID: why it cannot be used. */
MUST_CHECK bool given_read(const struct given *given, uint64_t image, const struct given_shape *shape,
                           struct arena *arena, struct prediction *ret, struct error *err);
/* Cuts boxes to the image and drops what has no area there; new arrays, in the arena. */
struct given_extent {
    uint32_t width, height; /* px */
};
MUST_CHECK bool given_clip(struct prediction *prediction, const struct given_extent *extent,
                           struct arena *arena, uint32_t *ret_dropped, struct error *err);

DEFINE_AUTO(given)
DEFINE_AUTO(given_labels)

#endif
