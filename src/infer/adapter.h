/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adapter: from a model's raw outputs to a prediction. One row per family of models; the table is in
 * adapters.c. A classifier reads one output of one score per class; a detector reads its outputs, the place
 * of the image in the tensor and gives candidates.
 *
 * Threads: adapters are constant; each thread brings its own arena.
 */
#ifndef INFER_ADAPTER_H
#define INFER_ADAPTER_H

#include "base/buffer.h"
#include "infer/prediction.h"
#include "infer/preprocess.h"

/* What the numbers of the scores output are. */
enum output_kind {
    OUTPUT_LOGITS,                /* softmax gives the probabilities */
    OUTPUT_PROBABILITIES,         /* one class holds, sums to 1 */
    OUTPUT_SIGMOID_LOGITS,        /* each class for itself, before the sigmoid */
    OUTPUT_SIGMOID_PROBABILITIES, /* each class for itself, 0..1 */
    OUTPUT_KIND_COUNT
};
extern const char *const output_kind_names[];        /* "logits", …; NULL-ended, a list of choices */
enum output_kind output_kind_find(const char *name); /* OUTPUT_KIND_COUNT when there is none */

enum {
    ADAPTER_OUTPUTS_MAX = 8,
    ADAPTER_WHY_BYTES = 200,
    ADAPTER_ARENA_BYTES = 256 * 1024 * 1024,
};

struct adapter_options {
    enum output_kind output_kind;
    const char *outputs[ADAPTER_OUTPUTS_MAX]; /* their names, in the adapter's order, for messages */
    size_t output_count;
    /* Detectors: boxes of a lower score are dropped before NMS; boxes of one class that overlap a better one
     * by more than nms_iou are. Graphs that do NMS themselves ignore the second. */
    double candidate_floor, nms_iou; /* 0..1 */
};

/* What a model declares, to be recognised by. Dimensions may be TENSOR_DIM_*. */
struct adapter_output {
    const char *name;
    struct tensor_type type;
};
struct adapter_outputs {
    const struct adapter_output *outputs;
    size_t count;
    uint32_t input_width, input_height; /* px; 0: open */
};
struct adapter_match {
    size_t outputs[ADAPTER_OUTPUTS_MAX]; /* indexes in the adapter's order */
    size_t output_count;
    enum output_kind output_kind;
    bool is_certain;             /* names or shapes that no other family has */
    char why[ADAPTER_WHY_BYTES]; /* one sentence for people */
};

/* How the family is usually fed, for what a model file leaves open. Words of the model card. */
struct adapter_convention {
    const char *resize, *pad_place, *color; /* NULL: no usual one */
    double scale;                           /* 0: no usual one; value = (pixel × scale − mean) / std */
    double mean[PREPROCESS_CHANNELS_MAX], std[PREPROCESS_CHANNELS_MAX];
};

struct adapter {
    const char *name;    /* of the model card: "classifier" */
    const char *summary; /* one phrase: which models, which outputs */
    const char
        *checked_with; /* what it was checked with: real weights by name, or graphs made by the tests */
    enum model_type type;
    struct adapter_convention convention;
    /* True when the outputs look like this family's. Of several that are certain the first of the table is
     * taken; between several that are not, people are asked. */
    bool (*recognise)(const struct adapter_outputs *outputs, struct adapter_match *ret);
    /*
     * Looks at the types of the outputs, all dimensions known, batch 1, and fills type, activation and
     * classes of the prediction; its pointers stay NULL. ERR_INVALID names the output that does not fit;
     * ERR_LIMIT. Families whose graphs keep class numbers only (their NMS is inside) cannot know how many
     * classes there are: they give 0, and the labels decide.
     */
    bool (*describe)(const struct adapter_options *options, const struct tensor *outputs,
                     struct prediction *ret, struct error *err);
    /*
     * Fills the whole prediction except the embedding; what it points to lives in the outputs or in the
     * arena. `classes` comes in ret->classes where describe gave 0. Candidates are in px of the image,
     * clipped to it, so `placement` is turned round; ERR_LIMIT past PREDICTION_CANDIDATES_MAX of them.
     * ERR_INVALID: an output holds NaN, an infinity, or a number outside its kind; the message names it.
     */
    bool (*decode)(const struct adapter_options *options, const struct tensor *outputs,
                   const struct placement *placement, struct arena *arena, struct prediction *ret,
                   struct error *err);
};

extern const struct adapter adapter_classifier, adapter_detr, adapter_fastestdet, adapter_rt_detr,
    adapter_ssd, adapter_tf_detection, adapter_torchvision, adapter_yolo_end2end, adapter_yolov5,
    adapter_yolov8, adapter_yolov8_rows, adapter_yolox;

/* Sorted by name, NULL-ended. */
extern const struct adapter *const all_adapters[];
extern const char *const adapter_names[];             /* theirs, in the same order: a list of choices */
const struct adapter *adapter_find(const char *name); /* NULL when there is none */

/* The table of docs/adapters.md, from the rows above. */
MUST_CHECK bool adapters_markdown(struct buffer *into, struct error *err);

/* ERR_INVALID names the tensor and the first element that is not finite. For adapters and embeddings. */
MUST_CHECK bool tensor_check_finite(const struct tensor *tensor, const char *name, struct error *err);

#endif
