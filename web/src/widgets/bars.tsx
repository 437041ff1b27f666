// SPDX-License-Identifier: Apache-2.0
// A list of bars: what, how much, in words too. A bar may lead somewhere.
import type { ReactNode } from "react";
import { Link } from "react-aria-components";
import "./bars.css";

export interface Bar {
  id: string;
  name: ReactNode;
  /** 0 to `of`. */
  value: number;
  words: string;
  href?: string | undefined;
}

export function Bars({ bars, of, label }: { bars: readonly Bar[]; of?: number; label: string }) {
  const most = of ?? Math.max(...bars.map(({ value }) => value), 1e-9);
  return (
    <ul className="bars" aria-label={label}>
      {bars.map(({ id, name, value, words, href }) => {
        const inside = (
          <>
            <span className="one-line bar-name">{name}</span>
            <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden>
              <rect width="100" height="10" className="bar-room" />
              <rect width={(value / most) * 100} height="10" className="bar-part" />
            </svg>
            <span className="soft bar-words">{words}</span>
          </>
        );
        return (
          <li key={id}>
            {href ? (
              <Link href={href} className="bar-line">
                {inside}
              </Link>
            ) : (
              <span className="bar-line">{inside}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
