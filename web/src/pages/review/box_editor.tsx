// SPDX-License-Identifier: Apache-2.0
// The boxes of the editor over the image: what became of each by its line, the class by its colour and its name. Lines are as thick at any
// zoom. The pointer is read by the frame below; boxes take the focus one by one.
import type { LabelNames } from "../../labelling/label_names";
import { useLingui } from "@lingui/react";
import { useId, useSyncExternalStore } from "react";
import { boxById, NEAR_ID, select, type LabelBox } from "../../labelling/boxes";
import { drawn, type Editor } from "../../labelling/box_editor";
import { boxesAt, nearMissAt } from "../../labelling/box_pointer";
import { handlePoint, handles, toScreen, type Size, type View } from "../../labelling/geometry";
import { colorOf } from "../../labelling/palette";
import { BoxLabels } from "./box_labels";
import { boxName } from "./box_words";
import { CrossHair } from "./cross_hair";
import type { BoxEditing } from "./use_box_editor";
import "./box_editor.css";

export interface BoxEditorProps {
  editing: BoxEditing;
  labels: LabelNames;
  view: View;
  screen: Size;
  /** Pixels of the image that a press may be off. */
  reach: number;
  /** Drawn as ever, the others dimmed. */
  marked: ReadonlySet<string> | undefined;
}

/** As the boxes that are only shown are called. */
const keyOf = ({ id }: LabelBox) => (id >= NEAR_ID ? `near ${id - NEAR_ID}` : `box ${id - 1}`);

/** What a press would take, so that it can be seen before. */
function underPointer({ tool, press, cursor, frame }: Editor, reach: number): number | undefined {
  if (tool.kind !== "select" || press || !cursor) return undefined;
  return nearMissAt(frame, cursor, reach / 2)?.id ?? boxesAt(frame, cursor)[0]?.id;
}

export function BoxEditor({ editing, labels, view, screen, reach, marked }: BoxEditorProps) {
  const { i18n } = useLingui();
  const hatch = useId();
  // The cross-hair and what lies under the pointer are drawn as they move; nothing else of the page is.
  const cursor = useSyncExternalStore(editing.subscribe, editing.cursor);
  const editor = { ...editing.editor, cursor };
  const { frame } = editor;
  const selected = boxById(frame, frame.selected);
  const hovered = underPointer(editor, reach);
  const shown = frame.boxes.filter(({ isHidden }) => !isHidden);
  // What lies in front is drawn last: near misses behind, the selected box before all.
  const front = ({ id, state }: LabelBox) => (id === frame.selected ? 2 : state === "ignored" ? 0 : 1);
  const inDepth = [...shown].sort((a, b) => front(a) - front(b));
  const begun = drawn(editor);
  return (
    <>
      <svg className="box-editor" width={screen.width} height={screen.height}>
        <defs>
          <pattern id={hatch} width="8" height="8" patternUnits="userSpaceOnUse" patternTransform={`scale(${1 / view.scale})`}>
            <path d="M0 0 8 8M8 0 0 8" className="hatch" />
          </pattern>
        </defs>
        <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`} role="group" aria-label={i18n._("Boxes")}>
          {inDepth.map((box) => (
            <BoxFigure
              key={box.id}
              box={box}
              color={colorOf(labels, box.name)}
              hatch={hatch}
              words={boxName(i18n, box)}
              isSelected={box.id === frame.selected}
              isHovered={box.id === hovered}
              isDim={Boolean(marked && marked.size > 0 && !marked.has(keyOf(box)))}
              onFocus={() => editing.now().frame.selected !== box.id && editing.change({ ...editing.now(), frame: select(editing.now().frame, box.id) })}
            />
          ))}
          {begun && <rect {...placeOf(begun)} className="begun" style={{ stroke: colorOf(labels, editor.label) }} />}
        </g>
        {selected && !selected.isHidden && editor.tool.kind === "select" && <Handles box={selected} view={view} />}
        {editor.tool.kind === "draw" && <CrossHair editor={editor} view={view} screen={screen} />}
      </svg>
      <BoxLabels boxes={inDepth} labels={labels} view={view} screen={screen} selected={frame.selected} hovered={hovered} />
    </>
  );
}

const placeOf = ({ xmin, ymin, xmax, ymax }: LabelBox["box"]) => ({ x: xmin, y: ymin, width: xmax - xmin, height: ymax - ymin });

interface FigureProps {
  box: LabelBox;
  color: string;
  hatch: string;
  words: string;
  isSelected: boolean;
  isHovered: boolean;
  isDim: boolean;
  onFocus: () => void;
}
function BoxFigure({ box, color, hatch, words, isSelected, isHovered, isDim, onFocus }: FigureProps) {
  const place = placeOf(box.box);
  return (
    <g tabIndex={0} role="button" aria-pressed={isSelected} aria-label={words} className="edit-box" data-state={box.state} data-hovered={isHovered || undefined} data-dim={isDim || undefined} onFocus={onFocus}>
      {isSelected && <rect {...place} className="tint" style={{ fill: color }} />}
      <rect {...place} className="rim" />
      <rect {...place} className="line" style={{ stroke: box.state === "false" ? undefined : color }} fill={box.state === "false" ? `url(#${hatch})` : "none"} />
    </g>
  );
}

const HANDLE_PX = 9;
function Handles({ box, view }: { box: LabelBox; view: View }) {
  const isWide = (box.box.xmax - box.box.xmin) * view.scale >= 40;
  const isHigh = (box.box.ymax - box.box.ymin) * view.scale >= 40;
  const usable = handles.filter((handle) => handle.length === 2 || (handle === "n" || handle === "s" ? isWide : isHigh));
  return usable.map((handle) => {
    const { x, y } = toScreen(view, handlePoint(box.box, handle));
    return <rect key={handle} x={x - HANDLE_PX / 2} y={y - HANDLE_PX / 2} width={HANDLE_PX} height={HANDLE_PX} className="handle" />;
  });
}
