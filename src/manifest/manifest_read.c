/* SPDX-License-Identifier: Apache-2.0 */
#include "manifest/manifest.h"

#include "base/json.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The object that is being read: the sample, or one of its annotations. */
struct reading {
    struct arena *arena;
    yyjson_val *object;
    char place[40]; /* " of annotation 3", "" for the sample: ends the name of a member in messages */
};

struct manifest_annotation manifest_annotation_none(void)
{
    return (struct manifest_annotation){.confidence = (double)NAN, .hard_coefficient = (double)NAN};
}

struct manifest_sample manifest_sample_none(void)
{
    return (struct manifest_sample){.hard_coefficient = (double)NAN, .sample_type = -1};
}

const char *manifest_usage(const char *text)
{
    static const char *const usages[] = {"TRAIN", "EVAL", "TEST", "INFERENCE"};
    for (size_t i = 0; text && i < sizeof(usages) / sizeof(usages[0]); i++)
        if (text_equal_ignoring_case(text, usages[i]))
            return usages[i];
    return NULL;
}

static bool refuse(const struct reading *in, const char *name, const char *must, struct error *err)
{
    return error_set_detail(err, DETAIL_BAD_MANIFEST, "'%s'%s must be %s", name, in->place, must);
}

/* The member, or its twin with '_' for '-'. NULL when it is missing, null or an empty text. */
static yyjson_val *member_of(const struct reading *in, const char *name)
{
    char twin[32];
    yyjson_val *value = yyjson_obj_get(in->object, name);
    if (!value && strchr(name, '-') && text_copy(twin, sizeof(twin), name)) {
        for (char *at = twin; *at; at++)
            if (*at == '-')
                *at = '_';
        value = yyjson_obj_get(in->object, twin);
    }
    bool is_nothing = yyjson_is_null(value) || (yyjson_is_str(value) && yyjson_get_len(value) == 0);
    return is_nothing ? NULL : value;
}

/* A text that C can hold: NULL for other values, and for texts with U+0000. */
static const char *text_of(yyjson_val *value)
{
    const char *text = yyjson_get_str(value);
    return text && strlen(text) == yyjson_get_len(value) ? text : NULL;
}

static bool read_text(const struct reading *in, const char *name, const char **ret, struct error *err)
{
    yyjson_val *value = member_of(in, name);
    if (!value)
        return true;
    const char *text = text_of(value);
    if (!text)
        return refuse(in, name, yyjson_is_str(value) ? "a text without U+0000" : "a text", err);
    *ret = arena_text(in->arena, text);
    return *ret || error_no_memory(err);
}

/* Number or text; a bool would be a mistake, and is refused. */
static bool read_number(const struct reading *in, const char *name, double max, double *ret,
                        struct error *err)
{
    char must[64];
    yyjson_val *value = member_of(in, name);
    if (!value)
        return true;
    struct error ignored = {0};
    const char *text = text_of(value);
    double number = yyjson_is_num(value) ? yyjson_get_num(value) : -1;
    if (text && !text_to_double(text, name, 0, max, &number, &ignored))
        number = -1;
    if (!(number >= 0 && number <= max)) {
        (void)snprintf(must, sizeof(must), "a number from 0 to %g", max);
        return refuse(in, name, must, err);
    }
    *ret = fabs(number); /* no -0, which would not be written as it was read */
    return true;
}

static bool read_sample_type(const struct reading *in, int64_t *ret, struct error *err)
{
    double number = -1;
    if (!read_number(in, "sample-type", INT32_MAX, &number, err))
        return false;
    if (number != floor(number))
        return refuse(in, "sample-type", "a whole number", err);
    *ret = (int64_t)number;
    return true;
}

