/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_merge.h"

#include <math.h>
#include <string.h>

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Values come from the same store and are compared to be left alone, so exactly. */
static bool is_same_number(double a, double b)
{
    return isnan(a) || isnan(b) ? isnan(a) && isnan(b) : !(a < b) && !(a > b);
}

static bool is_same_hard(const struct sample *stored, const struct sample_new *fresh)
{
    return stored->is_hard == fresh->is_hard &&
           is_same_number(stored->hard_coefficient, fresh->hard_coefficient) &&
           is_same_text(stored->hard_reasons, fresh->hard_reasons) &&
           is_same_text(stored->evidence_json, fresh->evidence_json);
}

/* The time of an annotation is left out: a machine that says the same again says nothing new. */
static bool is_same_annotation(const struct annotation *a, const struct annotation *b)
{
    return strcmp(a->name, b->name) == 0 && is_same_text(a->shape_json, b->shape_json) &&
           a->is_suggested == b->is_suggested && is_same_number(a->confidence, b->confidence) &&
           strcmp(a->annotated_by, b->annotated_by) == 0 && is_same_text(a->property_json, b->property_json);
}

static bool is_same_annotations(const struct sample *stored, const struct sample_new *fresh)
{
    bool is_same = stored->annotation_count == fresh->annotation_count;
    for (size_t i = 0; is_same && i < stored->annotation_count; i++)
        is_same = is_same_annotation(&stored->annotations[i], &fresh->annotations[i]);
    return is_same;
}

static bool is_same_rest(const struct sample *stored, const struct sample_new *fresh)
{
    return strcmp(stored->state, fresh->state) == 0 && is_same_text(stored->usage, fresh->usage) &&
           is_same_text(stored->content_hash, fresh->content_hash) && stored->width == fresh->width &&
           stored->height == fresh->height && is_same_text(stored->metadata_json, fresh->metadata_json);
}

/* The stored content in the form of a new sample. */
static struct sample_new content_of(const struct sample *stored)
{
    return (struct sample_new){
        .source = stored->source,
        .state = stored->state,
        .usage = stored->usage,
        .content_hash = stored->content_hash,
        .width = stored->width,
        .height = stored->height,
        .is_hard = stored->is_hard,
        .hard_coefficient = stored->hard_coefficient,
        .hard_reasons = stored->hard_reasons,
        .evidence_json = stored->evidence_json,
        .origin = stored->origin,
        .origin_task = stored->origin_task,
        .metadata_json = stored->metadata_json,
        .annotations = stored->annotations,
        .annotation_count = stored->annotation_count,
    };
}

static void take_hard(struct sample_new *content, const struct sample_new *fresh)
{
    content->is_hard = fresh->is_hard;
    content->hard_coefficient = fresh->hard_coefficient;
    content->hard_reasons = fresh->hard_reasons;
    content->evidence_json = fresh->evidence_json;
}

/* What `fresh` does not know stays. */
static void take_rest(struct sample_new *content, const struct sample_new *fresh)
{
    content->state = fresh->state;
    content->annotations = fresh->annotations;
    content->annotation_count = fresh->annotation_count;
    content->origin = fresh->origin;
    content->origin_task = fresh->origin_task;
    if (fresh->usage)
        content->usage = fresh->usage;
    if (fresh->content_hash)
        content->content_hash = fresh->content_hash;
    if (fresh->metadata_json)
        content->metadata_json = fresh->metadata_json;
    if (fresh->width > 0 && fresh->height > 0) {
        content->width = fresh->width;
        content->height = fresh->height;
    }
}

static void merge_hard(const struct sample *stored, const struct sample_new *fresh,
                       struct sample_new *content)
{
    take_hard(content, fresh);
    if (strcmp(stored->state, SAMPLE_LABELED) != 0)
        take_rest(content, fresh);
}

static void merge_import(const struct sample *stored, const struct sample_new *fresh,
                         struct sample_new *content)
{
    bool has_hard = fresh->is_hard || !isnan(fresh->hard_coefficient) || fresh->hard_reasons;
    if (strcmp(stored->state, SAMPLE_LABELED) == 0 || strcmp(fresh->state, SAMPLE_UNLABELED) == 0)
        return;
    take_rest(content, fresh);
    if (has_hard)
        take_hard(content, fresh);
}

void sample_merge(const struct sample *stored, const struct sample_new *fresh, enum sample_merge merge,
                  struct sample_merged *ret)
{
    struct sample_new content = content_of(stored);
    switch (merge) {
    case SAMPLE_MERGE_KEEP:
        break;
    case SAMPLE_MERGE_HARD:
        merge_hard(stored, fresh, &content);
        break;
    case SAMPLE_MERGE_IMPORT:
        merge_import(stored, fresh, &content);
        break;
    }
    bool has_new_annotations = !is_same_annotations(stored, &content);
    *ret = (struct sample_merged){
        .has_new_annotations = has_new_annotations,
        .is_changed =
            has_new_annotations || !is_same_hard(stored, &content) || !is_same_rest(stored, &content),
        .content = content,
    };
}
