// SPDX-License-Identifier: Apache-2.0
// What is shown next is there before it is asked for: so many ahead, so few behind, the nearest first, and no more held than that.

export interface Loader<T> {
  load(id: string, signal: AbortSignal): Promise<T>;
  /** Gives back what a loaded thing holds. */
  drop?(value: T): void;
}

export interface PrefetchOptions {
  ahead: number;
  behind: number;
  /** Loads at the same time. */
  atOnce: number;
}

interface Entry<T> {
  promise: Promise<T>;
  abort: AbortController;
  value?: T;
  isLoaded: boolean;
}

export class Prefetch<T> {
  private readonly entries = new Map<string, Entry<T>>();
  private wanted: string[] = [];
  private running = 0;

  constructor(
    private readonly loader: Loader<T>,
    private readonly options: PrefetchOptions = { ahead: 8, behind: 2, atOnce: 4 },
  ) {}

  /** The person looks at `ids[at]`. */
  look(ids: readonly string[], at: number): void {
    const { ahead, behind } = this.options;
    const near = new Set<string>();
    for (let step = 0; step <= Math.max(ahead, behind); step++) {
      const next = ids[at + step];
      const before = ids[at - step];
      if (step <= ahead && next !== undefined) near.add(next);
      if (step <= behind && before !== undefined) near.add(before);
    }
    for (const [id, entry] of this.entries) if (!near.has(id)) this.forget(id, entry);
    this.wanted = [...near].filter((id) => !this.entries.has(id));
    this.fill();
  }

  /** What is there already; undefined: not yet. */
  peek(id: string): T | undefined {
    return this.entries.get(id)?.value;
  }

  /** The thing, loaded at once if nobody asked for it before. A failed one is tried again. */
  get(id: string): Promise<T> {
    const entry = this.entries.get(id) ?? this.start(id);
    return entry.promise;
  }

  /** What is known of it is old: it is loaded anew when it is wanted. */
  renew(id: string): void {
    const entry = this.entries.get(id);
    if (entry) this.forget(id, entry);
  }

  forgetAll(): void {
    for (const [id, entry] of this.entries) this.forget(id, entry);
    this.wanted = [];
  }

  get held(): number {
    return this.entries.size;
  }

  private fill(): void {
    while (this.running < this.options.atOnce) {
      const id = this.wanted.shift();
      if (id === undefined) return;
      if (!this.entries.has(id)) this.start(id).promise.catch(() => undefined);
    }
  }

  private start(id: string): Entry<T> {
    const abort = new AbortController();
    this.running++;
    const entry: Entry<T> = { abort, isLoaded: false, promise: this.loader.load(id, abort.signal) };
    this.entries.set(id, entry);
    entry.promise
      .then((value) => {
        if (this.entries.get(id) === entry) {
          entry.value = value;
          entry.isLoaded = true;
        } else this.loader.drop?.(value);
      })
      .catch(() => {
        if (this.entries.get(id) === entry) this.entries.delete(id);
      })
      .finally(() => {
        this.running--;
        this.fill();
      });
    return entry;
  }

  private forget(id: string, entry: Entry<T>): void {
    this.entries.delete(id);
    if (entry.isLoaded) this.loader.drop?.(entry.value as T);
    else entry.abort.abort();
  }
}
