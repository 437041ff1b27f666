/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_stream.h"
#include "dataset/sample_change.h"
#include "dataset/sample_presence.h"

#include <math.h>
#include <string.h>

struct sample_change sample_change_of(const struct sample *sample)
{
    return (struct sample_change){.id = sample->id,
                                  .revision = sample->revision,
                                  .state = sample->state,
                                  .is_hard = sample->is_hard,
                                  .is_excluded = sample->is_excluded,
                                  .annotations = sample->annotations,
                                  .annotation_count = sample->annotation_count};
}

static void write_bool(struct json_stream *out, const char *name, bool value)
{
    json_stream_raw(out, name, value ? "true" : "false");
}

/* JSON columns as texts, so that they come back byte by byte. */
static void write_annotation(struct json_stream *out, const struct annotation *annotation)
{
    json_stream_open(out, NULL, '{');
    json_stream_text(out, "name", annotation->name);
    json_stream_text(out, "shape", annotation->shape_json);
    write_bool(out, "suggested", annotation->is_suggested);
    json_stream_number(out, "confidence", annotation->confidence);
    json_stream_text(out, "annotated_by", annotation->annotated_by);
    json_stream_text(out, "property", annotation->property_json);
    json_stream_count(out, "created_ms", (uint64_t)annotation->created_ms);
    json_stream_close(out, '}');
}

static void write_annotations(struct json_stream *out, const struct annotation *annotations, size_t count)
{
    json_stream_open(out, "annotations", '[');
    for (size_t i = 0; i < count; i++)
        write_annotation(out, &annotations[i]);
    json_stream_close(out, ']');
}

bool sample_image_write(const struct sample_change *change, struct arena *arena, const char **ret,
                        struct error *err)
{
    AUTO_BUFFER(text, SAMPLE_IMAGE_MAX_BYTES);
    struct json_stream out = {.into = &text};
    json_stream_open(&out, NULL, '{');
    json_stream_text(&out, "state", change->state);
    write_bool(&out, "hard", change->is_hard);
    write_bool(&out, "excluded", change->is_excluded);
    write_annotations(&out, change->annotations, change->annotation_count);
    json_stream_close(&out, '}');
    if (!json_stream_check(&out, "what a sample was", err))
        return false;
    *ret = arena_text_n(arena, text.data, text.size);
    return *ret || error_no_memory(err);
}

static struct annotation read_annotation(yyjson_val *object, struct arena *arena)
{
    return (struct annotation){.name = arena_text(arena, json_text(object, "name", "")),
                               .shape_json = arena_text(arena, json_text(object, "shape", NULL)),
                               .is_suggested = json_bool(object, "suggested", false),
                               .confidence = json_number(object, "confidence", (double)NAN),
                               .annotated_by = arena_text(arena, json_text(object, "annotated_by", "")),
                               .property_json = arena_text(arena, json_text(object, "property", NULL)),
                               .created_ms = json_integer(object, "created_ms", 0)};
}

static bool read_annotations(yyjson_val *rows, struct arena *arena, struct annotation **ret,
                             struct error *err)
{
    size_t index = 0, count = 0;
    yyjson_val *row = NULL;
    struct annotation *annotations = arena_array(arena, yyjson_arr_size(rows) + 1, sizeof(*annotations));
    if (!annotations)
        return error_no_memory(err);
    yyjson_arr_foreach(rows, index, count, row) annotations[index] = read_annotation(row, arena);
    *ret = annotations;
    return true;
}

