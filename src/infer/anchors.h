/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anchors: detectors with one output that holds, for each of many places (anchors), four numbers for a box,
 * perhaps an objectness, and one score per class. One candidate per anchor, of its best class; of equal
 * classes the first. Families differ in where these numbers stand, how the two scores are joined and how the
 * four numbers become a box.
 */
#ifndef INFER_ANCHORS_H
#define INFER_ANCHORS_H

#include "infer/detections.h"

struct anchor_layout {
    size_t anchors, classes, channels;
    /* Number `channel` of anchor `i` is values[i * anchor_step + channel * channel_step]. */
    size_t anchor_step, channel_step;
    uint32_t grid_width, grid_height; /* where the output is a map; else 0 */
};

enum { ANCHORS_NO_OBJECTNESS = -1 };

struct anchor_family {
    const char *name, *shape; /* "[1, N, 5 + classes]" for messages */
    int objectness;           /* its channel, or ANCHORS_NO_OBJECTNESS */
    uint32_t boxes, classes;  /* first channels */
    /* False: not a shape of this family. Dimensions may be open (TENSOR_DIM_*): then they are 0 in *ret. */
    bool (*layout)(const struct tensor_type *type, struct anchor_layout *ret);
    /* Fills the edges, in px of the tensor. */
    void (*place)(const struct anchor_layout *layout, const struct placement *placement, size_t anchor,
                  const double numbers[4], struct nms_box *ret);
    /* Joined score; NULL: the product. Rises with both; not above the objectness when the class is 1. */
    double (*join)(double objectness, double class_score);
    /* How many anchors an input of this size gives; NULL: any number. */
    uint64_t (*count)(uint32_t width, uint32_t height);
};

MUST_CHECK bool anchors_describe(const struct anchor_family *family, const struct adapter_options *options,
                                 const struct tensor *outputs, struct prediction *ret, struct error *err);
struct anchor_input {
    const struct adapter_options *options;
    const struct tensor *outputs;
    const struct placement *placement;
    struct arena *arena;
};
MUST_CHECK bool anchors_decode(const struct anchor_family *family, const struct anchor_input *input,
                               struct prediction *ret, struct error *err);

/* Centre and size in px of the tensor, as they are: a `place`. */
void anchors_place_center(const struct anchor_layout *layout, const struct placement *placement,
                          size_t anchor, const double numbers[4], struct nms_box *ret);

/* [1, N, channels]: each anchor's numbers side by side. `first_class` channels come before the classes. */
bool anchors_layout_rows(const struct tensor_type *type, uint32_t first_class, struct anchor_layout *ret);
/* [1, channels, N] */
bool anchors_layout_columns(const struct tensor_type *type, uint32_t first_class, struct anchor_layout *ret);

#endif
