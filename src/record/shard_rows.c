/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of records.jsonl. */
#include "record/shard_format.h"

#include "base/json_stream.h"
#include "record/members.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PHASH_DIGITS = 16, WARNING_BITS = 32, BOX_EDGES = 4 };

static void put_warnings(struct json_stream *out, uint32_t warnings)
{
    if (warnings == 0)
        return;
    json_stream_open(out, "warnings", '[');
    for (uint32_t bit = 0; bit < WARNING_BITS; bit++)
        if (warnings >> bit & 1)
            json_stream_text(out, NULL, image_warning_name(bit));
    json_stream_close(out, ']');
}

static void put_image(struct json_stream *out, const struct record *record)
{
    if (record->content_hash) {
        json_stream_count(out, "bytes", record->bytes);
        json_stream_text(out, "hash", record->content_hash);
    }
    json_stream_text(out, "format", record->format);
    if (record->width > 0)
        json_stream_count(out, "width", record->width);
    if (record->height > 0)
        json_stream_count(out, "height", record->height);
    if (record->orientation > 1)
        json_stream_count(out, "orientation", record->orientation);
    put_warnings(out, record->warnings);
}

static void put_measures(struct json_stream *out, const struct record_header *header,
                         const struct record *record, uint64_t candidate)
{
    char phash[PHASH_DIGITS + 1];
    (void)snprintf(phash, sizeof(phash), "%016" PRIx64, record->perceptual_hash);
    json_stream_text(out, "phash", phash);
    if (header->type == MODEL_TYPE_CLASSIFICATION) {
        json_stream_number(out, "log_sum_exp", record->log_sum_exp);
        return;
    }
    json_stream_open(out, "candidates", '[');
    json_stream_count(out, NULL, candidate);
    json_stream_count(out, NULL, record->candidate_count);
    json_stream_close(out, ']');
}

static void put_truth(struct json_stream *out, const struct record *record)
{
    if (!record->truth_labels)
        return;
    json_stream_open(out, "truth", '[');
    for (uint32_t i = 0; i < record->truth_count; i++)
        json_stream_text(out, NULL, record->truth_labels[i]);
    json_stream_close(out, ']');
    if (!record->truth_boxes)
        return;
    json_stream_open(out, "truth_boxes", '[');
    for (uint32_t i = 0; i < record->truth_count; i++) {
        const struct box *box = &record->truth_boxes[i];
        json_stream_open(out, NULL, '[');
        json_stream_number(out, NULL, (double)box->x_min);
        json_stream_number(out, NULL, (double)box->y_min);
        json_stream_number(out, NULL, (double)box->x_max);
        json_stream_number(out, NULL, (double)box->y_max);
        json_stream_close(out, ']');
    }
    json_stream_close(out, ']');
}

bool shard_row_write(const struct record_header *header, const struct record *record, uint64_t candidate,
                     struct buffer *into, struct error *err)
{
    struct json_stream out = {.into = into};
    json_stream_open(&out, NULL, '{');
    json_stream_text(&out, "source", record->source);
    json_stream_message(&out, "error", record->error);
    put_image(&out, record);
    if (!record->error)
        put_measures(&out, header, record, candidate);
    put_truth(&out, record);
    json_stream_text(&out, "usage", record->usage);
    json_stream_close(&out, '}');
    (void)buffer_add(into, "\n", 1);
    return json_stream_check(&out, "the record's row", err);
}

static uint32_t take_warnings(struct members *members)
{
    uint32_t bits = 0;
    size_t index, count;
    yyjson_val *item, *list = members_list(members, "warnings", WARNING_BITS);
    if (!list)
        return 0;
    yyjson_arr_foreach(list, index, count, item)
    {
        const char *name;
        for (uint32_t bit = 0; (name = image_warning_name(bit)); bit++)
            if (yyjson_equals_str(item, name))
                bits |= 1U << bit;
    }
    return bits;
}

static uint64_t take_phash(struct members *members)
{
    uint64_t value = 0;
    const char *text = members_text(members, "phash", MEMBER_REQUIRED);
    if (!text)
        return 0;
    if (strlen(text) != PHASH_DIGITS || strspn(text, "0123456789abcdef") != PHASH_DIGITS)
        members_refuse(members, "phash", "16 hex digits");
    for (; *text; text++)
        value = value << 4 | (uint64_t)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
    return value;
}

