/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Model: an ONNX file with its card (what the pixels must look like, what the outputs mean), registered under
 * name and version. A model becomes usable only after a warm-up inference. A model_runner is one loaded
 * session that many threads use at once, each with a scratch of its own.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/params.h"
#include "base/roots.h"
#include "db/db.h"
#include "image/image.h"
#include "infer/engine.h"
#include "infer/prediction.h"
#include "store/store.h"

enum {
    MODEL_FILE_MAX_BYTES = 2000 * 1000 * 1000,
    MODEL_CARD_MAX_BYTES = 8 * 1024 * 1024,
    MODEL_LABEL_MAX_CHARACTERS = 256,
    MODEL_NAME_MAX_CHARACTERS = 64, /* of a version too */
    MODEL_LIST_MAX = 100000,
};

/* The card: model.json beside the .onnx, members of the same names. Everything can be set by flags too. */
struct model_card {
    const char *model_type; /* image_classification | object_detection */
    const char *adapter;    /* row of the adapter table: "classifier", … */
    const char *input;      /* name of the image input */
    const char *layout;     /* nchw | nhwc */
    uint64_t width, height; /* of the model's input, px */
    const char *resize;     /* squash | center_crop | letterbox */
    double crop_fraction;   /* center_crop: short side is resized to size / crop_fraction before the crop */
    uint64_t pad_value;     /* letterbox: gray level of what is filled up */
    const char *pad_place;  /* letterbox: center | top_left */
    const char *color;      /* rgb | bgr | gray */
    double scale;           /* value = (pixel × scale − mean) / std, pixel 0..255 */
    struct param_list mean, std; /* numbers as text, one per channel of the tensor, or one for all */
    struct param_list outputs;   /* names of the outputs, in the adapter's order */
    const char *output_kind;     /* logits | probabilities | sigmoid_logits | sigmoid_probabilities */
    double candidate_floor;      /* detection: candidates of lower scores are not kept */
    double score_threshold;      /* detection: boxes from this score on are the model's answer */
    double nms_iou;              /* detection: of overlapping boxes of a class only the best is kept */
    const char *embedding;       /* name of the tapped tensor; NULL or "none": none */
    const char *decode;          /* exact: all pixels are decoded, then resized as Pillow does */
    struct param_list labels;    /* class names in index order */
};
extern const struct param_spec model_card_params[]; /* one row per member: JSON, flags, docs */

/* What was settled for one member of the card, and why: for people and --json. */
struct model_guess {
    const char *field, *value, *why;
    bool is_given; /* by the card or a flag: not a guess */
};
struct model_import {
    const struct roots *roots; /* what the files below must lie in, absolute and clean; NULL: not confined */
    const char *project_id;
    const char *name;           /* NULL: the file's name without .onnx */
    const char *version;        /* NULL: the next free 0.0.N */
    const char *onnx_path;      /* a local file; model.json beside it is read when there */
    const char *card_path;      /* NULL: the one beside the file, when there */
    const char *labels_path;    /* text file, line n = class n; NULL: card, metadata, or class_0… */
    yyjson_val *card_overrides; /* object with members of the card set by flags; may be NULL */
    const struct engine_backend *engine; /* NULL: ONNX Runtime */
};
struct model {
    const char *id, *project_id, *name, *version, *model_type, *object_key, *content_hash, *card_json;
    int64_t created_ms;
};

/* What an import gives; in the arena of the call. */
struct model_imported {
    struct model model;
    struct model_guess *guesses; /* one for each member that matters, given ones too */
    size_t guess_count;
};
/* Validates, settles what the card and flags leave open, runs a warm-up inference, copies the file into the
 * data store and registers it. DETAIL_MODEL_UNUSABLE names the tensor or field and what to set;
 * DETAIL_MODEL_EXISTS; ERR_FAILED: the engine is not installed. */
MUST_CHECK bool model_import(struct db *db, struct store *data, struct arena *arena,
                             const struct model_import *request, struct model_imported *ret,
                             struct error *err);
/* By id, name (newest version), name/version, or the start of one id (4 characters or more), among the models
 * of the project; those of others are as if they did not exist.
 * DETAIL_MODEL_NOT_FOUND. */
MUST_CHECK bool model_find(struct db *db, const char *project_id, struct arena *arena, const char *reference,
                           struct model *ret, struct error *err);
MUST_CHECK bool model_list(struct db *db, const char *project_id, struct arena *arena, struct model **ret,
                           size_t *ret_count, struct error *err);
/* ERR_CONFLICT while a service uses it. */
MUST_CHECK bool model_delete(struct db *db, struct store *data, const char *id, struct error *err);
MUST_CHECK bool model_card_read(const struct model *model, struct arena *arena, struct model_card *ret,
                                struct error *err);

/* ---- running ---- */
struct model_runner;
struct model_scratch;

/* Loads the model for many threads; verifies the content hash. */
MUST_CHECK bool model_runner_open(struct store *data, const struct model *model, struct model_runner **ret,
                                  struct error *err);
/* With another engine than ONNX Runtime. */
MUST_CHECK bool model_runner_open_with(const struct engine_backend *engine, struct store *data,
                                       const struct model *model, struct model_runner **ret,
                                       struct error *err);
struct model_runner *model_runner_free(struct model_runner *runner);
const struct model_card *model_runner_card(const struct model_runner *runner); /* borrowed */
/* Shape of what it predicts, known from the warm-up. embedding_length 0: none. */
struct model_shape {
    enum model_type type;
    enum activation activation;
    uint32_t classes, embedding_length;
    double score_threshold, candidate_floor; /* detection, else 0 */
};
struct model_shape model_runner_shape(const struct model_runner *runner);

MUST_CHECK bool model_scratch_new(const struct model_runner *runner, struct model_scratch **ret,
                                  struct error *err);
struct model_scratch *model_scratch_free(struct model_scratch *scratch);
/* Preprocesses and infers one image. *ret is borrowed from the scratch until its next use. Not-finite outputs
 * are ERR_INVALID. */
MUST_CHECK bool model_predict(const struct model_runner *runner, struct model_scratch *scratch,
                              const struct image *image, struct prediction *ret, struct error *err);

DEFINE_AUTO(model_runner)
DEFINE_AUTO(model_scratch)

#endif
