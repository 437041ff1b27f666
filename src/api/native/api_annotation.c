/* SPDX-License-Identifier: Apache-2.0 */
/* What one sample shows and how it is marked, as a document that is patched (RFC 7396). */
#include "api/native/sample_requests.h"

struct annotate_request {
    const char *sample;
    struct param_list labels, box;
    bool nothing, hard, excluded;
    const char *by;
};

static const struct param_spec annotate_params[] = {
    SAMPLE_PARAM(struct annotate_request),
    PARAM(struct annotate_request, labels, .type = PARAM_LIST, .is_whole_item = true, .value_name = "LABEL",
          .help = "all its classes; none or null: unlabeled; may be repeated"),
    PARAM(struct annotate_request, box, .type = PARAM_LIST, .is_whole_item = true,
          .value_name = "LABEL:XMIN,YMIN,XMAX,YMAX",
          .help = "all its boxes, in whole px; none or null: unlabeled; may be repeated"),
    PARAM(struct annotate_request, nothing, .type = PARAM_BOOL,
          .help = "there is nothing in the image: labeled without boxes"),
    PARAM(struct annotate_request, hard, .type = PARAM_BOOL, .help = "it is a hard example"),
    PARAM(struct annotate_request, excluded, .type = PARAM_BOOL,
          .help = "it is left out of counts and versions"),
    PARAM(struct annotate_request, by, .type = PARAM_TEXT, .max = 64,
          .help = "who decides, of callers without a name; default: human"),
    PARAM_END,
};

/* A member that is left out leaves things as they are; false says something. */
static int wish_of(const struct api_call *call, const char *name, bool value)
{
    return !request_says(call, name) ? 0 : value ? 1 : -1;
}

static bool annotate(struct api_call *call, struct error *err)
{
    const struct annotate_request *request = call->params;
    const struct decision_words words = {
        .by = request->by, .labels = request->labels, .box = request->box, .nothing = request->nothing};
    struct sample_decision decision;
    if (!read_decision_answer(call, &words, &decision, err))
        return false;
    decision.action = SAMPLE_ANNOTATE;
    decision.hard = wish_of(call, "hard", request->hard);
    decision.excluded = wish_of(call, "excluded", request->excluded);
    bool is_answered = request->labels.count > 0 || request->box.count > 0 || request->nothing;
    decision.is_cleared = !is_answered && (yyjson_obj_get(call->request, "labels") != NULL ||
                                           yyjson_obj_get(call->request, "box") != NULL);
    if (!is_answered && !decision.is_cleared && decision.hard == 0 && decision.excluded == 0)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "nothing is to be changed: give labels, box, nothing, hard or excluded");
    return reply_decide_one(call, request->sample, &decision, err);
}

const struct route route_samples_annotate = {
    "samples.annotate",
    "PATCH",
    "/api/v1/samples/{sample}/annotation",
    annotate_params,
    sizeof(struct annotate_request),
    annotate,
    "Sets what one sample shows and its marks; what is left out stays, the state follows.",
    ROLE_LABEL,
    200,
    &shape_sample_decided,
    false,
    true,
    true};
