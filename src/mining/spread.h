/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spread: images as clusters, so that one can be picked of each. Bisecting k-means (Steinbach, Karypis, Kumar
 * 2000) weighted by hardness (as in Zhdanov, "Diverse mini-batch active learning", 2019): the cluster with
 * the largest weighted sum of squared distances to its mean is halved, until there are enough. Its cost grows
 * with images × log(clusters), where plain k-means takes images × clusters, and its start is not random: the
 * image farthest from the mean, and the one farthest from that. One thread, sums in a fixed order.
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
/* ret[i]: 0..*ret_clusters - 1. Fewer than wanted when images are equal or there are not so many. ERR_INVALID
 * past a limit. */
MUST_CHECK bool spread_images(const struct spread_input *input, uint32_t *ret, uint32_t *ret_clusters,
                              struct error *err);

#endif
