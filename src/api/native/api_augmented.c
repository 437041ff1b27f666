/* SPDX-License-Identifier: Apache-2.0 */
/* What the model saw when it was asked again: a sample's image, blurred, mirrored and so on. */
#include "api/native/images.h"
#include "api/native/origin.h"

#include <string.h>

struct augmented_request {
    const char *sample, *op, *size;
};

static const struct param_spec augmented_params[] = {
    SAMPLE_PARAM(struct augmented_request),
    PARAM(struct augmented_request, op, .type = PARAM_TEXT, .is_required = true, .value_name = "OPERATION",
          .max = 32, .help = "one of aug_op_config: fliplr, crop, … (docs/rules.md)"),
    IMAGE_CROP_SIZE_PARAM(struct augmented_request),
    PARAM_END,
};

bool origin_operation(const struct origin *origin, const char *name, struct augment_setting *ret,
                      struct error *err)
{
    struct augment_settings settings;
    struct error ignored;
    const struct augment_op *op = augment_find(name);
    if (!op) {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "there is no operation '%.40s'", name);
        return error_point(err, "/op");
    }
    *ret = (struct augment_setting){op, 1, op->parameter.usual};
    if (!origin->is_mined ||
        !augment_settings_read(origin->request.hard.mining.aug_op_config, &settings, &ignored))
        return true;
    for (uint32_t i = 0; i < settings.count; i++)
        if (settings.ops[i].op == op)
            *ret = settings.ops[i];
    return true;
}

bool origin_side(struct api_call *call, const struct origin *origin, uint32_t *ret, struct error *err)
{
    struct model model;
    struct model_card card;
    if (!origin->has_run)
        return error_set_detail(err, DETAIL_NO_SAMPLES,
                                "no run of a service that is still there gave this sample, so no model was "
                                "asked about copies of it");
    if (!model_find(call->api->db, call->caller->project_id, call->arena, origin->run.model_id, &model,
                    err) ||
        !model_card_read(&model, call->arena, &card, err))
        return false;
    *ret = (uint32_t)(card.width > card.height ? card.width : card.height);
    return true;
}

static bool augmented(struct api_call *call, struct error *err)
{
    const struct augmented_request *request = call->params;
    struct sample sample;
    struct origin origin;
    struct augment_setting setting;
    struct image_source source;
    struct image_wish wish = {.size = request->size, .augment = &setting};
    if (!sample_find(call->api->db, call->caller->project_id, call->arena, request->sample, &sample, err) ||
        !origin_find(call, &sample, &origin, err) || !origin_operation(&origin, request->op, &setting, err) ||
        !origin_side(call, &origin, &wish.augment_side_px, err))
        return false;
    return image_of_sample(call, &sample, &source, err) && reply_image(call, &source, &wish, err);
}

const struct route route_samples_augmented = {
    "samples.augmented",
    "GET",
    "/api/v1/samples/{sample}/augmented",
    augmented_params,
    sizeof(struct augmented_request),
    augmented,
    "Gives the augmented copy of a sample's image that the model was asked about, for reasons 19 to 29.",
    ROLE_READ,
    200,
    NULL,
    true};
