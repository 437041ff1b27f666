// SPDX-License-Identifier: Apache-2.0
// The middle-sized picture, until it is zoomed so far that its pixels show: then the original, once it is there.
import { useEffect, useState } from "react";
import { imagePath } from "../../api/samples";
import type { View } from "../../labelling/geometry";
import { decoded, type Loaded } from "./loaded";

export function useSharp(loaded: Loaded | undefined, view: View | undefined): HTMLImageElement | null {
  const [sharp, setSharp] = useState<{ id: string; image: HTMLImageElement } | null>(null);
  const image = loaded?.image ?? null;
  const id = loaded?.sample.id;
  const isTooSmall = image !== null && view !== undefined && loaded !== undefined && loaded.sample.width > image.naturalWidth && view.scale * loaded.sample.width > image.naturalWidth * 1.05 * devicePixelRatio;
  useEffect(() => {
    if (!isTooSmall || !loaded || sharp?.id === id) return;
    let isOld = false;
    void decoded(imagePath(loaded.sample, "orig")).then((original) => {
      if (original && !isOld) setSharp({ id: loaded.sample.id, image: original });
    });
    return () => {
      isOld = true;
    };
  }, [isTooSmall, loaded, id, sharp]);
  return sharp !== null && sharp.id === id ? sharp.image : image;
}
