/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_stream.h"
#include "dataset/sample_change.h"

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

bool sample_image_write(const struct sample_change *change, struct arena *arena, const char **ret,
                        struct error *err)
{
    AUTO_BUFFER(text, SAMPLE_IMAGE_MAX_BYTES);
    struct json_stream out = {.into = &text};
    json_stream_open(&out, NULL, '{');
    json_stream_text(&out, "state", change->state);
    write_bool(&out, "hard", change->is_hard);
    write_bool(&out, "excluded", change->is_excluded);
    json_stream_open(&out, "annotations", '[');
    for (size_t i = 0; i < change->annotation_count; i++)
        write_annotation(&out, &change->annotations[i]);
    json_stream_close(&out, ']');
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

bool sample_image_read(const char *image, struct arena *arena, struct sample_change *ret, struct error *err)
{
    AUTO_JSON doc = NULL;
    if (!json_parse((struct bytes){image, strlen(image)}, "what a sample was", &doc, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(doc), *rows = yyjson_obj_get(root, "annotations"), *row = NULL;
    size_t index = 0, count = 0;
    struct annotation *annotations = arena_array(arena, yyjson_arr_size(rows) + 1, sizeof(*annotations));
    if (!annotations)
        return error_no_memory(err);
    yyjson_arr_foreach(rows, index, count, row) annotations[index] = read_annotation(row, arena);
    *ret = (struct sample_change){.state = arena_text(arena, json_text(root, "state", SAMPLE_UNLABELED)),
                                  .is_hard = json_bool(root, "hard", false),
                                  .is_excluded = json_bool(root, "excluded", false),
                                  .has_new_annotations = true,
                                  .annotations = annotations,
                                  .annotation_count = yyjson_arr_size(rows)};
    return ret->state || error_no_memory(err);
}
