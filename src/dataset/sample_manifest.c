/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_manifest.h"

#include "base/clock.h"
#include "base/text.h"
#include "dataset/dataset_check.h"
#include "dataset/sample_voc.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define TYPE_PREFIX "modelarts/"

/* ---- from a line ---- */

/* Hard attributes are those of the sample; older exports have them on the annotations only. */
static bool read_hard(const struct manifest_sample *line, struct sample_new *sample, struct error *err)
{
    enum manifest_hard hard = line->hard;
    double coefficient = line->hard_coefficient;
    const char *reasons = line->hard_reasons;
    for (size_t i = 0; i < line->annotation_count; i++) {
        const struct manifest_annotation *annotation = &line->annotations[i];
        if (line->hard == MANIFEST_HARD_UNKNOWN && annotation->hard > hard)
            hard = annotation->hard;
        if (isnan(line->hard_coefficient))
            coefficient = fmax(coefficient, annotation->hard_coefficient);
        if (!reasons)
            reasons = annotation->hard_reasons;
    }
    sample->is_hard = hard == MANIFEST_HARD_YES;
    sample->hard_coefficient = coefficient;
    sample->hard_reasons = reasons && reasons[0] != '\0' ? reasons : NULL;
    return !sample->hard_reasons || sample_check_reasons(sample->hard_reasons, err);
}

static bool check_annotation_type(const struct manifest_annotation *annotation, const char *dataset_type,
                                  struct error *err)
{
    bool is_same_type = text_starts_with(annotation->type, TYPE_PREFIX) &&
                        strcmp(annotation->type + strlen(TYPE_PREFIX), dataset_type) == 0;
    return is_same_type || error_set_detail(err, DETAIL_DATASET_TYPE_MISMATCH,
                                            "an annotation is of type '%.60s', the dataset is of %s",
                                            annotation->type, dataset_type);
}

const char *annotation_author(const struct manifest_annotation *annotation)
{
    return annotation->annotated_by && annotation->annotated_by[0] ? annotation->annotated_by
                                                                   : ANNOTATED_BY_HUMAN;
}

int64_t annotation_time_ms(const char *creation_time)
{
    int64_t ms = 0;
    return creation_time && clock_of_manifest_time(creation_time, &ms) && ms > 0 ? ms : 0;
}

static bool is_named_already(const struct annotation *annotations, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(annotations[i].name, name) == 0)
            return true;
    return false;
}

static bool read_classes(const struct manifest_sample *line, const struct sample_reading *reading,
                         struct arena *arena, struct sample_new *sample, struct error *err)
{
    if (line->annotation_count > SAMPLE_CLASSES_MAX)
        return error_set(err, ERR_LIMIT, "%zu labels on one sample; %d is the limit", line->annotation_count,
                         SAMPLE_CLASSES_MAX);
    struct annotation *annotations = arena_array(arena, line->annotation_count + 1, sizeof(*annotations));
    size_t count = 0;
    if (!annotations)
        return error_no_memory(err);
    for (size_t i = 0; i < line->annotation_count; i++) {
        const struct manifest_annotation *from = &line->annotations[i];
        if (!check_annotation_type(from, reading->dataset_type, err))
            return false;
        if (!from->name)
            return error_set_detail(err, DETAIL_BAD_MANIFEST,
                                    "an annotation has no \"name\", which is its label");
        if (is_named_already(annotations, count, from->name))
            continue;
        annotations[count++] = (struct annotation){
            .name = from->name,
            .is_suggested = !reading->final_annotation,
            .confidence = from->confidence,
            .annotated_by = annotation_author(from),
            .property_json = from->property_json,
            .created_ms = annotation_time_ms(from->creation_time),
        };
    }
    sample->annotations = annotations;
    sample->annotation_count = count;
    return true;
}

static bool read_boxes(const struct manifest_sample *line, const struct sample_reading *reading,
                       struct arena *arena, struct sample_new *sample, struct error *err)
{
    for (size_t i = 0; i < line->annotation_count; i++)
        if (!check_annotation_type(&line->annotations[i], reading->dataset_type, err))
            return false;
    if (line->annotation_count > 1)
        return error_set_detail(err, DETAIL_BAD_MANIFEST,
                                "there are %zu annotations; all boxes of a sample lie in one file",
                                line->annotation_count);
    if (line->annotation_count == 0)
        return true;
    if (!reading->voc) {
        sample->state = SAMPLE_UNLABELED;
        return true;
    }
    return sample_take_voc(&line->annotations[0], reading->voc, !reading->final_annotation, arena, sample,
                           err);
}

