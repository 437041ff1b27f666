// SPDX-License-Identifier: Apache-2.0
// Where one sits at Review: the picture, the evidence, the keys.
import { useLingui } from "@lingui/react";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { useQueryClient } from "@tanstack/react-query";
import type { Schemas } from "../../api/client";
import { useMay, useSession } from "../../app/session";
import { queryOf, type Filter } from "../../labelling/filter";
import { ProblemBlock } from "../../widgets/problem_block";
import { Skeleton } from "../../widgets/skeleton";
import { tell, tellProblem } from "../../widgets/toast";
import { Actions } from "./actions";
import { Coach } from "./coach";
import { Compare } from "./compare";
import { Conflicts } from "./conflicts";
import { BoxTools } from "./box_tools";
import { BoxesPanel } from "./boxes_panel";
import { codesOf, markedBy } from "./boxes_of_reasons";
import { ClassBar } from "./class_bar";
import { Classes } from "./classes";
import { useDrafts } from "./drafts";
import { End } from "./end";
import { EvidenceRail } from "./evidence";
import { Filmstrip } from "./filmstrip";
import { Head } from "./head";
import { JoinedPill } from "./joined_pill";
import { useJoined } from "./joined";
import { useDeskKeys } from "./desk_keys";
import { shownBoxes, type NearMiss } from "./shown_boxes";
import { imageSize, Stage } from "./stage";
import { lastOperation, redoOperation } from "./transport";
import { useDetection } from "./use_detection";
import { useSitting } from "./use_sitting";
import { useSteady } from "./use_steady";
import { useView } from "./use_view";
import { hasOtherShapes } from "../../labelling/boxes";
import type { LabelNames } from "../../labelling/label_names";
import { unionOf } from "../../labelling/geometry";
import { reasonSentence } from "../../labelling/reason_sentences";
import { reasonName } from "../../widgets/reason_words";

export interface DeskProps {
  dataset: Schemas["Dataset"];
  labels: LabelNames;
  ids: readonly string[];
  total: number;
  first: number;
  filter: Filter;
}
/** So many are reviewed in one sitting. */
export const QUEUE_MAX = 10_000;
const noMisses: readonly NearMiss[] = [];

