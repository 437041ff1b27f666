/* SPDX-License-Identifier: Apache-2.0 */
/* YOLOv5 (and v3, v7 exported alike): boxes decoded in the graph, three anchors per cell. Source:
 * ultralytics/yolov5, utils/general.py, non_max_suppression. */
#include "infer/anchors.h"
#include "infer/yolo_shapes.h"

enum { OBJECTNESS = 4, FIRST_CLASS = 5 };

static bool layout(const struct tensor_type *type, struct anchor_layout *ret)
{
    return anchors_layout_rows(type, FIRST_CLASS, ret);
}

static const struct anchor_family family = {
    .name = "yolov5",
    .shape = "[1, N, 5 + classes]",
    .objectness = OBJECTNESS,
    .boxes = 0,
    .classes = FIRST_CLASS,
    .layout = layout,
    .place = anchors_place_center,
};

static bool recognise(const struct adapter_outputs *outputs, struct adapter_match *ret)
{
    return yolo_recognise(outputs, YOLO_SHAPE_V5, ret);
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

const struct adapter adapter_yolov5 = {
    .name = "yolov5",
    .summary =
        "YOLOv5, and what is exported like it: [1, N, 5 + classes], boxes as centre and size in px of the "
        "tensor, with objectness; class n is label n",
    .checked_with = "graphs made by the tests",
    .type = MODEL_TYPE_DETECTION,
    .convention = YOLO_CONVENTION,
    .recognise = recognise,
    .describe = describe,
    .decode = decode,
};
