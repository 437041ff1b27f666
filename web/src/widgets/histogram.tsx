// SPDX-License-Identifier: Apache-2.0
// A small histogram in SVG: this run before the training set behind it, where this sample stands, where the cut is. What it shows is
// said in words too.
import "./histogram.css";

export interface HistogramProps {
  from: number;
  to: number;
  bins: readonly number[];
  /** Drawn grey behind, at its own scale: what the training set looks like. */
  behind?: readonly number[] | null | undefined;
  /** Value of this sample. */
  marker?: number | null | undefined;
  /** Bins from here on are accented. */
  cut?: number | null | undefined;
  label: string;
  height?: number;
  format?: (value: number) => string;
}

const WIDTH = 320;

export function Histogram({ from, to, bins, behind, marker, cut, label, height = 56, format = (value) => String(Math.round(value * 100) / 100) }: HistogramProps) {
  const step = WIDTH / Math.max(bins.length, 1);
  const place = (value: number) => (to > from ? Math.min(Math.max((value - from) / (to - from), 0), 1) * WIDTH : WIDTH / 2);
  const bars = (counts: readonly number[], className: (at: number) => string) => {
    const most = Math.max(...counts, 1);
    return counts.map((count, at) => {
      const size = count === 0 ? 0 : Math.max((count / most) * (height - 2), 1.5);
      return <rect key={at} x={at * step + 0.5} width={Math.max(step - 1, 0.5)} y={height - size} height={size} className={className(at)} />;
    });
  };
  const valueOf = (at: number) => from + ((to - from) * at) / bins.length;
  return (
    <figure className="histogram">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" role="img" aria-label={label} height={height}>
        {behind && bars(behind, () => "behind")}
        {bars(bins, (at) => (cut !== null && cut !== undefined && valueOf(at + 1) > cut ? "bar cut" : "bar"))}
        <line x1="0" x2={WIDTH} y1={height} y2={height} className="axis" />
        {cut !== null && cut !== undefined && <line x1={place(cut)} x2={place(cut)} y1="0" y2={height} className="cut-line" />}
        {marker !== null && marker !== undefined && <path d={`M${place(marker) - 5} 0h10l-5 8zM${place(marker)} 8V${height}`} className="marker" />}
      </svg>
      <figcaption className="small soft" aria-hidden>
        <span>{format(from)}</span>
        <span>{format(to)}</span>
      </figcaption>
    </figure>
  );
}
