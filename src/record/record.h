/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Record: what mining knows of one image in one run. Frozen format, docs/record-format.md; held by
 * tests/golden/records.
 *
 * Records are kept in shards of consecutive images. A shard is a folder in a store: records.jsonl.zst (one
 * object per image), labels.json, and NumPy arrays with one row per image: features.npy, appearance.npy,
 * logits.npy, embeddings.npy, for detectors candidates.npy and candidate_scores.npy (rows of all images one
 * after the other). shard.json is written last: a shard without it does not exist. The same records give the
 * same bytes.
 *
 * Threads: a set or a shard does not change once it is open, and may be read by several threads; different
 * shards may be written at once.
 */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include "image/image.h"
#include "infer/prediction.h"
#include "store/store.h"

enum {
    RECORD_FORMAT = 1,
    RECORD_LOGITS_ALL_MAX = 1000, /* up to so many classes all logits are kept … */
    RECORD_LOGITS_TOP = 100,      /* … beyond, the largest of each image with their classes */
    RECORD_SHARD_IMAGES_MAX = 8192,
    RECORD_SHARDS_MAX = 1000 * 1000,
    RECORD_FOLDER_MAX_BYTES = 400, /* key of the folder that holds a run's shards */
    RECORD_APPEARANCE_MAX = 4096,
    RECORD_TRUTH_MAX = 10000,                   /* labels of one image */
    RECORD_ROWS_MAX_BYTES = 64 * 1024 * 1024,   /* records.jsonl of a shard */
    RECORD_LABELS_MAX_BYTES = 64 * 1024 * 1024, /* labels.json; its arrays: NPY_FILE_MAX_BYTES each */
    RECORD_SHARD_JSON_MAX_BYTES = 64 * 1024,
};

/* Columns of features.npy, in the order of reasons 5 to 18. The box columns are the image's means over its
 * boxes (count and deviation as such): the boxes that a person drew where the record has true boxes, else the
 * candidates from the score threshold on. NaN for classification; without boxes all but the count are. */
enum record_feature {
    FEATURE_RESOLUTION,
    FEATURE_ASPECT_RATIO,
    FEATURE_BRIGHTNESS,
    FEATURE_SATURATION,
    FEATURE_COLORFULNESS,
    FEATURE_CLARITY,
    FEATURE_BOX_COUNT,
    FEATURE_BOX_AREA_DEVIATION,
    FEATURE_BOX_ASPECT_RATIO,
    FEATURE_BOX_AREA_RATIO,
    FEATURE_BOX_MARGINALIZATION,
    FEATURE_BOX_BRIGHTNESS,
    FEATURE_BOX_CLARITY,
    FEATURE_BOX_OVERLAP,
    FEATURE_COUNT
};
const char *record_feature_name(enum record_feature feature); /* "resolution", … */

/* What holds for all records of a run. Texts are borrowed. */
struct record_header {
    enum model_type type;
    enum activation activation;
    uint32_t classes, embedding_length, appearance_length;
    const char *appearance_name, *decode; /* "grid-hog-1"; "exact" | "fast" */
    const char *model_hash;               /* content hash of the model file */
    /* Detection, else 0: boxes from score_threshold on are the model's answer, those below it down to the
     * floor are near misses. */
    double score_threshold, candidate_floor;
    const char *const *labels; /* `classes` of them */
};
/* Logits kept per image: all, or RECORD_LOGITS_TOP. 0 for detection. */
uint32_t record_logit_columns(const struct record_header *header);

struct record {
    const char *source; /* as the input named it */
    const char
        *error; /* why it failed; NULL when it did not. A failed image has no measures and no prediction */
    const char *format;       /* "jpeg" */
    const char *content_hash; /* of the file; NULL when it could not be read */
    uint64_t bytes;
    uint32_t width, height;
    uint32_t warnings;              /* enum image_warning bits */
    uint8_t orientation;            /* EXIF 1..8 that was applied; 1 when there was none */
    uint64_t perceptual_hash;       /* 0 when failed */
    double features[FEATURE_COUNT]; /* NaN: not measured, and when failed */
    const float *appearance;        /* header.appearance_length; NULL when failed */
    const float *embedding;         /* NULL when failed or the model has none */
    const float *logits; /* record_logit_columns; beyond RECORD_LOGITS_ALL_MAX classes the largest first */
    const uint32_t *logit_classes; /* their classes; NULL when all are kept */
    double log_sum_exp;            /* of all logits; NaN for detection and when failed */
    const struct candidate *candidates;
    const float *candidate_scores; /* candidate_count × classes */
    uint32_t candidate_count;
    /* In training profiles: what a person said the image is. NULL: nothing was said. For detection one label
     * per box, and none at all when the image was labelled as showing nothing. */
    const char *const *truth_labels;
    const struct box *truth_boxes; /* truth_count of them; NULL for classification */
    uint32_t truth_count;
    const char *usage; /* TRAIN, EVAL, TEST or NULL */
};

