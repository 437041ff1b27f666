// SPDX-License-Identifier: Apache-2.0
// The 31 reasons and what to do about them, as the language says it. The server's own words are English.
import type { I18n } from "@lingui/core";

interface Words {
  name: (i18n: I18n) => string;
  suggestion: (i18n: I18n) => string;
}
const words: readonly Words[] = [
  { name: (i18n) => i18n._("Nothing detected"), suggestion: (i18n) => i18n._("Label what the image shows, or mark it as showing none of the classes.") }, // N0
  { name: (i18n) => i18n._("Low confidence"), suggestion: (i18n) => i18n._("Confirm or correct the class or the boxes, and add similar images to the training set.") }, // C1
  { name: (i18n) => i18n._("Cluster disagrees"), suggestion: (i18n) => i18n._("Check the class against the training images beside it; if they are labelled wrong, correct them.") }, // T2
  { name: (i18n) => i18n._("Unlike same-class training data"), suggestion: (i18n) => i18n._("Compare with the nearest training images; if the class is right, add more images of this look.") }, // T3
  { name: (i18n) => i18n._("Neighbours disagree"), suggestion: (i18n) => i18n._("Label the burst together, so that like images get like labels.") }, // Q4
  { name: (i18n) => i18n._("Resolution unlike training"), suggestion: (i18n) => i18n._("Collect images of this size, or scale images alike before training and in use.") }, // S5
  { name: (i18n) => i18n._("Aspect ratio unlike training"), suggestion: (i18n) => i18n._("Collect images of this shape, or crop images alike before training and in use.") }, // S6
  { name: (i18n) => i18n._("Brightness unlike training"), suggestion: (i18n) => i18n._("Collect images in this light, or vary the brightness in training.") }, // S7
  { name: (i18n) => i18n._("Saturation unlike training"), suggestion: (i18n) => i18n._("Collect images of this colouring, or vary the saturation in training.") }, // S8
  { name: (i18n) => i18n._("Colourfulness unlike training"), suggestion: (i18n) => i18n._("Collect images of this colouring, or vary the colours in training.") }, // S9
  { name: (i18n) => i18n._("Sharpness unlike training"), suggestion: (i18n) => i18n._("Check focus and motion; collect such images, or blur and sharpen in training.") }, // S10
  { name: (i18n) => i18n._("Box count unlike training"), suggestion: (i18n) => i18n._("Check for missed or doubled boxes; add scenes with so many objects.") }, // B11
  { name: (i18n) => i18n._("Box area spread unlike training"), suggestion: (i18n) => i18n._("Check the largest and smallest boxes; add scenes with objects at such distances.") }, // B12
  { name: (i18n) => i18n._("Box aspect ratio unlike training"), suggestion: (i18n) => i18n._("Check the box's edges; add objects of this shape; review the detector's anchors.") }, // B13
  { name: (i18n) => i18n._("Box area share unlike training"), suggestion: (i18n) => i18n._("Add objects at this distance; review the detector's anchors and input size.") }, // B14
  { name: (i18n) => i18n._("Box near edge unlike training"), suggestion: (i18n) => i18n._("Check boxes cut off by the border; add scenes with objects there.") }, // B15
  { name: (i18n) => i18n._("Box brightness unlike training"), suggestion: (i18n) => i18n._("Collect objects in this light, or vary the brightness in training.") }, // B16
  { name: (i18n) => i18n._("Box sharpness unlike training"), suggestion: (i18n) => i18n._("Check focus and motion; collect such objects, or blur in training.") }, // B17
  { name: (i18n) => i18n._("Box overlap unlike training"), suggestion: (i18n) => i18n._("Check for doubled boxes; add crowded scenes.") }, // B18
  { name: (i18n) => i18n._("Changes when blurred"), suggestion: (i18n) => i18n._("Add blur to the training, and blurred images.") }, // A19
  { name: (i18n) => i18n._("Changes when mirrored"), suggestion: (i18n) => i18n._("Add left-right mirroring to the training.") }, // A20
  { name: (i18n) => i18n._("Changes when cropped"), suggestion: (i18n) => i18n._("Add cropping to the training, and objects cut off.") }, // A21
  { name: (i18n) => i18n._("Changes when flipped"), suggestion: (i18n) => i18n._("Add flipping top to bottom to the training if it can happen.") }, // A22
  { name: (i18n) => i18n._("Changes when scaled"), suggestion: (i18n) => i18n._("Add scaling to the training, and objects at this distance.") }, // A23
  { name: (i18n) => i18n._("Changes when shifted"), suggestion: (i18n) => i18n._("Add shifting to the training.") }, // A24
  { name: (i18n) => i18n._("Changes when sheared"), suggestion: (i18n) => i18n._("Add shearing to the training, and slanted views.") }, // A25
  { name: (i18n) => i18n._("Changes when superpixelled"), suggestion: (i18n) => i18n._("Look at textures: the model may lean on them too much.") }, // A26
  { name: (i18n) => i18n._("Changes when sharpened"), suggestion: (i18n) => i18n._("Add sharpening to the training.") }, // A27
  { name: (i18n) => i18n._("Changes when brightened"), suggestion: (i18n) => i18n._("Vary the brightness in training.") }, // A28
  { name: (i18n) => i18n._("Changes when inverted"), suggestion: (i18n) => i18n._("Add inverted images to the training if they can happen.") }, // A29
  { name: (i18n) => i18n._("Predicted abnormal"), suggestion: (i18n) => i18n._("Look whether this is a new class: then give it a label; if it is not of use, exclude it.") }, // X30
];

export function reasonName(i18n: I18n, id: number): string | undefined {
  return words[id]?.name(i18n);
}
export function reasonSuggestion(i18n: I18n, id: number): string | undefined {
  return words[id]?.suggestion(i18n);
}
