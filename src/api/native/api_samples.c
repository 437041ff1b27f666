/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/native.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Which samples of a dataset; the rows serve listing and deciding. */
struct sample_query {
    const char *state, *label, *name, *sort, *cursor;
    bool hard, include_excluded;
    uint64_t reason;
    double score_min, score_max, coefficient_min, coefficient_max;
    uint64_t limit;
};
struct list_request {
    const char *dataset;
    struct sample_query query;
};
/* What is decided. */
struct decision_words {
    const char *action, *by;
    struct param_list labels, box;
    bool nothing;
};
struct decide_request {
    struct decision_words words;
    struct param_list ids;
    const char *dataset;
    struct sample_query query;
};
struct decide_one_request {
    const char *sample;
    struct decision_words words;
};

enum { REASON_ANY = 31, SCORE_ANY = -1 };

static const char *const states[] = {"unlabeled", "to_be_confirmed", "tbc", "labeled", NULL};
static const char *const sorts[] = {"-hard_coefficient", "hard_coefficient", "source", "-source",
                                    "created",           "-created",         NULL};

static const struct param_spec query_params[] = {
    PARAM(struct sample_query, state, .type = PARAM_CHOICE, .choices = states,
          .help = "only in this state; tbc = to_be_confirmed"),
    PARAM(struct sample_query, hard, .type = PARAM_BOOL, .help = "only hard examples"),
    PARAM(struct sample_query, reason, .type = PARAM_COUNT, .fallback = REASON_ANY, .min = 0,
          .max = REASON_ANY, .help = "only with this reason, 0 to 30; 31 = any"),
    PARAM(struct sample_query, label, .type = PARAM_TEXT,
          .help = "only with this label, confirmed or suggested"),
    PARAM(struct sample_query, score_min, .type = PARAM_NUMBER, .fallback = SCORE_ANY, .min = SCORE_ANY,
          .max = 1, .help = "only with a suggestion of at least this score"),
    PARAM(struct sample_query, score_max, .type = PARAM_NUMBER, .fallback = SCORE_ANY, .min = SCORE_ANY,
          .max = 1, .help = "only with suggestions of at most this score"),
    PARAM(struct sample_query, coefficient_min, .type = PARAM_NUMBER, .fallback = SCORE_ANY, .min = SCORE_ANY,
          .max = 1, .help = "only with at least this hard coefficient"),
    PARAM(struct sample_query, coefficient_max, .type = PARAM_NUMBER, .fallback = SCORE_ANY, .min = SCORE_ANY,
          .max = 1, .help = "only with at most this hard coefficient"),
    PARAM(struct sample_query, name, .type = PARAM_TEXT, .help = "only whose source contains this"),
    PARAM(struct sample_query, include_excluded, .type = PARAM_BOOL, .help = "excluded samples too"),
    PARAM(struct sample_query, sort, .type = PARAM_CHOICE, .choices = sorts,
          .fallback_text = "-hard_coefficient", .help = "order; - is descending"),
    PARAM(struct sample_query, cursor, .type = PARAM_TEXT, .help = "next_cursor of the page before"),
    PARAM(struct sample_query, limit, .type = PARAM_COUNT, .fallback = 50, .min = 1, .max = DATASET_PAGE_MAX,
          .help = "at most so many"),
    PARAM_END,
};
static const struct param_spec list_params[] = {
    PARAM(struct list_request, dataset, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM_TABLE(struct list_request, query, query_params),
    PARAM_END,
};
static const struct param_spec sample_params[] = {
    PARAM(struct named_request, sample, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "id of the sample, or its beginning"),
    PARAM_END,
};
static const struct param_spec words_params[] = {
    PARAM(struct decision_words, action, .type = PARAM_TEXT, .is_required = true,
          .help = "confirm, reject, mark_hard, clear_hard, exclude or include"),
    PARAM(struct decision_words, labels, .type = PARAM_LIST, .is_whole_item = true, .value_name = "LABEL",
          .help = "what it is, instead of the suggestion; may be repeated"),
    PARAM(struct decision_words, box, .type = PARAM_LIST, .is_whole_item = true,
          .value_name = "LABEL:XMIN,YMIN,XMAX,YMAX",
          .help = "a box in whole px, instead of the suggested ones; may be repeated; confirm and reject"),
    PARAM(struct decision_words, nothing, .type = PARAM_BOOL,
          .help = "there is nothing in the image: labeled without boxes; confirm and reject"),
    PARAM(struct decision_words, by, .type = PARAM_TEXT, .max = 64,
          .help = "who decides, of callers without a name; default: human"),
    PARAM_END,
};
static const struct param_spec decide_params[] = {
    PARAM_TABLE(struct decide_request, words, words_params),
    PARAM(struct decide_request, ids, .type = PARAM_LIST, .is_positional = true, .is_whole_item = true,
          .value_name = "ID...",
          .help = "sample ids, or - to read them from standard input; or choose by --dataset and filters"),
    PARAM(struct decide_request, dataset, .type = PARAM_TEXT,
          .help = "all samples of this dataset that match the filters"),
    PARAM_TABLE(struct decide_request, query, query_params),
    PARAM_END,
};
static const struct param_spec decide_one_params[] = {
    PARAM(struct decide_one_request, sample, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "id of the sample, or its beginning"),
    PARAM_TABLE(struct decide_one_request, words, words_params),
    PARAM_END,
};

static double or_any(double value)
{
    return value < 0 ? (double)NAN : value;
}

static struct sample_filter filter_of(const struct sample_query *query)
{
    struct sample_filter filter;
    sample_filter_init(&filter);
    filter.state = query->state && strcmp(query->state, "tbc") == 0 ? SAMPLE_TO_BE_CONFIRMED : query->state;
    filter.only_hard = query->hard;
    filter.reason = query->reason == REASON_ANY ? -1 : (int64_t)query->reason;
    filter.label = query->label;
    filter.score_min = or_any(query->score_min);
    filter.score_max = or_any(query->score_max);
    filter.coefficient_min = or_any(query->coefficient_min);
    filter.coefficient_max = or_any(query->coefficient_max);
    filter.source_contains = query->name;
    filter.include_excluded = query->include_excluded;
    filter.sort = query->sort;
    filter.cursor = query->cursor;
    filter.limit = (int64_t)query->limit;
    return filter;
}

/* "7-1-20" with the names from the registry. */
static void reply_reasons(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *reasons)
{
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(doc, object, "reasons");
    for (const char *at = reasons; at && *at;) {
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

static void reply_sample(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample)
{
    reply_text(doc, object, "id", sample->id);
    reply_text(doc, object, "source", sample->source);
    reply_text(doc, object, "state", sample->state);
    reply_text(doc, object, "usage", sample->usage);
    (void)yyjson_mut_obj_add_bool(doc, object, "hard", sample->is_hard);
    reply_number(doc, object, "hard_coefficient", sample->hard_coefficient);
    reply_reasons(doc, object, sample->hard_reasons);
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
    (void)yyjson_mut_obj_add_int(doc, object, "width", sample->width);
    (void)yyjson_mut_obj_add_int(doc, object, "height", sample->height);
    reply_text(doc, object, "content_hash", sample->content_hash);
    reply_text(doc, object, "origin", sample->origin);
    (void)yyjson_mut_obj_add_bool(doc, object, "is_excluded", sample->is_excluded);
    (void)yyjson_mut_obj_add_int(doc, object, "revision", sample->revision);
    reply_time(doc, object, "created", sample->created_ms);
    reply_time(doc, object, "updated", sample->updated_ms);
    reply_json(doc, object, "evidence", sample->evidence_json);
    if (sample->metadata_json)
        reply_json(doc, object, "metadata", sample->metadata_json);
}

static bool list(struct api_call *call, struct error *err)
{
    const struct list_request *request = call->params;
    struct sample_filter filter = filter_of(&request->query);
    struct dataset dataset;
    struct sample_page page;
    int64_t total = 0;
    if (!dataset_find(call->api->db, call->caller->project_id, call->arena, request->dataset, &dataset,
                      err) ||
        !samples_page(call->api->db, call->arena, dataset.id, &filter, &page, err) ||
        !samples_count(call->api->db, dataset.id, &filter, &total, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "samples");
    for (size_t i = 0; i < page.count; i++)
        reply_sample(call->reply, yyjson_mut_arr_add_obj(call->reply, rows), &page.samples[i]);
    (void)yyjson_mut_obj_add_int(call->reply, call->root, "total", total);
    reply_text(call->reply, call->root, "next_cursor", page.cursor);
    return true;
}

static bool show(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct sample sample;
    if (!sample_find(call->api->db, call->caller->project_id, call->arena, request->sample, &sample, err))
        return false;
    reply_sample(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "sample"), &sample);
    call->revision = sample.revision;
    return true;
}

static bool action_of(const char *name, enum sample_action *ret, struct error *err)
{
    static const char *const names[] = {"confirm", "reject", "mark_hard", "clear_hard", "exclude", "include"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], name) != 0)
            continue;
        *ret = (enum sample_action)i;
        return true;
    }
    (void)error_set_detail(
        err, DETAIL_INVALID_ARGUMENT,
        "action must be confirm, reject, mark_hard, clear_hard, exclude or include, not '%.40s'", name);
    return error_point(err, "/action");
}

