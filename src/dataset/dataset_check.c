/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/dataset_check.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The arena holds the numbers of all shapes of a sample of SAMPLE_MAX_BYTES. */
enum { AUTHOR_MAX_CHARACTERS = 256, SMALL_TEXT_MAX_BYTES = 200, SHAPES_ARENA_BYTES = 8 * SAMPLE_MAX_BYTES };

bool dataset_check_name(const char *name, const char *what, size_t max_characters, struct error *err)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t length = strlen(name);
    if (length == 0 || length > max_characters)
        return error_set(err, ERR_INVALID, "%s must have 1 to %zu characters, not %zu", what, max_characters,
                         length);
    if (strspn(name, allowed) != length)
        return error_set(err, ERR_INVALID, "%s '%.100s' may hold only letters, digits, '_' and '-'", what,
                         name);
    return true;
}

bool dataset_check_type(const char *dataset_type, struct error *err)
{
    bool is_known = strcmp(dataset_type, DATASET_TYPE_CLASSIFICATION) == 0 ||
                    strcmp(dataset_type, DATASET_TYPE_DETECTION) == 0;
    return is_known || error_set_detail(err, DETAIL_MODEL_TYPE_UNSUPPORTED,
                                        "a dataset is of type " DATASET_TYPE_CLASSIFICATION
                                        " or " DATASET_TYPE_DETECTION ", not '%.60s'",
                                        dataset_type);
}

bool dataset_check_label(const char *label, struct error *err)
{
    return text_check_name(label, "label", DATASET_LABEL_MAX_CHARACTERS, "", err);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool check_no_twins(struct param_list labels, struct error *err)
{
    const char **sorted = calloc(labels.count + 1, sizeof(*sorted));
    if (!sorted)
        return error_no_memory(err);
    for (size_t i = 0; i < labels.count; i++)
        sorted[i] = labels.items[i];
    qsort(sorted, labels.count, sizeof(*sorted), compare_texts);
    const char *twin = NULL;
    for (size_t i = 1; i < labels.count && !twin; i++)
        twin = strcmp(sorted[i - 1], sorted[i]) == 0 ? sorted[i] : NULL;
    free(sorted);
    return !twin || error_set(err, ERR_INVALID, "label '%.100s' is given twice", twin);
}

bool dataset_check_labels(struct param_list labels, size_t max, struct error *err)
{
    if (labels.count > max)
        return error_set(err, ERR_LIMIT, "%zu labels were given; %zu is the limit", labels.count, max);
    for (size_t i = 0; i < labels.count; i++)
        if (!dataset_check_label(labels.items[i], err))
            return false;
    return check_no_twins(labels, err);
}

bool sample_check_reasons(const char *reasons, struct error *err)
{
    uint64_t seen = 0;
    const char *at = reasons;
    for (;;) {
        size_t digits = strspn(at, "0123456789");
        unsigned long id = digits >= 1 && digits <= 2 ? strtoul(at, NULL, 10) : SAMPLE_REASON_MAX + 1;
        bool is_padded = digits == 2 && at[0] == '0';
        if (id > SAMPLE_REASON_MAX || is_padded || (seen >> id & 1) != 0)
            break;
        seen |= (uint64_t)1 << id;
        at += digits;
        if (*at == '\0')
            return true;
        if (*at++ != '-')
            break;
    }
    return error_set(err, ERR_INVALID,
                     "hard reasons are different numbers from 0 to %d joined by '-', not '%.60s'",
                     SAMPLE_REASON_MAX, reasons);
}

bool sample_check_usage(const char *usage, const char **ret, struct error *err)
{
    static const char *const usages[] = {"TRAIN", "EVAL", "TEST", "INFERENCE"};
    *ret = NULL;
    if (!usage || usage[0] == '\0')
        return true;
    for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]) && !*ret; i++)
        *ret = text_equal_ignoring_case(usage, usages[i]) ? usages[i] : NULL;
    return *ret || error_set(err, ERR_INVALID, "usage is TRAIN, EVAL, TEST or INFERENCE, not '%.60s'", usage);
}

bool sample_check_author(const char *annotated_by, struct error *err)
{
    return text_check_name(annotated_by, "name of who labelled", AUTHOR_MAX_CHARACTERS, "", err);
}

bool sample_state_is_known(const char *state)
{
    return strcmp(state, SAMPLE_UNLABELED) == 0 || strcmp(state, SAMPLE_TO_BE_CONFIRMED) == 0 ||
           strcmp(state, SAMPLE_LABELED) == 0;
}

/* NaN stands for none. */
static bool check_fraction(double value, const char *what, struct error *err)
{
    return isnan(value) || (value >= 0 && value <= 1) ||
           error_set(err, ERR_INVALID, "%s must be from 0 to 1, not %g", what, value);
}

static bool check_object(const char *json, const char *what, struct error *err)
{
    AUTO_JSON doc = NULL;
    if (!json)
        return true;
    if (!json_parse((struct bytes){json, strlen(json)}, what, &doc, err))
        return false;
    return yyjson_is_obj(yyjson_doc_get_root(doc)) ||
           error_set(err, ERR_INVALID, "%s must be a JSON object", what);
}

static bool check_small_text(const char *text, const char *what, struct error *err)
{
    if (!text)
        return true;
    return text_check_name(text, what, SMALL_TEXT_MAX_BYTES, "", err);
}

