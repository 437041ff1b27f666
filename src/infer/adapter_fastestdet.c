/* SPDX-License-Identifier: Apache-2.0 */
/* FastestDet: one map of stride 16, activations of scores in the graph, those of boxes outside. Source:
 * FastestDet, utils/tool.py, handle_preds. */
#include "infer/anchors.h"

#include <math.h>
#include <stdio.h>

enum { OBJECTNESS, BOX, FIRST_CLASS = 5, STRIDE = 16 };

static bool layout(const struct tensor_type *type, struct anchor_layout *ret)
{
    if (type->dim_count != 4 || (type->dims[0] != 1 && type->dims[0] > 0))
        return false;
    int64_t channels = type->dims[1], height = type->dims[2], width = type->dims[3];
    if (channels <= FIRST_CLASS || height < 1 || width < 1 || height > DETECTIONS_ANCHORS_MAX ||
        width > DETECTIONS_ANCHORS_MAX)
        return false;
    *ret = (struct anchor_layout){.channels = (size_t)channels,
                                  .classes = (size_t)channels - FIRST_CLASS,
                                  .anchors = (size_t)(width * height),
                                  .anchor_step = 1,
                                  .grid_width = (uint32_t)width,
                                  .grid_height = (uint32_t)height};
    ret->channel_step = ret->anchors;
    return true;
}

/* Centres are offset from the cell's corner by up to one cell, sizes are shares of the image. */
static void place(const struct anchor_layout *shape, const struct placement *placement, size_t anchor,
                  const double numbers[4], struct nms_box *ret)
{
    size_t column = anchor % shape->grid_width, row = anchor / shape->grid_width;
    double width = placement->tensor_width, height = placement->tensor_height;
    const double decoded[4] = {((double)column + tanh(numbers[0])) / shape->grid_width * width,
                               ((double)row + tanh(numbers[1])) / shape->grid_height * height,
                               prediction_sigmoid(numbers[2]) * width,
                               prediction_sigmoid(numbers[3]) * height};
    anchors_place_center(shape, placement, anchor, decoded, ret);
}

static double join(double objectness, double class_score)
{
    return pow(objectness, 0.6) * pow(class_score, 0.4);
}

static const struct anchor_family family = {
    .name = "fastestdet",
    .shape = "[1, 5 + classes, height / 16, width / 16]",
    .objectness = OBJECTNESS,
    .boxes = BOX,
    .classes = FIRST_CLASS,
    .layout = layout,
    .place = place,
    .join = join,
};

static bool recognise(const struct adapter_outputs *outputs, struct adapter_match *ret)
{
    struct anchor_layout found;
    char text[TENSOR_TEXT_BYTES];
    if (outputs->count != 1 || outputs->outputs[0].type.element != ELEMENT_FLOAT32 ||
        !layout(&outputs->outputs[0].type, &found) || found.anchors == 1)
        return false;
    uint32_t width = outputs->input_width, height = outputs->input_height;
    bool is_open = width == 0 || height == 0;
    if (!is_open && (found.grid_width != width / STRIDE || found.grid_height != height / STRIDE))
        return false;
    *ret = (struct adapter_match){
        .output_count = 1, .output_kind = OUTPUT_SIGMOID_PROBABILITIES, .is_certain = !is_open};
    (void)snprintf(ret->why, sizeof(ret->why), "output '%.60s' is %.60s: a map of stride %d",
                   outputs->outputs[0].name, tensor_type_text(&outputs->outputs[0].type, text), STRIDE);
    return true;
}

static bool describe(const struct adapter_options *options, const struct tensor *outputs,
                     struct prediction *ret, struct error *err)
{
    return anchors_describe(&family, options, outputs, ret, err);
}

static bool decode(const struct adapter_options *options, const struct tensor *outputs,
                   const struct placement *placement, struct arena *arena, struct prediction *ret,
                   struct error *err)
{
    const struct anchor_input input = {options, outputs, placement, arena};
    return anchors_decode(&family, &input, ret, err);
}

const struct adapter adapter_fastestdet = {
    .name = "fastestdet",
    .summary = "FastestDet: [1, 5 + classes, height / 16, width / 16], objectness first; class n is label n",
    .checked_with = "fastestdet (COCO, real weights); graphs made by the tests",
    .type = MODEL_TYPE_DETECTION,
    .convention = {.resize = "squash", .color = "bgr", .scale = 1.0 / 255, .std = {1, 1, 1}},
    .recognise = recognise,
    .describe = describe,
    .decode = decode,
};
