// SPDX-License-Identifier: Apache-2.0
// Computes what reference_logits.py prepared, with onnxruntime-node.
//
//     node reference_logits.js NODE_MODULES FOLDER SIDE
//
// Writes FOLDER/logits.f32 and FOLDER/embedding.f32, one row per image. Exits with 77 when the engine is not installed.
"use strict";

const fs = require("fs");
const path = require("path");
const reference = require("./reference_engine.js");

const [modules, folder, sideText] = process.argv.slice(2);
const side = Number(sideText);

async function main() {
  const engine = reference.loadEngine(modules);
  const session = await reference.openModel(engine, path.join(folder, "model.onnx"));
  const rows = { logits: [], embedding: [] };
  for (const image of reference.readInputs(engine, folder, side)) {
    const outputs = await session.run({ input: image });
    for (const name of Object.keys(rows)) {
      const data = outputs[name].data;
      rows[name].push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    }
  }
  for (const name of Object.keys(rows)) fs.writeFileSync(path.join(folder, `${name}.f32`), Buffer.concat(rows[name]));
}

reference.run(main);
