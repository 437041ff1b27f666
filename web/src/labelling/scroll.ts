// SPDX-License-Identifier: Apache-2.0
// Scrolling through more than a browser can hold. Nothing is drawn past about 17.9 million pixels (Firefox) or 33.5 million (Chromium);
// a million narrow tiles are taller. The scrolled element is then only so high as is safe, and what stands at its top is kept apart from
// how far it is scrolled: a turn of the wheel moves the rows by what it says, a jump of the thumb goes to that share of the whole.

export const SCROLL_MAX_PX = 8_000_000;
// A longer way than so many views at once is a jump.
const JUMP_VIEWS = 2;

export class LongScroll {
  /** What stands at the top of the view, in px of the whole. */
  top = 0;
  private seen = 0; // the element's scrollTop that this belongs to
  private total = 0;
  private view = 0;

  constructor(private readonly max = SCROLL_MAX_PX) {}

  /** Height of the scrolled element's content, px. */
  get height(): number {
    return Math.min(this.total, this.max);
  }
  /** What is taken from a row's place in the whole to get its place in the element, px. */
  get offset(): number {
    return this.top - this.seen;
  }

  /** The whole or the view has another height. Gives the scrollTop that the element is to have. */
  resize(total: number, view: number): number {
    this.total = total;
    this.view = view;
    return this.goTo(this.top);
  }

  goTo(top: number): number {
    this.top = Math.min(Math.max(top, 0), this.end);
    this.seen = this.isScaled ? Math.round((this.top / this.end) * this.room) : this.top;
    return this.seen;
  }

  /** The element was scrolled; what is given, if anything, is the scrollTop to put it to now. */
  scrolled(to: number): number | undefined {
    if (!this.isScaled) {
      this.top = this.seen = to;
      return undefined;
    }
    const way = to - this.seen;
    if (way === 0) return undefined;
    this.seen = to;
    this.top = Math.abs(way) > JUMP_VIEWS * this.view ? (to / this.room) * this.end : this.top + way;
    this.top = Math.min(Math.max(this.top, 0), this.end);
    if (to <= 0) return this.atEdge(this.top, 0);
    if (to >= this.room - 1) return this.atEdge(this.end - this.top, this.end);
    return undefined;
  }

  /** Nothing moves any more: the scrollTop that shows truly how far one is. */
  settle(): number {
    return this.goTo(this.top);
  }

  private get end(): number {
    return Math.max(this.total - this.view, 0);
  }
  private get room(): number {
    return Math.max(this.height - this.view, 0);
  }
  private get isScaled(): boolean {
    return this.total > this.max && this.room > 0;
  }
  /** The element can be scrolled no further. When there is more, it is put back; what is left of a view is gone in one step. */
  private atEdge(left: number, edge: number): number {
    return this.goTo(left <= this.view ? edge : this.top);
  }
}

/** The rows that a view shows, some more on both sides. */
export function rowsIn(top: number, view: number, rowHeight: number, rows: number, more = 2): { first: number; last: number } {
  if (rows === 0) return { first: 0, last: -1 };
  const first = Math.floor(top / rowHeight) - more;
  const last = Math.ceil((top + view) / rowHeight) - 1 + more;
  return { first: Math.min(Math.max(first, 0), rows - 1), last: Math.min(Math.max(last, 0), rows - 1) };
}
