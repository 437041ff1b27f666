/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/nms.h"
#include "rules/box_evidence.h"
#include "rules/evidence.h"
#include "rules/families.h"

#include <math.h>
#include <stdlib.h>

/* Hashes that differ in up to so many bits are of the same scene; from there on an image counts less. Frames
 * of a camera differ in 0 to 10, unlike photos in 14 and more. */
static const double bits_full = 4, bits_none = 12;
/* Votes below which a sequence is too short to be sure of: a neighbour beside has one, the next one half. */
static const double votes_full = 1.5;
/* Boxes of one class are the same object from this intersection over union on. */
static const double same_box = 0.4;
/* … two images and more apart, where what moves is farther. */
static const double same_box_apart = 0.25;

enum { CONTRADICTIONS_MAX = 20 };

static double closeness(const struct sequence_frame *frame)
{
    return evidence_unit((bits_none - frame->bits) / (bits_none - bits_full));
}

static double vote_of_frame(const struct sequence_frame *frame)
{
    return closeness(frame) / abs(frame->place);
}

/* ---- classes ---- */

static double class_strength(const struct rule_subject *subject)
{
    double against = 0, all = 0;
    for (uint32_t i = 0; i < subject->sequence->count; i++) {
        const struct sequence_frame *frame = &subject->sequence->frames[i];
        all += vote_of_frame(frame);
        if (frame->predicted != subject->predicted)
            against += vote_of_frame(frame) * (double)frame->score;
    }
    double share = against / fmax(all, votes_full);
    return evidence_unit(share * share);
}

/* ---- boxes ---- */

/* A box that the images before and after have and this one lacks, or the reverse. */
struct contradiction {
    struct box box; /* lost: in the middle between the two */
    double score;   /* lost: the smaller of the two */
    double value;   /* what it adds to the strength */
    uint32_t label, index;
    bool is_lost;
};
struct contradictions {
    const struct rule_subject *subject;
    uint32_t count, own; /* own: boxes of the image that are looked at */
    struct contradiction list[CONTRADICTIONS_MAX];
};

static struct box middle_of(const struct box *a, const struct box *b)
{
    return (struct box){(a->x_min + b->x_min) / 2, (a->y_min + b->y_min) / 2, (a->x_max + b->x_max) / 2,
                        (a->y_max + b->y_max) / 2};
}

static bool has_box(const struct sequence_frame *frame, uint32_t label, const struct box *box)
{
    for (uint32_t i = 0; i < frame->box_count; i++)
        if (frame->boxes[i].label == label && box_iou(&frame->boxes[i].box, box) >= same_box)
            return true;
    return false;
}

static bool has_own(const struct contradictions *found, uint32_t label, const struct box *box)
{
    const struct candidate *candidates = found->subject->record->candidates;
    for (uint32_t i = 0; i < found->own; i++)
        if (candidates[i].label == label && box_iou(&candidates[i].box, box) >= same_box)
            return true;
    return false;
}

static bool is_listed(const struct contradictions *found, uint32_t label, const struct box *box)
{
    for (uint32_t i = 0; i < found->count; i++)
        if (found->list[i].label == label && box_iou(&found->list[i].box, box) >= same_box)
            return true;
    return false;
}

static void list(struct contradictions *found, const struct contradiction *one)
{
    if (found->count < CONTRADICTIONS_MAX)
        found->list[found->count++] = *one;
}

/* The box of `after` that is most like this one of an image before; NULL: none is like it. */
static const struct sequence_box *same_in(const struct sequence_frame *after, const struct sequence_box *box)
{
    const struct sequence_box *best = NULL;
    double most = same_box_apart;
    for (uint32_t i = 0; i < after->box_count; i++) {
        double iou = after->boxes[i].label == box->label ? box_iou(&after->boxes[i].box, &box->box) : 0;
        if (iou >= most && (!best || iou > most)) {
            best = &after->boxes[i];
            most = iou;
        }
    }
    return best;
}

static void find_lost(struct contradictions *found, const struct sequence_frame *before,
                      const struct sequence_frame *after)
{
    for (uint32_t i = 0; i < before->box_count; i++) {
        const struct sequence_box *box = &before->boxes[i], *again = same_in(after, box);
        if (!again)
            continue;
        struct contradiction lost = {.box = middle_of(&box->box, &again->box), .label = box->label};
        lost.score = (double)fminf(box->score, again->score);
        lost.value = lost.score * fmin(closeness(before), closeness(after));
        lost.is_lost = true;
        if (!has_own(found, lost.label, &lost.box) && !is_listed(found, lost.label, &lost.box))
            list(found, &lost);
    }
}

