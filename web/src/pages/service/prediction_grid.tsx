// SPDX-License-Identifier: Apache-2.0
// Pictures with what was predicted: only what is on the screen exists; more is fetched before the end is reached.
import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useLingui } from "@lingui/react";
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { BoxedPicture } from "../../widgets/boxed_picture";
import { resultQuery } from "./run_query";

const TILE = 160;
const WORDS = 48;
const GAP = 10;

export interface PredictionGridProps {
  service: string;
  rows: readonly Schemas["Result"][];
  total: number;
  isDetection: boolean;
  open: string | undefined;
  onOpen: (result: string) => void;
  onMore: () => void;
}

export function PredictionGrid({ service, rows, total, isDetection, open, onOpen, onMore }: PredictionGridProps) {
  const { i18n } = useLingui();
  const scroller = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [focus, setFocus] = useState(0);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const columns = Math.max(1, Math.floor((width + GAP) / (TILE + GAP)));
  const lines = Math.ceil(rows.length / columns);
  const virtual = useVirtualizer({ count: lines, getScrollElement: () => scroller.current, estimateSize: () => TILE + WORDS + GAP, overscan: 2 });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length < total && last >= lines - 3) onMore();
  }, [last, lines, rows.length, total, onMore]);
  useEffect(() => {
    const place = rows.findIndex((row) => row.id === open);
    if (place < 0) return;
    setFocus(place);
    virtual.scrollToIndex(Math.floor(place / columns));
    // Only when another one is opened: scrolling away stays possible.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [open, columns]);

  function onKeyDown(event: KeyboardEvent) {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageDown: columns * 3, PageUp: -columns * 3 };
    const step = event.key === "Home" ? -rows.length : event.key === "End" ? rows.length : steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.min(Math.max(focus + step, 0), rows.length - 1);
    setFocus(next);
    virtual.scrollToIndex(Math.floor(next / columns));
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-place="${next}"]`)?.focus());
  }
  return (
    <div ref={scroller} className="prediction-scroller">
      {width > 0 && (
        <div role="grid" aria-label={i18n._("Predictions")} aria-rowcount={Math.ceil(total / columns)} aria-colcount={columns} className="prediction-grid" onKeyDown={onKeyDown}>
          <svg width="1" height={virtual.getTotalSize()} aria-hidden className="prediction-room" />
          {shown.map((line) => (
            <div key={line.key} role="row" aria-rowindex={line.index + 1} className="prediction-row" style={{ transform: `translateY(${line.start}px)` }}>
              {rows.slice(line.index * columns, (line.index + 1) * columns).map((row, column) => {
                const place = line.index * columns + column;
                return (
                  <span key={row.id} role="gridcell" aria-colindex={column + 1}>
                    <button type="button" className="prediction" data-place={place} data-open={row.id === open || undefined} tabIndex={place === focus ? 0 : -1} onFocus={() => setFocus(place)} onClick={() => onOpen(row.id)}>
                      <Tile service={service} row={row} isDetection={isDetection} />
                    </button>
                  </span>
                );
              })}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

/** Boxes stand in the result in full; it is asked for where it is looked at. */
function Tile({ service, row, isDetection }: { service: string; row: Schemas["Result"]; isDetection: boolean }) {
  const { i18n } = useLingui();
  const full = useQuery({ ...resultQuery(service, row.id), enabled: isDetection && row.box_count > 0 });
  const name = row.source.split("/").at(-1) ?? row.source;
  return (
    <>
      <span className="prediction-picture">
        <BoxedPicture src={`${row.image}?size=thumb`} width={row.width} height={row.height} boxes={full.data?.boxes} label="" />
      </span>
      <span className="prediction-words">
        <span className="row">
          <span className="grow one-line prediction-label">{row.label ?? i18n._("nothing found")}</span>
          {row.score !== null && <span className="soft small">{formatNumber(row.score, { maximumFractionDigits: 2, minimumFractionDigits: 2 })}</span>}
        </span>
        <span className="soft small one-line">{isDetection && row.box_count > 1 ? `${i18n._("{count, plural, one {# box} other {# boxes}}", { count: row.box_count })} · ${name}` : name}</span>
      </span>
    </>
  );
}
