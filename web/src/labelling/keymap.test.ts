// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, vi } from "vitest";
import { Keymap, nameOf, type KeyPress } from "./keymap";

const press = (code: string, key: string, held: Partial<KeyPress> = {}): KeyPress => ({ code, key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

describe("the name of a press", () => {
  it("goes by the place of a letter, on any layout", () => {
    expect(nameOf(press("KeyF", "f"))).toBe("f");
    expect(nameOf(press("KeyF", "а"))).toBe("f"); // Cyrillic
    expect(nameOf(press("KeyQ", "a"))).toBe("q"); // AZERTY
  });
  it("goes by the place of a digit, also on the number pad and on AZERTY", () => {
    expect(nameOf(press("Digit1", "1"))).toBe("1");
    expect(nameOf(press("Numpad7", "7"))).toBe("7");
    expect(nameOf(press("Digit2", "é"))).toBe("2");
    expect(nameOf(press("Digit1", "!", { shiftKey: true }))).toBe("Shift+1");
  });
  it("names what is held beside it, Cmd as Ctrl", () => {
    expect(nameOf(press("KeyF", "F", { shiftKey: true }))).toBe("Shift+F");
    expect(nameOf(press("KeyZ", "z", { ctrlKey: true }))).toBe("Ctrl+Z");
    expect(nameOf(press("KeyZ", "Z", { metaKey: true, shiftKey: true }))).toBe("Ctrl+Shift+Z");
    expect(nameOf(press("ArrowLeft", "ArrowLeft", { altKey: true }))).toBe("Alt+ArrowLeft");
    expect(nameOf(press("Space", " "))).toBe("Space");
  });
  it("takes a sign as it is printed, whatever makes it", () => {
    expect(nameOf(press("Slash", "?", { shiftKey: true }))).toBe("?");
    expect(nameOf(press("Minus", "?", { shiftKey: true }))).toBe("?"); // German
  });
});

describe("a keymap", () => {
  it("gives a key to the newest layer that knows it, and to the one below when that is gone", () => {
    const map = new Keymap();
    const below = vi.fn();
    const above = vi.fn();
    map.add("global", [{ keys: ["f"], name: "", run: below }]);
    const remove = map.add("review", [{ keys: ["f"], name: "", run: above }]);
    map.take(press("KeyF", "f"), 0)?.();
    remove();
    map.take(press("KeyF", "f"), 1)?.();
    expect(above).toHaveBeenCalledTimes(1);
    expect(below).toHaveBeenCalledTimes(1);
  });
  it("gives a key to a tool before its page, though the page came later", () => {
    const map = new Keymap();
    const tool = vi.fn();
    map.add("detection", [{ keys: ["f"], name: "", run: tool }], 1);
    map.add("review", [{ keys: ["f"], name: "", run: vi.fn() }]);
    map.take(press("KeyF", "f"), 0)?.();
    expect(tool).toHaveBeenCalledTimes(1);
    expect(map.scopes().map(({ scope }) => scope)).toEqual(["detection", "review"]);
  });
  it("waits a second for the rest of a sequence, and no longer", () => {
    const map = new Keymap();
    const go = vi.fn();
    map.add("global", [{ keys: ["g b"], name: "", run: go }]);
    expect(map.take(press("KeyG", "g"), 0)).toBeUndefined();
    map.take(press("KeyB", "b"), 900)?.();
    expect(go).toHaveBeenCalledTimes(1);
    map.take(press("KeyG", "g"), 2000);
    expect(map.take(press("KeyB", "b"), 3100)).toBeUndefined();
  });
  it("does what a key means alone when it ends no sequence", () => {
    const map = new Keymap();
    const confirm = vi.fn();
    map.add("global", [{ keys: ["g b"], name: "", run: vi.fn() }, { keys: ["f"], name: "", run: confirm }]);
    map.take(press("KeyG", "g"), 0);
    map.take(press("KeyF", "f"), 10)?.();
    expect(confirm).toHaveBeenCalledTimes(1);
  });
  it("takes a held key once, unless it repeats", () => {
    const map = new Keymap();
    const once = vi.fn();
    const often = vi.fn();
    map.add("review", [{ keys: ["f"], name: "", run: once }, { keys: ["d"], name: "", run: often, repeats: true }]);
    map.take(press("KeyF", "f"), 0, true)?.();
    map.take(press("KeyD", "d"), 0, true)?.();
    expect(once).not.toHaveBeenCalled();
    expect(often).toHaveBeenCalledTimes(1);
  });
});