/* Between a box before and one after, as of an object that moves faster than its boxes overlap. */
static bool is_on_the_way(const struct sequence_frame *before, const struct sequence_frame *after,
                          const struct candidate *own)
{
    for (uint32_t i = 0; i < before->box_count; i++)
        for (uint32_t k = 0; before->boxes[i].label == own->label && k < after->box_count; k++) {
            if (after->boxes[k].label != own->label)
                continue;
            struct box middle = middle_of(&before->boxes[i].box, &after->boxes[k].box);
            if (box_iou(&middle, &own->box) >= same_box)
                return true;
        }
    return false;
}

/* How sure it is that only this image has the box; 0: it is not. */
static double ghost_value(const struct sequence_frames *frames, const struct candidate *own)
{
    double before = 0, after = 0;
    for (uint32_t i = 0; i < frames->count; i++) {
        const struct sequence_frame *frame = &frames->frames[i];
        double *side = frame->place < 0 ? &before : &after;
        if (has_box(frame, own->label, &own->box))
            return 0;
        *side = fmax(*side, closeness(frame));
        for (uint32_t k = i + 1; frame->place < 0 && k < frames->count; k++)
            if (frames->frames[k].place > 0 && is_on_the_way(frame, &frames->frames[k], own))
                return 0;
    }
    return (double)own->score * fmin(before, after);
}

static struct contradictions contradictions_of(const struct rule_subject *subject)
{
    const struct sequence_frames *frames = subject->sequence;
    struct contradictions found = {.subject = subject};
    found.own = subject->box_count < SEQUENCE_BOXES_OF_IMAGE ? subject->box_count : SEQUENCE_BOXES_OF_IMAGE;
    /* The nearest first: what is listed once is not listed again. */
    for (uint32_t b = frames->count; b-- > 0;)
        for (uint32_t a = 0; frames->frames[b].place < 0 && a < frames->count; a++)
            if (frames->frames[a].place > 0)
                find_lost(&found, &frames->frames[b], &frames->frames[a]);
    for (uint32_t i = 0; i < found.own && found.count < CONTRADICTIONS_MAX; i++) {
        const struct candidate *own = &subject->record->candidates[i];
        struct contradiction ghost = {
            .box = own->box, .score = (double)own->score, .label = own->label, .index = i};
        ghost.value = ghost_value(frames, own);
        if (ghost.value > 0)
            list(&found, &ghost);
    }
    return found;
}

static double box_strength(const struct rule_subject *subject)
{
    struct contradictions found = contradictions_of(subject);
    double silence = 1;
    for (uint32_t i = 0; i < found.count; i++)
        silence *= 1 - evidence_unit(found.list[i].value);
    return evidence_unit(1 - silence);
}

static double sequential_strength(const struct rule *rule, const struct rule_subject *subject)
{
    (void)rule;
    if (!subject->sequence || subject->sequence->count == 0)
        return 0;
    return subject->reference->header->type == MODEL_TYPE_DETECTION ? box_strength(subject)
                                                                    : class_strength(subject);
}

/* ---- evidence ---- */

static void add_frames(const struct rule_subject *subject, yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    const struct record_header *header = subject->reference->header;
    yyjson_mut_val *frames = yyjson_mut_obj_add_arr(doc, evidence, "frames");
    for (uint32_t i = 0; i < subject->sequence->count; i++) {
        const struct sequence_frame *frame = &subject->sequence->frames[i];
        yyjson_mut_val *one = yyjson_mut_arr_add_obj(doc, frames);
        (void)yyjson_mut_obj_add_int(doc, one, "place", frame->place);
        evidence_text(doc, one, "source", frame->source);
        (void)yyjson_mut_obj_add_uint(doc, one, "bits", frame->bits);
        if (header->type == MODEL_TYPE_DETECTION)
            (void)yyjson_mut_obj_add_uint(doc, one, "boxes_kept", frame->box_count);
        if (frame->predicted != CLASS_NONE) {
            evidence_text(doc, one, "label", evidence_label(header, frame->predicted));
            evidence_number(doc, one, "score", (double)frame->score);
        }
    }
}

