/* SPDX-License-Identifier: Apache-2.0 */
/* YOLOX, as its authors export it (decode_in_inference off): offsets in the cells of three grids, one anchor
 * per cell, sigmoid already in the graph. Source: YOLOX, yolox/utils/demo_utils.py, demo_postprocess. */
#include "infer/anchors.h"
#include "infer/yolo_shapes.h"

#include <math.h>

enum { BOX_CHANNELS = 4, FIRST_CLASS = 5, STRIDE_MIN = 8, STRIDE_MAX = 32 };

static bool layout(const struct tensor_type *type, struct anchor_layout *ret)
{
    return anchors_layout_rows(type, FIRST_CLASS, ret);
}

/* Grids follow one another, finest first; cells row by row. */
static void place(const struct anchor_layout *shape, const struct placement *placement, size_t anchor,
                  const double numbers[4], struct nms_box *ret)
{
    size_t stride = STRIDE_MIN, columns = 0, cell = anchor;
    for (; stride <= STRIDE_MAX; stride *= 2) {
        columns = (placement->tensor_width + stride - 1) / stride;
        size_t cells = columns * ((placement->tensor_height + stride - 1) / stride);
        if (cell < cells)
            break;
        cell -= cells;
    }
    size_t column = cell % columns, row = cell / columns;
    double scale = (double)stride, width_limit = log(1e9); /* beyond, exp would leave what areas can hold */
    const double decoded[4] = {(numbers[0] + (double)column) * scale, (numbers[1] + (double)row) * scale,
                               exp(fmin(numbers[2], width_limit)) * scale,
                               exp(fmin(numbers[3], width_limit)) * scale};
    anchors_place_center(shape, placement, anchor, decoded, ret);
}

static const struct anchor_family family = {
    .name = "yolox",
    .shape = "[1, N, 5 + classes]",
    .objectness = BOX_CHANNELS,
    .boxes = 0,
    .classes = FIRST_CLASS,
    .layout = layout,
    .place = place,
    .count = detections_grid_cells,
};

static bool recognise(const struct adapter_outputs *outputs, struct adapter_match *ret)
{
    return yolo_recognise(outputs, YOLO_SHAPE_X, ret);
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

const struct adapter adapter_yolox = {
    .name = "yolox",
    .summary =
        "YOLOX as its authors export it: [1, N, 5 + classes], cells of strides 8, 16 and 32 with offsets "
        "and objectness; class n is label n",
    .checked_with = "yolox_nano (COCO and three weeds, real weights); graphs made by the tests",
    .type = MODEL_TYPE_DETECTION,
    .convention =
        {.resize = "letterbox", .pad_place = "top_left", .color = "bgr", .scale = 1, .std = {1, 1, 1}},
    .recognise = recognise,
    .describe = describe,
    .decode = decode,
};
