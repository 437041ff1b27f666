// SPDX-License-Identifier: Apache-2.0
// The boxes of the sample that is shown, in the editor. What was done to them is kept while one looks at other samples; the tool in the
// hand and the class stay from one to the next.
import type { LabelNames } from "../../labelling/label_names";
import { useCallback, useMemo, useRef, useState } from "react";
import type { Schemas } from "../../api/client";
import { boxById, frameOf, hasOtherShapes, hiddenNear, isChanged, withFound, type Found, type Frame } from "../../labelling/boxes";
import { draftsOn } from "../../labelling/box_drafts";
import { informed, opened, type Editor } from "../../labelling/box_editor";
import type { Copied } from "../../labelling/box_keys";
import { zoomedTo, type Point } from "../../labelling/geometry";
import type { Loaded } from "./loaded";
import { imageSize } from "./stage";
import type { Viewing } from "./use_view";

export interface BoxEditing {
  sample: string;
  editor: Editor;
  /** As it is now, also between two renderings. */
  now: () => Editor;
  /** The pointer or the cross-hair is there. Only who subscribes is drawn again: it moves all the time. */
  point: (at: Point | null) => void;
  cursor: () => Point | null;
  subscribe: (listener: () => void) => () => void;
  /** `looks`: the box that is selected then is brought to the middle, if boxes are zoomed to. */
  change: (editor: Editor, looks?: boolean) => void;
  copied: Copied | null;
  copy: (copied: Copied) => void;
  isZooming: boolean;
  toggleZoom: () => void;
  showsNear: boolean;
  showNear: (shows: boolean) => void;
}

const STORED = "trommel.boxes";
const drafts = draftsOn({ load: () => sessionStorage.getItem(STORED), save: (text) => sessionStorage.setItem(STORED, text) });

type Explanation = Schemas["Explanation"] | null | undefined;

function foundIn(explanation: Explanation): Found | null {
  if (!explanation?.detections) return null;
  const { boxes, near_misses: near } = explanation.detections;
  // Of the boxes that a reason names the first is the one that it is about most.
  const reasons = explanation.reasons
    .filter(({ code }) => code !== "B11") // a count is about all boxes
    .map(({ code, evidence }) => {
      const named = (evidence as { boxes?: { index?: number }[] } | null)?.boxes;
      return { code, indices: named?.slice(0, 1).map(({ index }) => index ?? -1) ?? [] };
    });
  return { boxes, near, reasons };
}

/** null: there is nothing to edit, or it has shapes that are no boxes and would be lost. */
export function useBoxEditor(loaded: Loaded | undefined, explanation: Explanation, labels: LabelNames, viewing: Viewing, isOn: boolean): BoxEditing | null {
  const size = imageSize(loaded);
  const [held, hold] = useState<{ opening: Editor; found: Found | null; editor: Editor } | null>(null);
  const [copied, copy] = useState<Copied | null>(null);
  const [isZooming, zoom] = useState(true);
  const [showsNear, setShowsNear] = useState(true);
  const hand = useRef<Pick<Editor, "tool" | "label"> | undefined>(undefined);
  const { width, height } = size ?? { width: 0, height: 0 };
  const sample = loaded?.sample;
  const opening = useMemo(() => {
    if (!isOn || !sample || width === 0 || hasOtherShapes(sample.labels)) return null;
    const came = frameOf({ width, height }, sample.labels);
    return opened(drafts.get(sample.id, came) ?? came, came, hand.current);
  }, [isOn, sample, width, height]);

  const shown = held && held.opening === opening ? held.editor : opening;
  const labeled = shown && shown.label === "" && labels[0] ? { ...shown, label: labels[0] } : shown;
  // What the model nearly said may come later than the picture; of a labeled sample nobody asks any more.
  const found = useMemo(() => (sample?.state === "labeled" ? null : foundIn(explanation)), [sample, explanation]);
  const knowing = held && held.opening === opening && held.found === found;
  const editor = labeled && found && !knowing ? informed(labeled, (frame) => hiddenNear(withFound(frame, found), !showsNear)) : labeled;
  const cursor = useRef<Point | null>(null);
  const [listeners] = useState(() => new Set<() => void>());
  const subscribe = useCallback(
    (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    [listeners],
  );
  const newest = useRef(editor);
  newest.current = editor && { ...editor, cursor: cursor.current };
  const kept = useRef<{ opening: Editor | null; boxes: unknown }>({ opening: null, boxes: null });
  if (kept.current.opening !== opening) kept.current = { opening, boxes: editor?.frame.boxes };
  const now = useCallback(() => newest.current as Editor, []);
  if (!editor || !opening || !sample || !size) return null;

  const { id } = sample;
  const look = (frame: Frame) => {
    const box = boxById(frame, frame.selected)?.box;
    viewing.change(box && size && viewing.screen.width > 0 ? zoomedTo(box, size, viewing.screen) : null);
  };
  const change = (next: Editor, looks = false) => {
    if (next.frame.boxes !== kept.current.boxes && !next.press) {
      kept.current.boxes = next.frame.boxes;
      if (isChanged(next.frame, next.came) || next.frame.boxes.some(({ state }) => state === "confirmed")) drafts.put(id, next.came, next.frame);
      else drafts.forget(id);
    }
    newest.current = next;
    cursor.current = next.cursor;
    hand.current = { tool: next.tool, label: next.label };
    hold({ opening, found, editor: next });
    if (looks && isZooming) look(next.frame);
  };
  return {
    sample: id,
    editor,
    now,
    point(at) {
      cursor.current = at;
      newest.current = newest.current && { ...newest.current, cursor: at };
      for (const listener of listeners) listener();
    },
    cursor: () => cursor.current,
    subscribe,
    change,
    copied,
    copy,
    isZooming,
    toggleZoom() {
      zoom(!isZooming);
      if (isZooming) viewing.fit();
      else look(now().frame);
    },
    showsNear,
    showNear(shows) {
      setShowsNear(shows);
      change({ ...now(), frame: hiddenNear(now().frame, !shows) });
    },
  };
}
