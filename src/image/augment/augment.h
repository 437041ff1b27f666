/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Augment: the eleven operations of aug_consistent_mining, with the meaning of imgaug's operators. An
 * operation and an amount give a setting; a setting and the content hash of an image give a draw, in which
 * nothing is left to chance: the same image has the same copy on every machine and in every thread. The copy
 * has the size of the image.
 *
 * Lengths: sigma is in px of the picture that a model sees, or of the image where that is smaller, and a
 * shift is a share of the image, so that an operation means the same for a photo of 4000 px and for one of
 * 300. augment_picture makes an image of at most AUGMENT_FACTOR times the model's side, which also bounds
 * what an operation costs; draws are made for that image, boxes are mapped from it and back to it.
 *
 * Where imgaug draws anew at random, fills with black and has an order of channels of its own, this fills
 * with the nearest edge pixel (its mode "edge") and draws from half of the amount to all of it.
 *
 * Threads: all is constant, but for the scratch, which belongs to one thread.
 */
#ifndef IMAGE_AUGMENT_AUGMENT_H
#define IMAGE_AUGMENT_AUGMENT_H

#include "image/image.h"

enum {
    AUGMENT_OPS = 11,
    AUGMENT_REASON_FIRST = 19, /* the operation at place i of all_augment_ops is that of reason 19 + i */
    AUGMENT_FACTOR = 2,        /* of augment_picture */
    AUGMENT_CONFIG_MAX_BYTES = 1024,
};

/* What is drawn once for an image; 0 where the operation has no use for it. */
struct augment_draw {
    const struct augment_op *op;
    uint64_t dice;          /* rolled on while planning; what is left is for the operation itself */
    uint32_t width, height; /* px of image and copy */
    double pixel;           /* px of the image for one of the model's, at least 1 */
    double value;           /* in the unit of op's parameter: the amount, or drawn from half of it to all */
    /* Sign and second number, where there are two: sides cut off by crop (left, top, right, bottom) and the
     * shift (x, y) of translate, all in px. */
    double px[4];
    /* Where (x, y) of the image is in the copy: x' = xx x + xy y + x0, y' = yx x + yy y + y0. */
    struct augment_map {
        double xx, xy, x0, yx, yy, y0;
    } map;
};

struct augment_parameter {
    const char *name; /* "sigma"; NULL: the operation has none */
    const char *unit; /* "" for a pure number */
    double low, high, usual;
    bool is_exact; /* value is the amount; crop draws for each side, superpixels which segments */
};

struct augment_scratch; /* reusable memory of one worker */
struct augment_op {
    const char *name; /* imgaug's, as aug_op_config writes it */
    uint8_t reason;
    const char *summary; /* "blurred": completes "the image …" */
    struct augment_parameter parameter;
    bool moves; /* boxes are elsewhere in the copy */
    /* Completes a draw whose dice, size, pixel and value are there, and whose map is the identity. NULL:
     * nothing to complete. */
    void (*plan)(struct augment_draw *draw);
    /* `into` has the size of `from` already; they differ. */
    bool (*apply)(const struct augment_draw *draw, const struct image *from, struct augment_scratch *scratch,
                  struct image *into, struct error *err);
};
extern const struct augment_op *const all_augment_ops[AUGMENT_OPS];
const struct augment_op *augment_find(const char *name); /* NULL: no such */

struct augment_setting {
    const struct augment_op *op;
    double weight; /* 0..1, above 0: how much it counts beside the others */
    double amount; /* of its parameter; 0 without one */
};
/*
 * Reads "op:number+op:number@amount…", ModelArts' aug_op_config. What its number means is not published; here
 * it is the weight of the operation beside the others (docs/decisions/augmentation.md). `@amount` is ours:
 * the operation's parameter; without it the usual one. "all" is every operation with the weight 1. A weight
 * of 0 leaves the operation out. ERR_INVALID names the operation, and its range.
 */
struct augment_settings {
    uint32_t count; /* 1..AUGMENT_OPS */
    struct augment_setting ops[AUGMENT_OPS];
};
MUST_CHECK bool augment_settings_read(const char *text, struct augment_settings *ret, struct error *err);

struct augment_scratch *augment_scratch_new(void); /* NULL: no memory */
struct augment_scratch *augment_scratch_free(struct augment_scratch *scratch);
/* What operations work on, for a model whose input's longer side is `side_px`: the image, or in `room` a
 * smaller one. *ret is one of the two. */
MUST_CHECK bool augment_picture(const struct image *image, uint32_t side_px, struct augment_scratch *scratch,
                                struct image *room, const struct image **ret, struct error *err);
/* Draws for an image, given what augment_picture made of it. */
void augment_plan(const struct augment_setting *setting, const char *content_hash, uint32_t side_px,
                  const struct image *picture, struct augment_draw *ret);
MUST_CHECK bool augment_apply(const struct augment_draw *draw, const struct image *from,
                              struct augment_scratch *scratch, struct image *into, struct error *err);
/* A box in the copy, and back. Its centre goes where the picture goes, its sides keep their direction: what
 * fills a box when sheared would fill a slightly wider one. Not clipped. */
struct image_box augment_box(const struct augment_draw *draw, struct image_box box);
struct image_box augment_box_back(const struct augment_draw *draw, struct image_box box);

DEFINE_AUTO(augment_scratch)

#endif
