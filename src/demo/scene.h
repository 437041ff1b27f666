/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scene: several garments of Fashion-MNIST on one ground, with known boxes: what the demo's detector is
 * trained on and what its service runs over. Made from a seed in whole numbers only, so that the pixels are
 * the same on every machine.
 */
#ifndef DEMO_SCENE_H
#define DEMO_SCENE_H

#include "demo/demo.h"

enum { SCENE_SIDE_PX = 160, SCENE_BOXES_MAX = 10, SCENE_TRAINING_SEED = 1, SCENE_STREAM_SEED = 20 };

/* What a scene of the stream has suffered; how much varies from scene to scene. */
enum scene_trouble {
    SCENE_PLAIN,
    SCENE_DARK,    /* × 0.10..0.35 */
    SCENE_BLUR,    /* 5×5 binomial, 3 to 8 times */
    SCENE_NOISE,   /* deviation 25..60 levels */
    SCENE_FADED,   /* contrast × 0.12..0.35 around gray */
    SCENE_COVERED, /* a post in front of each garment */
    SCENE_CROWDED, /* 7 to 10 garments, overlapping */
    SCENE_FAR,     /* garments at 0.6 to 0.95 of their size, where training has 1.2 to 3 */
    SCENE_NEAR,    /* 3.4 to 4.4 of their size */
    SCENE_TROUBLE_COUNT
};
const char *scene_trouble_name(enum scene_trouble trouble);

/* Px, edges: x_min <= x < x_max. The whole garment, also where something covers it. */
struct scene_box {
    uint8_t label;
    uint16_t x_min, y_min, x_max, y_max;
};
struct scene {
    enum scene_trouble trouble;
    uint32_t box_count; /* at least 1 */
    struct scene_box boxes[SCENE_BOXES_MAX];
};

struct scene_recipe {
    const struct idx_images *garments;
    uint32_t first, count; /* which of them appear */
    uint64_t seed;
    bool is_troubled; /* 5 in 9 scenes suffer something; else none does */
};
/* Scene `index` of a recipe: SCENE_SIDE_PX squared, RGB. */
MUST_CHECK bool scene_compose(const struct scene_recipe *recipe, uint32_t index, struct image *into,
                              struct scene *ret, struct error *err);

/* Appends {"file","trouble","boxes":[[class,x_min,y_min,x_max,y_max],…]} and a line end. */
void scene_describe(const struct scene *scene, const char *file, struct buffer *into);

#endif
