/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader: one form in which predictions come. A reader turns its files into struct given_image, one for each
 * image, and hands each to the sink, which checks it. For given/ only.
 */
#ifndef GIVEN_GIVEN_READER_H
#define GIVEN_GIVEN_READER_H

#include "base/json.h"
#include "base/workers.h"
#include "given/given.h"
#include "manifest/manifest.h"

struct given_score {
    uint32_t label; /* given_labels_take */
    float value;    /* probability or logit */
};
struct given_box {
    struct box box;
    float score;
    uint32_t label;
};
/* One image's prediction on its way in; everything is borrowed until the sink returns. */
struct given_image {
    const char *name;  /* as the file has it */
    uint64_t place;    /* line or entry of the file, from 1; 0: the file is its own */
    const char *error; /* what went wrong elsewhere; then there is nothing below. NULL */
    enum model_type type;
    bool are_logits;
    const struct given_score *scores; /* classification: of some labels, or of all */
    uint32_t score_count;
    const struct given_box *boxes; /* detection, in any order */
    uint32_t box_count;
    const float *embedding; /* NULL: none */
    uint32_t embedding_length;
};

/* Where a reader's images go. */
struct given_sink {
    struct given_labels *labels;
    enum activation activation;
    struct stop_flag *stop; /* may be NULL */
    size_t coco_boxes_max;  /* 0: GIVEN_COCO_BOXES_MAX */
    void *state;
    MUST_CHECK bool (*take)(void *state, const struct given_image *image, struct error *err);
    /* What the images so far had. */
    bool has_type;
    enum model_type type;
    uint32_t embedding_length;
    double lowest_score;
    uint64_t images;
};
/* Checks an image and passes it on. ERR_INVALID: a label said twice, probabilities of more than 1 in all,
 * another type or embedding than before. ERR_LIMIT: GIVEN_IMAGES_MAX. ERR_CANCELLED. */
MUST_CHECK bool given_sink_put(struct given_sink *sink, const struct given_image *image, struct error *err);

struct given_reader {
    const char *name;    /* "jsonl" */
    const char *summary; /* what it is, for people who gave something else */
    bool answers_only;   /* detection: boxes are the model's answer, nothing below its threshold */
    /* By the path and the first bytes of the file (none of a folder). */
    bool (*fits)(const char *path, bool is_folder, struct bytes start);
    MUST_CHECK bool (*read)(const struct given_options *options, struct given_sink *sink, struct error *err);
};
extern const struct given_reader *const given_readers[]; /* NULL-ended; the first that fits is taken */
extern const struct given_reader given_reader_modelarts, given_reader_coco, given_reader_jsonl;

/* ---- the same without files, for tests and fuzzing ---- */

/* One result file's bytes. */
MUST_CHECK bool given_modelarts_result(struct bytes file, const char *name, struct given_sink *sink,
                                       struct arena *arena, struct error *err);
struct given_coco_names; /* what ids mean; NULL: nobody says */
MUST_CHECK bool given_coco_names_read(struct bytes file, struct given_labels *labels,
                                      struct given_coco_names **ret, struct error *err);
struct given_coco_names *given_coco_names_free(struct given_coco_names *names);
/* `what` names the file in messages. */
MUST_CHECK bool given_coco_list(manifest_feed *feed, void *state, const struct given_coco_names *names,
                                struct given_sink *sink, const char *what, struct error *err);
MUST_CHECK bool given_jsonl_lines(manifest_feed *feed, void *state, struct given_sink *sink, const char *what,
                                  struct error *err);

/* ---- for readers ---- */

/* The label's provisional number. ERR_INVALID: not one of the labels that were given, or no name. */
MUST_CHECK bool given_labels_take(struct given_labels *labels, const char *name, uint32_t *ret,
                                  struct error *err);
/* Of labels that were given: closes the list. */
void given_labels_close(struct given_labels *labels);
bool given_labels_are_closed(const struct given_labels *labels);
/* The final index of a provisional number, after settling. */
uint32_t given_labels_index(const struct given_labels *labels, uint32_t number);
const char *given_labels_name(const struct given_labels *labels, uint32_t number); /* provisional */
/* Begins a turn; all who share the labels take turns. */
void given_labels_turn(struct given_labels *labels);
/* True the first time that it is asked for this label in this turn. */
bool given_labels_first(struct given_labels *labels, uint32_t number);

/* "boxes[2].score": index SIZE_MAX and part NULL are left out. */
struct given_field {
    const char *name;
    size_t index;
    const char *part;
};
/* A number, or the text of one, in min..max. ERR_INVALID names the field, what it is and what it may be. */
MUST_CHECK bool given_number(yyjson_val *value, const struct given_field *field, double min, double max,
                             double *ret, struct error *err);
/* `count` finite numbers of an array. */
MUST_CHECK bool given_numbers(yyjson_val *array, const struct given_field *field, size_t count, float *ret,
                              struct error *err);
/* The label that a text names, as given_labels_take. ERR_INVALID names the field. */
MUST_CHECK bool given_label(yyjson_val *value, const struct given_field *field, struct given_labels *labels,
                            uint32_t *ret, struct error *err);
bool given_bad_field(const struct given_field *field, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* An embedding at `object`.embedding when there is one. */
MUST_CHECK bool given_embedding(yyjson_val *object, struct arena *arena, struct given_image *image,
                                struct error *err);

/* A file to read from its start, and the store of its folder, which must outlive it. */
MUST_CHECK bool given_file_open(const char *path, struct store **ret_store, struct store_reader **ret,
                                struct error *err);
/* A manifest_feed from a struct store_reader. */
MUST_CHECK bool given_file_feed(void *reader, void *into, size_t capacity, size_t *ret_bytes,
                                struct error *err);
/* True when `first` comes first, after a byte order mark and blanks. */
bool given_file_starts(struct bytes start, char first);

#endif
