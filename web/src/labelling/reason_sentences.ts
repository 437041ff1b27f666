// SPDX-License-Identifier: Apache-2.0
// What was seen of a reason, in the language of the console. The server says it in English and tells, in the evidence's `said`, the message
// with {0}, {1} … and the values that stand there. A message's id is the English one with its quotes doubled, as ICU wants them. A value in
// quotes is somebody's word, a label; any other word is one of `phrases`. the unit test holds both lists to the sources.
import type { I18n } from "@lingui/core";

export const sentences: readonly string[] = [
  /*i18n*/ "The model says yes to no class: its best score is {0} for ''{1}'', and yes begins at {2}.",
  /*i18n*/ "The model finds nothing: no candidate has a score of {0}, let alone {1}, from which on a box counts.",
  /*i18n*/ "The model finds nothing: its best candidate is ''{0}'' with {1}, and a box counts from {2} on.",
  /*i18n*/ "The model says {0} to ''{1}'' with only {2} %.",
  /*i18n*/ "The model gives ''{0}'' {1} % and ''{2}'' {3} %; it wavers as between {4} classes.",
  /*i18n*/ "The least sure of {0} boxes is ''{1}'' with {2}.",
  /*i18n*/ "The least sure of {0} boxes is ''{1}'' with {2}; {3} candidates stay below {4}, the best of them ''{5}'' with {6}.",
  /*i18n*/ "{0} of the {1} training images that {2} are labelled ''{3}''; the model says ''{4}''.",
  /*i18n*/ "{0} of the {1} training images that {2} show ''{3}''; the model {4}.",
  /*i18n*/ "The {0} training images that {1} do not agree on what they show.",
  /*i18n*/ "{0} the nearest training image of ''{1}'' (cosine {2}) is {3} than one of ''{4}'' (cosine {5}).",
  /*i18n*/ "{0} the nearest training image that shows ''{1}'' (cosine {2}) is {3} than one that does not (cosine {4}).",
  /*i18n*/ "The training set has no image of ''{0}''; the nearest is one of ''{1}''.",
  /*i18n*/ "The training set has no image that shows ''{0}''.",
  /*i18n*/ "{0} of the {1} like images beside it are predicted ''{2}'', the surest with {3}; this one ''{4}''.",
  /*i18n*/ "The {0} like images beside it are predicted alike.",
  /*i18n*/ "The {0} like images beside it have the same boxes.",
  /*i18n*/ "Boxes of the like images before and after it that are missing here: {0}; boxes that only this image has: {1}; the surest is ''{2}'' ({3}), {4}.",
  /*i18n*/ "The {0} is {1}; 98 % of the training images lie between {2} and {3}, median {4}.",
  /*i18n*/ "The {0} is {1}; this batch, its own reference without a training manifest, has a median of {2} and its far fences at {3} and {4}.",
  /*i18n*/ "The model says ''{0}'' with {1}; when the image is {2}, with {3}.",
  /*i18n*/ "The model says ''{0}'' with {1}; when the image is {2}, ''{3}'' with {4}.",
  /*i18n*/ "The model finds {0} boxes; when the image is {1}, {2}: scores of {3} are lost and {4} are new, and the answer changes by {5}.",
  /*i18n*/ "{0} it lies {1} from the {2} nearest {3}; {4} % of these lie nearer to each other, half of them within {5}.",
];

export const phrases: readonly string[] = [
  /*i18n*/ "yes",
  /*i18n*/ "no",
  /*i18n*/ "are nearest in the model''s own view",
  /*i18n*/ "are nearest by the feature extractor",
  /*i18n*/ "look most like it",
  /*i18n*/ "finds it",
  /*i18n*/ "does not find it",
  /*i18n*/ "In the model''s own view",
  /*i18n*/ "By the feature extractor",
  /*i18n*/ "By its looks",
  /*i18n*/ "hardly nearer",
  /*i18n*/ "no nearer",
  /*i18n*/ "which is missing",
  /*i18n*/ "which only this image has",
  /*i18n*/ "other images of the run",
  /*i18n*/ "training images",
  /*i18n*/ "resolution",
  /*i18n*/ "aspect ratio",
  /*i18n*/ "brightness",
  /*i18n*/ "saturation",
  /*i18n*/ "colorfulness",
  /*i18n*/ "clarity",
  /*i18n*/ "box count",
  /*i18n*/ "box area deviation",
  /*i18n*/ "box aspect ratio",
  /*i18n*/ "box area ratio",
  /*i18n*/ "box marginalization",
  /*i18n*/ "box brightness",
  /*i18n*/ "box clarity",
  /*i18n*/ "box overlap",
  /*i18n*/ "blurred",
  /*i18n*/ "mirrored left to right",
  /*i18n*/ "cropped",
  /*i18n*/ "mirrored top to bottom",
  /*i18n*/ "scaled",
  /*i18n*/ "shifted",
  /*i18n*/ "sheared",
  /*i18n*/ "reduced to superpixels",
  /*i18n*/ "sharpened",
  /*i18n*/ "made brighter or darker",
  /*i18n*/ "inverted",
];
/** A label of a class that has no name; the one phrase of ours that stands in quotes. */
export const unknownClass = /*i18n*/ "(a class the model does not know)";

type Speaker = Pick<I18n, "_" | "messages">;
interface Said {
  message: string;
  values: readonly string[];
}
export interface SaidReason {
  sentence: string | null;
  evidence?: unknown;
}

/** The id of a message or phrase of the server's. */
export const idOf = (english: string): string => english.replaceAll("'", "''");

function saidOf(evidence: unknown): Said | undefined {
  const said = (evidence as { said?: Partial<Said> } | null | undefined)?.said;
  const isWhole = typeof said?.message === "string" && Array.isArray(said.values) && said.values.every((value) => typeof value === "string");
  return isWhole ? (said as Said) : undefined;
}

/** The values as the language says them. */
function spokenValues(i18n: Speaker, { message, values }: Said): Record<string, string> {
  const said = values.map((value, at) => {
    const isQuoted = message.includes(`'{${at}}'`);
    const isOurs = value === unknownClass || (!isQuoted && phrases.includes(idOf(value)));
    return [at, isOurs ? i18n._(idOf(value)) : value];
  });
  return Object.fromEntries(said);
}

/** The sentence of a reason; the server's own where the language has no words for it. */
export function reasonSentence(i18n: Speaker, { sentence, evidence }: SaidReason): string | undefined {
  const said = saidOf(evidence);
  if (!said || !sentences.includes(idOf(said.message)) || i18n.messages[idOf(said.message)] === undefined) return sentence ?? undefined;
  return i18n._(idOf(said.message), spokenValues(i18n, said));
}
