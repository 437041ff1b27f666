// SPDX-License-Identifier: Apache-2.0
// The Label page: All, Unlabeled, Labeled, To Be Confirmed; what to show on the left, the samples in a grid, decisions on what is selected.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useParams } from "wouter";
import { datasetQuery } from "../../api/queries";
import { DECIDE_MAX, facetsQuery, sampleIds, type BulkDecision, type SampleRow } from "../../api/samples";
import { asProblem } from "../../api/problem";
import { useMay } from "../../app/session";
import { usePreferences } from "../../app/preferences";
import { useUrlState } from "../../app/url_state";
import { formatNumber } from "../../i18n/i18n";
import { labelNames } from "../../labelling/label_names";
import { conditionsOf, filterOf, queryOf, toggledIn, treeOf, urlOf, type Filter } from "../../labelling/filter";
import { relabelled } from "../../labelling/relabel";
import { countOf, everything, inverted, nothing, targetOf, type Selection } from "../../labelling/selection";
import { ProblemBlock } from "../../widgets/problem_block";
import { tell, tellProblem } from "../../widgets/toast";
import { AddToDataset } from "../merge/add_to_dataset";
import { MERGE_MAX, type Chosen } from "../merge/merge";
import { SystemPage } from "../system/system_page";
import { Conditions } from "./conditions";
import { FilterRail } from "./filter_rail";
import { Grid } from "./grid";
import { LabelHead, StateTabs } from "./label_head";
import { NewPill } from "./new_pill";
import { Nothing } from "./nothing";
import { SelectionBar } from "./selection_bar";
import { SidePanel } from "./side_panel";
import { TileMenu } from "./tile_menu";
import { TilePreview } from "./tile_preview";
import { FilterButton, SortSelect, TileShows, TileSize } from "./tools";
import { useDecisions } from "./use_decisions";
import { useLabelKeys } from "./use_label_keys";
import { useFetched, useTotal } from "./use_pages";
import { ViewsMenu } from "./views_menu";
import "./label.css";

const RAIL_FROM_PX = 1000;
const PANEL_FROM_PX = 1300;

