/* SPDX-License-Identifier: Apache-2.0 */
/* What the model said of each image of a run. */
#include "api/native/find_result.h"
#include "api/native/images.h"

#include <math.h>
#include <string.h>

enum { RESULTS_PAGE_MAX = 1000, RESULT_SCORES_MAX = 10 };

struct list_request {
    const char *service, *run, *class_name, *state, *cursor;
    double score_min, score_max;
    uint64_t limit;
};
struct one_request {
    const char *service, *result;
};
struct image_request {
    struct one_request of;
    const char *size, *rev;
};
struct crop_request {
    struct one_request of;
    const char *box, *size, *rev;
};

enum { SCORE_ANY = -1 };
static const char *const states[] = {"ok", "failed", NULL};

static const struct param_spec list_params[] = {
    PARAM(struct list_request, service, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct list_request, run, .type = PARAM_TEXT, .help = "id of a run; default: the latest complete"),
    {.name = "class",
     .type = PARAM_TEXT,
     .offset = offsetof(struct list_request, class_name),
     .value_name = "LABEL",
     .help = "only where this class has the best score"},
    PARAM(struct list_request, score_min, .type = PARAM_NUMBER, .fallback = SCORE_ANY, .min = SCORE_ANY,
          .max = 1, .help = "only with at least this best score"),
    PARAM(struct list_request, score_max, .type = PARAM_NUMBER, .fallback = SCORE_ANY, .min = SCORE_ANY,
          .max = 1, .help = "only with at most this best score"),
    PARAM(struct list_request, state, .type = PARAM_CHOICE, .choices = states,
          .help = "only images that the model saw, or only those that failed; skipped files have no result"),
    PARAM(struct list_request, cursor, .type = PARAM_TEXT, .help = "next_cursor of the page before"),
    PARAM(struct list_request, limit, .type = PARAM_COUNT, .fallback = 50, .min = 1, .max = RESULTS_PAGE_MAX,
          .help = "at most so many"),
    PARAM_END,
};
static const struct param_spec one_params[] = {
    PARAM(struct one_request, service, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct one_request, result, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "id of the result"),
    PARAM_END,
};
#define REV_PARAM(request)                                                                                   \
    PARAM(request, rev, .type = PARAM_TEXT, .max = 64,                                                       \
          .help = "content hash (8 digits suffice): the reply may be kept for ever")
static const struct param_spec image_params[] = {
    PARAM_TABLE(struct image_request, of, one_params),
    IMAGE_SIZE_PARAM(struct image_request, "orig"),
    REV_PARAM(struct image_request),
    PARAM_END,
};
static const struct param_spec crop_params[] = {
    PARAM_TABLE(struct crop_request, of, one_params),
    PARAM(struct crop_request, box, .type = PARAM_TEXT, .is_required = true,
          .value_name = "N|XMIN,YMIN,XMAX,YMAX",
          .help = "number of a box, from 0 (near misses follow), or px of the upright image"),
    IMAGE_CROP_SIZE_PARAM(struct crop_request),
    REV_PARAM(struct crop_request),
    PARAM_END,
};

/* ---- pages ---- */

static bool read_filter(const struct list_request *request, const struct run_index *index,
                        struct run_index_filter *ret, struct error *err)
{
    *ret =
        (struct run_index_filter){.class_index = UINT32_MAX,
                                  .score_min = request->score_min < 0 ? (double)NAN : request->score_min,
                                  .score_max = request->score_max < 0 ? (double)NAN : request->score_max,
                                  .is_failed = request->state ? strcmp(request->state, "failed") == 0 : -1};
    for (uint32_t c = 0; request->class_name && c < run_index_classes(index); c++)
        if (ret->class_index == UINT32_MAX && strcmp(run_index_label(index, c), request->class_name) == 0)
            ret->class_index = c;
    if (!request->class_name || ret->class_index != UINT32_MAX)
        return true;
    (void)error_set_detail(err, DETAIL_LABEL_NOT_FOUND, "the model knows no class '%.60s'",
                           request->class_name);
    return error_point(err, "/class");
}

static void add_row(struct api_call *call, const struct insight *insight, const struct run *run, uint64_t at,
                    yyjson_mut_val *object)
{
    const struct run_index *index = insight->run.index;
    struct run_index_row row;
    run_index_get(index, at, &row);
    const char *label = row.class_index == UINT32_MAX ? NULL : run_index_label(index, row.class_index);
    const char *id = result_id_write(call->arena, run->id, at);
    reply_text(call->reply, object, "id", id);
    reply_text(call->reply, object, "source", row.source);
    reply_text(call->reply, object, "state", row.error ? "failed" : "ok");
    reply_text(call->reply, object, "error", row.error);
    reply_text(call->reply, object, "label", label);
    reply_number(call->reply, object, "score", row.score);
    (void)yyjson_mut_obj_add_uint(call->reply, object, "box_count", row.boxes);
    (void)yyjson_mut_obj_add_uint(call->reply, object, "width", row.width);
    (void)yyjson_mut_obj_add_uint(call->reply, object, "height", row.height);
    reply_text(call->reply, object, "image",
               arena_printf(call->arena, "/api/v1/services/%s/results/%s/image", run->service_id, id));
}

