// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import "./skeleton.css";

/** Rows in the place of what is still coming, in the height they will have. */
export function Skeleton({ rows = 5, height = 44 }: { rows?: number; height?: number }) {
  const { i18n } = useLingui();
  return (
    <div role="status" aria-label={i18n._("Loading…")}>
      <svg className="skeleton" width="100%" height={rows * height} aria-hidden>
        {Array.from({ length: rows }, (_, row) => (
          <rect key={row} x="0" y={row * height + height / 2 - 8} width={`${92 - ((row * 17) % 30)}%`} height="16" rx="4" />
        ))}
      </svg>
    </div>
  );
}
