/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prediction: what a model said of one image, in one form whatever the model's own output looked like.
 * Adapters write it, records keep it, rules read it.
 */
#ifndef INFER_PREDICTION_H
#define INFER_PREDICTION_H

#include <stddef.h>
#include <stdint.h>

enum model_type { MODEL_TYPE_CLASSIFICATION, MODEL_TYPE_DETECTION, MODEL_TYPE_COUNT };
/* "image_classification", "object_detection": ModelArts' words. */
const char *model_type_name(enum model_type type);
/* MODEL_TYPE_COUNT when it is neither. Accepts "cls" and "det" too. */
enum model_type model_type_find(const char *name);

/* How logits become scores. */
enum activation {
    ACTIVATION_SOFTMAX, /* one class holds: p = softmax(logits) */
    ACTIVATION_SIGMOID, /* each class for itself: p = 1 / (1 + exp(-logit)) */
    ACTIVATION_COUNT
};
const char *activation_name(enum activation activation);

enum { PREDICTION_CLASSES_MAX = 100000, PREDICTION_EMBEDDING_MAX = 16384, PREDICTION_CANDIDATES_MAX = 10000 };

/* In px of the upright original image; edges, not inclusive pixels; x right, y down. */
struct box {
    float x_min, y_min, x_max, y_max;
};
struct candidate {
    struct box box;
    float score;    /* 0..1 */
    uint32_t label; /* class index */
    /* Inside the box, as image_measure_boxes has it; NaN where it was not measured: below the score
     * threshold. */
    float brightness, clarity;
};

struct prediction {
    enum model_type type;
    enum activation activation;
    uint32_t classes;
    /* classes of them; graphs that end in probabilities give log p (softmax) or the logit of p (sigmoid).
     * NULL for detection. */
    const float *logits;
    const float *embedding; /* embedding_length of them, as the graph gives it; NULL without */
    uint32_t embedding_length;
    /* Detection: every candidate down to the floor, after per-class NMS, by descending score, ties in a fixed
     * order. */
    const struct candidate *candidates;
    const float *candidate_scores; /* candidates × classes, row-major: the class vector of each */
    uint32_t candidate_count;
};

/* Scores of a classification in double precision: softmax by log-sum-exp, or sigmoid. `ret` has `classes`
 * elements. */
void prediction_scores(const struct prediction *prediction, double *ret);
/* The class with the largest score, the first of equals; 0 without classes. */
uint32_t prediction_best(const double *scores, uint32_t classes);
/* 1 / (1 + exp(-logit)), exact at both ends. */
double prediction_sigmoid(double logit);

#endif
