/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/sample_requests.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct list_request {
    const char *dataset;
    struct sample_query query;
    struct param_list fields;
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

static const struct param_spec list_params[] = {
    PARAM(struct list_request, dataset, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM_TABLE(struct list_request, query, sample_condition_params),
    PARAM_TABLE(struct list_request, query, sample_page_params),
    PARAM(struct list_request, fields, .type = PARAM_LIST, .value_name = "NAME,...",
          .help = "only these members of each sample, and its id"),
    PARAM_END,
};
const struct param_spec decision_words_params[] = {
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
    PARAM_TABLE(struct decide_request, words, decision_words_params),
    PARAM(struct decide_request, ids, .type = PARAM_LIST, .is_positional = true, .is_whole_item = true,
          .value_name = "ID...",
          .help = "sample ids, or - to read them from standard input; or choose by --dataset and filters"),
    PARAM(struct decide_request, dataset, .type = PARAM_TEXT,
          .help = "all samples of this dataset that match the filters"),
    PARAM_TABLE(struct decide_request, query, sample_condition_params),
    PARAM_TABLE(struct decide_request, query, sample_page_params),
    PARAM_END,
};
static const struct param_spec decide_one_params[] = {
    SAMPLE_PARAM(struct decide_one_request),
    PARAM_TABLE(struct decide_one_request, words, decision_words_params),
    PARAM_END,
};

static bool list(struct api_call *call, struct error *err)
{
    const struct list_request *request = call->params;
    struct sample_filter filter;
    struct dataset dataset;
    uint64_t fields = 0;
    return sample_filter_of(&request->query, call->arena, &filter, err) &&
           sample_fields_of(request->fields, &fields, err) &&
           dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, request->dataset,
                                  &dataset, err) &&
           reply_sample_page(call, dataset.id, &filter, fields, err);
}

static bool show(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct sample sample;
    if (!sample_find(call->api->db, call->caller->project_id, call->arena, request->sample, &sample, err))
        return false;
    reply_sample(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "sample"), &sample,
                 (uint64_t)SAMPLE_FIELDS_ALL);
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

/* Whole ids of what the request names: its ids (beginnings suffice; a whole one is looked for when it is
 * decided), or all of the dataset that match. */
static bool named_ids(struct api_call *call, const struct decide_request *request, struct param_list *ret,
                      struct error *err)
{
    const char **ids = arena_array(call->arena, request->ids.count + 1, sizeof(*ids));
    if (!ids)
        return error_no_memory(err);
    for (size_t i = 0; i < request->ids.count; i++) {
        struct sample sample;
        ids[i] = request->ids.items[i];
        if (strlen(ids[i]) == HASH_HEX_BYTES - 1)
            continue;
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
    struct sample_filter filter;
    struct dataset dataset;
    struct sample_ids found;
    if (!sample_filter_of(&request->query, call->arena, &filter, err))
        return false;
    if (!dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, request->dataset,
                                &dataset, err) ||
        !samples_search_ids(&(struct sample_scope){call->api->index, call->api->db, dataset.id}, call->arena,
                            &filter, &found, err))
        return error_point(err, "/dataset");
    *ret = found.ids;
    return true;
}

bool reply_outcomes(void *state, const struct samples_decided *decided, struct error *err)
{
    struct api_call *call = state;
    const struct sample_outcome *outcomes = decided->outcomes;
    size_t count = decided->count;
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
    reply_text(call->reply, call->root, "operation_id", decided->operation_id);
    return api_keep(call, err);
}

static bool read_boxes(struct api_call *call, struct param_list texts, struct sample_decision *decision,
                       struct error *err)
{
    struct sample_box *boxes = arena_array(call->arena, texts.count + 1, sizeof(*boxes));
    if (!boxes)
        return error_no_memory(err);
    for (size_t i = 0; i < texts.count; i++)
        if (!sample_box_read(texts.items[i], call->arena, &boxes[i], err))
            return error_point(err, "/box");
    decision->boxes = boxes;
    decision->box_count = texts.count;
    return true;
}

bool read_decision_answer(struct api_call *call, const struct decision_words *words,
                          struct sample_decision *ret, struct error *err)
{
    *ret = (struct sample_decision){.project_id = call->caller->project_id,
                                    .labels = words->labels,
                                    .is_nothing = words->nothing,
                                    .only_known_labels = true,
                                    .user = call->caller->user};
    if (!read_boxes(call, words->box, ret, err))
        return false;
    /* Who has shown its name decides under it, whatever the request says. */
    const char *by = call->caller->user ? call->caller->user : words->by;
    ret->decided_by = by ? arena_printf(call->arena, "human/%s", by) : "human";
    return ret->decided_by || error_no_memory(err);
}

bool read_decision_words(struct api_call *call, const struct decision_words *words,
                         struct sample_decision *ret, struct error *err)
{
    enum sample_action action = SAMPLE_CONFIRM;
    if (!action_of(words->action, &action, err) || !read_decision_answer(call, words, ret, err))
        return false;
    ret->action = action;
    return true;
}

static bool decide(struct api_call *call, struct error *err)
{
    const struct decide_request *request = call->params;
    struct sample_decision decision;
    struct sample_outcome *outcomes = NULL;
    struct param_list ids = {NULL, 0};
    if (!read_decision_words(call, &request->words, &decision, err))
        return false;
    if (!request->ids.count == !request->dataset)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "name samples by their ids, or a dataset with filters");
    bool is_found =
        request->dataset ? matching_ids(call, request, &ids, err) : named_ids(call, request, &ids, err);
    decision.finish = reply_outcomes;
    decision.finish_state = call;
    return is_found && samples_decide(call->api->db, call->arena, ids, &decision, &outcomes, err);
}

