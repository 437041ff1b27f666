// SPDX-License-Identifier: Apache-2.0
// Right of the grid: the label set with its keys; or, of what is selected, the labels and how to change them.
import { useLingui } from "@lingui/react";
import { X } from "lucide-react";
import type { Schemas } from "../../api/client";
import type { SampleRow } from "../../api/samples";
import { formatNumber } from "../../i18n/i18n";
import { keyedNames, keysByLabel } from "../../labelling/label_keys";
import type { LabelNames } from "../../labelling/label_names";
import { colorOf } from "../../labelling/palette";
import { tallyOf, type LabelTally } from "../../labelling/relabel";
import { IconButton } from "../../widgets/button";
import { Skeleton } from "../../widgets/skeleton";
import { LabelBox } from "./label_box";
import { SelectedLabels } from "./selected_labels";
import "./side_panel.css";

export interface SidePanelProps {
  dataset: Schemas["Dataset"] | undefined;
  facets: Schemas["Facets"] | undefined;
  labels: LabelNames;
  /** How many are selected, and those of them that are known. */
  selected: number;
  known: readonly SampleRow[];
  why: string | false;
  onLabel: (label: string) => void;
  onFilter: (label: string) => void;
  onRelabel: (from: string, to: string | null) => void;
  onClose: () => void;
}

export function SidePanel({ dataset, facets, labels, selected, known, why, onLabel, onFilter, onRelabel, onClose }: SidePanelProps) {
  const { i18n } = useLingui();
  const isDetection = dataset?.dataset_type === "object_detection";
  const isWhole = known.length === selected;
  const tally: readonly LabelTally[] = isWhole ? tallyOf(known) : (facets?.facets.labels ?? []).map(({ value, samples, confirmed }) => ({ name: value, samples, confirmed }));
  return (
    <aside className="side" aria-label={i18n._("Labels")}>
      <div className="row">
        <h2 className="grow">{selected > 0 ? i18n._("{count, plural, one {# sample selected} other {# samples selected}}", { count: selected }) : i18n._("Label Set")}</h2>
        <IconButton size="small" label={i18n._("Close the panel")} keys="]" onPress={onClose}>
          <X size={15} aria-hidden />
        </IconButton>
      </div>
      {selected > 0 && !isDetection && <LabelBox labels={labels} why={why} onLabel={onLabel} />}
      {selected > 0 && isDetection && <p className="soft small">{i18n._("Classes of boxes are changed in Review, where the boxes are.")}</p>}
      {selected > 0 ? (
        <SelectedLabels tally={tally} isWhole={isWhole} labels={labels} why={isDetection ? i18n._("Boxes are changed in Review.") : why || (!isWhole && i18n._("Only of samples that were looked at: select them by hand."))} onRelabel={onRelabel} />
      ) : (
        <LabelSet dataset={dataset} labels={labels} facets={facets} withKeys={!isDetection} onFilter={onFilter} />
      )}
      {selected === 0 && !isDetection && labels.length > 0 && <p className="soft small">{i18n._("A digit sets the class of what is selected, or of the sample in focus, and confirms it.")}</p>}
    </aside>
  );
}

function LabelSet({ dataset, labels, facets, withKeys, onFilter }: Pick<SidePanelProps, "dataset" | "labels" | "facets" | "onFilter"> & { withKeys: boolean }) {
  const { i18n } = useLingui();
  const countOf = (name: string) => facets?.facets.labels.find(({ value }) => value === name)?.samples ?? (facets && facets.facets.labels_known > facets.facets.labels.length ? null : 0);
  const keys = keysByLabel(keyedNames(labels));
  if (!dataset) return <Skeleton rows={6} height={30} />;
  if (labels.length === 0) return <p className="soft small">{i18n._("This dataset has no labels yet.")}</p>;
  return (
    <ul className="label-set">
      {labels.map((name) => {
        const count = facets ? countOf(name) : null;
        const key = keys.get(name);
        return (
          <li key={name}>
            <button type="button" className="label-line" onClick={() => onFilter(name)} title={i18n._("Show samples with {name}", { name })}>
              <span className="row label-words">
                {labels.colors?.has(name) && <i className="label-dot" style={{ background: colorOf(labels, name) }} />}
                <span className="one-line">{name}</span>
              </span>
              <span className="soft small">{count === null ? "" : formatNumber(count)}</span>
              {withKeys && <span className="label-key">{key && <kbd>{key}</kbd>}</span>}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
