// SPDX-License-Identifier: Apache-2.0
// Finds the boxes in what reference_boxes.py prepared, with onnxruntime-node and the formulas of the models' authors.
//
//     node reference_boxes.js NODE_MODULES FOLDER MODEL.onnx
//
// Writes FOLDER/boxes.f32, seven float32 per box from score 0.3 on: image, class, score, left, top, right, bottom (px of the image). Exits
// with 77 when the engine is not installed.
"use strict";

const fs = require("fs");
const path = require("path");
const reference = require("./reference_engine.js");

const [modules, folder, modelPath] = process.argv.slice(2);
const SCORE = 0.3;
const OVERLAP = 0.45;

// [1, 3549, 5 + C]: cells of stride 8, 16, 32, row by row; objectness and classes are probabilities already.
function yolox(data, width, height, side) {
  const length = data.length / [8, 16, 32].reduce((sum, stride) => sum + (side / stride) ** 2, 0);
  const ratio = Math.min(side / width, side / height);
  const boxes = [];
  let at = 0;
  for (const stride of [8, 16, 32]) {
    for (let gridY = 0; gridY < side / stride; gridY++) {
      for (let gridX = 0; gridX < side / stride; gridX++, at += length) {
        const cx = ((data[at] + gridX) * stride) / ratio;
        const cy = ((data[at + 1] + gridY) * stride) / ratio;
        const w = (Math.exp(data[at + 2]) * stride) / ratio;
        const h = (Math.exp(data[at + 3]) * stride) / ratio;
        let label = 0;
        for (let c = 1; c < length - 5; c++) if (data[at + 5 + c] > data[at + 5 + label]) label = c;
        boxes.push({ label, score: data[at + 4] * data[at + 5 + label], edges: [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2] });
      }
    }
  }
  return boxes;
}

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

// [1, 5 + C, 22, 22]: objectness, offset, size, classes.
function fastestdet(data, width, height, side) {
  const cells = side / 16;
  const plane = cells * cells;
  const classes = data.length / plane - 5;
  const boxes = [];
  for (let gridY = 0; gridY < cells; gridY++) {
    for (let gridX = 0; gridX < cells; gridX++) {
      const value = (channel) => data[channel * plane + gridY * cells + gridX];
      let label = 0;
      for (let c = 1; c < classes; c++) if (value(5 + c) > value(5 + label)) label = c;
      const cx = ((gridX + Math.tanh(value(1))) / cells) * width;
      const cy = ((gridY + Math.tanh(value(2))) / cells) * height;
      const w = sigmoid(value(3)) * width;
      const h = sigmoid(value(4)) * height;
      const score = value(0) ** 0.6 * value(5 + label) ** 0.4;
      boxes.push({ label, score, edges: [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2] });
    }
  }
  return boxes;
}

function overlap(a, b) {
  const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const h = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h);
}

function best(boxes) {
  const kept = [];
  for (const box of boxes.filter((each) => each.score >= SCORE).sort((a, b) => b.score - a.score)) {
    if (kept.every((other) => other.label !== box.label || overlap(other.edges, box.edges) <= OVERLAP)) kept.push(box);
  }
  return kept;
}

async function main() {
  const engine = reference.loadEngine(modules);
  const find = path.basename(modelPath).startsWith("yolox") ? yolox : fastestdet;
  const session = await reference.openModel(engine, modelPath);
  const { side, images } = JSON.parse(fs.readFileSync(path.join(folder, "sizes.json"), "utf8"));
  const inputs = reference.readInputs(engine, folder, side);
  const rows = [];
  for (let i = 0; i < images.length; i++) {
    const [width, height] = images[i];
    const outputs = await session.run({ [session.inputNames[0]]: inputs[i] });
    for (const { label, score, edges } of best(find(outputs[session.outputNames[0]].data, width, height, side))) {
      const clipped = edges.map((edge, e) => Math.min(Math.max(edge, 0), e % 2 ? height : width));
      rows.push(i, label, score, ...clipped);
    }
  }
  fs.writeFileSync(path.join(folder, "boxes.f32"), Buffer.from(Float32Array.from(rows).buffer));
}

reference.run(main);
