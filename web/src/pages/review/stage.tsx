// SPDX-License-Identifier: Apache-2.0
// The picture, as large as it fits; the wheel zooms under the pointer, dragging moves it. Boxes and near misses lie over it.
import type { LabelNames } from "../../labelling/label_names";
import { useLingui } from "@lingui/react";
import { ImageOff } from "lucide-react";
import type { ReactNode } from "react";
import type { Size } from "../../labelling/geometry";
import { BoxEditor } from "./box_editor";
import { BoxLayer, type ShownBox } from "./box_layer";
import type { Loaded } from "./loaded";
import { Picture } from "./picture";
import type { BoxEditing } from "./use_box_editor";
import { useBoxPointer } from "./use_box_pointer";
import { useSharp } from "./use_sharp";
import type { Viewing } from "./use_view";
import "./stage.css";

export interface StageProps {
  loaded: Loaded | undefined;
  /** What is shown, blurred, until it is loaded. */
  thumb: string | undefined;
  viewing: Viewing;
  boxes: readonly ShownBox[] | undefined;
  marked: ReadonlySet<string> | undefined;
  /** Boxes that are edited, in place of those that are only shown. */
  editing?: BoxEditing | null;
  labels: LabelNames;
  /** Beside the picture, in a half of its own. */
  children?: ReactNode;
}

export function Stage({ loaded, thumb, viewing, boxes, marked, editing = null, labels, children }: StageProps) {
  const { i18n } = useLingui();
  const { frame, view, screen, drag, fit } = viewing;
  const size = imageSize(loaded);
  const image = useSharp(loaded, view);
  const pointer = useBoxPointer(editing, viewing);
  const hands = editing
    ? { className: "stage editing", tabIndex: -1, "data-tool": editing.editor.tool.kind, ...pointer.handlers }
    : { className: "stage", onDoubleClick: fit, ...drag };
  return (
    <div className="stage-row">
      <div ref={frame} {...hands} data-zoomed={viewing.isZoomed || undefined}>
        {!loaded && thumb && <img key={thumb} src={thumb} alt="" className="stage-thumb" />}
        {loaded && !loaded.image && (
          <p className="stage-broken" role="status">
            <ImageOff size={28} aria-hidden />
            <span>{i18n._("The image of {name} cannot be shown. Keys still work.", { name: nameOf(loaded.sample) })}</span>
            {loaded.whyNot && <span className="small">{loaded.whyNot}</span>}
          </p>
        )}
        {loaded && image && size && view && (
          <>
            <Picture image={image} size={size} view={view} alt={[nameOf(loaded.sample), ...loaded.sample.labels.map((label) => label.name)].join(", ")} />
            {editing && <BoxEditor editing={editing} labels={labels} view={view} screen={screen} reach={pointer.reach} marked={marked} />}
            {boxes && !editing && boxes.length > 0 && <BoxLayer boxes={boxes} view={view} screen={screen} marked={marked} />}
          </>
        )}
      </div>
      {children}
    </div>
  );
}

/** The sample's own pixels where they are known, as boxes are given in them. */
export function imageSize(loaded: Loaded | undefined): Size | undefined {
  if (!loaded?.image) return undefined;
  const { width, height } = loaded.sample;
  return width > 0 && height > 0 ? { width, height } : { width: loaded.image.naturalWidth, height: loaded.image.naturalHeight };
}

export const nameOf = (sample: { source: string }) => sample.source.split("/").at(-1) ?? "";
