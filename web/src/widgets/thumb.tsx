// SPDX-License-Identifier: Apache-2.0
// A small picture in a square; small ones are drawn with their pixels, missing ones say so.
import { useLingui } from "@lingui/react";
import { ImageOff } from "lucide-react";
import { useState } from "react";
import "./thumb.css";

const COARSE_PX = 64;

export function Thumb({ src, label = "" }: { src: string; label?: string }) {
  const { i18n } = useLingui();
  const [state, setState] = useState<"fine" | "coarse" | "broken">("fine");
  if (state === "broken")
    return (
      <span className="thumb broken soft small">
        <ImageOff size={20} aria-hidden />
        {i18n._("The image cannot be shown")}
      </span>
    );
  return (
    <span className="thumb">
      <img
        src={src}
        alt={label}
        loading="lazy"
        decoding="async"
        draggable={false}
        className={state}
        onLoad={(event) => setState(event.currentTarget.naturalWidth < COARSE_PX ? "coarse" : "fine")}
        onError={() => setState("broken")}
      />
    </span>
  );
}
