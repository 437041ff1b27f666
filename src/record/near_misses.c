/* SPDX-License-Identifier: Apache-2.0 */
#include "record/near_misses.h"

#include <math.h>

static double overlap(const struct box *a, const struct box *b)
{
    double left = fmax((double)a->x_min, (double)b->x_min), right = fmin((double)a->x_max, (double)b->x_max);
    double top = fmax((double)a->y_min, (double)b->y_min), bottom = fmin((double)a->y_max, (double)b->y_max);
    if (!(right > left) || !(bottom > top))
        return 0;
    double shared = (right - left) * (bottom - top);
    double first = ((double)a->x_max - (double)a->x_min) * ((double)a->y_max - (double)a->y_min);
    double second = ((double)b->x_max - (double)b->x_min) * ((double)b->y_max - (double)b->y_min);
    return fmin(shared / (first + second - shared), 1);
}

uint32_t record_near_misses(const struct record *record, uint32_t answers)
{
    uint32_t count = record->candidate_count > answers ? record->candidate_count - answers : 0;
    return count < NEAR_MISSES_MAX ? count : NEAR_MISSES_MAX;
}

double record_near_miss(const struct record_header *header, const struct record *record, uint32_t answers,
                        uint32_t candidate)
{
    const struct candidate *near = &record->candidates[candidate];
    double covered = 0;
    if (!(header->score_threshold > 0))
        return 0;
    for (uint32_t i = 0; i < answers && i < NEAR_MISS_ANSWERS_MAX; i++)
        covered = fmax(covered, overlap(&near->box, &record->candidates[i].box));
    return fmin((double)near->score / header->score_threshold, 1) * (1 - covered);
}

double record_near_mass(const struct record_header *header, const struct record *record, uint32_t answers)
{
    double mass = 0;
    uint32_t count = record_near_misses(record, answers);
    for (uint32_t i = 0; i < count; i++)
        mass += record_near_miss(header, record, answers, answers + i);
    return mass;
}
