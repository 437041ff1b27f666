/* SPDX-License-Identifier: Apache-2.0 */
#include "manifest/manifest.h"

#include "base/json.h"
#include "base/json_stream.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Empty texts read as absent, so they are written as absent. */
static void put_text(struct json_stream *out, const char *name, const char *text)
{
    json_stream_text(out, name, text && text[0] != '\0' ? text : NULL);
}

/* The three members about hardness, which samples and annotations share. */
static void put_hard(struct json_stream *out, enum manifest_hard hard, double coefficient,
                     const char *reasons)
{
    static const char *const words[] = {
        [MANIFEST_HARD_UNKNOWN] = NULL, [MANIFEST_HARD_NO] = "false", [MANIFEST_HARD_YES] = "true"};
    json_stream_text(out, "hard", words[hard]);
    json_stream_number(out, "hard-coefficient", coefficient);
    put_text(out, "hard-reasons", reasons);
}

/* Only whole JSON on one line may enter ours: it is parsed and written again. */
static bool put_property(struct json_stream *out, const char *json, struct error *err)
{
    AUTO_JSON doc = NULL;
    if (!json || json[0] == '\0')
        return true;
    if (!json_parse((struct bytes){json, strlen(json)}, "'property'", &doc, err))
        return false;
    char *line = yyjson_write(doc, 0, NULL);
    if (!line)
        return error_no_memory(err);
    json_stream_raw(out, "property", line);
    free(line);
    return true;
}

static bool put_annotation(struct json_stream *out, const struct manifest_annotation *annotation,
                           struct error *err)
{
    json_stream_open(out, NULL, '{');
    put_text(out, "name", annotation->name);
    put_text(out, "type", annotation->type);
    put_text(out, "annotation-loc", annotation->annotation_loc);
    put_text(out, "annotation-format", annotation->annotation_format);
    if (!put_property(out, annotation->property_json, err))
        return false;
    json_stream_number(out, "confidence", annotation->confidence);
    put_hard(out, annotation->hard, annotation->hard_coefficient, annotation->hard_reasons);
    put_text(out, "annotated-by", annotation->annotated_by);
    put_text(out, "creation-time", annotation->creation_time);
    json_stream_close(out, '}');
    return true;
}

static bool put_sample(struct json_stream *out, const struct manifest_sample *sample, struct error *err)
{
    json_stream_open(out, NULL, '{');
    if (sample->annotation_count > 0) {
        json_stream_open(out, "annotation", '[');
        for (size_t i = 0; i < sample->annotation_count; i++)
            if (!put_annotation(out, &sample->annotations[i], err))
                return false;
        json_stream_close(out, ']');
    }
    put_text(out, "usage", sample->usage);
    put_hard(out, sample->hard, sample->hard_coefficient, sample->hard_reasons);
    put_text(out, "inference-loc", sample->inference_loc);
    if (!put_property(out, sample->property_json, err))
        return false;
    if (sample->sample_type >= 0)
        json_stream_count(out, "sample-type", (uint64_t)sample->sample_type);
    put_text(out, "source", sample->source);
    put_text(out, "id", sample->id);
    json_stream_close(out, '}');
    return true;
}

/* A line that we would refuse ourselves must not leave the house. */
static bool reads_back(struct bytes line, struct error *err)
{
    struct manifest_sample sample;
    AUTO(arena) arena = arena_new(MANIFEST_ARENA_BYTES);
    return arena ? manifest_line_read(line, arena, &sample, err) : error_no_memory(err);
}

bool manifest_line_write(const struct manifest_sample *sample, struct buffer *into, struct error *err)
{
    struct json_stream out = {.into = into};
    size_t before = into->size;
    if (put_sample(&out, sample, err) && json_stream_check(&out, "the manifest line", err) &&
        reads_back((struct bytes){into->data + before, into->size - before}, err)) {
        if (buffer_add(into, "\n", 1))
            return true;
        (void)!buffer_check(into, "the manifest", err);
    }
    buffer_cut(into, before);
    return false;
}

bool manifest_result_write(const char *source, const char *inference_loc, const char *error_message,
                           struct buffer *into, struct error *err)
{
    struct json_stream out = {.into = into};
    size_t before = into->size;
    json_stream_open(&out, NULL, '{');
    json_stream_text(&out, "source", source);
    json_stream_text(&out, "result", error_message ? "FAILED" : "SUCCESSFUL");
    if (error_message)
        json_stream_message(&out, "error_message", error_message);
    else
        json_stream_text(&out, "inference-loc", inference_loc);
    json_stream_close(&out, '}');
    (void)buffer_add(into, "\n", 1);
    if (json_stream_check(&out, "the result line", err))
        return true;
    buffer_cut(into, before);
    return false;
}
