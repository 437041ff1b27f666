// SPDX-License-Identifier: Apache-2.0
// Why a reason could not speak in a run, in the language of the console. The server says it in English; a message's id is that with its
// quotes doubled, and {0}, {1} … where values stand. The unit test holds the list to the sources.
import type { I18n } from "@lingui/core";

export const silences: readonly string[] = [
  /*i18n*/ "needs a training manifest",
  /*i18n*/ "for object detection only",
  /*i18n*/ "a softmax model always names a class",
  /*i18n*/ "the training set has fewer than 50 images",
  /*i18n*/ "the batch has fewer than 50 images",
  /*i18n*/ "needs 50 training images, or without a training manifest 50 images in the run",
  /*i18n*/ "the training images'' own neighbours do not agree with their labels, in neither feature space",
  /*i18n*/ "no copies are inferred: the method has no weight, aug_budget is 0, or the model is not at hand",
  /*i18n*/ "not in aug_op_config",
  /*i18n*/ "switched off by the setting reasons",
  /*i18n*/ "its method has no weight in comprehensive_algo_config",
  /*i18n*/ "no image looks like the one before it",
  /*i18n*/ "images that follow each other are hardly more alike than any two: their order says nothing",
  /*i18n*/ "the run has more than {0} boxes",
  /*i18n*/ "the names of the images take more than {0} bytes",
  /*i18n*/ "only {0} of {1} could be tried, at least {2} are needed: images gone, or aug_budget too small",
  /*i18n*/ "it changes {0} % of {1}: it means something else to them",
  /*i18n*/ "it changes boxes and scores by {0} % of {1}: it means something else to them",
  /*i18n*/ "on the training images it does not tell wrong predictions from right ones (AUROC {0})",
];
const whose: readonly string[] = [/*i18n*/ "right training predictions", /*i18n*/ "the run''s predictions"];

/** The message of which this text is one, with its values; undefined: of none. */
export function silenceOf(text: string): { id: string; values: readonly string[] } | undefined {
  for (const id of silences) {
    const pattern = id.replaceAll("''", "'").replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{\d\}/g, "([\\w.' ]+?)");
    const found = new RegExp(`^${pattern}$`).exec(text);
    if (found) return { id, values: found.slice(1) };
  }
  return undefined;
}

export function reasonSilence(i18n: Pick<I18n, "_" | "messages">, why: string): string {
  const { id, values } = silenceOf(why) ?? {};
  if (id === undefined || i18n.messages[id] === undefined) return why;
  const said = (values ?? []).map((value) => (whose.includes(value.replaceAll("'", "''")) ? i18n._(value.replaceAll("'", "''")) : value));
  return i18n._(id, Object.fromEntries(said.map((value, at) => [at, value])));
}
