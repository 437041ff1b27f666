/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/yolo_shapes.h"

#include "infer/detections.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    BOX_NUMBERS = 4,
    CELLS_PER_SQUARE = 21, /* of strides 8, 16 and 32 in 32 x 32 px: 16 + 4 + 1 */
    ANCHORS_PER_CELL = 3,
    END2END_NUMBERS = 6,
    END2END_BOXES_MAX = 1000, /* graphs with suppression inside give 100 to 300 */
    COCO_CLASSES = 80,
};

static const char *const shape_words[] = {
    [YOLO_SHAPE_V5] = "three boxes for each cell of strides 8, 16 and 32, with objectness",
    [YOLO_SHAPE_V8] = "one box for each cell of strides 8, 16 and 32, one row per number, no objectness",
    [YOLO_SHAPE_V8_ROWS] = "one box for each cell of strides 8, 16 and 32, without objectness",
    [YOLO_SHAPE_X] = "one box for each cell of strides 8, 16 and 32, with objectness",
    [YOLO_SHAPE_END2END] = "a list of boxes, each with its score and class",
};

/* Numbers of a shape; 0 where open. */
struct size {
    uint64_t rows, columns;
};

/* True when `places` boxes are `each` for every cell of an input of this size; when the size is open, of some
 * square one of whole steps of 32 px. Large models have a fourth grid, of stride 64. */
static bool covers_grid(const struct adapter_outputs *outputs, uint64_t places, uint64_t each)
{
    uint64_t width = outputs->input_width, height = outputs->input_height;
    if (places == 0 || places % each != 0)
        return false;
    uint64_t cells = places / each;
    if (width > 0 && height > 0) {
        uint64_t three = detections_grid_cells((uint32_t)width, (uint32_t)height);
        return cells == three || cells == three + (width + 63) / 64 * ((height + 63) / 64);
    }
    double side = round(sqrt((double)cells / CELLS_PER_SQUARE));
    return (double)cells == side * side * CELLS_PER_SQUARE;
}

/* Ultralytics names its outputs so; YOLOX names one "output". */
static bool is_named_by_ultralytics(const struct adapter_output *output)
{
    return strcmp(output->name, "output0") == 0;
}

static enum yolo_shape shape_of_rows(const struct adapter_outputs *outputs,
                                     const struct adapter_output *output, struct size size)
{
    if (covers_grid(outputs, size.rows, ANCHORS_PER_CELL) && size.columns > BOX_NUMBERS + 1)
        return YOLO_SHAPE_V5;
    if (covers_grid(outputs, size.rows, 1) && size.columns > BOX_NUMBERS) {
        /* With and without objectness look alike but for one number. */
        bool is_v8 = size.columns == BOX_NUMBERS + COCO_CLASSES || size.columns == BOX_NUMBERS + 1 ||
                     (is_named_by_ultralytics(output) && size.columns != BOX_NUMBERS + 1 + COCO_CLASSES);
        return is_v8 ? YOLO_SHAPE_V8_ROWS : YOLO_SHAPE_X;
    }
    if (size.columns == END2END_NUMBERS && size.rows <= END2END_BOXES_MAX)
        return YOLO_SHAPE_END2END;
    return size.rows == 0 && size.columns > BOX_NUMBERS + 1 ? YOLO_SHAPE_V5 : YOLO_SHAPE_NONE;
}

/* Where the input's size is open, the longer side is taken for the places. */
static enum yolo_shape shape_of(const struct adapter_outputs *outputs, const struct adapter_output *output)
{
    const struct tensor_type *type = &output->type;
    if (type->element != ELEMENT_FLOAT32 || type->dim_count != 3 || (type->dims[0] != 1 && type->dims[0] > 0))
        return YOLO_SHAPE_NONE;
    struct size size = {type->dims[1] > 0 ? (uint64_t)type->dims[1] : 0,
                        type->dims[2] > 0 ? (uint64_t)type->dims[2] : 0};
    bool is_open = outputs->input_width == 0 || outputs->input_height == 0;
    bool may_be_columns = size.rows > BOX_NUMBERS && (!is_open || size.columns > size.rows);
    if (may_be_columns && covers_grid(outputs, size.columns, 1))
        return YOLO_SHAPE_V8;
    if (size.columns == 0)
        return size.rows > BOX_NUMBERS ? YOLO_SHAPE_V8 : YOLO_SHAPE_NONE;
    return shape_of_rows(outputs, output, size);
}

/* Four dimensions: masks. Another output of three: boxes or scores apart from each other. */
static bool stands_alone(const struct adapter_outputs *outputs, size_t index)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (i != index &&
            (outputs->outputs[i].type.dim_count == 3 || outputs->outputs[i].type.dim_count == 4))
            return false;
    return true;
}

bool yolo_recognise(const struct adapter_outputs *outputs, enum yolo_shape shape, struct adapter_match *ret)
{
    for (size_t i = 0; i < outputs->count; i++) {
        const struct adapter_output *output = &outputs->outputs[i];
        if (shape_of(outputs, output) != shape || !stands_alone(outputs, i))
            continue;
        char text[TENSOR_TEXT_BYTES];
        bool is_known = output->type.dims[1] > 0 && output->type.dims[2] > 0;
        *ret = (struct adapter_match){.outputs = {i},
                                      .output_count = 1,
                                      .output_kind = OUTPUT_SIGMOID_PROBABILITIES,
                                      .is_certain =
                                          is_known && outputs->input_width > 0 && outputs->input_height > 0};
        (void)snprintf(ret->why, sizeof(ret->why), "output '%.60s' is %.50s: %s", output->name,
                       tensor_type_text(&output->type, text), shape_words[shape]);
        return true;
    }
    return false;
}