static bool check_annotation(const struct annotation *annotation, bool is_detection, struct arena *arena,
                             struct error *err)
{
    struct voc_shape shape;
    if (!dataset_check_label(annotation->name, err) ||
        !check_fraction(annotation->confidence, "confidence", err) ||
        !sample_check_author(annotation->annotated_by, err) ||
        !check_object(annotation->property_json, "property of the annotation", err))
        return false;
    if (is_detection != (annotation->shape_json != NULL))
        return error_set(err, ERR_INVALID, "label '%.100s' %s", annotation->name,
                         is_detection ? "has no box in a dataset of boxes"
                                      : "has a box in a dataset of classes");
    if (annotation->shape_json && !voc_shape_json_read(annotation->shape_json, arena, &shape, err))
        return error_wrap(err, "label '%.100s'", annotation->name);
    return annotation->created_ms >= 0 ||
           error_set(err, ERR_INVALID, "label '%.100s' dates from before 1970", annotation->name);
}

static bool check_annotations(const struct sample_new *sample, bool is_detection, struct error *err)
{
    size_t max = is_detection ? SAMPLE_BOXES_MAX : SAMPLE_CLASSES_MAX;
    bool is_labeled = strcmp(sample->state, SAMPLE_LABELED) == 0;
    AUTO(arena) arena = arena_new(SHAPES_ARENA_BYTES);
    if (!arena)
        return error_no_memory(err);
    if (sample->annotation_count > max)
        return error_set(err, ERR_LIMIT, "%zu annotations; %zu is the limit", sample->annotation_count, max);
    if (strcmp(sample->state, SAMPLE_UNLABELED) == 0 && sample->annotation_count > 0)
        return error_set(err, ERR_INVALID, "an unlabeled sample has no annotations");
    if (is_labeled && !is_detection && sample->annotation_count == 0)
        return error_set(err, ERR_INVALID, "a labeled sample needs a label");
    for (size_t i = 0; i < sample->annotation_count; i++) {
        if (!check_annotation(&sample->annotations[i], is_detection, arena, err))
            return false;
        if (sample->annotations[i].is_suggested == is_labeled)
            return error_set(err, ERR_INVALID, "label '%.100s' is %s in a sample that is %s",
                             sample->annotations[i].name, is_labeled ? "a suggestion" : "confirmed",
                             sample->state);
    }
    return true;
}

static size_t text_bytes(const char *text)
{
    return text ? strlen(text) : 0;
}

static bool check_size(const struct sample_new *sample, struct error *err)
{
    size_t bytes = text_bytes(sample->source) + text_bytes(sample->evidence_json) +
                   text_bytes(sample->metadata_json) + text_bytes(sample->hard_reasons);
    for (size_t i = 0; i < sample->annotation_count && bytes <= SAMPLE_MAX_BYTES; i++) {
        const struct annotation *annotation = &sample->annotations[i];
        bytes += text_bytes(annotation->name) + text_bytes(annotation->shape_json) +
                 text_bytes(annotation->annotated_by) + text_bytes(annotation->property_json);
    }
    return bytes <= SAMPLE_MAX_BYTES || error_set(err, ERR_LIMIT,
                                                  "its texts are longer than %d bytes together; shorten "
                                                  "evidence, metadata or properties",
                                                  SAMPLE_MAX_BYTES);
}

static bool check_source(const char *source, struct error *err)
{
    size_t bytes = text_bytes(source);
    if (bytes == 0)
        return error_set(err, ERR_INVALID, "a sample has no source");
    if (bytes > SAMPLE_SOURCE_MAX_BYTES)
        return error_set(err, ERR_LIMIT, "the source '%.60s…' is %zu bytes long; %d is the limit", source,
                         bytes, SAMPLE_SOURCE_MAX_BYTES);
    return text_is_utf8(source, bytes) ||
           error_set(err, ERR_INVALID, "the source '%.60s' is not valid UTF-8", source);
}

static bool check_contents(const struct sample_new *sample, bool is_detection, struct error *err)
{
    const char *usage = NULL;
    if (!sample_state_is_known(sample->state))
        return error_set(err, ERR_INVALID, "there is no state '%.60s'", sample->state);
    if (sample->hard_reasons && !sample_check_reasons(sample->hard_reasons, err))
        return false;
    if (sample->width < 0 || sample->height < 0)
        return error_set(err, ERR_INVALID, "its size is negative");
    return sample_check_usage(sample->usage, &usage, err) &&
           check_fraction(sample->hard_coefficient, "hard coefficient", err) && check_size(sample, err) &&
           check_object(sample->evidence_json, "evidence", err) &&
           check_object(sample->metadata_json, "metadata", err) &&
           check_small_text(sample->content_hash, "content hash", err) &&
           check_small_text(sample->origin, "origin", err) &&
           check_small_text(sample->origin_task, "task", err) && check_annotations(sample, is_detection, err);
}

bool sample_check(const struct sample_new *sample, const char *dataset_type, struct error *err)
{
    bool is_detection = strcmp(dataset_type, DATASET_TYPE_DETECTION) == 0;
    return check_source(sample->source, err) &&
           (check_contents(sample, is_detection, err) || error_wrap(err, "sample '%.150s'", sample->source));
}
