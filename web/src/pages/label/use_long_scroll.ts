// SPDX-License-Identifier: Apache-2.0
// A scrolled element whose content may be higher than the browser can draw.
import { useLayoutEffect, useReducer, useRef, useState } from "react";
import { LongScroll } from "../../labelling/scroll";

const REST_MS = 150;

export interface Scrolled {
  /** For the scrolled element. */
  ref: (element: HTMLDivElement | null) => void;
  element: HTMLDivElement | null;
  width: number;
  view: number;
  top: number;
  offset: number;
  height: number;
  goTo: (top: number) => void;
}

/** `heightAt` gives the height of the whole for a width. */
export function useLongScroll(heightAt: (width: number) => number): Scrolled {
  const scroll = useRef(new LongScroll()).current;
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  const [size, setSize] = useState({ width: 0, view: 0 });
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const total = heightAt(size.width);

  useLayoutEffect(() => {
    if (!element) return;
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, view: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);

  useLayoutEffect(() => {
    if (!element) return;
    element.scrollTop = scroll.resize(total, size.view);
    draw();
  }, [element, scroll, total, size.view]);

  useLayoutEffect(() => {
    if (!element) return;
    let resting: ReturnType<typeof setTimeout> | undefined;
    const onScroll = () => {
      const to = scroll.scrolled(element.scrollTop);
      if (to !== undefined) element.scrollTop = to;
      clearTimeout(resting);
      resting = setTimeout(() => {
        element.scrollTop = scroll.settle();
        draw();
      }, REST_MS);
      draw();
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      clearTimeout(resting);
      element.removeEventListener("scroll", onScroll);
    };
  }, [element, scroll]);

  const goTo = (top: number) => {
    if (!element) return;
    element.scrollTop = scroll.goTo(top);
    draw();
  };
  return { ref: setElement, element, ...size, top: scroll.top, offset: scroll.offset, height: scroll.height, goTo };
}
