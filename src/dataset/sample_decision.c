/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_decision.h"

#include "base/text.h"
#include "dataset/dataset_check.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- what is given ---- */

static bool bad_box(const char *text, struct error *err)
{
    return error_set(
        err, ERR_INVALID,
        "a box is LABEL:XMIN,YMIN,XMAX,YMAX in whole px from the top left corner, at least %d px wide "
        "and high, not '%.100s'",
        VOC_BOX_MIN_PX, text);
}

bool sample_box_read(const char *text, struct arena *arena, struct sample_box *ret, struct error *err)
{
    int64_t numbers[4];
    struct error ignored = {0};
    const char *colon = strrchr(text, ':');
    char *rest = colon && colon > text ? arena_text(arena, colon + 1) : NULL;
    for (int i = 0; i < 4; i++) {
        uint64_t number = 0;
        char *comma = rest ? strchr(rest, ',') : NULL;
        if (!rest || (comma != NULL) != (i < 3))
            return bad_box(text, err);
        if (comma)
            *comma = '\0';
        if (!text_to_count(rest, "px", 0, VOC_COORDINATE_MAX, &number, &ignored))
            return bad_box(text, err);
        numbers[i] = (int64_t)number;
        rest = comma ? comma + 1 : NULL;
    }
    struct sample_box box = {arena_text_n(arena, text, (size_t)(colon - text)), numbers[0], numbers[1],
                             numbers[2], numbers[3]};
    if (box.x_max - box.x_min < VOC_BOX_MIN_PX || box.y_max - box.y_min < VOC_BOX_MIN_PX)
        return bad_box(text, err);
    *ret = box;
    return ret->label || error_no_memory(err);
}

static bool check_box(const struct sample_box *box, struct error *err)
{
    bool is_box = box->x_min >= 0 && box->y_min >= 0 && box->x_max <= VOC_COORDINATE_MAX &&
                  box->y_max <= VOC_COORDINATE_MAX && box->x_max - box->x_min >= VOC_BOX_MIN_PX &&
                  box->y_max - box->y_min >= VOC_BOX_MIN_PX;
    if (!dataset_check_label(box->label, err))
        return false;
    return is_box ||
           error_set(err, ERR_INVALID, "box '%.100s' is outside every image, or less than %d px wide or high",
                     box->label, VOC_BOX_MIN_PX);
}

static bool box_as_annotation(const struct sample_box *box, struct arena *arena, struct annotation *ret,
                              struct error *err)
{
    double values[] = {(double)box->x_min, (double)box->y_min, (double)box->x_max, (double)box->y_max};
    const struct voc_shape shape = {VOC_BNDBOX, values, 4};
    ret->name = box->label;
    return check_box(box, err) && voc_shape_json_write(&shape, arena, &ret->shape_json, err);
}

bool sample_answer_of(const struct sample_decision *decision, struct arena *arena, struct sample_answer *ret,
                      struct error *err)
{
    size_t labels = decision->labels.count, count = labels + decision->box_count;
    struct annotation *annotations = arena_array(arena, count + 1, sizeof(*annotations));
    if ((labels > 0) + (decision->box_count > 0) + decision->is_nothing > 1)
        return error_set(err, ERR_INVALID, "give labels, or boxes, or say that nothing is there");
    if (decision->box_count > SAMPLE_BOXES_MAX)
        return error_set(err, ERR_LIMIT, "%zu boxes were given; %d is the limit", decision->box_count,
                         SAMPLE_BOXES_MAX);
    if (!annotations)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        annotations[i] = (struct annotation){.confidence = (double)NAN, .annotated_by = decision->decided_by};
        if (i < labels)
            annotations[i].name = decision->labels.items[i];
        else if (!box_as_annotation(&decision->boxes[i - labels], arena, &annotations[i], err))
            return false;
    }
    *ret = (struct sample_answer){count > 0 || decision->is_nothing, annotations, count};
    return dataset_check_labels(decision->labels, SAMPLE_CLASSES_MAX, err);
}

/* ---- one sample ---- */

struct deciding {
    const struct sample *sample;
    const struct sample_deciding *of;
    struct arena *arena;
};

static void take_answer(const struct deciding *deciding, struct sample_decided *ret)
{
    ret->state = SAMPLE_LABELED;
    ret->has_new_annotations = true;
    ret->annotations = deciding->of->answer->annotations;
    ret->annotation_count = deciding->of->answer->count;
}

static bool check_answer(const struct deciding *deciding, struct error *err)
{
    const struct sample *sample = deciding->sample;
    const struct sample_decision *decision = deciding->of->decision;
    if (deciding->of->is_detection && decision->labels.count > 0)
        return error_set(err, ERR_INVALID,
                         "a class cannot be given to a sample of a dataset of boxes; give boxes");
    if (!deciding->of->is_detection && (decision->box_count > 0 || decision->is_nothing))
        return error_set(err, ERR_INVALID, "a sample of a dataset of classes has labels, no boxes");
    for (size_t i = 0; i < decision->box_count && sample->width > 0 && sample->height > 0; i++) {
        const struct sample_box *box = &decision->boxes[i];
        if (box->x_max > sample->width || box->y_max > sample->height)
            return error_set(err, ERR_INVALID,
                             "box '%.100s' reaches to %" PRId64 ",%" PRId64 "; the image is %" PRId64
                             " px wide and %" PRId64 " px high",
                             box->label, box->x_max, box->y_max, sample->width, sample->height);
    }
    return true;
}