/* Whole ids of what the request names: its ids (beginnings suffice), or all of the dataset that match. */
static bool named_ids(struct api_call *call, const struct decide_request *request, struct param_list *ret,
                      struct error *err)
{
    const char **ids = arena_array(call->arena, request->ids.count + 1, sizeof(*ids));
    if (!ids)
        return error_no_memory(err);
    for (size_t i = 0; i < request->ids.count; i++) {
        struct sample sample;
        if (!sample_find(call->api->db, call->caller->project_id, call->arena, request->ids.items[i], &sample,
                         err))
            return error_point(err, "/ids");
        ids[i] = sample.id;
    }
    *ret = (struct param_list){ids, request->ids.count};
    return true;
}

static bool matching_ids(struct api_call *call, const struct decide_request *request, struct param_list *ret,
                         struct error *err)
{
    struct sample_filter filter = filter_of(&request->query);
    struct dataset dataset;
    struct sample_page page;
    if (!dataset_find(call->api->db, call->caller->project_id, call->arena, request->dataset, &dataset,
                      err) ||
        !samples_page(call->api->db, call->arena, dataset.id, &filter, &page, err))
        return error_point(err, "/dataset");
    const char **ids = arena_array(call->arena, page.count + 1, sizeof(*ids));
    if (!ids)
        return error_no_memory(err);
    for (size_t i = 0; i < page.count; i++)
        ids[i] = page.samples[i].id;
    *ret = (struct param_list){ids, page.count};
    return true;
}

