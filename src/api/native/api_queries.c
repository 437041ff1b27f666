/* SPDX-License-Identifier: Apache-2.0 */
/* Samples of a dataset by a query: ids, facets, decisions. */
#include "api/native/sample_requests.h"

#include "dataset/sample_query.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LABELS_SHOWN = 50, OFFSET_MAX = 1000 * 1000 * 1000 };

struct query_request {
    const char *dataset;
    struct sample_query query;
    struct param_list fields;
    bool ids_only;
};
struct facets_request {
    const char *dataset;
    struct sample_query query;
    uint64_t labels_max;
};
struct decide_all_request {
    const char *dataset;
    struct decision_words words;
    yyjson_val *target;
    uint64_t expected_revision;
};

static const struct param_spec paging_params[] = {
    PARAM(struct sample_query, sort, .type = PARAM_TEXT, .fallback_text = "-hard_coefficient",
          .help = "order, as of samples.list"),
    PARAM(struct sample_query, cursor, .type = PARAM_TEXT, .max = 8192,
          .help = "next_cursor of the page before"),
    PARAM(struct sample_query, offset, .type = PARAM_COUNT, .fallback = 0, .max = OFFSET_MAX,
          .help = "so many samples before the page, instead of a cursor: for jumping, not for walking"),
    PARAM(struct sample_query, limit, .type = PARAM_COUNT, .fallback = 50, .min = 1,
          .max = DATASET_DECIDE_MAX, .help = "at most so many; above 1000 with ids_only"),
    PARAM_END,
};
static const struct param_spec query_params[] = {
    PARAM(struct query_request, dataset, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM_TABLE(struct query_request, query, sample_condition_params),
    PARAM_TABLE(struct query_request, query, paging_params),
    PARAM(struct query_request, fields, .type = PARAM_LIST, .value_name = "NAME,...",
          .help = "only these members of each sample, and its id"),
    PARAM(struct query_request, ids_only, .type = PARAM_BOOL, .help = "ids instead of samples"),
    PARAM_END,
};
static const struct param_spec facets_params[] = {
    PARAM(struct facets_request, dataset, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM_TABLE(struct facets_request, query, sample_condition_params),
    PARAM(struct facets_request, labels_max, .type = PARAM_COUNT, .fallback = LABELS_SHOWN, .min = 0,
          .max = SAMPLE_FACET_LABELS_MAX, .help = "so many labels, the most frequent ones"),
    PARAM_END,
};
static const struct param_spec decide_all_params[] = {
    PARAM(struct decide_all_request, dataset, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct decide_all_request, target, .type = PARAM_JSON, .is_required = true,
          .help = "{\"ids\": [id, ...]}, or {\"query\": filter, \"except\": [id, ...]}"),
    PARAM_TABLE(struct decide_all_request, words, decision_words_params),
    PARAM(struct decide_all_request, expected_revision, .type = PARAM_COUNT, .min = 0, .max = 9e15,
          .help = "samples of another revision are refused; 0: any"),
    PARAM_END,
};

/* ---- pages ---- */

static bool reply_ids(struct api_call *call, const char *dataset_id, const struct sample_filter *filter,
                      struct error *err)
{
    struct sample_ids found;
    if (!samples_search_ids(&(struct sample_scope){call->api->index, call->api->db, dataset_id}, call->arena,
                            filter, &found, err))
        return false;
    yyjson_mut_val *ids = yyjson_mut_obj_add_arr(call->reply, call->root, "ids");
    for (size_t i = 0; i < found.ids.count; i++)
        (void)yyjson_mut_arr_add_str(call->reply, ids, found.ids.items[i]); /* in the call's arena */
    (void)yyjson_mut_obj_add_int(call->reply, call->root, "total", found.total);
    reply_text(call->reply, call->root, "next_cursor", found.cursor);
    return true;
}

static bool query(struct api_call *call, struct error *err)
{
    const struct query_request *request = call->params;
    struct sample_filter filter;
    struct dataset dataset;
    uint64_t fields = 0;
    if (!sample_filter_of(&request->query, call->arena, &filter, err) ||
        !sample_fields_of(request->fields, &fields, err) ||
        !dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, request->dataset,
                                &dataset, err))
        return false;
    if (request->ids_only)
        return reply_ids(call, dataset.id, &filter, err);
    if (filter.limit > DATASET_PAGE_MAX) {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "a page holds 1 to %d samples, not %" PRId64,
                               DATASET_PAGE_MAX, filter.limit);
        return error_point(err, "/limit");
    }
    return reply_sample_page(call, dataset.id, &filter, fields, err);
}

/* ---- facets ---- */

