// SPDX-License-Identifier: Apache-2.0
// Unsent decisions in the browser's storage: an entry each, so that tabs do not write over each other's.
import type { Decision, Keeper } from "./queue";

const PREFIX = "trommel.decision.";

export class DecisionStore implements Keeper {
  private names = new Map<string, string>();
  private count = 0;

  constructor(
    private readonly storage: Storage,
    private readonly now: () => number = Date.now,
  ) {}

  static holdsAny(storage: Storage): boolean {
    return Object.keys(storage).some((name) => name.startsWith(PREFIX));
  }

  load(): Decision[] {
    const found: Decision[] = [];
    for (const name of Object.keys(this.storage).filter((one) => one.startsWith(PREFIX)).sort()) {
      const decision = read(this.storage.getItem(name));
      if (decision) {
        found.push(decision);
        this.names.set(decision.key, name);
      } else this.storage.removeItem(name);
    }
    return found;
  }

  put(decision: Decision): void {
    const name = this.names.get(decision.key) ?? `${PREFIX}${String(this.now()).padStart(15, "0")}.${String(this.count++).padStart(6, "0")}`;
    this.names.set(decision.key, name);
    this.storage.setItem(name, JSON.stringify(decision));
  }

  drop(key: string): void {
    const name = this.names.get(key);
    if (name !== undefined) this.storage.removeItem(name);
    this.names.delete(key);
  }
}

function read(text: string | null): Decision | undefined {
  try {
    const value = JSON.parse(text ?? "") as Partial<Decision> | null;
    const isWhole = value && [value.key, value.dataset, value.sample, value.action].every((one) => typeof one === "string") && typeof value.revision === "number";
    return isWhole ? (value as Decision) : undefined;
  } catch {
    return undefined;
  }
}
