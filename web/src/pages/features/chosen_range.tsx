// SPDX-License-Identifier: Apache-2.0
// How many samples of the dataset are in the chosen range now, and the way to them.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { X } from "lucide-react";
import { samplePageQuery } from "../../api/samples";
import { filterOf, queryOf, urlOf, type FeatureRange } from "../../labelling/filter";
import { IconButton, LinkButton } from "../../widgets/button";
import { rangeWords } from "../label/conditions";

interface ChosenProps {
  dataset: string;
  label: string | undefined;
  range: FeatureRange;
  onClear: () => void;
}
export function ChosenRange({ dataset, label, range, onClear }: ChosenProps) {
  const { i18n } = useLingui();
  const filter = { ...filterOf({}), features: [range], labels: label === undefined ? [] : [label] };
  const found = useQuery({ ...samplePageQuery(dataset, queryOf(filter), filter.sort, 0), placeholderData: keepPreviousData });
  const members = Object.entries(urlOf(filter)).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
  return (
    <div className="row wrap chosen-range" role="status">
      <strong className="small grow">{rangeWords(i18n, range)}</strong>
      {found.data && (
        <LinkButton size="small" look="primary" href={`/datasets/${dataset}/label?${new URLSearchParams(members).toString()}`}>
          {i18n._("Show {count, plural, one {# sample} other {# samples}}", { count: found.data.total })}
        </LinkButton>
      )}
      {found.isError && <span className="small soft">{i18n._("The samples could not be counted.")}</span>}
      <IconButton size="small" label={i18n._("Clear range")} onPress={onClear}>
        <X size={14} aria-hidden />
      </IconButton>
    </div>
  );
}