static void reply_outcomes(struct api_call *call, const struct sample_outcome *outcomes, size_t count)
{
    int64_t done = 0;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "outcomes");
    for (size_t i = 0; i < count; i++) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_text(call->reply, row, "id", outcomes[i].id);
        (void)yyjson_mut_obj_add_bool(call->reply, row, "is_done", outcomes[i].is_done);
        if (!outcomes[i].is_done)
            reply_text(call->reply, row, "reason", outcomes[i].err->message);
        done += outcomes[i].is_done;
    }
    (void)yyjson_mut_obj_add_int(call->reply, call->root, "done", done);
    (void)yyjson_mut_obj_add_int(call->reply, call->root, "failed", (int64_t)count - done);
}

static bool read_boxes(struct api_call *call, const struct decision_words *words,
                       struct sample_decision *decision, struct error *err)
{
    struct sample_box *boxes = arena_array(call->arena, words->box.count + 1, sizeof(*boxes));
    if (!boxes)
        return error_no_memory(err);
    for (size_t i = 0; i < words->box.count; i++)
        if (!sample_box_read(words->box.items[i], call->arena, &boxes[i], err))
            return error_point(err, "/box");
    decision->boxes = boxes;
    decision->box_count = words->box.count;
    decision->is_nothing = words->nothing;
    return true;
}

static bool read_words(struct api_call *call, const struct decision_words *words, struct sample_decision *ret,
                       struct error *err)
{
    *ret = (struct sample_decision){
        .project_id = call->caller->project_id, .labels = words->labels, .only_known_labels = true};
    if (!action_of(words->action, &ret->action, err) || !read_boxes(call, words, ret, err))
        return false;
    /* Who has shown its name decides under it, whatever the request says. */
    const char *by = call->caller->user ? call->caller->user : words->by;
    ret->decided_by = by ? arena_printf(call->arena, "human/%s", by) : "human";
    return ret->decided_by || error_no_memory(err);
}

