// SPDX-License-Identifier: Apache-2.0
// What is in the hand: select, draw by two clicks, draw by four extreme points; and whether boxes are zoomed to.
import { useLingui } from "@lingui/react";
import { MousePointer2, Scan, SquareDashedMousePointer, ZoomIn } from "lucide-react";
import type { ReactNode } from "react";
import { ToggleButton } from "react-aria-components";
import { drawing, selecting } from "../../labelling/box_editor";
import { Tip } from "../../widgets/tip";
import type { BoxEditing } from "./use_box_editor";
import "./box_tools.css";

export function BoxTools({ editing }: { editing: BoxEditing }) {
  const { i18n } = useLingui();
  const { editor, change } = editing;
  const { tool } = editor;
  return (
    <div className="box-tools" role="toolbar" aria-label={i18n._("Box tools")}>
      <Tool label={i18n._("Select and move")} keys="V" isOn={tool.kind === "select"} onPress={() => change(selecting(editor))}>
        <MousePointer2 size={17} aria-hidden />
      </Tool>
      <Tool label={i18n._("Draw by two clicks")} keys="N" isOn={tool.kind === "draw" && !tool.isExtreme} onPress={() => change(drawing(editor, false))}>
        <SquareDashedMousePointer size={17} aria-hidden />
      </Tool>
      <Tool label={i18n._("Draw by four extreme points")} keys="Shift+N" isOn={tool.kind === "draw" && tool.isExtreme} onPress={() => change(drawing(editor, true))}>
        <Scan size={17} aria-hidden />
      </Tool>
      <span className="box-tools-line" aria-hidden />
      <Tool label={i18n._("Zoom to boxes")} keys="Z" isOn={editing.isZooming} onPress={editing.toggleZoom}>
        <ZoomIn size={17} aria-hidden />
      </Tool>
      {tool.kind === "draw" && (
        <span className="box-tools-words small">
          {tool.isExtreme ? i18n._("Four extreme points: {count} of 4", { count: tool.points.length }) : tool.points.length === 0 ? i18n._("Click a corner") : i18n._("Click the opposite corner")}
        </span>
      )}
    </div>
  );
}

function Tool({ label, keys, isOn, onPress, children }: { label: string; keys: string; isOn: boolean; onPress: () => void; children: ReactNode }) {
  return (
    <Tip text={label} keys={keys}>
      <ToggleButton aria-label={label} isSelected={isOn} onChange={onPress} className="box-tool">
        {children}
      </ToggleButton>
    </Tip>
  );
}
