// SPDX-License-Identifier: Apache-2.0
// Keys, apart from any page: what a press is called, when it belongs to a text field, and who takes it.
//
// A binding is written as its caps: "f", "Shift+F", "Ctrl+Z" (Cmd on a Mac), "ArrowLeft", "g h" (one after the other). Letters and
// digits go by their place on the keyboard (event.code), so that F lies under the left hand on any layout; signs go by what they print.

export interface KeyPress {
  code: string;
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}
export interface Binding {
  keys: readonly string[];
  name: string;
  run: (press: string) => void;
  /** Held keys repeat it; else only the first press counts. */
  repeats?: boolean;
}

const SEQUENCE_MS = 1000;

/** How a press is written: "f", "Shift+F", "Ctrl+Z", "7". */
export function nameOf(press: KeyPress): string {
  const letter = /^Key([A-Z])$/.exec(press.code)?.[1];
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(press.code)?.[1];
  let cap = letter ? (press.shiftKey ? letter : letter.toLowerCase()) : press.key === " " ? "Space" : press.key;
  const isSign = !letter && !digit && cap.length === 1; // what Shift makes of a sign is another sign
  if (digit && (!press.shiftKey || press.key === digit)) cap = digit;
  else if (digit) cap = isShiftedDigit(press, digit) ? digit : press.key;
  let prefix = "";
  if (press.ctrlKey || press.metaKey) prefix += "Ctrl+";
  if (press.altKey) prefix += "Alt+";
  if (press.shiftKey && !isSign) prefix += "Shift+";
  if (prefix !== "" && letter) cap = letter;
  return prefix + cap;
}

function isShiftedDigit(press: KeyPress, digit: string): boolean {
  return press.code === `Digit${digit}` && press.shiftKey;
}

/** Whether typing here is meant for the thing itself: fields, menus, dialogs of their own. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable=true]")) return true;
  return target.closest("[role=menu], [role=listbox], [role=combobox], [role=dialog], [role=alertdialog]") !== null;
}

/** Layers of bindings, the highest and of these the newest first; a key that a layer knows goes to none below. */
export class Keymap {
  private layers: { scope: string; bindings: readonly Binding[]; height: number }[] = [];
  private begun = "";
  private begunAt = 0;

  /** `height`: a tool of a page lies over the page, whichever came first. */
  add(scope: string, bindings: readonly Binding[], height = 0): () => void {
    const layer = { scope, bindings, height };
    const place = this.layers.findIndex((one) => one.height <= height);
    this.layers.splice(place < 0 ? this.layers.length : place, 0, layer);
    return () => {
      this.layers = this.layers.filter((one) => one !== layer);
    };
  }

  /** What a press does; undefined: nothing. Begun sequences are waited for. */
  take(press: KeyPress, now: number, isRepeat = false): (() => void) | undefined {
    const name = nameOf(press);
    const whole = this.begun !== "" && now - this.begunAt < SEQUENCE_MS ? `${this.begun} ${name}` : name;
    this.begun = "";
    const found = this.find(whole) ?? (whole === name ? undefined : this.find(name));
    if (found) return isRepeat && !found.repeats ? () => undefined : () => found.run(name);
    if (this.layers.some(({ bindings }) => bindings.some(({ keys }) => keys.some((key) => key.startsWith(`${name} `))))) {
      this.begun = name;
      this.begunAt = now;
    }
    return undefined;
  }

  scopes(): readonly { scope: string; bindings: readonly Binding[] }[] {
    return this.layers;
  }

  private find(keys: string): Binding | undefined {
    for (const { bindings } of this.layers) {
      const found = bindings.find((binding) => binding.keys.includes(keys));
      if (found) return found;
    }
    return undefined;
  }
}
