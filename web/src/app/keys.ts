// SPDX-License-Identifier: Apache-2.0
// The console's one keymap, listening on the window.
import { useEffect, useRef } from "react";
import { chosenKeys, useKeyChoices } from "./key_choices";
import { Keymap, isTyping, type Binding } from "../labelling/keymap";

export const keymap = new Keymap();

window.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
  const run = keymap.take(event, event.timeStamp, event.repeat);
  if (!run) return;
  event.preventDefault();
  run();
});

/** Keys of a page or a part of it, while it is shown. What they do may change with every rendering; which keys there are may
 * too. `height`: those of a tool lie over those of its page. */
export function useKeys(scope: string, bindings: readonly Binding[], isOn = true, height = 0): void {
  const choices = useKeyChoices();
  const newest = useRef(bindings);
  newest.current = bindings;
  const keys = bindings.map((binding) => binding.keys.join(" or ")).join("|");
  useEffect(() => {
    if (!isOn) return;
    const steady = newest.current.map((binding, at) => {
      const chosen = chosenKeys(choices, scope, binding.keys);
      // What it does may go by its key: that is the one it has by default.
      const usual = new Map(chosen.map(({ key, usual: own }) => [key, own]));
      return { ...binding, keys: chosen.map(({ key }) => key), run: (press: string) => newest.current[at]?.run(usual.get(press) ?? press) };
    });
    return keymap.add(scope, steady.filter((binding) => binding.keys.length > 0), height);
  }, [scope, keys, isOn, height, choices]);
}
