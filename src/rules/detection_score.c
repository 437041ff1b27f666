/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/detection_score.h"

#include "infer/nms.h"
#include "record/near_misses.h"
#include "rules/box_evidence.h"
#include "rules/evidence.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* The score of the best other class / that of its own. */
static double class_doubt(const struct record_header *header, const struct record *record, uint32_t answer)
{
    double own = 0, other = 0;
    if (!record->candidate_scores)
        return 0;
    for (uint32_t class = 0; class < header->classes; class ++) {
        double score = (double)record->candidate_scores[(size_t)answer * header->classes + class];
        double *most = class == record->candidates[answer].label ? &own : &other;
        *most = fmax(*most, score);
    }
    return own > 0 ? fmin(other / own, 1) : other > 0;
}

/* The largest overlap with a better box. */
static double double_doubt(const struct record *record, uint32_t answer)
{
    double covered = 0;
    for (uint32_t i = 0; i < answer && i < NEAR_MISS_ANSWERS_MAX; i++)
        covered = fmax(covered, box_iou(&record->candidates[answer].box, &record->candidates[i].box));
    return fmin(covered, 1);
}

static double answer_doubt(const struct record_header *header, const struct record *record, uint32_t answer)
{
    double room = 1 - header->score_threshold, score = (double)record->candidates[answer].score;
    double share = room > 0 ? evidence_unit((1 - score) / room) : 0;
    double rest = 1 - share * share;
    rest *= 1 - class_doubt(header, record, answer);
    return 1 - rest * (1 - double_doubt(record, answer));
}

struct detection_doubt detection_doubt_of(const struct rule_subject *subject)
{
    struct detection_doubt doubt = {0};
    const struct rule_reference *reference = subject->reference;
    for (uint32_t i = 0; i < subject->box_count && i < NEAR_MISS_ANSWERS_MAX; i++)
        doubt.answers += answer_doubt(reference->header, subject->record, i);
    doubt.near_mass = record_near_mass(reference->header, subject->record, subject->box_count);
    double worth = rule_near_worth(reference->usual_near_mass);
    doubt.expected = (doubt.answers + worth * doubt.near_mass) / sqrt(1 + (double)subject->box_count);
    return doubt;
}

static bool is_detection(const struct rule_subject *subject)
{
    return subject->reference->header->type == MODEL_TYPE_DETECTION;
}

double detection_nothing_strength(const struct rule_subject *subject)
{
    if (!is_detection(subject) || subject->box_count > 0)
        return 0;
    double certain = 1 - subject->reference->missed_share;
    return evidence_unit(1 - certain * exp(-detection_doubt_of(subject).expected));
}

double detection_unsure_strength(const struct rule_subject *subject)
{
    if (!is_detection(subject) || subject->box_count == 0)
        return 0;
    return evidence_unit(-expm1(-detection_doubt_of(subject).expected));
}

/* The candidates that raise the doubt most, largest first, ties by index. */
static uint32_t doubtful(const struct rule_subject *subject, struct box_choice ret[EVIDENCE_FAR_BOXES_MAX])
{
    const struct record_header *header = subject->reference->header;
    uint32_t answers = subject->box_count, near = record_near_misses(subject->record, answers), count = 0;
    double worth = rule_near_worth(subject->reference->usual_near_mass);
    for (uint32_t i = 0; i < answers + near; i++) {
        double doubt = i < answers ? answer_doubt(header, subject->record, i)
                                   : worth * record_near_miss(header, subject->record, answers, i);
        uint32_t place = count;
        for (; place > 0 && ret[place - 1].value < doubt; place--)
            if (place < EVIDENCE_FAR_BOXES_MAX)
                ret[place] = ret[place - 1];
        if (!(doubt > 0) || place == EVIDENCE_FAR_BOXES_MAX)
            continue;
        ret[place] = (struct box_choice){.index = i, .value = doubt};
        count += count < EVIDENCE_FAR_BOXES_MAX;
    }
    return count;
}

static void add_doubtful(const struct rule_subject *subject, yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    struct box_choice boxes[EVIDENCE_FAR_BOXES_MAX];
    uint32_t count = doubtful(subject, boxes);
    box_evidence_add(subject, boxes, count, doc, evidence);
}

static void add_near(const struct rule_subject *subject, const struct detection_doubt *doubt,
                     yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    const struct rule_reference *reference = subject->reference;
    evidence_number(doc, evidence, "score_threshold", reference->header->score_threshold);
    (void)yyjson_mut_obj_add_uint(doc, evidence, "near_misses",
                                  subject->record->candidate_count - subject->box_count);
    evidence_number(doc, evidence, "near_mass", doubt->near_mass);
    evidence_number(doc, evidence, "usual_near_mass", reference->usual_near_mass);
    evidence_number(doc, evidence, "expected_errors", doubt->expected);
}

void detection_nothing_explain(const struct rule_subject *subject, yyjson_mut_doc *doc,
                               yyjson_mut_val *evidence)
{
    const struct record_header *header = subject->reference->header;
    const struct record *record = subject->record;
    struct detection_doubt doubt = detection_doubt_of(subject);
    add_near(subject, &doubt, doc, evidence);
    evidence_number(doc, evidence, "missed_share", subject->reference->missed_share);
    add_doubtful(subject, doc, evidence);
    if (record->candidate_count == 0) {
        evidence_sentence(doc, evidence,
                          "The model finds nothing: no candidate has a score of %.2f, let alone %.2f, from "
                          "which on a box counts.",
                          header->candidate_floor, header->score_threshold);
        return;
    }
    evidence_sentence(
        doc, evidence,
        "The model finds nothing: its best candidate is '%s' with %.3f, and a box counts from %.2f on.",
        evidence_label(header, record->candidates[0].label), (double)record->candidates[0].score,
        header->score_threshold);
}

void detection_unsure_explain(const struct rule_subject *subject, yyjson_mut_doc *doc,
                              yyjson_mut_val *evidence)
{
    const struct record_header *header = subject->reference->header;
    const struct record *record = subject->record;
    uint32_t boxes = subject->box_count, near = record->candidate_count - boxes;
    struct detection_doubt doubt = detection_doubt_of(subject);
    if (boxes == 0)
        return; /* reason 0 speaks there */
    const struct candidate *least = &record->candidates[boxes - 1];
    (void)yyjson_mut_obj_add_uint(doc, evidence, "boxes_kept", boxes);
    evidence_number(doc, evidence, "box_doubt", doubt.answers);
    add_near(subject, &doubt, doc, evidence);
    add_doubtful(subject, doc, evidence);
    if (near == 0)
        evidence_sentence(doc, evidence, "The least sure of %" PRIu32 " boxes is '%s' with %.3f.", boxes,
                          evidence_label(header, least->label), (double)least->score);
    else
        evidence_sentence(doc, evidence,
                          "The least sure of %" PRIu32 " boxes is '%s' with %.3f; %" PRIu32
                          " candidates stay below %.2f, the best of them '%s' with %.3f.",
                          boxes, evidence_label(header, least->label), (double)least->score, near,
                          header->score_threshold, evidence_label(header, record->candidates[boxes].label),
                          (double)record->candidates[boxes].score);
}
