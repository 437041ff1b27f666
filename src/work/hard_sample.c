/* SPDX-License-Identifier: Apache-2.0 */
#include "work/hard_sample.h"

#include "manifest/voc.h"

#include <math.h>
#include <stdio.h>

void hard_sample_reasons(const struct mining_hard_example *hard, char text[HARD_SAMPLE_REASONS_BYTES])
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < hard->reason_count && used < HARD_SAMPLE_REASONS_BYTES; i++)
        used += (size_t)snprintf(text + used, HARD_SAMPLE_REASONS_BYTES - used, "%s%u", i ? "-" : "",
                                 hard->reasons[i].id);
}

bool hard_sample_box(const struct box *box, const struct mining_hard_example *hard, double ret[4])
{
    ret[0] = fmax(round((double)box->x_min), 0);
    ret[1] = fmax(round((double)box->y_min), 0);
    ret[2] = fmin(round((double)box->x_max), hard->width);
    ret[3] = fmin(round((double)box->y_max), hard->height);
    return ret[2] - ret[0] >= VOC_BOX_MIN_PX && ret[3] - ret[1] >= VOC_BOX_MIN_PX;
}
