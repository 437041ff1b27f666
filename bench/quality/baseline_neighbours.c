/* SPDX-License-Identifier: Apache-2.0 */
#include "baseline.h"

#include <math.h>

/* Between vectors of L2 norm 1. */
static double distance_of(double cosine)
{
    return sqrt(fmax(0, 2 - 2 * cosine));
}

/* Distance to the k-th nearest training sample, k = NEIGHBOURS, vectors of L2 norm 1. */
double baseline_knn_distance(const struct baseline_subject *subject)
{
    const struct neighbours *neighbours = &subject->neighbours;
    return neighbours->count > 0 ? distance_of((double)neighbours->cosines[neighbours->count - 1]) : 0;
}

/* Distance to the nearest training sample of the predicted class over that to the nearest of another (the
 * inverse of the paper's score), without its optional filter by density; vectors of L2 norm 1. */
double baseline_trust_score(const struct baseline_subject *subject)
{
    const double nothing = 1e-12;
    double same = distance_of((double)subject->neighbours.same_class_cosine);
    double other = distance_of((double)subject->neighbours.other_class_cosine);
    return same / (other + nothing);
}