export default function LabelPage() {
  const { i18n } = useLingui();
  const { dataset: name = "" } = useParams<{ dataset: string }>();
  const [url, change] = useUrlState();
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const filter = useMemo(() => filterOf(url), [url]);
  const query = useMemo(() => queryOf(filter), [filter]);
  const source = { dataset: name, query, sort: filter.sort };
  const dataset = useQuery(datasetQuery(name));
  const facets = useQuery(facetsQuery(name, query));
  const whole = useTotal(source);
  const fetched = useFetched(source);
  const decisions = useDecisions(name);
  const mayLabel = useMay("label");
  const [preferences, prefer] = usePreferences();
  const [selection, select] = useState<Selection>(nothing);
  const [isRailOpen, openRail] = useState(() => window.innerWidth >= RAIL_FROM_PX);
  const [isPanelOpen, openPanel] = useState(() => preferences.showsPanel && window.innerWidth >= PANEL_FROM_PX);
  const [menu, openMenu] = useState<{ sample: SampleRow; tile: HTMLElement } | null>(null);
  const [adding, add] = useState<Chosen | null>(null);
  const focus = useRef<SampleRow | undefined>(undefined);
  const [main, setMain] = useState<HTMLElement | null>(null);

  // What was decided elsewhere since is seen when one comes here, not while one looks.
  useEffect(() => void queries.invalidateQueries({ queryKey: ["samples", name] }), [queries, name]);

  const total = whole.data?.total ?? 0;
  const selected = countOf(selection, total);
  const labels = useMemo(() => labelNames(dataset.data?.labels ?? []), [dataset.data]);
  const isDetection = dataset.data?.dataset_type === "object_detection";
  const known = useMemo(() => (selection.kind === "some" ? fetched.byId(selection.ids) : []), [fetched, selection]);
  const tooMany = i18n._("At most {max} are decided at once: narrow the filter.", { max: formatNumber(DECIDE_MAX) });
  const why = !mayLabel ? i18n._("Your role only reads.") : selected > DECIDE_MAX && tooMany;

  const set = useCallback(
    (next: Partial<Filter>) => {
      if (!("sort" in next)) select(nothing);
      change(urlOf({ ...filter, ...next }), { replace: !("state" in next) });
    },
    [change, filter],
  );
  const focused = () => (document.activeElement?.closest('[role="grid"]') ? focus.current : undefined);
  /** On the selection, else on the tile in focus. */
  async function decide(action: BulkDecision["action"], given?: string[]) {
    if (why) return tell(why);
    const one = focused();
    if (selected === 0 && !one) return tell(i18n._("Select samples first"));
    const target = selected > 0 ? targetOf(selection, treeOf(filter)) : { ids: [one?.id ?? ""] };
    if (await decisions.decide({ target, action, ...(given && { labels: given }) })) select(nothing);
  }
  /** What is selected goes into the training dataset: by name when single ones are left out of all that match. */
  function addSelected() {
    if (selection.kind === "some") return add({ ids: [...selection.ids] });
    if (selection.except.size === 0) return add({ filter: treeOf(filter), count: total });
    if (selected > MERGE_MAX) return tell(i18n._("At most {max} are added at once: narrow the filter.", { max: formatNumber(MERGE_MAX) }));
    sampleIds(name, query, filter.sort, selected + selection.except.size).then(({ ids }) => add({ ids: ids.filter((id) => !selection.except.has(id)) }), tellProblem);
  }
  const of = (): readonly SampleRow[] => (selected > 0 ? known : [focused()].filter((one) => one !== undefined));
  const review = useCallback(
    (sample?: string) => {
      const members = new URLSearchParams(window.location.search);
      if (sample) members.set("sample", sample);
      navigate(`/datasets/${name}/review${members.size > 0 ? `?${members.toString()}` : ""}`);
    },
    [navigate, name],
  );
  const focusLabelBox = () => {
    if (selected === 0 && focused()) select({ kind: "some", ids: new Set([focused()?.id ?? ""]) });
    openPanel(true);
    requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById("label-box")?.focus()));
  };
  const showPanel = (isOpen: boolean) => {
    openPanel(isOpen);
    prefer({ showsPanel: isOpen });
  };
  useLabelKeys({
    mayLabel,
    setsClasses: !isDetection,
    onRail: () => openRail(!isRailOpen),
    onPanel: () => showPanel(!isPanelOpen),
    onSelect: (what) => select(what === "all" ? everything : what === "none" ? nothing : inverted(selection)),
    onDecide: (what) => {
      const isAll = (is: (one: SampleRow) => boolean) => of().length > 0 && of().every(is);
      if (what === "toggle_hard") void decide(isAll((one) => one.hard) ? "clear_hard" : "mark_hard");
      else if (what === "toggle_excluded") void decide(isAll((one) => one.is_excluded) ? "include" : "exclude");
      else void decide(what);
    },
    onConfirmAll: () => (total > DECIDE_MAX ? tell(tooMany) : total > 0 && void decisions.decide({ target: targetOf(everything, treeOf(filter)), action: "confirm" })),
    labels,
    onClass: (label) => void decide("confirm", [label]),
    onLabelBox: focusLabelBox,
    onTurn: (way) => void decisions.turn(way),
    onRefresh: () => void decisions.refresh(),
  });
  const onFocus = useCallback((sample: SampleRow | undefined) => void (focus.current = sample), []);
  const onMenu = useCallback((sample: SampleRow, tile: HTMLElement) => openMenu({ sample, tile }), []);
  const findSample = useCallback((id: string) => fetched.byId(new Set([id]))[0], [fetched]);

  if (dataset.isError && [403, 404, 410].includes(asProblem(dataset.error).status)) return <SystemPage thrown={dataset.error} />;
  return (
    <div className="label-page">
      <LabelHead dataset={name} query={query} sort={filter.sort} selected={selected} total={total} mayLabel={mayLabel} onReview={() => review()} onDecide={(action) => void decide(action)} onUndo={(way) => void decisions.turn(way)} />
      <StateTabs filter={filter} facets={facets.data} onChange={set} />
      <div className="label-body" data-rail={isRailOpen || undefined} data-panel={isPanelOpen || undefined}>
        {isRailOpen && <FilterRail filter={filter} facets={facets.data} onChange={set} onClose={() => openRail(false)} />}
        <section className="label-main" aria-label={i18n._("Samples")} ref={setMain}>
          <div className="label-tools">
            {!isRailOpen && <FilterButton isOpen={isRailOpen} count={conditionsOf(filter)} onPress={() => openRail(true)} />}
            <ViewsMenu />
            <span className="grow" />
            <span className="soft small matching" aria-live="polite">
              {whole.data && i18n._("{count, plural, one {# sample} other {# samples}}", { count: total })}
            </span>
            <SortSelect value={filter.sort} onChange={(sort) => set({ sort })} />
            <TileSize />
            <TileShows hasBoxes={isDetection} />
          </div>
          <Conditions filter={filter} facets={facets.data} onChange={set} />
          {facets.isError && <ProblemBlock thrown={facets.error} onRetry={() => void facets.refetch()} compact />}
          <NewPill shown={whole.data?.total} now={facets.isPlaceholderData ? undefined : facets.data?.total} isBusy={whole.isFetching || facets.isFetching} onShow={() => void decisions.refresh()} />
          <Grid {...source} selection={selection} onSelect={select} onFocus={onFocus} onReview={review} onMenu={onMenu} empty={<Nothing facets={facets.data} name={name} filter={filter} onChange={set} />} />
          {preferences.hoverPreview && <TilePreview within={main} find={findSample} />}
          <SelectionBar selection={selection} selected={selected} total={total} onSelect={select} onDecide={(action) => void decide(action)} onLabel={isDetection ? undefined : focusLabelBox} onAdd={addSelected} why={why} />
        </section>
        {isPanelOpen && (
          <SidePanel
            dataset={dataset.data}
            facets={facets.data}
            labels={labels}
            selected={selected}
            known={known}
            why={why}
            onLabel={(label) => void decide("confirm", [label])}
            onFilter={(label) => set({ labels: toggledIn(filter.labels, label) })}
            onRelabel={(from, to) => void decisions.relabel(relabelled(known, from, to))}
            onClose={() => showPanel(false)}
          />
        )}
      </div>
      {adding && dataset.data && <AddToDataset dataset={dataset.data} chosen={adding} onClose={() => add(null)} />}
      {menu && (
        <TileMenu
          {...menu}
          mayLabel={mayLabel}
          onClose={() => openMenu(null)}
          onReview={review}
          onDecide={(action) => void decisions.decide({ target: selection.kind === "some" && selection.ids.has(menu.sample.id) ? targetOf(selection, {}) : { ids: [menu.sample.id] }, action })}
        />
      )}
    </div>
  );
}
