// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import type { Preferences } from "../../app/preferences";
import { GAP, layoutOf } from "./tile_layout";
import "../../widgets/skeleton.css";

/** Tiles to come, where they will stand. */
export function GridSkeleton({ width, height, preferences }: { width: number; height: number; preferences: Preferences }) {
  const { i18n } = useLingui();
  const { columns, tile, rowHeight } = layoutOf(width, 0, preferences);
  const count = columns * Math.ceil(height / rowHeight);
  return (
    <div role="status" aria-label={i18n._("Loading…")}>
      <svg className="skeleton" width={width} height={height} aria-hidden>
        {Array.from({ length: count }, (_, at) => (
          <rect key={at} x={(at % columns) * (tile + GAP)} y={Math.floor(at / columns) * rowHeight} width={tile} height={rowHeight - GAP} rx="10" />
        ))}
      </svg>
    </div>
  );
}
