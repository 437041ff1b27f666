# SPDX-License-Identifier: Apache-2.0
"""Tiny detectors to the published output layouts, with known boxes in them: one function per layout, DETECTORS names them.

Every input is `images` [1,3,64,64] (tf_detection: `input_tensor` uint8 [1,64,64,3]). det_seeing.onnx finds boxes of its own in each image.
All other detectors see the same scene, in px of the input, classes 0..2:

box                     scores of the classes   remarks
---------------------   ---------------------   ------------------------------------------------------------------
( 8,  8) - (24, 40)     .05  .9   .03
(32, 16) - (60, 28)     .1   .02  .6
(33, 16) - (61, 28)     .1   .02  .5            the one before, again: only where the graph does not suppress
(40, 40) - (72, 60)     .3   .1   .05           reaches over the edge
( 2, 44) - (22, 62)     0    .8    0            on a white input; on a black one its score is 0
(10,  2) - (14,  6)     .02  .01  .01           below every floor
"""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

SIDE_PX = 64
STRIDES = (8, 16, 32)
CLASSES = 3
SEED = 7
GROWING = 4  # the box that black inputs do not have
AGAIN = 2
BOXES = np.array([[8, 8, 24, 40], [32, 16, 60, 28], [33, 16, 61, 28], [40, 40, 72, 60], [2, 44, 22, 62], [10, 2, 14, 6]], np.float64)
SCORES = np.array([[0.05, 0.9, 0.03], [0.1, 0.02, 0.6], [0.1, 0.02, 0.5], [0.3, 0.1, 0.05], [0, 0.8, 0], [0.02, 0.01, 0.01]])
SUPPRESSED = [i for i in range(len(BOXES)) if i != AGAIN]


def constant(name, values, kind=np.float32):
    return numpy_helper.from_array(np.array(values, kind), name)


def tensor(name, shape, element=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, element, shape)


class Graph:
    """Nodes and constants of a model whose tensor `mean` is the mean of the input, from 0 for a black one to 1 for a white one."""

    def __init__(self, is_tensorflow=False):
        self.nodes, self.constants, self.outputs = [], [], []
        self.input = tensor("images", [1, 3, SIDE_PX, SIDE_PX])
        if is_tensorflow:
            self.input = tensor("input_tensor", [1, SIDE_PX, SIDE_PX, 3], TensorProto.UINT8)
            self.add("Cast", ["input_tensor"], "real", to=TensorProto.FLOAT)
            self.constants.append(constant("white", 255))
            self.add("Div", ["real", "white"], "images")
        self.add("ReduceMean", ["images"], "any_mean", keepdims=0)
        self.constants += [constant("lowest", 0), constant("highest", 1)]
        self.add("Clip", ["any_mean", "lowest", "highest"], "mean")

    def add(self, operator, inputs, output, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))

    def blend(self, black, white, name):
        """black + mean x (white - black)"""
        self.constants += [constant(name + ".black", black), constant(name + ".step", np.subtract(white, black))]
        self.add("Mul", [name + ".step", "mean"], name + ".grown")
        self.add("Add", [name + ".black", name + ".grown"], name)

    def give(self, name, values, kind=np.float32):
        self.constants.append(constant(name + ".values", values, kind))
        self.add("Identity", [name + ".values"], name)
        self.output(name, np.shape(values), TensorProto.INT64 if kind == np.int64 else TensorProto.FLOAT)

    def output(self, name, shape, element=TensorProto.FLOAT):
        self.outputs.append(tensor(name, shape, element))

    def model(self):
        graph = helper.make_graph(self.nodes, "detector", [self.input], self.outputs, initializer=self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7, producer_name="make_models.py")


def scores(is_white):
    values = SCORES.copy()
    values[GROWING] *= is_white
    return values


def center_and_size(boxes):
    low, high = boxes[:, :2], boxes[:, 2:]
    return np.concatenate([(low + high) / 2, high - low], axis=1)


