// SPDX-License-Identifier: Apache-2.0
// What the Label page shows, as its URL says it and as the API takes it.

export const states = ["all", "unlabeled", "labeled", "to_be_confirmed"] as const;
export type State = (typeof states)[number];
export const sorts = ["-hard_coefficient", "hard_coefficient", "source", "-source", "-created", "created"] as const;
export type Sort = (typeof sorts)[number];

export const featureNames = [
  "resolution",
  "aspect_ratio",
  "brightness",
  "saturation",
  "colorfulness",
  "clarity",
  "box_count",
  "box_area_deviation",
  "box_aspect_ratio",
  "box_area_ratio",
  "box_marginalization",
  "box_brightness",
  "box_clarity",
  "box_overlap",
] as const;
/** Both ends are inside; one may be open. A sample without the feature is in no range. */
export interface FeatureRange {
  name: (typeof featureNames)[number];
  min?: number | undefined;
  max?: number | undefined;
}

export interface Filter {
  state: State;
  sort: Sort;
  /** Any of these; with allReasons: all of them. */
  reasons: readonly number[];
  allReasons: boolean;
  /** Any of these. */
  labels: readonly string[];
  hard?: boolean;
  coefficient?: readonly [number, number];
  score?: readonly [number, number];
  /** All of these. */
  features: readonly FeatureRange[];
  name: string;
  origin?: string;
  /** Brought by this task. */
  task?: string;
  withExcluded: boolean;
}

const REASON_MAX = 30;

function oneOf<T extends string>(known: readonly T[], value: string | undefined, byDefault: T): T {
  return known.find((one) => one === value) ?? byDefault;
}

function range(text: string | undefined): readonly [number, number] | undefined {
  const found = /^(\d(?:\.\d+)?)\.\.(\d(?:\.\d+)?)$/.exec(text ?? "");
  if (!found) return undefined;
  const [low, high] = [Number(found[1]), Number(found[2])];
  return low <= high && high <= 1 ? [low, high] : undefined;
}

/** As "brightness:0.1..0.3"; an end that is open is left out. */
function featureRange(text: string): readonly FeatureRange[] {
  const [said = "", ends = ""] = text.split(":", 2);
  const name = featureNames.find((one) => one === said);
  const bounds = ends.split("..");
  const [min, max] = bounds.map((bound) => (bound === "" ? undefined : Number(bound)));
  if (!name || bounds.length !== 2 || [min, max].some((bound) => bound !== undefined && !Number.isFinite(bound))) return [];
  return min !== undefined && max !== undefined && min > max ? [] : [{ name, min, max }];
}
const featureText = ({ name, min, max }: FeatureRange) => `${name}:${min ?? ""}..${max ?? ""}`;

