/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/filters.h"

#include <math.h>

#define IBT_THRESHOLD_BOX 0.5

double filter_threshold(const struct candidate *boxes, uint32_t count)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += (double)boxes[i].score;
    return count > 0 ? 1 - sum / count : 0;
}

double filter_ibt(const struct candidate *boxes, uint32_t count)
{
    uint32_t doubtful = 0;
    for (uint32_t i = 0; i < count; i++)
        doubtful += (double)boxes[i].score <= IBT_THRESHOLD_BOX;
    return count > 0 ? (double)doubtful / count : 0;
}

double filter_csf(const struct candidate *boxes, uint32_t count)
{
    double most = 0;
    for (uint32_t i = 0; i < count; i++)
        most = fmax(most, fmin((double)boxes[i].score, 1 - (double)boxes[i].score));
    return most;
}
