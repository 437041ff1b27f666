/* SPDX-License-Identifier: Apache-2.0 */
/* YOLO shapes: the families of YOLO share outputs of three dimensions; how many places they give boxes for,
 * compared with the input's size, tells them apart. */
#ifndef INFER_YOLO_SHAPES_H
#define INFER_YOLO_SHAPES_H

#include "infer/adapter.h"

/* How Ultralytics feeds its models. */
#define YOLO_CONVENTION                                                                                      \
    {                                                                                                        \
        .resize = "letterbox", .pad_place = "center", .color = "rgb", .scale = 1.0 / 255, .std = { 1, 1, 1 } \
    }

enum yolo_shape {
    YOLO_SHAPE_NONE,
    YOLO_SHAPE_V5,      /* [1, N, 5 + classes], three anchors per cell */
    YOLO_SHAPE_V8,      /* [1, 4 + classes, N] */
    YOLO_SHAPE_V8_ROWS, /* [1, N, 4 + classes] */
    YOLO_SHAPE_X,       /* [1, N, 5 + classes], one anchor per cell */
    YOLO_SHAPE_END2END, /* [1, N, 6] */
};

/* Fills *ret when an output has this shape: one shape at most is found for an output. */
bool yolo_recognise(const struct adapter_outputs *outputs, enum yolo_shape shape, struct adapter_match *ret);

#endif
