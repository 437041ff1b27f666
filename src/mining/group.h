/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Group: images that are nearly the same, and consecutive frames, gather around the hardest of them.
 *
 * Images are visited hardest first. One that belongs to nobody yet leads a group, and takes every later image
 * that is near enough to itself: never to another member, so that a slow pan does not become one group. Near
 * enough is
 *   a near-duplicate: perceptual hashes (DCT of 32 × 32 luma) at most GROUP_HASH_BITS apart, and appearances
 *   with a cosine of GROUP_COSINE or more; or
 *   a consecutive frame: at most GROUP_FRAMES_APART places apart in the run, hashes at most GROUP_FRAME_BITS
 *   and a cosine of GROUP_FRAME_COSINE or more.
 * Of flat images (a hash with hardly a bit) the cosine must be GROUP_FLAT_COSINE. Without appearance only
 * equal hashes are near, and no flat images.
 *
 * Hashes are looked up by image/near_hashes.h. The constants were chosen by measurement,
 * docs/decisions/selection.md.
 */
#ifndef MINING_GROUP_H
#define MINING_GROUP_H

#include "base/error.h"

#include <stdint.h>

enum {
    GROUP_IMAGES_MAX = 4000000, /* the hardest of a run; those beyond stay alone */
    GROUP_LOOKS_MAX = 8192,     /* hashes that one leader is held against, by each of the four parts */
    GROUP_REFUSED_MAX = 256,    /* images whose appearance one leader refuses: it looks at no more then */
    GROUP_HASH_BITS = 7,
    GROUP_FLAT_BITS = 16, /* a hash with fewer ones than this says nothing: half of them are usual */
    GROUP_FRAMES_APART = 8,
    GROUP_FRAME_BITS = 12,
    GROUP_VECTOR_MAX = 4096,
};
#define GROUP_COSINE 0.985
#define GROUP_FRAME_COSINE 0.95
#define GROUP_FLAT_COSINE 0.995

struct group_image {
    uint64_t record; /* run-wide index, once each */
    uint64_t hash;
    uint32_t answer; /* of other than consecutive images only those with the same answer are near */
};
struct group_input {
    const struct group_image *images; /* hardest first */
    uint32_t count;                   /* 0..GROUP_IMAGES_MAX */
    /* Appearances times any factor, one row for each of the first `vectors_count` images. */
    const int8_t *vectors;
    uint32_t vectors_count, length; /* length up to GROUP_VECTOR_MAX */
};
/* leaders[i]: which image i belongs to; i itself when it leads, alone or others. */
MUST_CHECK bool group_images(const struct group_input *input, uint32_t *ret_leaders, struct error *err);

/* The cosine of two rows of bytes; NaN: one of them has no direction. */
double group_cosine(const int8_t *one, const int8_t *other, uint32_t length);
/* Whether two images with near hashes, of which one is `hash`, look the same. NaN: only when the hashes are
 * equal and say something. */
bool group_looks_same(uint64_t hash, uint32_t apart, double cosine);

/* A vector as a row of bytes: the largest element becomes ±127. */
void group_vector(const float *vector, uint32_t length, int8_t *ret);

#endif
