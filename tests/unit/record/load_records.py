#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Loads every array of the golden shards with NumPy and compares with what docs/record-format.md says."""
import json
import math
import pathlib
import sys

try:
    import numpy
except ImportError:
    print("skipped: NumPy is not installed")
    sys.exit(77)

golden = pathlib.Path(sys.argv[1])
shards = sorted(golden.glob("*/shard-*/shard.json"))
assert len(shards) == 5, shards
for path in shards:
    shard = json.loads(path.read_text())
    arrays = {p.stem: numpy.load(p, allow_pickle=False) for p in path.parent.glob("*.npy")}
    listed = {f["name"]: f["bytes"] for f in shard["files"]}
    assert listed == {p.name: p.stat().st_size for p in path.parent.iterdir() if p != path}, path
    count, classes, boxes = shard["count"], shard["classes"], shard["candidates"]
    expected = {"features": ((count, 14), "<f8")}
    if shard["appearance_length"]:
        expected["appearance"] = ((count, shard["appearance_length"]), "<f4")
    if shard["embedding_length"]:
        expected["embeddings"] = ((count, shard["embedding_length"]), "<f4")
    if shard["type"] == "object_detection":
        expected["candidates"] = ((boxes,), arrays["candidates"].dtype.str)
        expected["candidate_scores"] = ((boxes, classes), "<f4")
        assert arrays["candidates"].dtype.names == (
            "x_min", "y_min", "x_max", "y_max", "score", "label", "brightness", "clarity")
        assert 0 < shard["candidate_floor"] < shard["score_threshold"] < 1, path
    else:
        expected["logits"] = ((count, min(classes, 100) if classes > 1000 else classes), "<f4")
    if shard["type"] != "object_detection" and classes > 1000:
        expected["logit_classes"] = ((count, 100), "<u4")
    assert {n: (a.shape, a.dtype.str) for n, a in arrays.items()} == expected, path
    assert all(a.flags.c_contiguous for a in arrays.values()), path
    assert len(json.loads((path.parent / "labels.json").read_text())["labels"]) == classes, path

first = golden / "classification" / "shard-000000"
features = numpy.load(first / "features.npy")
assert features[0, 0] == 0.125 and features[0, 5] == 500.125 and math.isnan(features[0, 6])
assert numpy.isnan(features[1]).all()
assert numpy.load(first / "embeddings.npy").tolist() == [[1.0, 1.125, 1.25, 1.375], [0.0] * 4]
assert numpy.load(first / "logits.npy")[0].tolist() == [4.0, 3.75, 3.5]
boxes = numpy.load(golden / "detection" / "shard-000000" / "candidates.npy")
assert boxes["x_max"].tolist() == [16.0, 24.0] and boxes["label"].tolist() == [0, 1]
top = numpy.load(golden / "topk" / "shard-000000" / "logit_classes.npy")
assert top[0, :3].tolist() == [0, 7, 14] and top[1, 99] == 694
print(f"{len(shards)} shards loaded")