export function Desk({ dataset, labels: known, ids, total, first, filter }: DeskProps) {
  const { i18n } = useLingui();
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const session = useSession();
  const mayLabel = useMay("label");
  const { sitting, evidence } = useSitting(dataset.name, ids, first, (message) => tellProblem(new Error(message)));
  const { current, id } = sitting;
  const query = useMemo(() => queryOf(filter), [filter]);
  const joined = useJoined(sitting, { dataset: dataset.name, query, sort: filter.sort, most: QUEUE_MAX });
  const isDetection = dataset.dataset_type === "object_detection";
  const drafts = useDrafts(dataset.name, known, sitting, isDetection);
  const [showsBoxes, showBoxes] = useState(true);
  const [isPeeking, peek] = useState(false);
  const [showsRail, showRail] = useState(() => window.innerWidth >= 900);
  const [isLabelBoxOpen, openLabelBox] = useState(false);
  const [shown, setShown] = useState<{ id: string | undefined; reason: number | null; neighbor: number | null }>({ id, reason: null, neighbor: null });
  const { reason, neighbor } = shown.id === id ? shown : { reason: null, neighbor: null };
  const show = (change: { reason?: number | null; neighbor?: number | null }) => setShown({ id, reason, neighbor, ...change });
  const viewing = useView(id, imageSize(current));

  // What was decided here is old elsewhere.
  useEffect(() => () => void queries.invalidateQueries({ queryKey: ["datasets"] }), [queries]);

  const explanation = evidence?.explanation ?? null;
  const reasons = useMemo(() => explanation?.reasons ?? [], [explanation]);
  const nearMisses = explanation?.detections?.near_misses ?? noMisses;
  const boxes = useMemo(() => (current && isDetection ? shownBoxes(current.sample, nearMisses, drafts.labels, codesOf(reasons)) : []), [current, isDetection, nearMisses, drafts.labels, reasons]);
  const chosen = reason === null ? undefined : reasons[reason];
  const marked = useMemo(() => (chosen ? markedBy(chosen, boxes) : undefined), [chosen, boxes]);
  const undo = useSteady(() => {
    sitting.undo(() => lastOperation(dataset.name, session.user)).then(
      (isUndone) => !isUndone && tell(i18n._("There is nothing to undo.")),
      tellProblem,
    );
  });
  const leave = useSteady(() => navigate(`/datasets/${dataset.name}/label${window.location.search.replace(/([?&])sample=[^&]*&?/, "$1").replace(/[?&]$/, "")}`));
  const turnRail = useSteady(() => showRail(!showsRail));
  const onReason = useSteady((at: number | null) => show({ reason: at }));
  const onCompare = useSteady((at: number) => show({ neighbor: at === neighbor ? null : at }));
  // The picture is drawn first, why it is hard right after it.
  const seen = useMemo(() => ({ current, evidence }), [current, evidence]);
  const late = useDeferredValue(seen);
  const isLate = late.current?.sample.id !== current?.sample.id;
  const keys = useDeskKeys({
    sitting,
    drafts,
    isDetection,
    mayLabel,
    undo,
    redo: () => void sitting.redo(redoOperation).then((isDone) => !isDone && tell(i18n._("There is nothing to redo.")), tellProblem),
    leave,
    zoom: () => viewing.toggle(unionOf(boxes.filter(({ key }) => marked?.has(key)).map(({ box }) => box))),
    step: viewing.step,
    openLabelBox: () => !isDetection && openLabelBox(true),
    nextReason: () => show({ reason: reasons.length === 0 ? null : ((reason ?? -1) + 1) % reasons.length }),
    turnRail,
    turnBoxes: () => showBoxes(!showsBoxes),
    peek,
    compare: () => show({ neighbor: neighbor === null && evidence && evidence.neighbors.length > 0 ? 0 : null }),
  });

  const openLabels = () => {
    showRail(true);
    openLabelBox(true);
  };
  const detection = useDetection({ loaded: current, explanation, labels: drafts.labels, viewing, isOn: isDetection && mayLabel, sitting, openLabelBox: openLabels });
  const confirm = useSteady(() => (detection ?? keys).confirm());
  const reject = useSteady(() => (detection?.reject ?? keys.reject)());
  const notHard = useSteady(() => (detection ?? keys).notHard());
  const actions = useMemo(() => ({ ...keys, confirm, reject, notHard }), [keys, confirm, reject, notHard]);

  const pill = <JoinedPill count={joined.count} onJoin={joined.join} />;
  if (sitting.at >= sitting.ids.length) return <End dataset={dataset} sitting={sitting} mayLabel={mayLabel} onUndo={undo}>{pill}</End>;
  const beside = neighbor === null ? undefined : evidence?.neighbors[neighbor];
  return (
    <div className="review" data-rail={showsRail || undefined}>
      <Head dataset={dataset.name} sitting={sitting} total={total} filter={filter} mayLabel={mayLabel} onUndo={undo} onLeave={leave} showsRail={showsRail} onRail={turnRail} pill={pill} />
      <div className="review-stage">
        {sitting.broken && sitting.broken.id === id ? (
          <div className="review-broken">
            <ProblemBlock thrown={sitting.broken.thrown} onRetry={() => sitting.retry()} />
          </div>
        ) : (
          <Stage loaded={current} thumb={id && `/api/v1/samples/${id}/image?size=thumb`} viewing={viewing} boxes={showsBoxes && !isPeeking ? boxes : undefined} marked={marked} editing={showsBoxes && !isPeeking ? detection : null} labels={drafts.labels}>
            {beside && current && <Compare neighbor={beside} viewing={viewing} size={imageSize(current)} onClose={() => show({ neighbor: null })} />}
          </Stage>
        )}
        <Conflicts sitting={sitting} />
        <Coach sitting={sitting} dataset={dataset} />
      </div>
      {showsRail && (
        <aside className="review-rail" aria-label={i18n._("Evidence")}>
          {current ? (
            <>
              <Classes sample={current.sample} done={id === undefined ? undefined : sitting.done.get(id)} drafts={drafts} isDetection={isDetection} mayLabel={mayLabel} isBoxOpen={isLabelBoxOpen} onBox={openLabelBox} onChoose={keys.choose} />
              {isDetection && mayLabel && hasOtherShapes(current.sample.labels) && <p className="soft small">{i18n._("It has shapes that are not boxes: they stay as they are, and its boxes cannot be changed here.")}</p>}
              {detection && (
                <section className="boxes-part" aria-label={i18n._("Box editor")}>
                  <BoxTools editing={detection} />
                  <ClassBar editing={detection} drafts={drafts} isBoxOpen={isLabelBoxOpen} onBox={openLabelBox} />
                  <BoxesPanel editing={detection} labels={drafts.labels} />
                </section>
              )}
              {late.current && <EvidenceRail sample={late.current.sample} image={late.current.image} evidence={late.evidence} highlighted={isLate ? null : reason} onReason={onReason} compared={isLate ? null : neighbor} onCompare={onCompare} />}
            </>
          ) : (
            <Skeleton rows={6} />
          )}
        </aside>
      )}
      <footer className="review-foot">
        <Filmstrip sitting={sitting} />
        <Actions keys={actions} isHard={current?.sample.hard === true} mayLabel={mayLabel} isDetection={isDetection} hasBox={detection?.hasBox ?? false} />
      </footer>
      <p className="unseen" role="status" aria-live="polite">
        {chosen ? `${chosen.code} ${reasonName(i18n, chosen.id) ?? chosen.name}. ${reasonSentence(i18n, chosen) ?? ""}` : i18n._("Sample {number} of {count}: {labels}", { number: sitting.at + 1, count: sitting.ids.length, labels: current?.sample.labels.map(({ name }) => name).join(", ") || i18n._("no label") })}
      </p>
    </div>
  );
}
