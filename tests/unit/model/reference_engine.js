// SPDX-License-Identifier: Apache-2.0
// What the reference scripts share: onnxruntime-node on one thread, and the images that a Python script prepared.
"use strict";

const fs = require("fs");
const path = require("path");

process.env.ORT_DISABLE_TELEMETRY = "1"; // the package's engine sends usage data home otherwise

// Exits with 77 when the engine is not installed.
function loadEngine(modules) {
  try {
    return require(path.join(modules, "onnxruntime-node"));
  } catch (missing) {
    process.stderr.write(`${missing.message}\n`);
    process.exit(77);
  }
}

function openModel(engine, file) {
  return engine.InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 });
}

// The tensors of FOLDER/inputs.f32, each [1, 3, side, side].
function readInputs(engine, folder, side) {
  const bytes = fs.readFileSync(path.join(folder, "inputs.f32"));
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const length = 3 * side * side;
  const tensors = [];
  for (let at = 0; at < values.length; at += length)
    tensors.push(new engine.Tensor("float32", values.slice(at, at + length), [1, 3, side, side]));
  return tensors;
}

function run(main) {
  main().catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
}

module.exports = { loadEngine, openModel, readInputs, run };
