/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/sample_requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "7-1-20" with the names from the registry. */
static void show_reasons(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(doc, object, "reasons");
    for (const char *at = sample->hard_reasons; at && *at;) {
        char *end = NULL;
        unsigned long id = strtoul(at, &end, 10);
        if (end == at || id >= REASON_COUNT)
            return;
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, rows);
        (void)yyjson_mut_obj_add_uint(doc, row, "id", id);
        reply_text(doc, row, "code", all_rules[id]->code);
        reply_text(doc, row, "name", all_rules[id]->name);
        reply_text(doc, row, "suggestion", all_rules[id]->suggestion);
        at = *end == '-' ? end + 1 : end;
    }
}

static void show_labels(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    yyjson_mut_val *labels = yyjson_mut_obj_add_arr(doc, object, "labels");
    for (size_t i = 0; i < sample->annotation_count; i++) {
        const struct annotation *annotation = &sample->annotations[i];
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, labels);
        reply_text(doc, row, "name", annotation->name);
        reply_number(doc, row, "score", annotation->confidence);
        reply_text(doc, row, "state", annotation->is_suggested ? "suggested" : "confirmed");
        reply_text(doc, row, "annotated_by", annotation->annotated_by);
        if (annotation->shape_json)
            reply_json(doc, row, "shape", annotation->shape_json);
        if (annotation->property_json)
            reply_json(doc, row, "property", annotation->property_json);
    }
}

static void show_source(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    reply_text(doc, object, "source", sample->source);
}

static void show_state(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    reply_text(doc, object, "state", sample->state);
}

static void show_usage(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    reply_text(doc, object, "usage", sample->usage);
}

static void show_hard(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    (void)yyjson_mut_obj_add_bool(doc, object, "hard", sample->is_hard);
}

static void show_coefficient(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    reply_number(doc, object, "hard_coefficient", sample->hard_coefficient);
}

static void show_width(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    (void)yyjson_mut_obj_add_int(doc, object, "width", sample->width);
}

static void show_height(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    (void)yyjson_mut_obj_add_int(doc, object, "height", sample->height);
}

static void show_content_hash(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    reply_text(doc, object, "content_hash", sample->content_hash);
}

static void show_origin(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    reply_text(doc, object, "origin", sample->origin);
}

static void show_excluded(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    (void)yyjson_mut_obj_add_bool(doc, object, "is_excluded", sample->is_excluded);
}

static void show_revision(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    (void)yyjson_mut_obj_add_int(doc, object, "revision", sample->revision);
}

static void show_created(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    reply_time(doc, object, "created", sample->created_ms);
}

static void show_updated(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    reply_time(doc, object, "updated", sample->updated_ms);
}

static void show_evidence(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    reply_json(doc, object, "evidence", sample->evidence_json);
}

static void show_metadata(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    if (sample->metadata_json)
        reply_json(doc, object, "metadata", sample->metadata_json);
}

/* The id is always shown. */
static const struct sample_field_row {
    const char *name;
    void (*show)(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample);
} sample_fields[] = {
    {"source", show_source},
    {"state", show_state},
    {"usage", show_usage},
    {"hard", show_hard},
    {"hard_coefficient", show_coefficient},
    {"reasons", show_reasons},
    {"labels", show_labels},
    {"width", show_width},
    {"height", show_height},
    {"content_hash", show_content_hash},
    {"origin", show_origin},
    {"is_excluded", show_excluded},
    {"revision", show_revision},
    {"created", show_created},
    {"updated", show_updated},
    {"evidence", show_evidence},
    {"metadata", show_metadata},
};
enum { SAMPLE_FIELDS = sizeof(sample_fields) / sizeof(sample_fields[0]) };
_Static_assert(SAMPLE_FIELDS <= 64, "a bit for each");

static bool refuse_field(const char *name, struct error *err)
{
    char known[300] = "id";
    for (size_t i = 0; i < SAMPLE_FIELDS; i++) {
        size_t used = strlen(known);
        (void)snprintf(known + used, sizeof(known) - used, ", %s", sample_fields[i].name);
    }
    (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "a sample has no member '%.40s'; it has %s", name,
                           known);
    return error_point(err, "/fields");
}

bool sample_fields_of(struct param_list names, uint64_t *ret, struct error *err)
{
    uint64_t fields = 0;
    for (size_t i = 0; i < names.count; i++) {
        size_t at = 0;
        while (at < SAMPLE_FIELDS && strcmp(sample_fields[at].name, names.items[i]) != 0)
            at++;
        if (at == SAMPLE_FIELDS && strcmp(names.items[i], "id") != 0)
            return refuse_field(names.items[i], err);
        fields |= at < SAMPLE_FIELDS ? (uint64_t)1 << at : 0;
    }
    *ret = names.count > 0 ? fields : (uint64_t)SAMPLE_FIELDS_ALL;
    return true;
}

void reply_sample(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample, uint64_t fields)
{
    reply_text(doc, object, "id", sample->id);
    for (size_t i = 0; i < SAMPLE_FIELDS; i++)
        if (fields >> i & 1U)
            sample_fields[i].show(doc, object, sample);
}

bool reply_sample_page(struct api_call *call, const char *dataset_id, const struct sample_filter *filter,
                       uint64_t fields, struct error *err)
{
    struct sample_found found;
    if (!samples_search(&(struct sample_scope){call->api->index, call->api->db, dataset_id}, call->arena,
                        filter, &found, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "samples");
    for (size_t i = 0; i < found.count; i++)
        reply_sample(call->reply, yyjson_mut_arr_add_obj(call->reply, rows), &found.samples[i], fields);
    (void)yyjson_mut_obj_add_int(call->reply, call->root, "total", found.total);
    reply_text(call->reply, call->root, "next_cursor", found.cursor);
    return true;
}
