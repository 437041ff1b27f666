/* SPDX-License-Identifier: Apache-2.0 */
/* TensorFlow's object detection API, as its exported models answer. Source: tensorflow/models,
 * research/object_detection/exporter_lib_v2.py and core/standard_fields.py. */
#include "infer/box_list.h"

#include <stdio.h>
#include <string.h>

enum { BOXES, CLASSES, SCORES, COUNTED, OUTPUTS };
static const char *const output_names[OUTPUTS] = {"detection_boxes", "detection_classes", "detection_scores",
                                                  "num_detections"};

static const struct list_family family = {
    .name = "tf_detection",
    .shape = "detection_boxes [1, N, 4], detection_classes [1, N], detection_scores [1, N] and "
             "num_detections",
    .boxes = BOXES,
    .classes = CLASSES,
    .scores = SCORES,
    .counted = COUNTED,
    .is_y_first = true,
    .is_fraction = true,
    .first_class = 1,
};

/* Converters add the number of the operator's output: "detection_boxes:0". */
static bool is_named(const char *name, const char *wanted)
{
    size_t length = strlen(wanted);
    return strncmp(name, wanted, length) == 0 && (name[length] == '\0' || name[length] == ':');
}

static bool recognise(const struct adapter_outputs *outputs, struct adapter_match *ret)
{
    struct adapter_match match = {.output_kind = OUTPUT_SIGMOID_PROBABILITIES, .is_certain = true};
    bool is_found[OUTPUTS] = {false};
    for (size_t role = 0; role < OUTPUTS; role++) {
        for (size_t i = 0; i < outputs->count && !is_found[role]; i++) {
            is_found[role] = is_named(outputs->outputs[i].name, output_names[role]);
            match.outputs[role] = i;
        }
    }
    if (!is_found[BOXES] || !is_found[CLASSES] || !is_found[SCORES])
        return false;
    match.output_count = is_found[COUNTED] ? OUTPUTS : COUNTED;
    (void)snprintf(match.why, sizeof(match.why),
                   "outputs '%s', '%s' and '%s' are those of TensorFlow's object detection API",
                   output_names[BOXES], output_names[CLASSES], output_names[SCORES]);
    *ret = match;
    return true;
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

const struct adapter adapter_tf_detection = {
    .name = "tf_detection",
    .summary =
        "TensorFlow's object detection API: detection_boxes [1, N, 4] as y_min, x_min, y_max, x_max in "
        "shares of the tensor, detection_classes, detection_scores, num_detections; classes count from "
        "1: class n is label n - 1",
    .checked_with = "graphs made by the tests",
    .type = MODEL_TYPE_DETECTION,
    .convention = {.resize = "squash", .color = "rgb", .scale = 1, .std = {1, 1, 1}},
    .recognise = recognise,
    .describe = describe,
    .decode = decode,
};
