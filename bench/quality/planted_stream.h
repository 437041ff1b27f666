/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Planted: a clean training set and a clean stream, 5 % of which carry one fault, that of one reason. What a
 * fault is in pixels is in planted_garments.c (classification) and planted_scenes.c (detection), what it is
 * in the model's answers in planted_search.c.
 */
#ifndef BENCH_PLANTED_STREAM_H
#define BENCH_PLANTED_STREAM_H

#include "demo/scene_parts.h"
#include "planted_model.h"

enum {
    PLANTED_TRAINING = 2000,
    PLANTED_STREAM = 1000,
    PLANTED_EACH = 20, /* one of so many */
};

/* Frames of one garment; of another one a share in percent is mixed into the planted frame. */
enum { PLANTED_BURST_SHARE = 14 };
struct planted_burst {
    uint32_t number; /* from 1; 0: none yet */
    uint32_t garment, other;
};

struct planting {
    struct idx_images garments;
    struct dice dice;
    struct image scratch;
    struct planted_model *model; /* NULL: the fault does not ask for one */
    struct planted_burst burst;
    uint32_t scenes_tried; /* so far: scenes are drawn until one fits */
};
/* What is in one image. */
struct planted_picture {
    struct image *image;
    uint8_t label;      /* garments */
    struct scene scene; /* scenes: with the boxes that are in the picture */
};
/* One image of the training set or of the stream; with the fault, or without. `number` counts all images. */
struct planted_request {
    int reason;
    uint32_t number;
    bool is_planted;
};
typedef bool planted_draw(struct planting *planting, const struct planted_request *request,
                          struct planted_picture *ret, struct error *err);

struct planted_fault {
    int reason;
    planted_draw *draw;
    bool is_scene, asks_model;
    /* Copies of a planted image that go to the training set under another label. */
    int copies;
    const char *what; /* in words, for the table */
};
extern const struct planted_fault planted_faults[]; /* ends with what NULL */

planted_draw planted_garment, planted_unsure, planted_frame, planted_fragile, planted_scene;

#endif
