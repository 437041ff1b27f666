// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { classKeyOf, classPlaceOf } from "./class_keys";
import { nameOf } from "./keymap";

it("the first ten classes have the digits as they lie on the keyboard, the next nine have them with Shift", () => {
  expect([classKeyOf(0), classKeyOf(8), classKeyOf(9), classKeyOf(10), classKeyOf(18), classKeyOf(19)]).toEqual(["1", "9", "0", "Shift+1", "Shift+9", undefined]);
});
it("a press means the class whose key it is, on any layout", () => {
  const press = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  expect(classPlaceOf(nameOf({ ...press, code: "Digit0", key: "à" }))).toBe(9);
  expect(classPlaceOf(nameOf({ ...press, code: "Digit0", key: "0" }))).toBe(9);
  expect(classPlaceOf(nameOf({ ...press, code: "Digit1", key: "!", shiftKey: true }))).toBe(10);
});