static void reply_values(struct api_call *call, yyjson_mut_val *object, const char *name,
                         const struct sample_facet_list *list)
{
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, object, name);
    for (size_t i = 0; i < list->count; i++) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_text(call->reply, row, "value", list->items[i].name);
        (void)yyjson_mut_obj_add_int(call->reply, row, "samples", list->items[i].samples);
    }
}

static void reply_label_facets(struct api_call *call, yyjson_mut_val *object,
                               const struct sample_facets *facets)
{
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, object, "labels");
    for (size_t i = 0; i < facets->labels.count; i++) {
        const struct sample_facet *facet = &facets->labels.items[i];
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_text(call->reply, row, "value", facet->name);
        (void)yyjson_mut_obj_add_int(call->reply, row, "samples", facet->samples);
        (void)yyjson_mut_obj_add_int(call->reply, row, "confirmed", facet->confirmed);
        (void)yyjson_mut_obj_add_int(call->reply, row, "suggested", facet->suggested);
    }
    (void)yyjson_mut_obj_add_int(call->reply, object, "labels_known", facets->labels_known);
}

static void reply_flag(struct api_call *call, yyjson_mut_val *object, const char *name, int64_t with,
                       int64_t without)
{
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, object, name);
    const int64_t samples[] = {with, without};
    for (int i = 0; i < 2; i++) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_text(call->reply, row, "value", i == 0 ? "true" : "false");
        (void)yyjson_mut_obj_add_int(call->reply, row, "samples", samples[i]);
    }
}

static void reply_reason_facets(struct api_call *call, yyjson_mut_val *object, const int64_t *reasons)
{
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, object, "reasons");
    for (size_t id = 0; id < REASON_COUNT; id++) {
        if (reasons[id] == 0)
            continue;
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        (void)yyjson_mut_obj_add_uint(call->reply, row, "id", id);
        reply_text(call->reply, row, "code", all_rules[id]->code);
        reply_text(call->reply, row, "name", all_rules[id]->name);
        (void)yyjson_mut_obj_add_int(call->reply, row, "samples", reasons[id]);
    }
}

static void reply_histogram(struct api_call *call, yyjson_mut_val *object, const char *name,
                            const struct sample_histogram *histogram)
{
    yyjson_mut_val *shown = yyjson_mut_obj_add_obj(call->reply, object, name);
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, shown, "bins");
    for (int i = 0; i < SAMPLE_BINS; i++) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_number(call->reply, row, "from", (double)i / SAMPLE_BINS);
        reply_number(call->reply, row, "to", (double)(i + 1) / SAMPLE_BINS);
        (void)yyjson_mut_obj_add_int(call->reply, row, "samples", histogram->bins[i]);
    }
    (void)yyjson_mut_obj_add_int(call->reply, shown, "without", histogram->without);
}

static bool facets(struct api_call *call, struct error *err)
{
    const struct facets_request *request = call->params;
    struct sample_filter filter;
    struct dataset dataset;
    struct sample_facets counted;
    if (!sample_filter_of(&request->query, call->arena, &filter, err) ||
        !dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, request->dataset,
                                &dataset, err) ||
        !samples_facets(&(struct sample_scope){call->api->index, call->api->db, dataset.id}, call->arena,
                        &filter, request->labels_max, &counted, err))
        return false;
    (void)yyjson_mut_obj_add_int(call->reply, call->root, "total", counted.total);
    yyjson_mut_val *object = yyjson_mut_obj_add_obj(call->reply, call->root, "facets");
    reply_values(call, object, "states", &counted.states);
    reply_flag(call, object, "hard", counted.hard, counted.not_hard);
    reply_flag(call, object, "excluded", counted.excluded, counted.not_excluded);
    reply_reason_facets(call, object, counted.reasons);
    reply_label_facets(call, object, &counted);
    reply_values(call, object, "usages", &counted.usages);
    reply_values(call, object, "origins", &counted.origins);
    reply_histogram(call, object, "hard_coefficient", &counted.coefficient);
    reply_histogram(call, object, "score", &counted.score);
    return true;
}

/* ---- decisions ---- */

static bool refuse_target(const char *pointer, struct error *err)
{
    (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                           "target is {\"ids\": [id, ...]}, or {\"query\": filter, \"except\": [id, ...]}, "
                           "whole ids, at most %d",
                           DATASET_DECIDE_MAX);
    return error_point(err, pointer);
}

