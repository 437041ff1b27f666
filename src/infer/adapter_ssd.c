/* SPDX-License-Identifier: Apache-2.0 */
/* Three outputs, boxes, labels and scores: SSD of the ONNX model zoo with edges in shares of the tensor, and
 * torchvision's detectors with edges in px. Sources: onnx/models, vision/object_detection_segmentation/ssd;
 * torchvision.models.detection, output of the exported model. */
#include "infer/box_list.h"

#include <stdio.h>

enum { BOXES, LABELS, SCORES, EDGES = 4 };

static const struct list_family family_ssd = {
    .name = "ssd",
    .shape = "boxes [1, N, 4], labels [1, N], scores [1, N]",
    .boxes = BOXES,
    .classes = LABELS,
    .scores = SCORES,
    .counted = LIST_NO_OUTPUT,
    .is_fraction = true,
};

static const struct list_family family_torchvision = {
    .name = "torchvision",
    .shape = "boxes [N, 4], labels [N], scores [N]",
    .boxes = BOXES,
    .classes = LABELS,
    .scores = SCORES,
    .counted = LIST_NO_OUTPUT,
};

/* Boxes of three dimensions are the zoo's, of two torchvision's. */
static bool find_outputs(const struct adapter_outputs *outputs, uint32_t dimensions,
                         struct adapter_match *ret)
{
    size_t found[3] = {0};
    for (size_t i = 0; i < outputs->count; i++) {
        const struct tensor_type *type = &outputs->outputs[i].type;
        bool is_list = type->dim_count + 1 == dimensions;
        if (type->element == ELEMENT_FLOAT32 && type->dim_count == dimensions &&
            type->dims[dimensions - 1] == EDGES) {
            ret->outputs[BOXES] = i;
            found[BOXES]++;
        } else if ((type->element == ELEMENT_INT64 || type->element == ELEMENT_INT32) && is_list) {
            ret->outputs[LABELS] = i;
            found[LABELS]++;
        } else if (type->element == ELEMENT_FLOAT32 && is_list) {
            ret->outputs[SCORES] = i;
            found[SCORES]++;
        }
    }
    return found[BOXES] == 1 && found[LABELS] == 1 && found[SCORES] == 1;
}

static bool recognise(const struct adapter_outputs *outputs, uint32_t dimensions, const char *unit,
                      struct adapter_match *ret)
{
    struct adapter_match match = {
        .output_count = 3, .output_kind = OUTPUT_SIGMOID_PROBABILITIES, .is_certain = true};
    if (!find_outputs(outputs, dimensions, &match))
        return false;
    (void)snprintf(match.why, sizeof(match.why),
                   "outputs '%.40s', '%.40s' and '%.40s' are boxes (%s), labels and scores",
                   outputs->outputs[match.outputs[BOXES]].name, outputs->outputs[match.outputs[LABELS]].name,
                   outputs->outputs[match.outputs[SCORES]].name, unit);
    *ret = match;
    return true;
}

static bool recognise_ssd(const struct adapter_outputs *outputs, struct adapter_match *ret)
{
    return recognise(outputs, 3, "in shares of the input", ret);
}

static bool recognise_torchvision(const struct adapter_outputs *outputs, struct adapter_match *ret)
{
    return recognise(outputs, 2, "in px", ret);
}

static bool describe_ssd(const struct adapter_options *options, const struct tensor *outputs,
                         struct prediction *ret, struct error *err)
{
    return list_describe(&family_ssd, options, outputs, ret, err);
}

static bool describe_torchvision(const struct adapter_options *options, const struct tensor *outputs,
                                 struct prediction *ret, struct error *err)
{
    return list_describe(&family_torchvision, options, outputs, ret, err);
}

static bool decode_ssd(const struct adapter_options *options, const struct tensor *outputs,
                       const struct placement *placement, struct arena *arena, struct prediction *ret,
                       struct error *err)
{
    const struct list_input input = {options, outputs, placement, arena};
    return list_decode(&family_ssd, &input, ret, err);
}

static bool decode_torchvision(const struct adapter_options *options, const struct tensor *outputs,
                               const struct placement *placement, struct arena *arena, struct prediction *ret,
                               struct error *err)
{
    const struct list_input input = {options, outputs, placement, arena};
    return list_decode(&family_torchvision, &input, ret, err);
}

const struct adapter adapter_ssd = {
    .name = "ssd",
    .summary = "SSD of the ONNX model zoo: boxes [1, N, 4] as x_min, y_min, x_max, y_max in shares of the "
               "tensor, labels, scores; class n is label n, and class 0 the background: the first label",
    .checked_with = "graphs made by the tests",
    .type = MODEL_TYPE_DETECTION,
    .convention = {.resize = "squash",
                   .color = "rgb",
                   .scale = 1.0 / 255,
                   .mean = {0.485, 0.456, 0.406},
                   .std = {0.229, 0.224, 0.225}},
    .recognise = recognise_ssd,
    .describe = describe_ssd,
    .decode = decode_ssd,
};

const struct adapter adapter_torchvision = {
    .name = "torchvision",
    .summary =
        "torchvision's detectors: boxes [N, 4] as x_min, y_min, x_max, y_max in px of the tensor, labels, "
        "scores; class n is label n, and class 0 the background: the first label",
    .checked_with = "graphs made by the tests",
    .type = MODEL_TYPE_DETECTION,
    .convention = {.resize = "letterbox",
                   .pad_place = "top_left",
                   .color = "rgb",
                   .scale = 1.0 / 255,
                   .std = {1, 1, 1}},
    .recognise = recognise_torchvision,
    .describe = describe_torchvision,
    .decode = decode_torchvision,
};