/* [first row, number of rows] in the candidate arrays; rows of one image follow those of the one before. */
static void take_candidates(struct members *members, uint64_t *candidate, struct record *ret)
{
    yyjson_val *range = members_list(members, "candidates", 2);
    yyjson_val *first = yyjson_arr_get(range, 0), *count = yyjson_arr_get(range, 1);
    if (!yyjson_is_uint(first) || !yyjson_is_uint(count) || yyjson_get_uint(first) != *candidate ||
        yyjson_get_uint(count) > PREDICTION_CANDIDATES_MAX) {
        members_refuse(members, "candidates", "the end of the record before and a count within the limit");
        return;
    }
    ret->candidate_count = (uint32_t)yyjson_get_uint(count);
    *candidate += ret->candidate_count;
}

static bool take_box(yyjson_val *item, struct box *ret)
{
    float edges[BOX_EDGES];
    if (yyjson_arr_size(item) != BOX_EDGES)
        return false;
    for (size_t i = 0; i < BOX_EDGES; i++) {
        yyjson_val *edge = yyjson_arr_get(item, i);
        if (!yyjson_is_num(edge) || fabs(yyjson_get_num(edge)) > (double)FLT_MAX)
            return false;
        edges[i] = (float)yyjson_get_num(edge);
    }
    *ret = (struct box){edges[0], edges[1], edges[2], edges[3]};
    return true;
}

static const struct box *take_truth_boxes(struct members *members, uint32_t labels)
{
    size_t index, count;
    yyjson_val *item, *list = members_list(members, "truth_boxes", RECORD_TRUTH_MAX);
    if (!list)
        return NULL;
    struct box *boxes = arena_array(members->arena, (size_t)labels + 1, sizeof(*boxes));
    if (!boxes && !members->has_failed)
        members->has_failed = !error_no_memory(members->err);
    if (yyjson_arr_size(list) != labels)
        members_refuse(members, "truth_boxes", "one box for each of 'truth'");
    yyjson_arr_foreach(list, index, count, item)
    {
        if (!members->has_failed && !take_box(item, &boxes[index]))
            members_refuse(members, "truth_boxes", "boxes of four numbers");
    }
    return boxes;
}

static void take_row(struct members *members, const struct record_header *header, uint64_t *candidate,
                     struct record *ret)
{
    ret->source = members_text(members, "source", MEMBER_REQUIRED);
    ret->error = members_text(members, "error", MEMBER_OPTIONAL);
    ret->bytes = members_count(members, "bytes", MEMBER_OPTIONAL, 0, INT64_MAX);
    ret->content_hash = members_text(members, "hash", MEMBER_OPTIONAL);
    ret->format = members_text(members, "format", MEMBER_OPTIONAL);
    ret->width = (uint32_t)members_count(members, "width", MEMBER_OPTIONAL, 1, UINT32_MAX);
    ret->height = (uint32_t)members_count(members, "height", MEMBER_OPTIONAL, 1, UINT32_MAX);
    ret->orientation = (uint8_t)members_count(members, "orientation", MEMBER_OPTIONAL, 2, 8);
    ret->orientation = ret->orientation == 0 ? 1 : ret->orientation;
    ret->warnings = take_warnings(members);
    ret->truth_labels = members_texts(members, "truth", RECORD_TRUTH_MAX, &ret->truth_count);
    if (header->type == MODEL_TYPE_DETECTION)
        ret->truth_boxes = take_truth_boxes(members, ret->truth_count);
    ret->usage = members_text(members, "usage", MEMBER_OPTIONAL);
    ret->log_sum_exp = (double)NAN;
    if (ret->error)
        return;
    ret->perceptual_hash = take_phash(members);
    if (header->type == MODEL_TYPE_CLASSIFICATION)
        ret->log_sum_exp = members_number(members, "log_sum_exp");
    else
        take_candidates(members, candidate, ret);
}

bool shard_row_read(struct bytes line, const struct record_header *header, struct arena *arena,
                    uint64_t *candidate, struct record *ret, struct error *err)
{
    AUTO_JSON doc = NULL;
    if (!json_parse(line, "the row", &doc, err))
        return false;
    struct members members = {.object = yyjson_doc_get_root(doc), .arena = arena, .err = err};
    struct record record = {0};
    take_row(&members, header, candidate, &record);
    if (members.has_failed)
        return false;
    *ret = record;
    return true;
}