/* What a shard demands of every record: a source; of one that did not fail, every part that the header
 * promises, all its numbers finite (features may be NaN), the largest logits first, classes below
 * header.classes, boxes with min ≤ max and scores in [0, 1], the best first. Of every record: a true box for
 * each true label of a detection. ERR_INVALID names the part. */
MUST_CHECK bool record_check(const struct record_header *header, const struct record *record,
                             struct error *err);

/* How many of the candidates, the first ones, are the model's answer: those from the score threshold on. */
uint32_t record_answers(const struct record_header *header, const struct candidate *candidates,
                        uint32_t count);

/* The records of one shard, for writing. */
struct record_rows {
    uint32_t shard; /* its number in the run */
    uint64_t first; /* run-wide index of records[0] */
    const struct record_header *header;
    const struct record *records;
    uint32_t count; /* 1 to RECORD_SHARD_IMAGES_MAX */
};

/* Writes one complete shard; an older one of that number is replaced. Arrays of failed records are not looked
 * at. A shard that was written survives the death of the process; after a loss of power either it is whole,
 * or record_shard_exists says no. ERR_INVALID names the record that record_check refuses, or a text that is
 * not UTF-8; ERR_LIMIT a limit above. */
MUST_CHECK bool record_shard_write(struct store *store, const char *folder, const struct record_rows *rows,
                                   struct error *err);
/* True when shard.json is there, readable and of this format, and every file has the size it tells. */
MUST_CHECK bool record_shard_exists(struct store *store, const char *folder, uint32_t shard, bool *ret,
                                    struct error *err);

/* All shards of a run, in order, numbered from 0. Shards are opened one by one; their arrays are mapped. */
struct record_set;
/* ERR_NOT_FOUND: no shard. ERR_INVALID: damaged, of a newer format, a gap between shards, or shards made
 * with different headers; the message names the file. The store is borrowed. */
MUST_CHECK bool record_set_open(struct store *store, const char *folder, struct record_set **ret,
                                struct error *err);
struct record_set *record_set_free(struct record_set *set);
const struct record_header *record_set_header(const struct record_set *set);
uint64_t record_set_count(const struct record_set *set);
uint32_t record_set_shards(const struct record_set *set);
/* Run-wide index of the first record of a shard, which must be one of the set, and that behind its last. */
uint64_t record_set_shard_first(const struct record_set *set, uint32_t shard);
uint64_t record_set_shard_end(const struct record_set *set, uint32_t shard);

struct record_shard; /* belongs to its set, which must outlive it */
/* Reads the rows, maps the arrays and checks every record, so that whatever record_shard_get gives is as
 * record_check wants it. ERR_INVALID names the file that is damaged. */
MUST_CHECK bool record_shard_open(const struct record_set *set, uint32_t shard, struct record_shard **ret,
                                  struct error *err);
struct record_shard *record_shard_free(struct record_shard *shard);
/* Compares the hash of every array with shard.json's: reads all bytes. ERR_INVALID names the file. */
MUST_CHECK bool record_shard_verify(const struct record_shard *shard, struct error *err);
uint64_t record_shard_first(const struct record_shard *shard);
uint32_t record_shard_count(const struct record_shard *shard);
/* Fills *ret; everything in it is borrowed from the shard. */
void record_shard_get(const struct record_shard *shard, uint32_t row, struct record *ret);
/* The arrays themselves, row-major count × length, for matrix work; NULL when the run has none. Failed images
 * have rows of zeros in embeddings, appearance and logits. */
const float *record_shard_embeddings(const struct record_shard *shard);
const float *record_shard_appearance(const struct record_shard *shard);
const double *record_shard_features(const struct record_shard *shard);

/* Probabilities of all classes for softmax (sum 1) or of each for sigmoid, in double precision; where only
 * the top logits are kept the others share the rest of exp(log_sum_exp) evenly, but none has more than the
 * smallest that is kept. `ret` has header.classes elements. For classification; the record must not have
 * failed. */
void record_scores(const struct record_header *header, const struct record *record, double *ret);
/* The predicted class without the scores of all: of a classifier that of the largest logit, which has the
 * largest score too, but where scores round to the same; of a detector that of its best box from the score
 * threshold on. UINT32_MAX, with score 0: none. The record must not have failed. */
uint32_t record_predicted(const struct record_header *header, const struct record *record, float *ret_score);

DEFINE_AUTO(record_set)
DEFINE_AUTO(record_shard)

#endif
