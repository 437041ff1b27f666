/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guess: what a model card leaves open is settled from evidence in the file, in this order: the file's own
 * metadata, the graph (shapes, first and last operators, constants), convention. Each answer says which it
 * was; a convention says so plainly. What the card or a flag gives is never overruled.
 */
#ifndef MODEL_GUESS_H
#define MODEL_GUESS_H

#include "infer/engine.h"
#include "infer/onnx_graph.h"
#include "infer/preprocess.h"
#include "model/model.h"

enum { GUESS_ROWS_MAX = 32 };
/* Ends each answer that has nothing in the file behind it. */
#define GUESS_CONVENTION "only a convention, the file does not say: check it with trommel model test"

struct guess {
    struct arena *arena;
    const struct onnx_file *file;
    const struct engine_model *engine;
    yyjson_val *card_file, *overrides; /* what was given; either may be NULL */
    struct model_card *card;           /* holds what was given; the rest is filled in */
    bool has_labels;                   /* the card's labels come from a file of labels */
    bool is_full;                      /* the arena is: what failed to be copied is missing */
    struct model_guess rows[GUESS_ROWS_MAX];
    size_t row_count;
};

/* How pixels become the numbers a model takes: (pixel × scale − mean) / std. */
struct guess_values {
    double scale, mean[PREPROCESS_CHANNELS_MAX], std[PREPROCESS_CHANNELS_MAX];
};

/* ---- one answer (guess.c) ---- */

/* Who gave the member, in words; NULL when it is open. */
const char *guess_given_by(const struct guess *guess, const char *field);
/* Each sets the member unless it was given, and adds a row. Texts are copied; `why` may be NULL when the
 * arena is full. */
void guess_text(struct guess *guess, const char *field, const char **member, const char *value,
                const char *why);
void guess_count(struct guess *guess, const char *field, uint64_t *member, uint64_t value, const char *why);
void guess_number(struct guess *guess, const char *field, double *member, double value, const char *why);
void guess_list(struct guess *guess, const char *field, struct param_list *member, struct param_list value,
                const char *why);

/* Everything but labels, which need the number of classes. DETAIL_MODEL_UNUSABLE says what to set. */
MUST_CHECK bool guess_card(struct guess *guess, struct error *err);
MUST_CHECK bool guess_labels(struct guess *guess, size_t classes, struct error *err);

/* ---- parts of it ---- */

/* input, layout, width, height, color (guess_input.c) */
MUST_CHECK bool guess_input(struct guess *guess, struct error *err);
/* scale, mean, std, resize, crop_fraction (guess_pixels.c) */
MUST_CHECK bool guess_pixels(struct guess *guess, struct error *err);
/* output, model_type, adapter, output_kind, embedding (guess_output.c) */
MUST_CHECK bool guess_output(struct guess *guess, struct error *err);

/* ---- what exporters write into metadata (guess_metadata.c) ---- */

/* Text as written by hand or by an exporter under "preprocess":
 * "RGB,NCHW,float32,x/255,mean=[…],std=[…],32x32". */
struct guess_note {
    const char *layout, *color, *resize; /* NULL: not said; words of the card */
    uint64_t width, height;              /* 0: not said */
    double crop_fraction;                /* 0: not said */
    bool has_values;
    struct guess_values values;
};
/* Reads what it understands and skips the rest. */
void guess_read_note(const char *text, struct guess_note *ret);
/* The note of the file; empty when there is none. */
struct guess_note guess_file_note(const struct onnx_file *file);
/* Class names as text: JSON or Python list, {index: name}, or separated by newlines or commas. False when
 * there are not exactly `classes` of them. */
bool guess_read_names(const char *text, size_t classes, struct arena *arena, struct param_list *ret);

#endif
