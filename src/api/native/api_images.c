/* SPDX-License-Identifier: Apache-2.0 */
/* The images of samples, whole and by box. */
#include "api/native/images.h"

#include "manifest/voc.h"

struct image_request {
    const char *sample, *size, *rev;
};
struct crop_request {
    const char *sample, *box, *size, *rev;
};

#define REV_PARAM(request)                                                                                   \
    PARAM(request, rev, .type = PARAM_TEXT, .max = 64,                                                       \
          .help =                                                                                            \
              "content hash (8 digits suffice) or revision of the sample: the reply may be kept for ever")

static const struct param_spec image_params[] = {
    SAMPLE_PARAM(struct image_request),
    IMAGE_SIZE_PARAM(struct image_request, "orig"),
    REV_PARAM(struct image_request),
    PARAM_END,
};
static const struct param_spec crop_params[] = {
    SAMPLE_PARAM(struct crop_request),
    PARAM(struct crop_request, box, .type = PARAM_TEXT, .is_required = true,
          .value_name = "N|XMIN,YMIN,XMAX,YMAX",
          .help = "number of a label with a box, from 0, or px of the upright image"),
    IMAGE_CROP_SIZE_PARAM(struct crop_request),
    REV_PARAM(struct crop_request),
    PARAM_END,
};

static bool image(struct api_call *call, struct error *err)
{
    const struct image_request *request = call->params;
    const struct image_wish wish = {request->size, request->rev, NULL};
    struct sample sample;
    struct image_source source;
    return sample_find(call->api->db, call->caller->project_id, call->arena, request->sample, &sample, err) &&
           image_of_sample(call, &sample, &source, err) && reply_image(call, &source, &wish, err);
}

/* ---- crops ---- */

struct boxes {
    struct arena *arena;
    const struct sample *sample;
};

/* Of any shape, its hull. */
static bool box_of_label(const void *state, uint64_t number, struct image_box *ret)
{
    const struct boxes *boxes = state;
    struct voc_shape shape;
    struct error ignored;
    for (size_t i = 0; i < boxes->sample->annotation_count; i++) {
        const char *json = boxes->sample->annotations[i].shape_json;
        if (!json || number-- > 0)
            continue;
        if (!voc_shape_json_read(json, boxes->arena, &shape, &ignored) || shape.kind == VOC_CIRCLE ||
            shape.count < 2)
            return false;
        *ret = (struct image_box){shape.values[0], shape.values[1], shape.values[0], shape.values[1]};
        for (size_t v = 0; v + 1 < shape.count; v += 2) {
            ret->x0 = shape.values[v] < ret->x0 ? shape.values[v] : ret->x0;
            ret->x1 = shape.values[v] > ret->x1 ? shape.values[v] : ret->x1;
            ret->y0 = shape.values[v + 1] < ret->y0 ? shape.values[v + 1] : ret->y0;
            ret->y1 = shape.values[v + 1] > ret->y1 ? shape.values[v + 1] : ret->y1;
        }
        return ret->x0 < ret->x1 && ret->y0 < ret->y1;
    }
    return false;
}

static bool crop(struct api_call *call, struct error *err)
{
    const struct crop_request *request = call->params;
    struct sample sample;
    struct image_source source;
    struct image_box part;
    if (!sample_find(call->api->db, call->caller->project_id, call->arena, request->sample, &sample, err) ||
        !image_of_sample(call, &sample, &source, err))
        return false;
    const struct boxes boxes = {call->arena, &sample};
    if (!image_read_box(request->box, box_of_label, &boxes, &part, err))
        return false;
    const struct image_wish wish = {request->size, request->rev, &part};
    return reply_image(call, &source, &wish, err);
}

const struct route route_samples_image = {"samples.image",
                                          "GET",
                                          "/api/v1/samples/{sample}/image",
                                          image_params,
                                          sizeof(struct image_request),
                                          image,
                                          "Gives the image of a sample, small or as it is stored.",
                                          ROLE_READ,
                                          200,
                                          NULL,
                                          true};
const struct route route_samples_crop = {"samples.crop",
                                         "GET",
                                         "/api/v1/samples/{sample}/crop",
                                         crop_params,
                                         sizeof(struct crop_request),
                                         crop,
                                         "Gives a part of a sample's image, with some margin.",
                                         ROLE_READ,
                                         200,
                                         NULL,
                                         true};