bool sample_image_read(const char *image, struct arena *arena, struct sample_change *ret, struct error *err)
{
    AUTO_JSON doc = NULL;
    if (!json_parse((struct bytes){image, strlen(image)}, "what a sample was", &doc, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(doc), *rows = yyjson_obj_get(root, "annotations");
    struct annotation *annotations = NULL;
    if (!read_annotations(rows, arena, &annotations, err))
        return false;
    *ret = (struct sample_change){.state = arena_text(arena, json_text(root, "state", SAMPLE_UNLABELED)),
                                  .is_hard = json_bool(root, "hard", false),
                                  .is_excluded = json_bool(root, "excluded", false),
                                  .has_new_annotations = true,
                                  .annotations = annotations,
                                  .annotation_count = yyjson_arr_size(rows)};
    return ret->state || error_no_memory(err);
}

/* ---- whole ---- */

static void write_count(struct json_stream *out, const char *name, int64_t value)
{
    if (value > 0)
        json_stream_count(out, name, (uint64_t)value);
}

bool sample_whole_write(const struct sample *sample, struct arena *arena, const char **ret, struct error *err)
{
    AUTO_BUFFER(text, SAMPLE_IMAGE_MAX_BYTES);
    struct json_stream out = {.into = &text};
    json_stream_open(&out, NULL, '{');
    json_stream_text(&out, "dataset", sample->dataset_id);
    json_stream_text(&out, "source", sample->source);
    json_stream_text(&out, "state", sample->state);
    json_stream_text(&out, "usage", sample->usage);
    json_stream_text(&out, "content_hash", sample->content_hash);
    write_count(&out, "width", sample->width);
    write_count(&out, "height", sample->height);
    write_bool(&out, "hard", sample->is_hard);
    json_stream_number(&out, "hard_coefficient", sample->hard_coefficient);
    json_stream_text(&out, "hard_reasons", sample->hard_reasons);
    json_stream_text(&out, "evidence", sample->evidence_json);
    json_stream_text(&out, "origin", sample->origin);
    json_stream_text(&out, "origin_task", sample->origin_task);
    json_stream_text(&out, "metadata", sample->metadata_json);
    write_bool(&out, "excluded", sample->is_excluded);
    write_count(&out, "created_ms", sample->created_ms);
    write_annotations(&out, sample->annotations, sample->annotation_count);
    json_stream_close(&out, '}');
    if (!json_stream_check(&out, "what a sample was", err))
        return false;
    *ret = arena_text_n(arena, text.data, text.size);
    return *ret || error_no_memory(err);
}

static const char *text_of(yyjson_val *object, const char *name, struct arena *arena)
{
    return arena_text(arena, json_text(object, name, NULL));
}

bool sample_whole_read(const char *whole, struct arena *arena, struct sample *ret, struct error *err)
{
    AUTO_JSON doc = NULL;
    struct annotation *annotations = NULL;
    if (!json_parse((struct bytes){whole, strlen(whole)}, "what a sample was", &doc, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(doc), *rows = yyjson_obj_get(root, "annotations");
    if (!read_annotations(rows, arena, &annotations, err))
        return false;
    *ret = (struct sample){.dataset_id = text_of(root, "dataset", arena),
                           .source = text_of(root, "source", arena),
                           .state = text_of(root, "state", arena),
                           .usage = text_of(root, "usage", arena),
                           .content_hash = text_of(root, "content_hash", arena),
                           .width = json_integer(root, "width", 0),
                           .height = json_integer(root, "height", 0),
                           .is_hard = json_bool(root, "hard", false),
                           .hard_coefficient = json_number(root, "hard_coefficient", (double)NAN),
                           .hard_reasons = text_of(root, "hard_reasons", arena),
                           .evidence_json = text_of(root, "evidence", arena),
                           .origin = text_of(root, "origin", arena),
                           .origin_task = text_of(root, "origin_task", arena),
                           .metadata_json = text_of(root, "metadata", arena),
                           .is_excluded = json_bool(root, "excluded", false),
                           .created_ms = json_integer(root, "created_ms", 0),
                           .annotations = annotations,
                           .annotation_count = yyjson_arr_size(rows)};
    return (ret->dataset_id && ret->source && ret->state && ret->origin) ||
           error_set(err, ERR_FAILED, "what a sample was is not whole");
}