def grid_cells(each=1):
    """(stride, column, row) of every cell, as the models without anchor boxes order them; `each` times the whole."""
    cells = [(s, x, y) for s in STRIDES for y in range(SIDE_PX // s) for x in range(SIDE_PX // s)]
    return cells * each


def anchor_rows(is_white, has_objectness, encode, each=1):
    """Rows of box numbers, objectness and class scores; a box stands in the first free cell that its centre lies in."""
    cells = grid_cells(each)
    rows = np.zeros((len(cells), 4 + has_objectness + CLASSES))
    taken = set()
    for box, vector in zip(center_and_size(BOXES), scores(is_white)):
        at = next(i for i, (s, x, y) in enumerate(cells) if i not in taken and x == box[0] // s and y == box[1] // s)
        taken.add(at)
        best = vector.max()
        rows[at, :4] = encode(box, cells[at])
        rows[at, 4:] = np.append(best, vector / best if best else vector) if has_objectness else vector
    return rows


def yolox():
    def encode(box, cell):
        stride, column, row = cell
        return [box[0] / stride - column, box[1] / stride - row, np.log(box[2] / stride), np.log(box[3] / stride)]

    graph = Graph()
    graph.blend(anchor_rows(0, 1, encode)[None], anchor_rows(1, 1, encode)[None], "output")
    graph.output("output", [1, len(grid_cells()), 5 + CLASSES])
    return graph.model()


def yolov5():
    graph = Graph()
    graph.blend(anchor_rows(0, 1, lambda box, _: box, 3)[None], anchor_rows(1, 1, lambda box, _: box, 3)[None], "output0")
    graph.output("output0", [1, len(grid_cells(3)), 5 + CLASSES])
    return graph.model()


def yolov8(is_turned=False):
    graph = Graph()
    black, white = (anchor_rows(is_white, 0, lambda box, _: box)[None] for is_white in (0, 1))
    shape = [1, len(grid_cells()), 4 + CLASSES]
    if not is_turned:
        black, white, shape = black.transpose(0, 2, 1), white.transpose(0, 2, 1), [1, shape[2], shape[1]]
    graph.blend(black, white, "output0")
    graph.output("output0", shape)
    return graph.model()


def fastestdet():
    """Both scores are the joined one: its powers 0.6 and 0.4 give it back."""
    stride = 16
    side = SIDE_PX // stride

    def map_of(is_white):
        numbers = np.zeros((1, 5 + CLASSES, side, side))
        for box, vector in zip(center_and_size(BOXES), scores(is_white)):
            # A cell's centre may lie up to one cell away from its corner, so that neighbours in one cell find room.
            column, row = (int(v) for v in box[:2] // stride)
            if numbers[0, 3, row, column]:
                column += 1
            offset = np.arctanh(box[:2] / stride - [column, row])
            share = box[2:] / SIDE_PX
            best = vector.max()
            classes = (vector / best**0.6) ** 2.5 if best else vector
            numbers[0, :, row, column] = [best, *offset, *np.log(share / (1 - share)), *classes]
        return numbers

    graph = Graph()
    graph.blend(map_of(0), map_of(1), "758")
    graph.output("758", [1, 5 + CLASSES, side, side])
    return graph.model()


def seeing():
    """FastestDet's layout again, but boxes, scores and classes come from what random filters see in each cell."""
    random = np.random.RandomState(SEED)
    graph = Graph()
    parts = (("seen_objects", 1, -2, "Sigmoid"), ("seen_boxes", 4, -0.5, "Tanh"), ("seen_classes", CLASSES, 0, "Softmax"))
    for name, channels, bias, activation in parts:
        filters = random.standard_normal((channels, 3, 16, 16))
        filters -= filters.mean(axis=(2, 3), keepdims=True)
        graph.constants += [constant(name + ".weight", filters), constant(name + ".bias", np.full(channels, bias))]
        graph.add("Conv", ["images", name + ".weight", name + ".bias"], name + ".map", strides=[16, 16])
        graph.add(activation, [name + ".map"], name, **({"axis": 1} if activation == "Softmax" else {}))
    graph.add("Concat", [part[0] for part in parts], "seen", axis=1)
    graph.output("seen", [1, 5 + CLASSES, SIDE_PX // 16, SIDE_PX // 16])
    return graph.model()


def listed(is_white):
    return BOXES[SUPPRESSED], SCORES[SUPPRESSED].argmax(axis=1), scores(is_white)[SUPPRESSED].max(axis=1)


def yolo_end2end():
    graph = Graph()
    rows = [np.column_stack([boxes, best, labels])[None] for boxes, labels, best in (listed(0), listed(1))]
    padding = np.zeros((1, 5, 6))
    graph.blend(*(np.concatenate([values, padding], axis=1) for values in rows), "output0")
    graph.output("output0", [1, len(SUPPRESSED) + 5, 6])
    return graph.model()


def ssd():
    graph = Graph()
    boxes, labels, black = listed(0)
    graph.give("bboxes", boxes[None] / SIDE_PX)
    graph.give("labels", labels[None], np.int64)
    graph.blend(black[None], listed(1)[2][None], "scores")
    graph.output("scores", [1, len(labels)])
    return graph.model()


def keep_above_floor(graph):
    """Of the rows of all_boxes, all_labels and all_scores."""
    graph.add("Greater", ["all_scores", "floor"], "is_kept")
    for name, shape, element in (("boxes", ["N", 4], TensorProto.FLOAT), ("labels", ["N"], TensorProto.INT64),
                                 ("scores", ["N"], TensorProto.FLOAT)):
        graph.add("Compress", ["all_" + name, "is_kept"], name, axis=0)
        graph.output(name, shape, element)
    return graph.model()


def torchvision():
    """Keeps the boxes above 0.1, so their number depends on the image."""
    graph = Graph()
    boxes, labels, black = listed(0)
    graph.constants += [constant("all_boxes", boxes), constant("all_labels", labels, np.int64), constant("floor", 0.1)]
    graph.blend(black, listed(1)[2], "all_scores")
    return keep_above_floor(graph)


def torchvision_empty():
    """Never finds anything: outputs of no rows."""
    graph = Graph()
    graph.constants += [constant("all_boxes", [[0, 0, 1, 1]]), constant("all_labels", [1], np.int64), constant("floor", 2)]
    graph.add("Unsqueeze", ["mean", "axis"], "all_scores")
    graph.constants.append(constant("axis", [0], np.int64))
    return keep_above_floor(graph)


def tf_detection():
    """The last two rows are padding, with a score that would count."""
    graph = Graph(is_tensorflow=True)
    boxes, labels, black = listed(0)
    padding = np.full(2, 0.99)
    edges = np.concatenate([boxes[:, [1, 0, 3, 2]] / SIDE_PX, np.zeros((2, 4))])
    graph.give("detection_boxes", edges[None])
    graph.give("detection_classes", np.append(labels + 1, [0, 0])[None])
    graph.blend(np.append(black, padding)[None], np.append(listed(1)[2], padding)[None], "detection_scores")
    graph.output("detection_scores", [1, len(labels) + 2])
    graph.give("num_detections", [len(labels)])
    return graph.model()


def queries(is_white, count, columns):
    """Probabilities of the classes, of no object where there is a column for it, and boxes in shares of the input."""
    vectors, boxes = np.zeros((count, columns)), np.full((count, 4), 0.5)
    vectors[: len(SUPPRESSED), :CLASSES] = scores(is_white)[SUPPRESSED]
    boxes[: len(SUPPRESSED)] = center_and_size(BOXES[SUPPRESSED]) / SIDE_PX
    if columns > CLASSES:
        vectors[:, -1] = 1 - vectors.sum(axis=1)
    return np.clip(vectors, 1e-6, 1)[None], boxes[None]


def detr():
    graph = Graph()
    graph.blend(queries(0, 100, CLASSES + 1)[0], queries(1, 100, CLASSES + 1)[0], "shares")
    graph.add("Log", ["shares"], "logits")
    graph.output("logits", [1, 100, CLASSES + 1])
    graph.give("pred_boxes", queries(0, 100, CLASSES + 1)[1])
    return graph.model()


def rt_detr():
    graph = Graph()
    black, boxes = queries(0, 300, CLASSES)
    graph.blend(black, queries(1, 300, CLASSES)[0], "shares")
    graph.constants.append(constant("one", 1))
    graph.add("Sub", ["one", "shares"], "rest")
    graph.add("Div", ["shares", "rest"], "odds")
    graph.add("Log", ["odds"], "logits")
    graph.output("logits", [1, 300, CLASSES])
    graph.give("pred_boxes", boxes)
    return graph.model()


DETECTORS = {
    "det_detr": detr,
    "det_fastestdet": fastestdet,
    "det_rt_detr": rt_detr,
    "det_seeing": seeing,
    "det_ssd": ssd,
    "det_tf_detection": tf_detection,
    "det_torchvision": torchvision,
    "det_torchvision_empty": torchvision_empty,
    "det_yolo_end2end": yolo_end2end,
    "det_yolov5": yolov5,
    "det_yolov8": yolov8,
    "det_yolov8_rows": lambda: yolov8(is_turned=True),
    "det_yolox": yolox,
}
