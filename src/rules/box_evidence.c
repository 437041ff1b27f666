/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/box_evidence.h"

#include "rules/evidence.h"

#include <math.h>
#include <stdlib.h>

void box_evidence_add_edges(const struct box *box, yyjson_mut_doc *doc, yyjson_mut_val *one)
{
    const float edges[] = {box->x_min, box->y_min, box->x_max, box->y_max};
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, one, "box");
    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
        (void)yyjson_mut_arr_add_real(doc, list, round((double)edges[i] * 100) / 100);
}

void box_evidence_add(const struct rule_subject *subject, const struct box_choice *boxes, uint32_t count,
                      yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, evidence, "boxes");
    for (uint32_t i = 0; i < count; i++) {
        const struct candidate *candidate = &subject->record->candidates[boxes[i].index];
        yyjson_mut_val *one = yyjson_mut_arr_add_obj(doc, list);
        (void)yyjson_mut_obj_add_uint(doc, one, "index", boxes[i].index);
        evidence_text(doc, one, "label", evidence_label(subject->reference->header, candidate->label));
        evidence_number(doc, one, "score", (double)candidate->score);
        box_evidence_add_edges(&candidate->box, doc, one);
        if (!isnan(boxes[i].value))
            evidence_number(doc, one, "value", boxes[i].value);
    }
}

struct image_boxes box_evidence_kept(const struct rule_subject *subject)
{
    return (struct image_boxes){.boxes = subject->record->candidates,
                                .count = subject->box_count,
                                .width = subject->record->width,
                                .height = subject->record->height};
}

static int by_value(const void *a, const void *b)
{
    const struct box_choice *one = a, *other = b;
    if (one->value != other->value)
        return one->value > other->value ? -1 : 1;
    return one->index < other->index ? -1 : one->index > other->index;
}

/* Leaves only boxes that have a value; how many. */
static uint32_t measure_boxes(const struct image_boxes *kept, enum record_feature feature,
                              struct box_choice *ret)
{
    uint32_t count = 0;
    struct error ignored = {0}; /* without memory for the overlaps no box is named */
    double *overlaps = feature == FEATURE_BOX_OVERLAP ? calloc(kept->count, sizeof(*overlaps)) : NULL;
    bool has_overlaps = overlaps && record_box_overlaps(kept, overlaps, &ignored);
    for (uint32_t i = 0; i < kept->count; i++) {
        double value = has_overlaps ? overlaps[i] : record_box_feature(kept, i, feature);
        if (isfinite(value))
            ret[count++] = (struct box_choice){.index = i, .value = value};
    }
    free(overlaps);
    return count;
}

static void add_farthest(const struct rule_subject *subject, enum record_feature feature, double median,
                         yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    const struct image_boxes kept = box_evidence_kept(subject);
    struct box_choice *boxes = calloc((size_t)kept.count + 1, sizeof(*boxes));
    if (!boxes)
        return;
    double side = subject->record->features[feature] < median ? -1 : 1;
    uint32_t count = measure_boxes(&kept, feature, boxes);
    for (uint32_t i = 0; i < count; i++)
        boxes[i].value *= side;
    qsort(boxes, count, sizeof(*boxes), by_value);
    count = count < EVIDENCE_FAR_BOXES_MAX ? count : EVIDENCE_FAR_BOXES_MAX;
    for (uint32_t i = 0; i < count; i++)
        boxes[i].value *= side;
    box_evidence_add(subject, boxes, count, doc, evidence);
    free(boxes);
}

void box_evidence_add_feature(const struct rule_subject *subject, enum record_feature feature, double median,
                              yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    struct box_choice boxes[EVIDENCE_ALL_BOXES_MAX];
    uint32_t count =
        subject->box_count < EVIDENCE_ALL_BOXES_MAX ? subject->box_count : EVIDENCE_ALL_BOXES_MAX;
    if (feature > FEATURE_BOX_AREA_DEVIATION) {
        add_farthest(subject, feature, median, doc, evidence);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct box *box = &subject->record->candidates[i].box;
        double area = ((double)box->x_max - (double)box->x_min) * ((double)box->y_max - (double)box->y_min);
        boxes[i] = (struct box_choice){.index = i,
                                       .value = feature == FEATURE_BOX_AREA_DEVIATION ? area : (double)NAN};
    }
    (void)yyjson_mut_obj_add_uint(doc, evidence, "boxes_kept", subject->box_count);
    box_evidence_add(subject, boxes, count, doc, evidence);
}