/* "7-0123456789abcdef" names revision 7 of what is shown together with things that have none. */
static void cut_hash(char *tag)
{
    char *dash = strchr(tag, '-');
    if (dash && strlen(dash + 1) == API_ETAG_HASH_DIGITS &&
        strspn(dash + 1, "0123456789abcdef") == API_ETAG_HASH_DIGITS)
        *dash = '\0';
}

int64_t reply_if_match(const struct api_call *call)
{
    struct error ignored;
    uint64_t revision = 0;
    char digits[48] = "";
    size_t bytes = call->if_match ? strlen(call->if_match) : 0;
    if (!call->if_match || strcmp(call->if_match, "*") == 0)
        return 0;
    if (bytes < 3 || bytes - 2 >= sizeof(digits) || call->if_match[0] != '"' ||
        call->if_match[bytes - 1] != '"')
        return -1;
    memcpy(digits, call->if_match + 1, bytes - 2);
    if (text_ends_with(digits, "-gzip"))
        digits[bytes - 7] = '\0';
    cut_hash(digits);
    return text_to_count(digits, "If-Match", 1, (uint64_t)1 << 52, &revision, &ignored) ? (int64_t)revision
                                                                                        : -1;
}

static bool reply_decided(void *state, const struct samples_decided *decided, struct error *err)
{
    struct api_call *call = state;
    struct sample sample;
    if (!decided->outcomes[0].is_done)
        return true;
    if (!sample_find(call->api->db, call->caller->project_id, call->arena, decided->outcomes[0].id, &sample,
                     err))
        return false;
    reply_sample(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "sample"), &sample,
                 (uint64_t)SAMPLE_FIELDS_ALL);
    reply_text(call->reply, call->root, "operation_id", decided->operation_id);
    call->revision = sample.revision;
    return api_keep(call, err);
}

/* What was refused because another was faster shows what that one made of the sample. */
static bool refuse_one(struct api_call *call, const char *id, int64_t expected, const struct error *why,
                       struct error *err)
{
    struct sample sample;
    if (!sample_find(call->api->db, call->caller->project_id, call->arena, id, &sample, err))
        return false;
    call->is_stale = expected != 0 && expected != sample.revision;
    if (call->is_stale)
        reply_sample(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "sample"), &sample,
                     (uint64_t)SAMPLE_FIELDS_ALL);
    *err = *why;
    return false;
}

bool reply_decide_one(struct api_call *call, const char *reference, struct sample_decision *decision,
                      struct error *err)
{
    struct sample_outcome *outcomes = NULL;
    struct sample sample;
    if (!sample_find(call->api->db, call->caller->project_id, call->arena, reference, &sample, err))
        return false;
    decision->expected_revision = reply_if_match(call);
    decision->finish = reply_decided;
    decision->finish_state = call;
    const struct param_list ids = {&sample.id, 1};
    return samples_decide(call->api->db, call->arena, ids, decision, &outcomes, err) &&
           (outcomes[0].is_done ||
            refuse_one(call, sample.id, decision->expected_revision, outcomes[0].err, err));
}

static bool decide_one(struct api_call *call, struct error *err)
{
    const struct decide_one_request *request = call->params;
    struct sample_decision decision;
    return read_decision_words(call, &request->words, &decision, err) &&
           reply_decide_one(call, request->sample, &decision, err);
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
                                               &shape_sample_decided,
                                               false,
                                               true,
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
    &shape_outcomes_told,
    false,
    false,
    true};