/* A confidence is a machine's; what a person confirmed has none. */
static bool confirm_suggestions(const struct deciding *deciding, struct sample_decided *ret,
                                struct error *err)
{
    const struct sample *sample = deciding->sample;
    struct annotation *confirmed =
        arena_array(deciding->arena, sample->annotation_count + 1, sizeof(*confirmed));
    size_t count = 0;
    if (!confirmed)
        return error_no_memory(err);
    for (size_t i = 0; i < sample->annotation_count; i++) {
        if (!sample->annotations[i].is_suggested)
            continue;
        confirmed[count] = sample->annotations[i];
        confirmed[count].is_suggested = false;
        confirmed[count].confidence = (double)NAN;
        confirmed[count].annotated_by = deciding->of->decision->decided_by;
        confirmed[count++].created_ms = 0;
    }
    bool is_nothing_found = deciding->of->is_detection && strcmp(sample->state, SAMPLE_TO_BE_CONFIRMED) == 0;
    if (count == 0 && !is_nothing_found)
        return error_set(err, ERR_CONFLICT, "sample '%s' is %s and has no suggestion to confirm; give %s",
                         sample->id, sample->state, deciding->of->is_detection ? "boxes" : "labels");
    ret->state = SAMPLE_LABELED;
    ret->has_new_annotations = true;
    ret->annotations = confirmed;
    ret->annotation_count = count;
    return true;
}

static bool decide_confirm(const struct deciding *deciding, struct sample_decided *ret, struct error *err)
{
    if (!deciding->of->answer->is_given)
        return confirm_suggestions(deciding, ret, err);
    take_answer(deciding, ret);
    return true;
}

/* Who says what it is instead agrees that it was hard. */
static bool decide_reject(const struct deciding *deciding, struct sample_decided *ret, struct error *err)
{
    const struct sample *sample = deciding->sample;
    if (deciding->of->answer->is_given) {
        take_answer(deciding, ret);
        return true;
    }
    if (strcmp(sample->state, SAMPLE_LABELED) == 0)
        return error_set(err, ERR_CONFLICT,
                         "sample '%s' is labeled: there is no suggestion to reject; clear-hard takes its "
                         "mark off, labels replace its own",
                         sample->id);
    ret->is_hard = false;
    ret->state = SAMPLE_UNLABELED;
    ret->has_new_annotations = sample->annotation_count > 0;
    return true;
}

static bool decide_mark_hard(const struct deciding *deciding, struct sample_decided *ret, struct error *err)
{
    (void)deciding, (void)err;
    ret->is_hard = true;
    return true;
}

static bool decide_clear_hard(const struct deciding *deciding, struct sample_decided *ret, struct error *err)
{
    (void)deciding, (void)err;
    ret->is_hard = false;
    return true;
}

static bool decide_exclude(const struct deciding *deciding, struct sample_decided *ret, struct error *err)
{
    (void)deciding, (void)err;
    ret->is_excluded = true;
    return true;
}

static bool decide_include(const struct deciding *deciding, struct sample_decided *ret, struct error *err)
{
    (void)deciding, (void)err;
    ret->is_excluded = false;
    return true;
}

static bool decide_annotate(const struct deciding *deciding, struct sample_decided *ret, struct error *err)
{
    const struct sample_decision *decision = deciding->of->decision;
    (void)err;
    if (decision->hard != 0)
        ret->is_hard = decision->hard > 0;
    if (decision->excluded != 0)
        ret->is_excluded = decision->excluded > 0;
    if (deciding->of->answer->is_given)
        take_answer(deciding, ret);
    else if (decision->is_cleared) {
        ret->state = SAMPLE_UNLABELED;
        ret->has_new_annotations = deciding->sample->annotation_count > 0;
    }
    return true;
}

typedef bool decide_function(const struct deciding *deciding, struct sample_decided *ret, struct error *err);

static const struct {
    const char *name;
    decide_function *decide;
    bool takes_answer;
} actions[] = {
    [SAMPLE_CONFIRM] = {"confirm", decide_confirm, true},
    [SAMPLE_REJECT] = {"reject", decide_reject, true},
    [SAMPLE_MARK_HARD] = {"mark_hard", decide_mark_hard, false},
    [SAMPLE_CLEAR_HARD] = {"clear_hard", decide_clear_hard, false},
    [SAMPLE_EXCLUDE] = {"exclude", decide_exclude, false},
    [SAMPLE_INCLUDE] = {"include", decide_include, false},
    [SAMPLE_ANNOTATE] = {"annotate", decide_annotate, true},
};
_Static_assert(sizeof(actions) / sizeof(actions[0]) == SAMPLE_ACTION_COUNT, "one row per action");

const char *sample_action_name(enum sample_action action)
{
    return actions[action].name;
}

bool sample_decide(const struct sample *sample, const struct sample_deciding *deciding, struct arena *arena,
                   struct sample_decided *ret, struct error *err)
{
    const struct deciding all = {sample, deciding, arena};
    enum sample_action action = deciding->decision->action;
    struct sample_decided decided = {
        .state = sample->state, .is_hard = sample->is_hard, .is_excluded = sample->is_excluded};
    if (deciding->answer->is_given && !actions[action].takes_answer)
        return error_set(err, ERR_INVALID, "labels and boxes go with confirm and reject only");
    if (!check_answer(&all, err) || !actions[action].decide(&all, &decided, err))
        return false;
    decided.is_changed = decided.has_new_annotations || strcmp(decided.state, sample->state) != 0 ||
                         decided.is_hard != sample->is_hard || decided.is_excluded != sample->is_excluded;
    *ret = decided;
    return true;
}
