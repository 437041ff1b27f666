// SPDX-License-Identifier: Apache-2.0
// The grid of samples: only what is on the screen exists, pages are fetched where one looks, a million rows scroll like a hundred.
import { useLingui } from "@lingui/react";
import { useCallback, useEffect, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from "react";
import type { SampleRow } from "../../api/samples";
import { useKeys } from "../../app/keys";
import { usePreferences } from "../../app/preferences";
import { rowsIn } from "../../labelling/scroll";
import { isSelected, put, toggled, type Selection } from "../../labelling/selection";
import { ProblemBlock } from "../../widgets/problem_block";
import { layoutOf } from "./tile_layout";
import { Tile } from "./tile";
import { useLongScroll } from "./use_long_scroll";
import { useFetched, usePages, useTotal, type SampleSource } from "./use_pages";
import { tellProblem } from "../../widgets/toast";
import { GridSkeleton } from "./grid_skeleton";
import "./grid.css";

export interface GridProps extends SampleSource {
  selection: Selection;
  onSelect: (selection: Selection) => void;
  /** The tile that keys act on when nothing is selected. */
  onFocus: (sample: SampleRow | undefined) => void;
  onReview: (sample: string) => void;
  onMenu: (sample: SampleRow, tile: HTMLElement) => void;
  empty: ReactNode;
}

// A tile that is kept for its focus, but lies outside of the view, stands here.
const AWAY_PX = -10_000;

export function Grid({ dataset, query, sort, selection, onSelect, onFocus, onReview, onMenu, empty }: GridProps) {
  const { i18n } = useLingui();
  const [preferences] = usePreferences();
  const source = { dataset, query, sort };
  const whole = useTotal(source);
  const count = whole.data?.total ?? 0;
  const scrolled = useLongScroll((width) => {
    const { rows, rowHeight } = layoutOf(width, count, preferences);
    return rows * rowHeight;
  });
  const { columns, tile, rowHeight, rows } = layoutOf(scrolled.width, count, preferences);
  const { first, last } = rowsIn(scrolled.top, scrolled.view, rowHeight, rows);
  const { sampleAt, broken } = usePages(source, first * columns, Math.min((last + 1) * columns, count) - 1);
  const fetched = useFetched(source);
  const [focus, setFocus] = useState(0);
  const [anchor, setAnchor] = useState(0);
  const at = Math.min(focus, Math.max(count - 1, 0));
  const focusRow = Math.floor(at / columns);
  const focused = fetched.at(at);

  useEffect(() => onFocus(focused), [focused, onFocus]);
  useEffect(() => {
    scrolled.goTo(0);
    setFocus(0);
    setAnchor(0);
    // Another question: from its beginning.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [query, sort]);
  useEffect(() => {
    scrolled.goTo(Math.max(0, focusRow * rowHeight - scrolled.view / 3));
    // Tiles of another size: what one was looking at stays in view.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [preferences.tileSize]);

  const focusTile = (place: number) => requestAnimationFrame(() => scrolled.element?.querySelector<HTMLElement>(`[data-place="${place}"]`)?.focus({ preventScroll: true }));
  function goTo(place: number, extends_: boolean) {
    const next = Math.min(Math.max(place, 0), count - 1);
    const row = Math.floor(next / columns);
    setFocus(next);
    if (row * rowHeight < scrolled.top) scrolled.goTo(row * rowHeight);
    else if ((row + 1) * rowHeight > scrolled.top + scrolled.view) scrolled.goTo((row + 1) * rowHeight - scrolled.view);
    if (extends_) selectRange(anchor, next);
    else setAnchor(next);
    focusTile(next);
  }
  function selectRange(from: number, to: number) {
    void fetched.idsBetween(from, to).then((ids) => onSelect(put(selection, ids, true)), tellProblem);
  }
  useKeys("grid", [{ keys: ["ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft"], name: i18n._("Move from sample to sample"), run: () => goTo(at, false) }], count > 0);

  function onKeyDown(event: KeyboardEvent) {
    const page = Math.max(1, Math.floor(scrolled.view / rowHeight)) * columns;
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageUp: -page, PageDown: page };
    const step = steps[event.key];
    const isFar = event.ctrlKey || event.metaKey;
    if (step !== undefined) goTo(at + step, event.shiftKey);
    else if (event.key === "Home") goTo(isFar ? 0 : at - (at % columns), event.shiftKey);
    else if (event.key === "End") goTo(isFar ? count - 1 : at - (at % columns) + columns - 1, event.shiftKey);
    else if (event.key === " " && focused) onSelect(toggled(selection, focused.id));
    else if (event.key === "Enter" && focused) onReview(focused.id);
    else if ((event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) && focused) onMenu(focused, event.target as HTMLElement);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  const onPress = useCallback(
    (event: MouseEvent, place: number, sample: SampleRow) => {
      setFocus(place);
      if (event.type === "contextmenu") {
        event.preventDefault();
        onMenu(sample, event.currentTarget as HTMLElement);
      } else if (event.shiftKey) {
        void fetched.idsBetween(anchor, place).then((ids) => onSelect(put(selection, ids, true)), tellProblem);
      } else if (event.ctrlKey || event.metaKey || (event.target as Element).closest(".tile-check")) {
        onSelect(toggled(selection, sample.id));
        setAnchor(place);
      } else onReview(sample.id);
    },
    [anchor, fetched, onMenu, onReview, onSelect, selection],
  );

  const shown = rows === 0 ? [] : Array.from({ length: last - first + 1 }, (_, nth) => first + nth);
  if (rows > 0 && (focusRow < first || focusRow > last)) shown.push(focusRow);
  return (
    <div ref={scrolled.ref} className="grid-scroller">
      {(broken ?? (whole.isError && whole)) && <ProblemBlock thrown={(broken ?? whole).error} onRetry={() => void (broken ?? whole).refetch()} compact />}
      {whole.isPending && scrolled.width > 0 && <GridSkeleton width={scrolled.width} height={scrolled.view} preferences={preferences} />}
      {whole.data && count === 0 && empty}
      {count > 0 && (
        <div
          role="grid"
          aria-label={i18n._("Samples")}
          aria-rowcount={rows}
          aria-colcount={columns}
          aria-multiselectable
          className="grid"
          onKeyDown={onKeyDown}
          style={{ height: scrolled.height, "--tile": `${tile}px`, "--tile-row": `${rowHeight}px` } as React.CSSProperties}
        >
          {shown.map((row) => (
            <div key={row} role="row" aria-rowindex={row + 1} className="grid-row" style={{ transform: `translateY(${row < first || row > last ? AWAY_PX : row * rowHeight - scrolled.offset}px)` }}>
              {Array.from({ length: Math.min(columns, count - row * columns) }, (_, column) => {
                const place = row * columns + column;
                const sample = sampleAt(place) ?? fetched.at(place);
                return <Tile key={place} place={place} column={column} sample={sample} isSelected={sample !== undefined && isSelected(selection, sample.id)} isFocus={place === at} onPress={onPress} preferences={preferences} />;
              })}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
