/* SPDX-License-Identifier: Apache-2.0 */
#include "record/near_misses.h"

#include "infer/nms.h"

#include <math.h>

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
        covered = fmax(covered, box_iou(&near->box, &record->candidates[i].box));
    return fmin((double)near->score / header->score_threshold, 1) * (1 - fmin(covered, 1));
}

double record_near_mass(const struct record_header *header, const struct record *record, uint32_t answers)
{
    double mass = 0;
    uint32_t count = record_near_misses(record, answers);
    for (uint32_t i = 0; i < count; i++)
        mass += record_near_miss(header, record, answers, answers + i);
    return mass;
}
