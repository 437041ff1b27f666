/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spread: images as clusters, so that one can be picked of each, and which stands in the middle of its own.
 * Bisecting k-means (Steinbach, Karypis, Kumar 2000) weighted by hardness (as in Zhdanov, "Diverse mini-batch
 * active learning", 2019): the cluster with the largest weighted sum of squared distances to its mean is
 * halved, until there are enough. Its cost grows with images × log(clusters), where plain k-means takes
 * images × clusters, and its start is not random: the image farthest from the mean, and the one farthest from
 * that. One thread, sums in a fixed order.
 */
#ifndef MINING_SPREAD_H
#define MINING_SPREAD_H

#include "base/error.h"

#include <stdint.h>

enum { SPREAD_CLUSTERS_MAX = 20000, SPREAD_ROUNDS_MAX = 8, SPREAD_LENGTH_MAX = 32768 };

struct spread_input {
    const float *rows; /* count × length */
    const double *weights;
    uint32_t count, length;
    uint32_t clusters; /* wanted: 1..SPREAD_CLUSTERS_MAX */
};
struct spread_output {
    uint32_t *clusters; /* of each image: 0..found - 1 */
    uint32_t *middles;  /* of each cluster: the image nearest to its weighted mean; as long as wanted */
    uint32_t found;     /* fewer than wanted when images are equal or there are not so many */
};
/* Fills the caller's lists. ERR_INVALID past a limit. */
MUST_CHECK bool spread_images(const struct spread_input *input, struct spread_output *ret, struct error *err);

#endif