static bool decide(struct api_call *call, struct error *err)
{
    const struct decide_request *request = call->params;
    struct sample_decision decision;
    struct sample_outcome *outcomes = NULL;
    struct param_list ids = {NULL, 0};
    if (!read_words(call, &request->words, &decision, err))
        return false;
    if (!request->ids.count == !request->dataset)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "name samples by their ids, or a dataset with filters");
    bool is_found =
        request->dataset ? matching_ids(call, request, &ids, err) : named_ids(call, request, &ids, err);
    if (!is_found || !samples_decide(call->api->db, call->arena, ids, &decision, &outcomes, err))
        return false;
    reply_outcomes(call, outcomes, ids.count);
    return true;
}

/* The revision in If-Match: "7" in quotes; 0 for "*" and without it, -1 for what was never sent. */
static int64_t revision_of(const struct api_call *call)
{
    struct error ignored;
    uint64_t revision = 0;
    char digits[24] = "";
    size_t bytes = call->if_match ? strlen(call->if_match) : 0;
    if (!call->if_match || strcmp(call->if_match, "*") == 0)
        return 0;
    if (bytes < 3 || bytes - 2 >= sizeof(digits) || call->if_match[0] != '"' ||
        call->if_match[bytes - 1] != '"')
        return -1;
    memcpy(digits, call->if_match + 1, bytes - 2);
    if (text_ends_with(digits, "-gzip"))
        digits[bytes - 7] = '\0';
    return text_to_count(digits, "If-Match", 1, (uint64_t)1 << 52, &revision, &ignored) ? (int64_t)revision
                                                                                        : -1;
}

static bool decide_one(struct api_call *call, struct error *err)
{
    const struct decide_one_request *request = call->params;
    struct sample_decision decision;
    struct sample_outcome *outcomes = NULL;
    struct sample sample;
    if (!read_words(call, &request->words, &decision, err) ||
        !sample_find(call->api->db, call->caller->project_id, call->arena, request->sample, &sample, err))
        return false;
    decision.expected_revision = revision_of(call);
    const struct param_list ids = {&sample.id, 1};
    if (!samples_decide(call->api->db, call->arena, ids, &decision, &outcomes, err) ||
        !sample_find(call->api->db, call->caller->project_id, call->arena, sample.id, &sample, err))
        return false;
    if (!outcomes[0].is_done) {
        call->is_stale = decision.expected_revision != 0 && decision.expected_revision != sample.revision;
        *err = *outcomes[0].err;
        return false;
    }
    reply_sample(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "sample"), &sample);
    call->revision = sample.revision;
    return true;
}

const struct route route_samples_decide_one = {"samples.decide_one",
                                               "POST",
                                               "/api/v1/samples/{sample}/decide",
                                               decide_one_params,
                                               sizeof(struct decide_one_request),
                                               decide_one,
                                               "Decides one sample, if it is still as it was seen.",
                                               ROLE_LABEL,
                                               200,
                                               &shape_sample_shown,
                                               false,
                                               true};
const struct route route_samples_list = {"samples.list",
                                         "GET",
                                         "/api/v1/datasets/{dataset}/samples",
                                         list_params,
                                         sizeof(struct list_request),
                                         list,
                                         "Lists samples, the hardest first.",
                                         ROLE_READ,
                                         200,
                                         &shape_samples};
const struct route route_samples_show = {"samples.show",
                                         "GET",
                                         "/api/v1/samples/{sample}",
                                         sample_params,
                                         sizeof(struct named_request),
                                         show,
                                         "Shows a sample and why it is hard.",
                                         ROLE_READ,
                                         200,
                                         &shape_sample_shown};
const struct route route_samples_decide = {
    "samples.decide",
    "POST",
    "/api/v1/samples:decide",
    decide_params,
    sizeof(struct decide_request),
    decide,
    "Decides samples: confirm, reject or relabel, mark or clear hard, exclude.",
    ROLE_LABEL,
    200,
    &shape_outcomes_told};
