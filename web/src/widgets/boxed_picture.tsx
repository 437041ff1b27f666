// SPDX-License-Identifier: Apache-2.0
// A picture with what a model found in it drawn over it. Boxes are in the pixels of the upright image.
import { useLingui } from "@lingui/react";
import { ImageOff } from "lucide-react";
import { useState } from "react";
import "./boxed_picture.css";

export interface NamedBox {
  label: string;
  score: number;
  xmin: number;
  ymin: number;
  xmax: number;
  ymax: number;
}
export interface BoxedPictureProps {
  src: string;
  /** px; 0: not known. */
  width: number;
  height: number;
  boxes?: readonly NamedBox[];
  near?: readonly NamedBox[];
  /** Of the boxes; it is drawn stronger. */
  chosen?: number | null;
  hasNames?: boolean;
  label: string;
}

const COARSE_PX = 64;

export function BoxedPicture({ src, width, height, boxes = [], near = [], chosen, hasNames = false, label }: BoxedPictureProps) {
  const { i18n } = useLingui();
  const [isBroken, broke] = useState(false);
  if (isBroken)
    return (
      <span className="boxed broken soft small">
        <ImageOff size={20} aria-hidden />
        {i18n._("The image cannot be shown")}
      </span>
    );
  const text = Math.max(width, height) / 28;
  return (
    <span className="boxed">
      <img src={src} alt={label} loading="lazy" decoding="async" draggable={false} onError={() => broke(true)} className={width > 0 && width < COARSE_PX ? "coarse" : ""} />
      {width > 0 && height > 0 && boxes.length + near.length > 0 && (
        <svg viewBox={`0 0 ${width} ${height}`} aria-hidden>
          {near.map((box, at) => (
            <rect key={`n${at}`} x={box.xmin} y={box.ymin} width={box.xmax - box.xmin} height={box.ymax - box.ymin} className="near" />
          ))}
          {boxes.map((box, at) => (
            <rect key={at} x={box.xmin} y={box.ymin} width={box.xmax - box.xmin} height={box.ymax - box.ymin} className={at === chosen ? "chosen" : ""} />
          ))}
          {hasNames &&
            boxes.map((box, at) => (
              <text key={`t${at}`} x={box.xmin} y={Math.max(box.ymin - text / 4, text)} fontSize={text}>
                {box.label}
              </text>
            ))}
        </svg>
      )}
    </span>
  );
}
