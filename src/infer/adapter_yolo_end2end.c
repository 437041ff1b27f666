/* SPDX-License-Identifier: Apache-2.0 */
/* YOLO with suppression in the graph (YOLOv10, YOLO26, exports with nms=True): a list of boxes. Source:
 * ultralytics, export of end-to-end models, output (1, 300, 6). */
#include "infer/box_list.h"
#include "infer/yolo_shapes.h"

static const struct list_family family = {
    .name = "yolo_end2end",
    .shape = "[1, N, 6]: x_min, y_min, x_max, y_max, score, class",
    .counted = LIST_NO_OUTPUT,
};

static bool recognise(const struct adapter_outputs *outputs, struct adapter_match *ret)
{
    return yolo_recognise(outputs, YOLO_SHAPE_END2END, ret);
}

static bool describe(const struct adapter_options *options, const struct tensor *outputs,
                     struct prediction *ret, struct error *err)
{
    return list_describe(&family, options, outputs, ret, err);
}

static bool decode(const struct adapter_options *options, const struct tensor *outputs,
                   const struct placement *placement, struct arena *arena, struct prediction *ret,
                   struct error *err)
{
    const struct list_input input = {options, outputs, placement, arena};
    return list_decode(&family, &input, ret, err);
}

const struct adapter adapter_yolo_end2end = {
    .name = "yolo_end2end",
    .summary =
        "YOLO with suppression in the graph: [1, N, 6] of x_min, y_min, x_max, y_max in px of the tensor, "
        "score, class; class n is label n",
    .checked_with = "graphs made by the tests",
    .type = MODEL_TYPE_DETECTION,
    .convention = YOLO_CONVENTION,
    .recognise = recognise,
    .describe = describe,
    .decode = decode,
};
