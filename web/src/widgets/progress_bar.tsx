// SPDX-License-Identifier: Apache-2.0
import { ProgressBar as AriaProgressBar } from "react-aria-components";
import { formatNumber } from "../i18n/i18n";
import "./progress_bar.css";

/** How far something is, in items; `of` 0: nobody knows. */
export function ProgressBar({ label, value, of, isWordless = false }: { label: string; value: number; of: number; isWordless?: boolean }) {
  const words = of > 0 ? `${formatNumber(value)} / ${formatNumber(of)}` : formatNumber(value);
  return (
    <AriaProgressBar aria-label={label} value={of > 0 ? value : 0} maxValue={Math.max(of, 1)} isIndeterminate={of === 0} valueLabel={words} className="progress">
      {({ percentage, isIndeterminate }) => (
        <>
          <svg className="progress-track" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden>
            <rect width={isIndeterminate ? 30 : (percentage ?? 0)} height="4" />
          </svg>
          {!isWordless && (
            <span className="progress-words small soft">
              <span className="one-line">{label}</span>
              <span>{words}</span>
            </span>
          )}
        </>
      )}
    </AriaProgressBar>
  );
}