static bool read_ids(struct api_call *call, yyjson_val *list, const char *pointer, struct param_list *ret,
                     struct error *err)
{
    size_t index, max;
    yyjson_val *item;
    if (!yyjson_is_arr(list) || yyjson_arr_size(list) > DATASET_DECIDE_MAX)
        return refuse_target(pointer, err);
    const char **ids = arena_array(call->arena, yyjson_arr_size(list) + 1, sizeof(*ids));
    if (!ids)
        return error_no_memory(err);
    yyjson_arr_foreach(list, index, max, item)
    {
        ids[index] = yyjson_get_str(item);
        if (!ids[index] || strlen(ids[index]) != HASH_HEX_BYTES - 1)
            return refuse_target(pointer, err);
    }
    *ret = (struct param_list){ids, yyjson_arr_size(list)};
    return true;
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In place. */
static void leave_out(struct param_list *ids, struct param_list except)
{
    size_t kept = 0;
    qsort(except.items, except.count, sizeof(*except.items), compare_ids);
    for (size_t i = 0; i < ids->count; i++)
        if (!bsearch(&ids->items[i], except.items, except.count, sizeof(*except.items), compare_ids))
            ids->items[kept++] = ids->items[i];
    ids->count = kept;
}

/* All that match, or none: half of them would be a surprise. */
static bool queried_ids(struct api_call *call, const char *dataset_id, yyjson_val *tree,
                        struct param_list *ret, struct error *err)
{
    struct sample_filter filter;
    struct sample_term where;
    struct sample_ids found;
    sample_filter_init(&filter);
    filter.sort = "id";
    filter.limit = DATASET_DECIDE_MAX;
    filter.where = &where;
    filter.include_excluded = true;
    if (!sample_term_read(tree, "/target/query", call->arena, &where, err) ||
        !samples_search_ids(&(struct sample_scope){call->api->index, call->api->db, dataset_id}, call->arena,
                            &filter, &found, err))
        return false;
    if (found.cursor)
        return error_set(err, ERR_LIMIT,
                         "%" PRId64 " samples match; at most %d are decided at once: narrow the query",
                         found.total, DATASET_DECIDE_MAX) ||
               error_point(err, "/target/query");
    *ret = found.ids;
    return true;
}

static bool target_ids(struct api_call *call, const char *dataset_id, yyjson_val *target,
                       struct param_list *ret, struct error *err)
{
    yyjson_val *ids = yyjson_obj_get(target, "ids"), *tree = yyjson_obj_get(target, "query");
    yyjson_val *except = yyjson_obj_get(target, "except");
    struct param_list left_out = {NULL, 0};
    size_t known = (size_t)(ids != NULL) + (tree != NULL) + (except != NULL);
    if (!ids == !tree || (ids && except) || yyjson_obj_size(target) != known)
        return refuse_target("/target", err);
    if (ids)
        return read_ids(call, ids, "/target/ids", ret, err);
    if ((except && !read_ids(call, except, "/target/except", &left_out, err)) ||
        !queried_ids(call, dataset_id, tree, ret, err))
        return false;
    if (left_out.count > 0)
        leave_out(ret, left_out);
    return true;
}

static bool decide_all(struct api_call *call, struct error *err)
{
    const struct decide_all_request *request = call->params;
    struct sample_decision decision;
    struct sample_outcome *outcomes = NULL;
    struct param_list ids = {NULL, 0};
    struct dataset dataset;
    if (!read_decision_words(call, &request->words, &decision, err) ||
        !dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, request->dataset,
                                &dataset, err) ||
        !target_ids(call, dataset.id, request->target, &ids, err))
        return false;
    decision.expected_revision = (int64_t)request->expected_revision;
    decision.dataset_id = dataset.id;
    decision.finish = reply_outcomes;
    decision.finish_state = call;
    return samples_decide(call->api->db, call->arena, ids, &decision, &outcomes, err);
}

const struct route route_samples_query = {"samples.query",
                                          "POST",
                                          "/api/v1/datasets/{dataset}/samples:query",
                                          query_params,
                                          sizeof(struct query_request),
                                          query,
                                          "Lists samples that a tree of conditions takes, or their ids.",
                                          ROLE_READ,
                                          200,
                                          &shape_samples_queried};
const struct route route_samples_facets = {"samples.facets",
                                           "GET",
                                           "/api/v1/datasets/{dataset}/facets",
                                           facets_params,
                                           sizeof(struct facets_request),
                                           facets,
                                           "Counts samples by state, reason, label and more, under a filter.",
                                           ROLE_READ,
                                           200,
                                           &shape_facets};
const struct route route_samples_facets_queried = {
    "samples.facets_queried",
    "POST",
    "/api/v1/datasets/{dataset}/facets",
    facets_params,
    sizeof(struct facets_request),
    facets,
    "Counts samples as samples.facets does; for filters too long for a query.",
    ROLE_READ,
    200,
    &shape_facets};
const struct route route_samples_decide_all = {
    "samples.decide_all",
    "POST",
    "/api/v1/datasets/{dataset}/samples:decide",
    decide_all_params,
    sizeof(struct decide_all_request),
    decide_all,
    "Decides the samples of a dataset that are named, or that a query takes.",
    ROLE_LABEL,
    200,
    &shape_outcomes_told,
    .keeps_reply = true};
