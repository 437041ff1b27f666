// SPDX-License-Identifier: Apache-2.0
// An image that was decoded before, laid under a view. The element itself is put in: nothing is fetched or decoded again.
import { useLayoutEffect, useRef } from "react";
import type { Size, View } from "../../labelling/geometry";

const PIXELS_FROM = 3; // screen px per image px from which on pixels are shown as such

export function Picture({ image, size, view, alt }: { image: HTMLImageElement; size: Size; view: View; alt: string }) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    host.current?.replaceChildren(image);
  }, [image]);
  useLayoutEffect(() => {
    image.alt = alt;
    image.draggable = false;
    image.className = view.scale * (size.width / (image.naturalWidth || 1)) >= PIXELS_FROM ? "picture coarse" : "picture";
    image.style.width = `${size.width * view.scale}px`;
    image.style.height = `${size.height * view.scale}px`;
    image.style.transform = `translate(${view.x}px, ${view.y}px)`;
  });
  return <div ref={host} className="picture-host" />;
}
