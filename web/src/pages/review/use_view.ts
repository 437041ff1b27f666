// SPDX-License-Identifier: Apache-2.0
// What part of an image a frame shows: fitted at first, zoomed under the pointer by the wheel, moved by dragging.
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type PointerEvent, type RefObject } from "react";
import { fitted, panned, zoomed, zoomedTo, type Box, type Size, type View } from "../../labelling/geometry";

const WHEEL = 1.0015;
const STEP = 1.5;
const NEAR = 2.5; // what Z zooms to when there is nothing to zoom to

export interface Viewing {
  frame: RefObject<HTMLDivElement | null>;
  screen: Size;
  /** undefined: the image or the frame has no size yet. */
  view: View | undefined;
  isZoomed: boolean;
  change: (view: View | null) => void;
  fit: () => void;
  /** In by 1, out by -1, about the middle. */
  step: (direction: 1 | -1) => void;
  /** To a box, or back to the whole image. */
  toggle: (box?: Box) => void;
  /** For the frame: dragging moves the image. */
  drag: {
    onPointerDown: (event: PointerEvent) => void;
    onPointerMove: (event: PointerEvent) => void;
    onPointerUp: () => void;
    onPointerCancel: () => void;
  };
}

/** Screen px per px up to which a tiny image is blown up. */
export const SCALE_FITTED_MAX = 20;

/** `id`: another image is fitted again. */
export function useView(id: string | undefined, size: Size | undefined): Viewing {
  const frame = useRef<HTMLDivElement>(null);
  const [screen, setScreen] = useState<Size>({ width: 0, height: 0 });
  const [chosen, choose] = useState<{ id: string | undefined; view: View } | null>(null);
  const from = useRef<{ x: number; y: number } | null>(null);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const measure = () => setScreen({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const whole = size && size.width > 0 && screen.width > 0 ? fitted(size, screen, SCALE_FITTED_MAX) : undefined;
  const own = chosen && chosen.id === id ? chosen.view : undefined;
  const view = whole && (own ?? whole);
  const change = useCallback((next: View | null) => choose(next && { id, view: next }), [id]);

  const newest = useRef({ view, size, screen, change });
  newest.current = { view, size, screen, change };
  // React's own wheel listener is passive and cannot keep the page from scrolling.
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      const now = newest.current;
      if (!now.view || !now.size) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      const pixels = event.deltaMode === 1 ? event.deltaY * 20 : event.deltaY;
      now.change(zoomed(now.view, WHEEL ** -pixels, { x: event.clientX - box.left, y: event.clientY - box.top }, now.size, now.screen));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);

  const middle = { x: screen.width / 2, y: screen.height / 2 };
  const zoom = (factor: number) => view && size && change(zoomed(view, factor, middle, size, screen));
  return {
    frame,
    screen,
    view,
    isZoomed: own !== undefined && whole !== undefined && own.scale > whole.scale * 1.01,
    change,
    fit: () => change(null),
    step: (direction) => zoom(direction === 1 ? STEP : 1 / STEP),
    toggle(box) {
      if (own) change(null);
      else if (box && size) change(zoomedTo(box, size, screen));
      else zoom(NEAR);
    },
    drag: {
      onPointerDown(event) {
        if (event.button > 1) return;
        from.current = { x: event.clientX, y: event.clientY };
        event.currentTarget.setPointerCapture(event.pointerId);
      },
      onPointerMove(event) {
        if (!from.current || !view || !size) return;
        const [dx, dy] = [event.clientX - from.current.x, event.clientY - from.current.y];
        from.current = { x: event.clientX, y: event.clientY };
        if (dx !== 0 || dy !== 0) change(panned(view, dx, dy, size, screen));
      },
      onPointerUp: () => (from.current = null),
      onPointerCancel: () => (from.current = null),
    },
  };
}
