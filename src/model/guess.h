/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guess: what a model card leaves open is settled from evidence in the file, in this order: the file's own
 * metadata, the graph (shapes, first and last operators, constants), convention. Each answer says which it
 * was; a convention says so plainly. What the card or a flag gives is never overruled.
 */
#ifndef MODEL_GUESS_H
#define MODEL_GUESS_H

#include "infer/adapter.h"
#include "infer/engine.h"
#include "infer/onnx_graph.h"
#include "infer/preprocess.h"
#include "model/model.h"

enum { GUESS_ROWS_MAX = 32, GUESS_STRIDE_MAX_PX = 1024, GUESS_ANY_COUNT = 0 };
/* Ends each answer that has nothing in the file behind it. */
#define GUESS_CONVENTION "only a convention, the file does not say: check it with trommel model test"

/* How pixels become the numbers a model takes: (pixel × scale − mean) / std. */
struct guess_values {
    double scale, mean[PREPROCESS_CHANNELS_MAX], std[PREPROCESS_CHANNELS_MAX];
};

/* What exporters and people write into a file's metadata. */
struct guess_note {
    const char *said_by;                 /* who says it, for people */
    const char *layout, *color, *resize; /* NULL: not said; words of the card */
    uint64_t width, height;              /* 0: not said */
    uint64_t stride;                     /* px; width and height are multiples of it; 0: not said */
    double crop_fraction;                /* 0: not said */
    bool has_values;
    struct guess_values values;
};

struct guess {
    struct arena *arena;
    const struct onnx_file *file;
    const struct engine_model *engine;
    yyjson_val *card_file, *overrides; /* what was given; either may be NULL */
    struct model_card *card;           /* holds what was given; the rest is filled in */
    struct guess_note note;            /* what the file's metadata say of pixels */
    uint32_t channels;                 /* of the input; known after guess_input */
    const struct adapter *adapter;     /* known after guess_output */
    bool has_labels;                   /* the card's labels come from a file of labels */
    bool is_full;                      /* the arena is: what failed to be copied is missing */
    struct model_guess rows[GUESS_ROWS_MAX];
    size_t row_count;
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
/* The same for a file that describes images rather than naming anything: what the pixels must be, with a
 * classifier's conventions, and as `embedding` the tensor to read: what the card, its outputs or the file's
 * metadata name, else the first output of float32 with two or four dimensions. */
MUST_CHECK bool guess_extractor(struct guess *guess, struct error *err);
/* Names that the metadata hold, however many: for models whose outputs do not tell how many classes there
 * are. No row is added. */
MUST_CHECK bool guess_labels_before(struct guess *guess, struct error *err);
MUST_CHECK bool guess_labels(struct guess *guess, size_t classes, struct error *err);

/* ---- parts of it ---- */

/* input, layout, width, height (guess_input.c) */
MUST_CHECK bool guess_input(struct guess *guess, struct error *err);
/* color, scale, mean, std (guess_pixels.c) */
MUST_CHECK bool guess_pixels(struct guess *guess, struct error *err);
/* resize, crop_fraction, pad_value, pad_place (guess_resize.c) */
void guess_resize(struct guess *guess);
/* outputs, model_type, adapter, output_kind, embedding, and what detectors have besides (guess_output.c) */
MUST_CHECK bool guess_output(struct guess *guess, struct error *err);

/* ---- what exporters write into metadata (guess_metadata.c) ---- */

/* Text under "preprocess", as written by hand or by an exporter:
 * "RGB,NCHW,float32,x/255,mean=[…],std=[…],32x32". Reads what it understands and skips the rest. */
void guess_read_note(const char *text, struct guess_note *ret);
/* What the file says: its "preprocess", else what Ultralytics' exports tell by imgsz, stride and task. Empty
 * when it says nothing. */
struct guess_note guess_file_note(const struct onnx_file *file);
/* Class names as text: JSON or Python list, {index: name}, or separated by newlines or commas. False when
 * there are not exactly `classes` of them; GUESS_ANY_COUNT: a list
 * or {…} of however many, without a gap. */
bool guess_read_names(const char *text, size_t classes, struct arena *arena, struct param_list *ret);

#endif
