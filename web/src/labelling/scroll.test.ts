// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { LongScroll, rowsIn } from "./scroll";

const MAX = 100_000;
const TOTAL = 5_000_000;
const VIEW = 800;
function long(): LongScroll {
  const scroll = new LongScroll(MAX);
  scroll.resize(TOTAL, VIEW);
  return scroll;
}

describe("scrolling", () => {
  it("is the browser's own as long as that is possible", () => {
    const scroll = new LongScroll(MAX);
    expect(scroll.resize(MAX, VIEW)).toBe(0);
    expect(scroll.scrolled(5000.5)).toBeUndefined();
    expect([scroll.top, scroll.offset, scroll.height]).toEqual([5000.5, 0, MAX]);
  });
  it("reaches the end of what is higher than a browser can hold", () => {
    const scroll = long();
    expect(scroll.height).toBe(MAX);
    expect(scroll.goTo(TOTAL)).toBe(MAX - VIEW);
    expect(scroll.top).toBe(TOTAL - VIEW);
  });
  it("moves rows by what the wheel says, wherever one is", () => {
    const scroll = long();
    const at = scroll.goTo(3_000_000);
    expect(scroll.scrolled(at + 100)).toBeUndefined();
    expect(scroll.top).toBe(3_000_100);
    expect(scroll.offset).toBe(3_000_100 - (at + 100));
  });
  it("goes to the thumb's share of the whole", () => {
    const scroll = long();
    scroll.scrolled((MAX - VIEW) / 2);
    expect(scroll.top).toBe((TOTAL - VIEW) / 2);
  });
  it("keeps what is shown when it comes to rest", () => {
    const scroll = long();
    const at = scroll.goTo(2_000_000);
    for (let turn = 1; turn <= 100; turn++) scroll.scrolled(at + turn * 100);
    const before = scroll.top;
    scroll.settle();
    expect(scroll.top).toBe(before);
    expect(scroll.top).toBe(2_010_000);
  });
  it("comes by the wheel alone to the first row and to the last", () => {
    const scroll = long();
    let at = scroll.goTo(60_000);
    for (let turn = 0; turn < 1000; turn++) at = scroll.scrolled(Math.max(at - 100, 0)) ?? Math.max(at - 100, 0);
    expect(scroll.top).toBe(0);
    at = scroll.goTo(TOTAL - 60_000);
    for (let turn = 0; turn < 1000; turn++) at = scroll.scrolled(Math.min(at + 100, MAX - VIEW)) ?? Math.min(at + 100, MAX - VIEW);
    expect(scroll.top).toBe(TOTAL - VIEW);
  });
  it("stays where it is when the window gets another height, within what there is", () => {
    const scroll = long();
    scroll.goTo(1_000_000);
    scroll.resize(TOTAL, 400);
    expect(scroll.top).toBe(1_000_000);
    scroll.resize(5000, 400);
    expect([scroll.top, scroll.offset]).toEqual([4600, 0]);
  });
});

describe("rows in a view", () => {
  it("are those that touch it, and some on both sides", () => {
    expect(rowsIn(1000, 500, 100, 50, 0)).toEqual({ first: 10, last: 14 });
    expect(rowsIn(1050, 500, 100, 50, 0)).toEqual({ first: 10, last: 15 });
    expect(rowsIn(1000, 500, 100, 50, 2)).toEqual({ first: 8, last: 16 });
  });
  it("are within what there is", () => {
    expect(rowsIn(0, 5000, 100, 3)).toEqual({ first: 0, last: 2 });
    expect(rowsIn(0, 5000, 100, 0)).toEqual({ first: 0, last: -1 });
  });
});
