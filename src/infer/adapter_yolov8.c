/* SPDX-License-Identifier: Apache-2.0 */
/* YOLOv8 and YOLO11: boxes decoded in the graph, one anchor per cell, no objectness. Some exports turn the
 * output round. Source: ultralytics, ultralytics/utils/nms.py, non_max_suppression. */
#include "infer/anchors.h"
#include "infer/yolo_shapes.h"

enum { FIRST_CLASS = 4 };

static bool layout(const struct tensor_type *type, struct anchor_layout *ret)
{
    return anchors_layout_columns(type, FIRST_CLASS, ret);
}

static bool layout_rows(const struct tensor_type *type, struct anchor_layout *ret)
{
    return anchors_layout_rows(type, FIRST_CLASS, ret);
}

static const struct anchor_family family = {
    .name = "yolov8",
    .shape = "[1, 4 + classes, N]",
    .objectness = ANCHORS_NO_OBJECTNESS,
    .boxes = 0,
    .classes = FIRST_CLASS,
    .layout = layout,
    .place = anchors_place_center,
};

static const struct anchor_family family_rows = {
    .name = "yolov8_rows",
    .shape = "[1, N, 4 + classes]",
    .objectness = ANCHORS_NO_OBJECTNESS,
    .boxes = 0,
    .classes = FIRST_CLASS,
    .layout = layout_rows,
    .place = anchors_place_center,
};

static bool recognise(const struct adapter_outputs *outputs, struct adapter_match *ret)
{
    return yolo_recognise(outputs, YOLO_SHAPE_V8, ret);
}

static bool recognise_rows(const struct adapter_outputs *outputs, struct adapter_match *ret)
{
    return yolo_recognise(outputs, YOLO_SHAPE_V8_ROWS, ret);
}

static bool describe(const struct adapter_options *options, const struct tensor *outputs,
                     struct prediction *ret, struct error *err)
{
    return anchors_describe(&family, options, outputs, ret, err);
}

static bool describe_rows(const struct adapter_options *options, const struct tensor *outputs,
                          struct prediction *ret, struct error *err)
{
    return anchors_describe(&family_rows, options, outputs, ret, err);
}

static bool decode(const struct adapter_options *options, const struct tensor *outputs,
                   const struct placement *placement, struct arena *arena, struct prediction *ret,
                   struct error *err)
{
    const struct anchor_input input = {options, outputs, placement, arena};
    return anchors_decode(&family, &input, ret, err);
}

static bool decode_rows(const struct adapter_options *options, const struct tensor *outputs,
                        const struct placement *placement, struct arena *arena, struct prediction *ret,
                        struct error *err)
{
    const struct anchor_input input = {options, outputs, placement, arena};
    return anchors_decode(&family_rows, &input, ret, err);
}

const struct adapter adapter_yolov8 = {
    .name = "yolov8",
    .summary =
        "YOLOv8 and YOLO11: [1, 4 + classes, N], boxes as centre and size in px of the tensor, without "
        "objectness; class n is label n",
    .checked_with = "graphs made by the tests",
    .type = MODEL_TYPE_DETECTION,
    .convention = YOLO_CONVENTION,
    .recognise = recognise,
    .describe = describe,
    .decode = decode,
};

const struct adapter adapter_yolov8_rows = {
    .name = "yolov8_rows",
    .summary = "YOLOv8 and YOLO11 turned round: [1, N, 4 + classes]; class n is label n",
    .checked_with = "graphs made by the tests",
    .type = MODEL_TYPE_DETECTION,
    .convention = YOLO_CONVENTION,
    .recognise = recognise_rows,
    .describe = describe_rows,
    .decode = decode_rows,
};
