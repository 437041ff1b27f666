// SPDX-License-Identifier: Apache-2.0
// The pointer over the frame: it holds boxes and points where it can, else it moves the picture.
import type { PointerEvent } from "react";
import { boxById } from "../../labelling/boxes";
import type { Editor } from "../../labelling/box_editor";
import { boxesAt, dragged, handleAt, isHeld, pressed, released } from "../../labelling/box_pointer";
import { toImage, type Point, type View } from "../../labelling/geometry";
import type { BoxEditing } from "./use_box_editor";
import type { Viewing } from "./use_view";

const REACH_PX = 7; // of the screen

export function useBoxPointer(editing: BoxEditing | null, viewing: Viewing) {
  const { view, drag } = viewing;
  const reach = view ? REACH_PX / view.scale : 0;
  const at = (event: PointerEvent, seen: View): Point => {
    const frame = event.currentTarget.getBoundingClientRect();
    return toImage(seen, { x: event.clientX - frame.left, y: event.clientY - frame.top });
  };
  const onPointerUp = (event: PointerEvent) => {
    drag.onPointerUp();
    if (editing?.now().press && view) editing.change(released(editing.now(), at(event, view), reach));
  };
  return {
    reach,
    handlers: {
      onPointerDown(event: PointerEvent) {
        if (!editing || !view || event.button > 1) return;
        if (event.button === 1) return drag.onPointerDown(event);
        const next = pressed(editing.now(), at(event, view), reach);
        editing.change(next);
        if (isHeld(next)) event.currentTarget.setPointerCapture(event.pointerId);
        else drag.onPointerDown(event);
      },
      onPointerMove(event: PointerEvent) {
        if (!editing || !view) return;
        drag.onPointerMove(event);
        const next = dragged(editing.now(), at(event, view), reach);
        if (next.press) editing.change(next);
        else editing.point(next.cursor);
        event.currentTarget.toggleAttribute("data-over", !next.press && isOverBox(next, reach));
      },
      onPointerUp,
      onPointerCancel: onPointerUp,
      onPointerLeave() {
        const now = editing?.now();
        if (now?.cursor && now.tool.kind === "select" && !now.press) editing?.point(null);
      },
    },
  };
}

function isOverBox({ cursor, frame, tool }: Editor, reach: number): boolean {
  if (!cursor || tool.kind !== "select") return false;
  const selected = boxById(frame, frame.selected);
  return boxesAt(frame, cursor).length > 0 || (selected !== undefined && handleAt(selected.box, cursor, reach) !== undefined);
}
