/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/coco_match.h"

#include "evaluate/overlap.h"

#include <stdlib.h>
#include <string.h>

static const double area_limits[COCO_AREAS][2] = {
    [COCO_AREA_ALL] = {0, 1e10},
    [COCO_AREA_SMALL] = {0, 32.0 * 32},
    [COCO_AREA_MEDIUM] = {32.0 * 32, 96.0 * 96},
    [COCO_AREA_LARGE] = {96.0 * 96, 1e10},
};

void coco_scratch_release(struct coco_scratch *scratch)
{
    free(scratch->overlaps);
    free(scratch->order);
    free(scratch->is_ignored);
    free(scratch->is_taken);
    *scratch = (struct coco_scratch){0};
}

static bool make_room(struct coco_scratch *scratch, size_t boxes, size_t truths, struct error *err)
{
    if (!scratch->order || truths > scratch->truth_capacity || boxes * truths > scratch->overlap_capacity) {
        size_t wanted = truths * 2 + 16, cells = boxes * truths * 2 + 64;
        coco_scratch_release(scratch);
        scratch->overlaps = calloc(cells, sizeof(double));
        scratch->order = calloc(wanted, sizeof(uint32_t));
        scratch->is_ignored = calloc(wanted, sizeof(bool));
        scratch->is_taken = calloc(wanted, sizeof(bool));
        if (!scratch->overlaps || !scratch->order || !scratch->is_ignored || !scratch->is_taken)
            return error_no_memory(err);
        scratch->truth_capacity = wanted;
        scratch->overlap_capacity = cells;
    }
    return true;
}

static bool is_outside(double area, enum coco_area range)
{
    return area < area_limits[range][0] || area > area_limits[range][1];
}

static double area_of(const struct true_box *truth)
{
    return truth->area > 0 ? truth->area : evaluate_box_area(&truth->box);
}

/* Returns how many count; they come first in the order. */
static size_t order_truths(const struct coco_pair *pair, enum coco_area range, struct coco_scratch *scratch)
{
    size_t counting = 0, at = 0;
    for (size_t i = 0; i < pair->truth_count; i++) {
        const struct true_box *truth = pair->truths[i];
        scratch->is_ignored[i] = truth->is_crowd || is_outside(area_of(truth), range);
        counting += !scratch->is_ignored[i];
    }
    for (int ignored = 0; ignored < 2; ignored++)
        for (uint32_t i = 0; i < pair->truth_count; i++)
            if (scratch->is_ignored[i] == (ignored == 1))
                scratch->order[at++] = i;
    return counting;
}

/* The free true box that overlaps most, one that counts before any other; truth_count when there is none. */
static size_t find_truth(const struct coco_pair *pair, const struct coco_scratch *scratch,
                         const double *overlaps, double threshold)
{
    size_t found = pair->truth_count;
    double best = threshold;
    for (size_t k = 0; k < pair->truth_count; k++) {
        size_t truth = scratch->order[k];
        if (scratch->is_taken[truth] && !pair->truths[truth]->is_crowd)
            continue;
        if (found < pair->truth_count && !scratch->is_ignored[found] && scratch->is_ignored[truth])
            break;
        if (overlaps[truth] < best)
            continue;
        best = overlaps[truth];
        found = truth;
    }
    return found;
}

static void match_at(const struct coco_pair *pair, const struct coco_scratch *scratch, int threshold,
                     enum coco_area range, struct coco_outcome *ret)
{
    /* As numpy's linspace has them, to the last bit. */
    const double overlap_min = 0.5 + threshold * ((0.95 - 0.5) / 9);
    const uint16_t bit = (uint16_t)(1u << threshold);
    memset(scratch->is_taken, 0, pair->truth_count * sizeof(bool));
    for (size_t i = 0; i < pair->box_count; i++) {
        size_t truth = find_truth(pair, scratch, scratch->overlaps + i * pair->truth_count, overlap_min);
        bool is_matched = truth < pair->truth_count;
        bool is_ignored = is_matched ? scratch->is_ignored[truth]
                                     : is_outside(evaluate_box_area(&pair->boxes[i]->box), range);
        if (is_matched) {
            scratch->is_taken[truth] = true;
            ret[i].is_matched[range] |= bit;
        }
        if (is_ignored)
            ret[i].is_ignored[range] |= bit;
    }
}

bool coco_match(const struct coco_pair *pair, struct coco_scratch *scratch, struct coco_outcome *ret,
                uint64_t ret_counting[COCO_AREAS], struct error *err)
{
    if (!make_room(scratch, pair->box_count, pair->truth_count, err))
        return false;
    for (size_t i = 0; i < pair->box_count; i++) {
        ret[i] = (struct coco_outcome){{0}, {0}};
        for (size_t k = 0; k < pair->truth_count; k++)
            scratch->overlaps[i * pair->truth_count + k] =
                evaluate_overlap(&pair->boxes[i]->box, pair->truths[k]);
    }
    for (int range = 0; range < COCO_AREAS; range++) {
        ret_counting[range] += order_truths(pair, (enum coco_area)range, scratch);
        for (int threshold = 0; threshold < COCO_THRESHOLDS; threshold++)
            match_at(pair, scratch, threshold, (enum coco_area)range, ret);
    }
    return true;
}
