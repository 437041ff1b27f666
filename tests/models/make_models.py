# SPDX-License-Identifier: Apache-2.0
"""Writes tiny ONNX models for the tests of the importer and the adapters.

    /usr/bin/python3 tests/models/make_models.py [--truncate] FOLDER

Needs the Debian packages python3-onnx and python3-numpy. Files are the same on every run. Images are 8x8 RGB in 0..1 unless said otherwise;
outputs are [N, 4] unless said otherwise; the last Gemm takes the inner tensor `pooled` [N, 6].

file                      what it is for
------------------------  --------------------------------------------------------------------------------------------------
tiny_logits.onnx          the plain case: `input` [N,3,8,8] -> conv, ReLU, global pool, Gemm -> `logits`
tiny_probabilities.onnx   ends in Softmax: output `probabilities`, rows sum to 1
tiny_sigmoid.onnx         ends in Sigmoid: multi-label, output `scores`, each in 0..1 on its own
tiny_nhwc.onnx            `input` [N,8,8,3], a Transpose inside: channels last must be found from the shape
tiny_fixed_batch.onnx     batch fixed at 1: the runner must not batch
tiny_uint8.onnx           `input` uint8 [N,8,8,3], 0..255, a Cast and a division inside: no scaling outside
two_inputs.onnx           refused: `input` [N,3,8,8] and `extra` [N,2]
no_image_input.onnx       refused: `input` [N,10] is no image
wrong_opset_op.onnx       refused: holds an operator that no opset has
huge_class_count.onnx     1500 classes: more logits than a record keeps whole
nan_logits.onnx           every logit is NaN (0 / 0)
nan_on_bright.onnx        logits are NaN only for images whose mean is above 0.5: passes a warm-up on black, fails later
dynamic_size.onnx         `input` [N,3,H,W], H and W free: the importer must ask for a size or take the default

All but wrong_opset_op.onnx pass the ONNX checker. The channels-last and uint8 models hold tiny_logits' weights: given the same image they
give tiny_logits' logits; tiny_probabilities and tiny_sigmoid are the softmax and sigmoid of them.

det_*.onnx                one detector for each published output layout: see detector_models.py

With --truncate also:
truncated.onnx            the first half of tiny_logits.onnx
text.onnx                 a text file under the name of a model
"""

import argparse
import pathlib

import numpy as np
import onnx
from detector_models import DETECTORS
from onnx import TensorProto, helper, numpy_helper

OPSET = 13
IR_VERSION = 7
SIDE_PX = 8
CLASSES = 4
POOLED = 6
HUGE_CLASSES = 1500
SEED = 58  # one for which random colours reach every class, with low and high confidence


def weight(name, random, shape, spread, centred=None):
    """Normal weights; centred names the axes along which the mean is taken away."""
    values = random.standard_normal(shape) * spread
    if centred is not None:
        values -= values.mean(axis=centred, keepdims=True)
    return numpy_helper.from_array(values.astype(np.float32), name)


def constant(name, values, kind=np.float32):
    return numpy_helper.from_array(np.array(values, kind), name)


def head(pooled="pooled", output="logits", classes=CLASSES, width=POOLED):
    """A Gemm from `pooled` to `output`; no class is favoured over all images."""
    random = np.random.RandomState(SEED + 1)
    weights = [weight("classify.weight", random, (classes, width), 2.0, centred=0), weight("classify.bias", random, (classes,), 0.1)]
    return [helper.make_node("Gemm", [pooled, "classify.weight", "classify.bias"], [output], transB=1)], weights


