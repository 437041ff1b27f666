// SPDX-License-Identifier: Apache-2.0
// Computes what reference_logits.py prepared, with onnxruntime-node.
//
//     node reference_logits.js NODE_MODULES FOLDER SIDE
//
// Writes FOLDER/logits.f32 and FOLDER/embedding.f32, one row per image. Exits with 77 when the engine is not installed.
"use strict";

const fs = require("fs");
const path = require("path");

process.env.ORT_DISABLE_TELEMETRY = "1"; // the package's engine sends usage data home otherwise

const [modules, folder, sideText] = process.argv.slice(2);
const side = Number(sideText);

function loadEngine() {
  try {
    return require(path.join(modules, "onnxruntime-node"));
  } catch (missing) {
    process.stderr.write(`${missing.message}\n`);
    process.exit(77);
  }
}

async function main() {
  const ort = loadEngine();
  const session = await ort.InferenceSession.create(path.join(folder, "model.onnx"), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const bytes = fs.readFileSync(path.join(folder, "inputs.f32"));
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const length = 3 * side * side;
  const rows = { logits: [], embedding: [] };
  for (let at = 0; at < values.length; at += length) {
    const image = new ort.Tensor("float32", values.slice(at, at + length), [1, 3, side, side]);
    const outputs = await session.run({ input: image });
    for (const name of Object.keys(rows)) {
      const data = outputs[name].data;
      rows[name].push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    }
  }
  for (const name of Object.keys(rows)) fs.writeFileSync(path.join(folder, `${name}.f32`), Buffer.concat(rows[name]));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