static bool read_hard(const struct reading *in, enum manifest_hard *ret, struct error *err)
{
    static const struct {
        const char *text;
        enum manifest_hard hard;
    } words[] = {{"true", MANIFEST_HARD_YES},
                 {"1", MANIFEST_HARD_YES},
                 {"false", MANIFEST_HARD_NO},
                 {"0", MANIFEST_HARD_NO}};
    yyjson_val *value = member_of(in, "hard");
    if (!value)
        return true;
    bool is_plain = yyjson_is_bool(value) || (yyjson_is_num(value) && yyjson_get_num(value) == 0) ||
                    (yyjson_is_num(value) && yyjson_get_num(value) == 1);
    if (is_plain) {
        bool is_hard = yyjson_is_bool(value) ? yyjson_get_bool(value) : yyjson_get_num(value) == 1;
        *ret = is_hard ? MANIFEST_HARD_YES : MANIFEST_HARD_NO;
        return true;
    }
    const char *text = text_of(value);
    for (size_t i = 0; text && i < sizeof(words) / sizeof(words[0]); i++) {
        if (!text_equal_ignoring_case(text, words[i].text))
            continue;
        *ret = words[i].hard;
        return true;
    }
    return refuse(in, "hard", "\"true\" or \"false\"", err);
}

/* Reasons on their way from either form to "1-7-20". */
struct reasons {
    char text[MANIFEST_REASONS_MAX * 4 + 1];
    size_t length;
    uint32_t count;
};

static bool add_reason(struct reasons *reasons, uint64_t id)
{
    if (id > MANIFEST_REASON_ID_MAX || reasons->count == MANIFEST_REASONS_MAX)
        return false;
    int bytes = snprintf(reasons->text + reasons->length, sizeof(reasons->text) - reasons->length, "%s%u",
                         reasons->count > 0 ? "-" : "", (unsigned)id);
    reasons->length += (size_t)bytes;
    reasons->count++;
    return true;
}

static bool add_reason_list(struct reasons *reasons, yyjson_val *list)
{
    size_t index, count;
    yyjson_val *item;
    yyjson_arr_foreach(list, index, count, item)
    {
        if (!yyjson_is_uint(item) || !add_reason(reasons, yyjson_get_uint(item)))
            return false;
    }
    return true;
}

static bool add_reason_text(struct reasons *reasons, const char *text)
{
    for (;;) {
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 9 || !add_reason(reasons, strtoul(text, NULL, 10)))
            return false;
        text += digits;
        if (*text == '\0')
            return true;
        if (*text++ != '-')
            return false;
    }
}

static bool read_reasons(const struct reading *in, const char **ret, struct error *err)
{
    yyjson_val *value = member_of(in, "hard-reasons");
    struct reasons reasons = {0};
    if (!value)
        return true;
    const char *text = text_of(value);
    bool is_good =
        yyjson_is_arr(value) ? add_reason_list(&reasons, value) : text && add_reason_text(&reasons, text);
    if (!is_good)
        return refuse(in, "hard-reasons", "ids joined by hyphens like \"1-7-20\", or a list of ids", err);
    if (reasons.count == 0)
        return true;
    *ret = arena_text(in->arena, reasons.text);
    return *ret || error_no_memory(err);
}

static bool read_property(const struct reading *in, const char **ret, struct error *err)
{
    yyjson_val *value = member_of(in, "property");
    if (!value)
        return true;
    if (!yyjson_is_obj(value) && !yyjson_is_str(value))
        return refuse(in, "property", "an object", err);
    size_t bytes = 0;
    char *json = yyjson_val_write(value, 0, &bytes);
    if (!json)
        return error_no_memory(err);
    *ret = arena_text_n(in->arena, json, bytes);
    free(json);
    return *ret || error_no_memory(err);
}

static bool need(const struct reading *in, const char *name, const char *text, struct error *err)
{
    return text || error_set_detail(err, DETAIL_BAD_MANIFEST, "'%s'%s is missing", name, in->place);
}

static bool check_annotation(const struct reading *in, const struct manifest_annotation *annotation,
                             struct error *err)
{
    if (!need(in, "type", annotation->type, err))
        return false;
    if (text_ends_with(annotation->type, "_classification"))
        return need(in, "name", annotation->name, err);
    bool has_file = strcmp(annotation->type, MANIFEST_TYPE_DETECTION) == 0 ||
                    strcmp(annotation->type, "modelarts/image_segmentation") == 0;
    return !has_file || need(in, "annotation-loc", annotation->annotation_loc, err);
}

