// SPDX-License-Identifier: Apache-2.0
// What to show: facets with counts that follow the other conditions.
import { useLingui } from "@lingui/react";
import { X } from "lucide-react";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { toggledIn, type Filter } from "../../labelling/filter";
import { IconButton } from "../../widgets/button";
import { Checkbox } from "../../widgets/field";
import { ReasonChip } from "../../widgets/reason_chip";
import { reasonName } from "../../widgets/reason_words";
import { originName, rangeWords } from "./conditions";
import { Counted, Facet, NameSearch, Range } from "./facet";
import { byFamily } from "./families";
import "./filter_rail.css";

export interface RailProps {
  filter: Filter;
  facets: Schemas["Facets"] | undefined;
  onChange: (change: Partial<Filter>) => void;
}
const LABELS_SHOWN = 12;

export function FilterRail({ filter, facets, onChange, onClose }: RailProps & { onClose: () => void }) {
  const { i18n } = useLingui();
  const counted = facets?.facets;
  const hardOf = (value: string) => counted?.hard.find((one) => one.value === value)?.samples ?? 0;
  const excluded = counted?.excluded.find((one) => one.value === "true")?.samples ?? 0;
  return (
    <aside className="rail" aria-label={i18n._("Filter")}>
      <div className="row">
        <h2 className="grow">{i18n._("Filter")}</h2>
        <IconButton size="small" label={i18n._("Close filters")} keys="[" onPress={onClose}>
          <X size={15} aria-hidden />
        </IconButton>
      </div>
      <NameSearch value={filter.name} onChange={(name) => onChange({ name })} />
      <Facet title={i18n._("Example type")}>
        <Counted label={i18n._("Hard")} count={counted && hardOf("true")} isSelected={filter.hard === true} onChange={(is) => onChange({ hard: is ? true : undefined })} />
        <Counted label={i18n._("Not hard")} count={counted && hardOf("false")} isSelected={filter.hard === false} onChange={(is) => onChange({ hard: is ? false : undefined })} />
      </Facet>
      <Reasons filter={filter} facets={facets} onChange={onChange} />
      <Labels filter={filter} facets={facets} onChange={onChange} />
      <Range title={i18n._("Hard coefficient")} histogram={counted?.hard_coefficient} value={filter.coefficient} onChange={(coefficient) => onChange({ coefficient })} />
      <Range title={i18n._("Score of the best suggestion")} histogram={counted?.score} value={filter.score} onChange={(score) => onChange({ score })} />
      {filter.features.length > 0 && (
        <Facet title={i18n._("Features")}>
          {filter.features.map((range) => (
            <Checkbox key={JSON.stringify(range)} label={rangeWords(i18n, range)} isSelected onChange={() => onChange({ features: filter.features.filter((one) => one !== range) })} />
          ))}
        </Facet>
      )}
      <Facet title={i18n._("Source")}>
        {counted?.origins.map(({ value, samples }) => (
          <Counted key={value} label={originName(i18n, value ?? "")} count={samples} isSelected={filter.origin === value} onChange={(is) => onChange({ origin: is && value ? value : undefined })} />
        ))}
      </Facet>
      {(excluded > 0 || filter.withExcluded) && (
        <Checkbox label={i18n._("Show the {count} excluded too", { count: formatNumber(excluded) })} isSelected={filter.withExcluded} onChange={(withExcluded) => onChange({ withExcluded })} />
      )}
    </aside>
  );
}

function Reasons({ filter, facets, onChange }: RailProps) {
  const { i18n } = useLingui();
  const counted = facets?.facets.reasons;
  const most = Math.max(...(counted?.map(({ samples }) => samples) ?? []), 1);
  return (
    <Facet
      title={i18n._("Reasons")}
      beside={
        <span className="any-all" role="group" aria-label={i18n._("How several reasons count")}>
          {[false, true].map((all) => (
            <button key={String(all)} type="button" aria-pressed={filter.allReasons === all} onClick={() => onChange({ allReasons: all })}>
              {all ? i18n._("all") : i18n._("any")}
            </button>
          ))}
        </span>
      }
    >
      {byFamily(i18n, counted ?? []).map(({ family, name, reasons }) => (
        <div key={family} className="family" role="group" aria-label={name}>
          <h3 className="small soft">{name}</h3>
          {reasons.map(({ id, code, name: english, samples }) => (
            <Counted
              key={id}
              label={
                <span className="row reason-name" title={reasonName(i18n, id) ?? english}>
                  <ReasonChip code={code} />
                  <span className="one-line">{reasonName(i18n, id) ?? english}</span>
                </span>
              }
              count={samples}
              of={most}
              isSelected={filter.reasons.includes(id)}
              onChange={() => onChange({ reasons: toggledIn(filter.reasons, id) })}
            />
          ))}
        </div>
      ))}
      {counted?.length === 0 && <p className="soft small">{i18n._("No sample has one.")}</p>}
    </Facet>
  );
}

function Labels({ filter, facets, onChange }: RailProps) {
  const { i18n } = useLingui();
  const [showsAll, showAll] = useState(false);
  const counted = facets?.facets.labels ?? [];
  const chosenAway = filter.labels.filter((label) => !counted.some(({ value }) => value === label)).map((value) => ({ value, samples: 0 }));
  const listed = [...counted, ...chosenAway];
  const most = Math.max(...listed.map(({ samples }) => samples), 1);
  const shown = showsAll ? listed : listed.filter(({ value }, at) => at < LABELS_SHOWN || filter.labels.includes(value));
  const unlisted = (facets?.facets.labels_known ?? 0) - counted.length;
  return (
    <Facet title={i18n._("Labels")}>
      {shown.map(({ value, samples }) => (
        <Counted key={value} label={<span className="one-line" title={value}>{value}</span>} count={samples} of={most} isSelected={filter.labels.includes(value)} onChange={() => onChange({ labels: toggledIn(filter.labels, value) })} />
      ))}
      {listed.length === 0 && facets && <p className="soft small">{i18n._("No sample has one.")}</p>}
      {shown.length < listed.length && (
        <button type="button" className="link small" onClick={() => showAll(true)}>
          {i18n._("{count} more", { count: formatNumber(listed.length - shown.length) })}
        </button>
      )}
      {showsAll && unlisted > 0 && <p className="soft small">{i18n._("{count} rarer ones are not listed.", { count: formatNumber(unlisted) })}</p>}
    </Facet>
  );
}
