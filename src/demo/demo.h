/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Demo: the whole road on real images that are on the machine (Fashion-MNIST), with small models trained by
 * demo/train_*.py: a classifier of garments, and a detector on scenes composed of them. The training dataset
 * is what the model was trained on; the batch service runs over others, part of them disturbed, so the truth
 * is known and the list of hard examples can be checked.
 */
#ifndef DEMO_DEMO_H
#define DEMO_DEMO_H

#include "cli/cli.h"
#include "image/image.h"

extern const struct command demo_commands[]; /* ends with a NULL name */

/* Loads the demo's data into the task's project: models, training datasets, and services whose hard examples
 * wait to be confirmed. Run again it goes on where it was. */
extern const struct task_kind task_load_demo;

#define DEMO_DATASET_FOLDER "/usr/share/datasets/fashion-mnist"
enum { DEMO_SIDE_PX = 28, DEMO_CLASSES = 10, DEMO_TRAIN_IMAGES = 5000, DEMO_STREAM_MAX = 55000 };

/* ---- idx files of Fashion-MNIST (gzip) ---- */
struct idx_images {
    uint8_t *pixels; /* count × 28 × 28, gray, rows from the top */
    uint8_t *labels; /* count */
    uint32_t count;
};
/* Reads the first `count` images of FOLDER's train files. ERR_NOT_FOUND names the file and the package. */
MUST_CHECK bool idx_read(const char *folder, uint32_t count, struct idx_images *ret, struct error *err);
void idx_release(struct idx_images *images);

/* ---- disturbing: the six kinds of the shifted stream ---- */
enum disturbance {
    DISTURB_NOTHING,
    DISTURB_DARK,   /* × 0.45 */
    DISTURB_BLUR,   /* 3×3 binomial, twice */
    DISTURB_NOISE,  /* + N(0, 0.15²) */
    DISTURB_SHRINK, /* to 0.75 */
    DISTURB_TURN,   /* by 20° */
    DISTURB_COUNT
};
const char *disturbance_name(enum disturbance kind);
/* Which kind image `index` gets: all equally likely, the same on every machine. */
enum disturbance disturbance_of(uint32_t index);
/* Disturbs one 28×28 gray image, values 0..1, in place. */
void disturb(enum disturbance kind, uint32_t index, float pixels[DEMO_SIDE_PX * DEMO_SIDE_PX]);

#endif