static void explain_class(const struct rule_subject *subject, yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    const struct record_header *header = subject->reference->header;
    const struct sequence_frames *frames = subject->sequence;
    const struct sequence_frame *loudest = NULL;
    uint32_t agreeing = 0, with_it = 0;
    for (uint32_t i = 0; i < frames->count; i++) {
        const struct sequence_frame *frame = &frames->frames[i];
        if (frame->predicted == subject->predicted)
            agreeing++;
        else if (!loudest || vote_of_frame(frame) * (double)frame->score >
                                 vote_of_frame(loudest) * (double)loudest->score)
            loudest = frame;
    }
    for (uint32_t i = 0; loudest && i < frames->count; i++)
        with_it += frames->frames[i].predicted == loudest->predicted;
    evidence_text(doc, evidence, "predicted_label", evidence_label(header, subject->predicted));
    (void)yyjson_mut_obj_add_uint(doc, evidence, "agreeing", agreeing);
    if (loudest)
        evidence_sentence(doc, evidence,
                          "%u of the %u like images beside it are predicted '%s', the surest with %.2f; this "
                          "one '%s'.",
                          with_it, frames->count, evidence_label(header, loudest->predicted),
                          (double)loudest->score, evidence_label(header, subject->predicted));
    else
        evidence_sentence(doc, evidence, "The %u like images beside it are predicted alike.", frames->count);
}

static void add_lost(const struct contradictions *found, yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    yyjson_mut_val *lost = yyjson_mut_obj_add_arr(doc, evidence, "lost");
    for (uint32_t i = 0; i < found->count; i++) {
        const struct contradiction *one = &found->list[i];
        if (!one->is_lost)
            continue;
        yyjson_mut_val *object = yyjson_mut_arr_add_obj(doc, lost);
        evidence_text(doc, object, "label", evidence_label(found->subject->reference->header, one->label));
        evidence_number(doc, object, "score", one->score);
        box_evidence_add_edges(&one->box, doc, object);
        evidence_number(doc, object, "value", one->value);
    }
}

static void explain_boxes(const struct rule_subject *subject, yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    const struct contradictions found = contradictions_of(subject);
    struct box_choice ghosts[CONTRADICTIONS_MAX];
    const struct contradiction *surest = NULL;
    uint32_t ghost_count = 0;
    for (uint32_t i = 0; i < found.count; i++) {
        const struct contradiction *one = &found.list[i];
        if (!surest || one->value > surest->value)
            surest = one;
        if (!one->is_lost)
            ghosts[ghost_count++] = (struct box_choice){.index = one->index, .value = one->value};
    }
    add_lost(&found, doc, evidence);
    box_evidence_add(subject, ghosts, ghost_count, doc, evidence);
    if (!surest) {
        evidence_sentence(doc, evidence, "The %u like images beside it have the same boxes.",
                          subject->sequence->count);
        return;
    }
    evidence_sentence(
        doc, evidence,
        "Boxes of the like images before and after it that are missing here: %u; boxes that only "
        "this image has: %u; the surest is '%s' (%.2f), %s.",
        found.count - ghost_count, ghost_count, evidence_label(subject->reference->header, surest->label),
        surest->score, surest->is_lost ? "which is missing" : "which only this image has");
}

static void sequential_explain(const struct rule *rule, const struct rule_subject *subject,
                               yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    (void)rule;
    if (!subject->sequence)
        return;
    evidence_text(doc, evidence, "order", subject->reference->sequence_order);
    add_frames(subject, doc, evidence);
    if (subject->reference->header->type == MODEL_TYPE_DETECTION)
        explain_boxes(subject, doc, evidence);
    else
        explain_class(subject, doc, evidence);
}

static const char *sequential_off(const struct rule *rule, const struct rule_reference *reference)
{
    (void)rule;
    return reference->sequence_off;
}

const struct rule sequential_rule = {
    .id = 4,
    .code = "Q4",
    .name = "Neighbours disagree",
    .method = METHOD_SEQUENTIAL,
    .needs = NEEDS_PREDICTION | NEEDS_ORDER,
    .profile = PROFILE_NEVER,
    .speaks_from = 0.2,
    .suggestion = "Label the burst together, so that like images get like labels.",
    .formula =
        "over the up to two images before and after whose perceptual hashes differ in at most 10 bits: "
        "(votes for other classes / max(all votes, 1.5))^2, vote = closeness / steps away, one against "
        "times its score; detectors: 1 - product of (1 - score x closeness) over boxes that images "
        "before and after have and this one lacks, and over boxes that only this one has; closeness = "
        "clip((12 - bits) / 8)",
    .source = "temporal consistency of detections, Jin et al. 2018; closeness and votes are ours",
    .misleads = "Something that truly shows up in one image only looks like a ghost; where the order has a "
                "meaning but the camera cuts between like scenes, neighbours disagree rightly.",
    .strength = sequential_strength,
    .explain = sequential_explain,
    .off = sequential_off,
};