def body(source="input", output="logits", classes=CLASSES):
    """conv 3x3, ReLU, global average pool, Gemm; returns (nodes, weights).

    The filters see colour, not brightness, so colour decides the class.
    """
    random = np.random.RandomState(SEED)
    weights = [weight("conv.weight", random, (POOLED, 3, 3, 3), 0.6, centred=(1, 2, 3)), weight("conv.bias", random, (POOLED,), 0.1)]
    nodes = [
        helper.make_node("Conv", [source, "conv.weight", "conv.bias"], ["convolved"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["convolved"], ["activated"]),
        helper.make_node("GlobalAveragePool", ["activated"], ["averaged"]),
        helper.make_node("Flatten", ["averaged"], ["pooled"]),
    ]
    head_nodes, head_weights = head(output=output, classes=classes)
    return nodes + head_nodes, weights + head_weights


def tensor(name, shape, element=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, element, shape)


def model(parts, inputs=None, output="logits", output_shape=("N", CLASSES)):
    nodes, weights = parts
    inputs = inputs or [tensor("input", ["N", 3, SIDE_PX, SIDE_PX])]
    graph = helper.make_graph(nodes, "tiny", inputs, [tensor(output, output_shape)], initializer=weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION,
                             producer_name="make_models.py")


def with_last(op_type, output, **attributes):
    nodes, weights = body()
    return model((nodes + [helper.make_node(op_type, ["logits"], [output], **attributes)], weights), output=output)


def tiny_nhwc():
    nodes, weights = body(source="channels_first")
    turn = helper.make_node("Transpose", ["input"], ["channels_first"], perm=[0, 3, 1, 2])
    return model(([turn] + nodes, weights), [tensor("input", ["N", SIDE_PX, SIDE_PX, 3])])


def tiny_fixed_batch():
    return model(body(), [tensor("input", [1, 3, SIDE_PX, SIDE_PX])], output_shape=[1, CLASSES])


def tiny_uint8():
    nodes, weights = body(source="channels_first")
    prepare = [
        helper.make_node("Cast", ["input"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["real", "white"], ["scaled"]),
        helper.make_node("Transpose", ["scaled"], ["channels_first"], perm=[0, 3, 1, 2]),
    ]
    image = tensor("input", ["N", SIDE_PX, SIDE_PX, 3], TensorProto.UINT8)
    return model((prepare + nodes, weights + [constant("white", 255)]), [image])


def two_inputs():
    nodes, weights = body()
    head_nodes, head_weights = head(pooled="both", width=POOLED + 2)
    join = helper.make_node("Concat", ["pooled", "extra"], ["both"], axis=1)
    inputs = [tensor("input", ["N", 3, SIDE_PX, SIDE_PX]), tensor("extra", ["N", 2])]
    return model((nodes[:-1] + [join] + head_nodes, weights[:-2] + head_weights), inputs)


def no_image_input():
    return model(head(pooled="input", width=10), [tensor("input", ["N", 10])])


def wrong_opset_op():
    nodes, weights = body(output="plain")
    return model((nodes + [helper.make_node("OperatorThatNoOpsetHas", ["plain"], ["logits"])], weights))


def huge_class_count():
    return model(body(classes=HUGE_CLASSES), output_shape=["N", HUGE_CLASSES])


def nan_logits():
    nodes, weights = body(output="plain")
    spoil = [
        helper.make_node("Sub", ["plain", "plain"], ["zero"]),
        helper.make_node("Div", ["zero", "zero"], ["logits"]),
    ]
    return model((nodes + spoil, weights))


def nan_on_bright():
    nodes, weights = body(output="plain")
    spoil = [
        helper.make_node("ReduceMean", ["input"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Sub", ["half", "mean"], ["room"]),
        helper.make_node("Sqrt", ["room"], ["root"]),  # NaN below zero
        helper.make_node("Mul", ["root", "nothing"], ["zero_or_nan"]),
        helper.make_node("Unsqueeze", ["zero_or_nan", "second_axis"], ["column"]),
        helper.make_node("Add", ["plain", "column"], ["logits"]),
    ]
    constants = [constant("half", 0.5), constant("nothing", 0), constant("second_axis", [1], np.int64)]
    return model((nodes + spoil, weights + constants))


MODELS = {
    "tiny_logits": lambda: model(body()),
    "tiny_probabilities": lambda: with_last("Softmax", "probabilities", axis=1),
    "tiny_sigmoid": lambda: with_last("Sigmoid", "scores"),
    "tiny_nhwc": tiny_nhwc,
    "tiny_fixed_batch": tiny_fixed_batch,
    "tiny_uint8": tiny_uint8,
    "two_inputs": two_inputs,
    "no_image_input": no_image_input,
    "wrong_opset_op": wrong_opset_op,
    "huge_class_count": huge_class_count,
    "nan_logits": nan_logits,
    "nan_on_bright": nan_on_bright,
    "dynamic_size": lambda: model(body(), [tensor("input", ["N", 3, "H", "W"])]),
    **DETECTORS,
}
NOT_CHECKED = ("wrong_opset_op",)


def write_damaged(folder):
    whole = (folder / "tiny_logits.onnx").read_bytes()
    (folder / "truncated.onnx").write_bytes(whole[: len(whole) // 2])
    (folder / "text.onnx").write_text("This is not a model.\n" * 20, encoding="ascii")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--truncate", action="store_true", help="also write damaged files")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, make in MODELS.items():
        made = make()
        if name not in NOT_CHECKED:
            onnx.checker.check_model(made, full_check=True)
        (options.folder / f"{name}.onnx").write_bytes(made.SerializeToString())
    if options.truncate:
        write_damaged(options.folder)


if __name__ == "__main__":
    main()