bool sample_of_manifest(const struct manifest_sample *line, const struct sample_reading *reading,
                        struct arena *arena, struct sample_new *ret, struct error *err)
{
    struct sample_new sample = {.source = line->source,
                                .state = SAMPLE_UNLABELED,
                                .origin = "import",
                                .metadata_json = line->property_json};
    bool is_detection = strcmp(reading->dataset_type, DATASET_TYPE_DETECTION) == 0;
    if (line->sample_type > 0)
        return error_set_detail(err, DETAIL_BAD_MANIFEST, "\"sample-type\" is not 0: the sample is no image");
    if (line->annotation_count > 0)
        sample.state = reading->final_annotation ? SAMPLE_LABELED : SAMPLE_TO_BE_CONFIRMED;
    if (!sample_check_usage(line->usage, &sample.usage, err) || !read_hard(line, &sample, err) ||
        !(is_detection ? read_boxes(line, reading, arena, &sample, err)
                       : read_classes(line, reading, arena, &sample, err)) ||
        !sample_check(&sample, reading->dataset_type, err))
        return false;
    *ret = sample;
    return true;
}

/* ---- to a line ---- */

/* Real exports have it in small letters. */
static bool usage_of(const struct sample *sample, struct arena *arena, const char **ret)
{
    char *usage = arena_text(arena, sample->usage);
    for (char *at = usage; at && *at; at++)
        *at = (char)tolower((unsigned char)*at);
    *ret = usage;
    return usage || !sample->usage;
}

static bool annotations_of(const struct sample *sample, struct arena *arena, struct manifest_sample *line)
{
    size_t count = strcmp(sample->state, SAMPLE_LABELED) == 0 ? sample->annotation_count : 0;
    struct manifest_annotation *annotations = arena_array(arena, count + 1, sizeof(*annotations));
    for (size_t i = 0; annotations && i < count; i++) {
        const struct annotation *from = &sample->annotations[i];
        char time[CLOCK_TEXT_BYTES];
        annotations[i] = (struct manifest_annotation){
            .type = MANIFEST_TYPE_CLASSIFICATION,
            .name = from->name,
            .annotated_by = from->annotated_by,
            .creation_time = arena_text(arena, clock_manifest_time(from->created_ms, time)),
            .property_json = from->property_json,
            .confidence = from->confidence,
            .hard = line->hard,
            .hard_coefficient = line->hard_coefficient,
            .hard_reasons = line->hard_reasons,
        };
        if (!annotations[i].creation_time)
            return false;
    }
    line->annotations = annotations;
    line->annotation_count = count;
    return annotations != NULL;
}

/* The one annotation of a sample of boxes; also of one that a person found to show nothing. */
static bool box_annotation_of(const struct sample *sample, const struct manifest_form *form,
                              struct arena *arena, struct manifest_sample *line, struct error *err)
{
    struct manifest_annotation *annotation = arena_array(arena, 1, sizeof(*annotation));
    if (!annotation)
        return error_no_memory(err);
    if (!sample_make_voc_annotation(sample, arena, annotation, &line->property_json, err))
        return false;
    annotation->annotation_loc = form->annotation_loc;
    annotation->hard = line->hard;
    annotation->hard_coefficient = line->hard_coefficient;
    annotation->hard_reasons = line->hard_reasons;
    line->annotations = annotation;
    line->annotation_count = strcmp(sample->state, SAMPLE_LABELED) == 0;
    return true;
}

bool manifest_of_sample(const struct sample *sample, const struct manifest_form *form, struct arena *arena,
                        struct manifest_sample *ret, struct error *err)
{
    bool is_told_hard = form->hard_attributes && sample->is_hard;
    struct manifest_sample line = {
        .source = sample->source,
        .id = sample->id,
        .property_json = sample->metadata_json,
        .hard = MANIFEST_HARD_UNKNOWN,
        .hard_coefficient = is_told_hard ? sample->hard_coefficient : (double)NAN,
        .hard_reasons = is_told_hard ? sample->hard_reasons : NULL,
        .sample_type = -1,
    };
    if (form->hard_attributes)
        line.hard = sample->is_hard ? MANIFEST_HARD_YES : MANIFEST_HARD_NO;
    if (!usage_of(sample, arena, &line.usage))
        return error_no_memory(err);
    if (form->is_detection && !box_annotation_of(sample, form, arena, &line, err))
        return false;
    if (!form->is_detection && !annotations_of(sample, arena, &line))
        return error_no_memory(err);
    *ret = line;
    return true;
}
