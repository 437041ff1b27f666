/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Box lists: outputs of detectors whose graph suppresses by itself and keeps, for each box, four edges, one
 * score and one class number. Families differ in the outputs these stand in, the order and unit of the edges,
 * and the number of the first class.
 */
#ifndef INFER_BOX_LIST_H
#define INFER_BOX_LIST_H

#include "infer/detections.h"

struct list_family {
    const char *name, *shape; /* "boxes [N, 4], labels [N], scores [N]" for messages */
    /* Which of the adapter's outputs holds what; `counted` may be missing or LIST_NO_OUTPUT. All three in one
     * output: rows of edges, score, class. */
    size_t boxes, classes, scores, counted;
    bool is_y_first;      /* y_min, x_min, y_max, x_max; else x first */
    bool is_fraction;     /* edges are shares of the tensor; else px of it */
    uint32_t first_class; /* its number; it has the first label */
};
#define LIST_NO_OUTPUT SIZE_MAX

/* Gives 0 classes: the graph does not know how many there are. */
MUST_CHECK bool list_describe(const struct list_family *family, const struct adapter_options *options,
                              const struct tensor *outputs, struct prediction *ret, struct error *err);
struct list_input {
    const struct adapter_options *options;
    const struct tensor *outputs;
    const struct placement *placement;
    struct arena *arena;
};
/* ret->classes is the number of labels. The class vector of a box is 0 but at its class. */
MUST_CHECK bool list_decode(const struct list_family *family, const struct list_input *input,
                            struct prediction *ret, struct error *err);

#endif