static void add_page(struct api_call *call, const struct insight *insight, const struct run *run,
                     const struct run_index_filter *filter, uint64_t from)
{
    const struct list_request *request = call->params;
    const struct run_index *index = insight->run.index;
    uint64_t count = run_index_count(index), total = 0, added = 0;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "results");
    uint64_t at = run_index_next(index, filter, from);
    for (; at < count && added < request->limit; at = run_index_next(index, filter, at + 1), added++)
        add_row(call, insight, run, at, yyjson_mut_arr_add_obj(call->reply, rows));
    for (uint64_t i = run_index_next(index, filter, 0); i < count; i = run_index_next(index, filter, i + 1))
        total++;
    (void)yyjson_mut_obj_add_uint(call->reply, call->root, "total", total);
    reply_text(call->reply, call->root, "next_cursor",
               at < count ? result_id_write(call->arena, run->id, at) : NULL);
}

/* A cursor belongs to the run whose page it came with. */
static bool read_cursor(struct api_call *call, const char **ret_run, uint64_t *ret_from, struct error *err)
{
    const struct list_request *request = call->params;
    char run[HASH_HEX_BYTES];
    *ret_run = request->run;
    *ret_from = 0;
    if (!request->cursor)
        return true;
    bool is_read = result_id_read(request->cursor, run, ret_from);
    if (is_read && (!request->run || strcmp(request->run, run) == 0)) {
        *ret_run = arena_text(call->arena, run);
        return *ret_run || error_no_memory(err);
    }
    (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "the cursor is none of this list");
    return error_point(err, "/cursor");
}

static bool list(struct api_call *call, struct error *err)
{
    const struct list_request *request = call->params;
    struct service service;
    struct run run;
    const char *run_id = NULL;
    const struct insight *insight = NULL;
    struct run_index_filter filter;
    uint64_t from = 0;
    if (!read_cursor(call, &run_id, &from, err) ||
        !find_run(call, request->service, run_id, &service, &run, err) ||
        !take_run(call, &run, &insight, err))
        return false;
    bool is_done = read_filter(request, insight->run.index, &filter, err);
    if (is_done) {
        reply_text(call->reply, call->root, "run", run.id);
        add_page(call, insight, &run, &filter, from);
    }
    insight_give_back(call->api->insights, insight);
    return is_done;
}

/* ---- one result ---- */

struct found_result {
    struct service service;
    struct run run;
    const struct insight *insight;
    struct opened_record opened;
    uint64_t row;
};

static void release_found(struct api_call *call, struct found_result *found)
{
    found->opened.shard = record_shard_free(found->opened.shard);
    insight_give_back(call->api->insights, found->insight);
}

static bool find_result(struct api_call *call, const struct one_request *request, struct found_result *found,
                        struct error *err)
{
    char run[HASH_HEX_BYTES];
    *found = (struct found_result){0};
    if (!result_id_read(request->result, run, &found->row)) {
        (void)error_set_detail(err, DETAIL_RESULT_NOT_FOUND, "'%.60s' is not the id of a result",
                               request->result);
        return error_point(err, "/result");
    }
    if (!find_run(call, request->service, run, &found->service, &found->run, err) ||
        !take_run(call, &found->run, &found->insight, err))
        return false;
    if (open_record(found->insight, found->row, &found->opened, err))
        return true;
    release_found(call, found);
    return false;
}

static bool add_scores(struct api_call *call, yyjson_mut_val *object, const struct record_header *header,
                       const struct record *record, struct error *err)
{
    double *scores = arena_array(call->arena, (size_t)header->classes + 1, sizeof(*scores));
    if (!scores)
        return error_no_memory(err);
    record_scores(header, record, scores);
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, object, "scores");
    for (uint32_t rank = 0; rank < RESULT_SCORES_MAX && rank < header->classes; rank++) {
        uint32_t best = 0;
        for (uint32_t c = 1; c < header->classes; c++)
            best = scores[c] > scores[best] ? c : best;
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_text(call->reply, row, "label", header->labels[best]);
        (void)yyjson_mut_obj_add_real(call->reply, row, "score", scores[best]);
        scores[best] = -1;
    }
    return true;
}