/** What a URL's query says; what makes no sense in it counts as not there. */
export function filterOf(url: Record<string, string | undefined>): Filter {
  const listed = (text: string | undefined) => (text === undefined || text === "" ? [] : text.split(","));
  return {
    state: oneOf(states, url["state"], "all"),
    sort: oneOf(sorts, url["sort"], "-hard_coefficient"),
    reasons: listed(url["reason"])
      .map(Number)
      .filter((id) => Number.isInteger(id) && id >= 0 && id <= REASON_MAX),
    allReasons: url["reasons"] === "all",
    labels: listed(url["label"]).map(decoded),
    hard: url["hard"] === "true" ? true : url["hard"] === "false" ? false : undefined,
    coefficient: range(url["coefficient"]),
    score: range(url["score"]),
    features: listed(url["feature"]).flatMap(featureRange),
    name: url["name"] ?? "",
    origin: url["origin"] || undefined,
    task: /^[0-9a-f]{32}$/.test(url["task"] ?? "") ? url["task"] : undefined,
    withExcluded: url["excluded"] === "true",
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The members of the URL's query that say this; undefined: left out. */
export function urlOf(filter: Filter): Record<string, string | undefined> {
  const ranged = (pair: readonly [number, number] | undefined) => pair && `${pair[0]}..${pair[1]}`;
  return {
    state: filter.state === "all" ? undefined : filter.state,
    sort: filter.sort === "-hard_coefficient" ? undefined : filter.sort,
    reason: filter.reasons.join(",") || undefined,
    reasons: filter.allReasons ? "all" : undefined,
    label: filter.labels.map(encodeURIComponent).join(",") || undefined,
    hard: filter.hard === undefined ? undefined : String(filter.hard),
    coefficient: ranged(filter.coefficient),
    score: ranged(filter.score),
    feature: filter.features.map(featureText).join(",") || undefined,
    name: filter.name || undefined,
    origin: filter.origin,
    task: filter.task,
    excluded: filter.withExcluded ? "true" : undefined,
  };
}

export type Tree = Record<string, unknown>;
const anyOf = (conditions: readonly Tree[]): Tree[] => (conditions.length === 0 ? [] : conditions.length === 1 ? [conditions[0] as Tree] : [{ or: conditions }]);

function conditionTrees(filter: Filter): Tree[] {
  const reasons = filter.reasons.map((reason) => ({ reason }));
  return [
    ...(filter.state === "all" ? [] : [{ state: filter.state }]),
    ...(filter.allReasons ? reasons : anyOf(reasons)),
    ...anyOf(filter.labels.map((label) => ({ label }))),
    ...(filter.hard === undefined ? [] : [{ hard: filter.hard }]),
    ...(filter.coefficient ? [{ coefficient: { min: filter.coefficient[0], max: filter.coefficient[1] } }] : []),
    ...(filter.score ? [{ score: { min: filter.score[0], max: filter.score[1] } }] : []),
    ...filter.features.map(({ name, min, max }) => ({ feature: { name, ...(min !== undefined && { min }), ...(max !== undefined && { max }) } })),
    ...(filter.name === "" ? [] : [{ name: filter.name }]),
    ...(filter.origin === undefined ? [] : [{ origin: filter.origin }]),
    ...(filter.task === undefined ? [] : [{ origin_task: filter.task }]),
  ];
}

/** As samples:query and facets take it (without order and page). */
export function queryOf(filter: Filter): Record<string, unknown> {
  const tree = conditionTrees(filter);
  return { ...(tree.length > 0 && { filter: { and: tree } }), ...(filter.withExcluded && { include_excluded: true }) };
}

/** As the target of a decision takes it: excluded samples are in unless it says otherwise. */
export function treeOf(filter: Filter): Tree {
  return { and: [...conditionTrees(filter), ...(filter.withExcluded ? [] : [{ excluded: false }])] };
}

/** How many conditions there are beside the state's tab. */
export function conditionsOf(filter: Filter): number {
  const { reasons, labels, hard, coefficient, score, features, name, origin, task, withExcluded } = filter;
  return reasons.length + labels.length + features.length + [hard !== undefined, coefficient, score, name, origin, task, withExcluded].filter(Boolean).length;
}

/** The filter without one condition each, to see which of them takes most away. */
export function relaxed(filter: Filter): readonly { key: string; change: Partial<Filter> }[] {
  return [
    ...(filter.reasons.length > 0 ? [{ key: "reasons", change: { reasons: [] } }] : []),
    ...(filter.labels.length > 0 ? [{ key: "labels", change: { labels: [] } }] : []),
    ...(filter.hard !== undefined ? [{ key: "hard", change: { hard: undefined } }] : []),
    ...(filter.coefficient ? [{ key: "coefficient", change: { coefficient: undefined } }] : []),
    ...(filter.score ? [{ key: "score", change: { score: undefined } }] : []),
    ...(filter.features.length > 0 ? [{ key: "features", change: { features: [] } }] : []),
    ...(filter.name !== "" ? [{ key: "name", change: { name: "" } }] : []),
    ...(filter.origin !== undefined ? [{ key: "origin", change: { origin: undefined } }] : []),
    ...(filter.task !== undefined ? [{ key: "task", change: { task: undefined } }] : []),
  ];
}

export function toggledIn<T>(list: readonly T[], item: T): readonly T[] {
  return list.includes(item) ? list.filter((one) => one !== item) : [...list, item];
}