static bool read_annotation(const struct reading *in, struct manifest_annotation *ret, struct error *err)
{
    *ret = manifest_annotation_none();
    return read_text(in, "type", &ret->type, err) && read_text(in, "name", &ret->name, err) &&
           read_text(in, "annotation-loc", &ret->annotation_loc, err) &&
           read_text(in, "annotation-format", &ret->annotation_format, err) &&
           read_text(in, "annotated-by", &ret->annotated_by, err) &&
           read_text(in, "creation-time", &ret->creation_time, err) &&
           read_property(in, &ret->property_json, err) &&
           read_number(in, "confidence", 1, &ret->confidence, err) && read_hard(in, &ret->hard, err) &&
           read_number(in, "hard-coefficient", 1, &ret->hard_coefficient, err) &&
           read_reasons(in, &ret->hard_reasons, err) && check_annotation(in, ret, err);
}

static bool read_annotations(const struct reading *in, struct manifest_sample *ret, struct error *err)
{
    yyjson_val *list = member_of(in, "annotation");
    if (!list)
        return true;
    if (!yyjson_is_arr(list))
        return refuse(in, "annotation", "a list", err);
    size_t length = yyjson_arr_size(list);
    if (length > MANIFEST_ANNOTATIONS_MAX)
        return error_set(err, ERR_LIMIT, "'annotation' has %zu items; %d is the limit", length,
                         MANIFEST_ANNOTATIONS_MAX);
    if (length == 0)
        return true;
    struct manifest_annotation *annotations = arena_array(in->arena, length, sizeof(*annotations));
    if (!annotations)
        return error_no_memory(err);
    size_t index, count;
    yyjson_val *item;
    yyjson_arr_foreach(list, index, count, item)
    {
        struct reading inner = {.arena = in->arena, .object = item};
        (void)snprintf(inner.place, sizeof(inner.place), " of annotation %zu", index + 1);
        if (!yyjson_is_obj(item))
            return error_set_detail(err, DETAIL_BAD_MANIFEST, "annotation %zu must be an object", index + 1);
        if (!read_annotation(&inner, &annotations[index], err))
            return false;
    }
    ret->annotations = annotations;
    ret->annotation_count = length;
    return true;
}

static bool read_sample(const struct reading *in, struct manifest_sample *ret, struct error *err)
{
    return read_text(in, "source", &ret->source, err) && need(in, "source", ret->source, err) &&
           read_text(in, "id", &ret->id, err) && read_text(in, "usage", &ret->usage, err) &&
           read_text(in, "inference-loc", &ret->inference_loc, err) &&
           read_property(in, &ret->property_json, err) && read_hard(in, &ret->hard, err) &&
           read_number(in, "hard-coefficient", 1, &ret->hard_coefficient, err) &&
           read_reasons(in, &ret->hard_reasons, err) && read_sample_type(in, &ret->sample_type, err) &&
           read_annotations(in, ret, err);
}

bool manifest_line_read(struct bytes line, struct arena *arena, struct manifest_sample *ret,
                        struct error *err)
{
    if (line.size > MANIFEST_LINE_MAX_BYTES)
        return error_set(err, ERR_LIMIT, "the line is longer than %d bytes, the limit of one line",
                         MANIFEST_LINE_MAX_BYTES);
    AUTO_JSON doc = NULL;
    if (!json_parse(line, "the line", &doc, err)) {
        err->detail = DETAIL_BAD_MANIFEST;
        return false;
    }
    struct reading in = {.arena = arena, .object = yyjson_doc_get_root(doc)};
    if (!yyjson_is_obj(in.object))
        return error_set_detail(err, DETAIL_BAD_MANIFEST, "the line is JSON, but not an object");
    struct manifest_sample sample = manifest_sample_none();
    if (!read_sample(&in, &sample, err))
        return false;
    *ret = sample;
    return true;
}