static bool add_details(struct api_call *call, yyjson_mut_val *object, const struct found_result *found,
                        struct error *err)
{
    const struct record *record = &found->opened.record;
    const struct record_header *header = record_set_header(found->insight->run.set);
    reply_text(call->reply, object, "format", record->format);
    reply_text(call->reply, object, "content_hash", record->content_hash);
    (void)yyjson_mut_obj_add_uint(call->reply, object, "bytes", record->bytes);
    yyjson_mut_val *warnings = yyjson_mut_obj_add_arr(call->reply, object, "warnings");
    for (uint32_t bit = 0; image_warning_name(bit); bit++)
        if (record->warnings & (1U << bit))
            (void)yyjson_mut_arr_add_str(call->reply, warnings, image_warning_name(bit));
    if (record->error)
        return true;
    yyjson_mut_val *features = yyjson_mut_obj_add_obj(call->reply, object, "features");
    for (int f = 0; f < FEATURE_COUNT; f++)
        reply_number(call->reply, features, record_feature_name((enum record_feature)f), record->features[f]);
    if (header->type == MODEL_TYPE_CLASSIFICATION)
        return add_scores(call, object, header, record, err);
    reply_boxes(call->reply, object, header, record);
    return true;
}

static bool show(struct api_call *call, struct error *err)
{
    struct found_result found;
    if (!find_result(call, call->params, &found, err))
        return false;
    yyjson_mut_val *object = yyjson_mut_obj_add_obj(call->reply, call->root, "result");
    add_row(call, found.insight, &found.run, found.row, object);
    bool is_done = add_details(call, object, &found, err);
    release_found(call, &found);
    return is_done;
}

/* ---- its image ---- */

static bool box_of_record(const void *state, uint64_t number, struct image_box *ret)
{
    const struct record *record = state;
    if (number >= record->candidate_count)
        return false;
    const struct box *box = &record->candidates[number].box;
    *ret = (struct image_box){(double)box->x_min, (double)box->y_min, (double)box->x_max, (double)box->y_max};
    return ret->x0 < ret->x1 && ret->y0 < ret->y1;
}

static bool reply_result_image(struct api_call *call, const struct found_result *found,
                               const struct image_wish *wish, struct error *err)
{
    const struct record *record = &found->opened.record;
    const struct image_source source = {
        .source = record->source, .content_hash = record->content_hash, .what = "the result"};
    return reply_image(call, &source, wish, err);
}

static bool image(struct api_call *call, struct error *err)
{
    const struct image_request *request = call->params;
    const struct image_wish wish = {request->size, request->rev, NULL};
    struct found_result found;
    if (!find_result(call, &request->of, &found, err))
        return false;
    bool is_done = reply_result_image(call, &found, &wish, err);
    /* The hash is the record's, whose shard closes now. */
    call->file.etag = is_done ? arena_text(call->arena, call->file.etag) : NULL;
    release_found(call, &found);
    return is_done && (call->file.etag || error_no_memory(err));
}

static bool crop(struct api_call *call, struct error *err)
{
    const struct crop_request *request = call->params;
    struct found_result found;
    struct image_box part;
    if (!find_result(call, &request->of, &found, err))
        return false;
    const struct image_wish wish = {request->size, request->rev, &part};
    bool is_done = image_read_box(request->box, box_of_record, &found.opened.record, &part, err) &&
                   reply_result_image(call, &found, &wish, err);
    release_found(call, &found);
    return is_done;
}

#define RESULT_PATH "/api/v1/services/{service}/results/{result}"

const struct route route_result_list = {"service.results",
                                        "GET",
                                        "/api/v1/services/{service}/results",
                                        list_params,
                                        sizeof(struct list_request),
                                        list,
                                        "Lists what the model said of each image of a run.",
                                        ROLE_READ,
                                        200,
                                        &shape_results};
const struct route route_result_show = {"service.result",
                                        "GET",
                                        RESULT_PATH,
                                        one_params,
                                        sizeof(struct one_request),
                                        show,
                                        "Shows what the model said of one image, with scores or boxes.",
                                        ROLE_READ,
                                        200,
                                        &shape_result_shown};
const struct route route_result_image = {"service.result_image",
                                         "GET",
                                         RESULT_PATH "/image",
                                         image_params,
                                         sizeof(struct image_request),
                                         image,
                                         "Gives the image of a result, small or as it is stored.",
                                         ROLE_READ,
                                         200,
                                         NULL,
                                         true};
const struct route route_result_crop = {"service.result_crop",
                                        "GET",
                                        RESULT_PATH "/crop",
                                        crop_params,
                                        sizeof(struct crop_request),
                                        crop,
                                        "Gives a part of a result's image, with some margin.",
                                        ROLE_READ,
                                        200,
                                        NULL,
                                        true};
