// SPDX-License-Identifier: Apache-2.0
import { useKeyCap } from "../app/key_choices";
import type { KeyGroup } from "../labelling/key_choices";

/** The key of a button, as the person has chosen it. */
export function KeyCap({ group, of }: { group: KeyGroup; of: string }) {
  const cap = useKeyCap(group, of);
  return cap === "" ? null : <kbd>{cap}</kbd>;
}
