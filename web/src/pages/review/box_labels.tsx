// SPDX-License-Identifier: Apache-2.0
// The class of each box beside it, with its score, what became of it and the reasons that are about it.
import type { LabelNames } from "../../labelling/label_names";
import type { LabelBox } from "../../labelling/boxes";
import type { Size, View } from "../../labelling/geometry";
import { colorOf } from "../../labelling/palette";
import { tagPlaces } from "../../labelling/tag_places";
import { scoreWord } from "./box_words";

interface BoxLabelsProps {
  boxes: readonly LabelBox[];
  labels: LabelNames;
  view: View;
  screen: Size;
  selected: number | null;
  hovered: number | undefined;
}
const LETTER_PX = 6.5;
const PADDING_PX = 12;
const marks: Partial<Record<LabelBox["state"], string>> = { edited: "●", missed: "+", false: "✕", confirmed: "✓" };

function wordsOf({ name, score, state }: LabelBox): string {
  return [name, score === null ? "" : scoreWord(score), marks[state] ?? ""].filter(Boolean).join(" ");
}
/** About as wide as it will be: enough to keep tags apart. */
const widthOf = (box: LabelBox) => wordsOf(box).length * LETTER_PX + PADDING_PX + (box.reasons.length > 0 ? box.reasons.join(" ").length * LETTER_PX + PADDING_PX : 0);

export function BoxLabels({ boxes, labels, view, screen, selected, hovered }: BoxLabelsProps) {
  const isLit = ({ id }: LabelBox) => id === selected || id === hovered;
  // In an order that does not change with what is selected: tags stay where they are. Near misses say their name when they are looked at.
  const tagged = boxes.filter(({ state }) => state !== "ignored").sort((a, b) => a.id - b.id);
  const all = [...tagged, ...boxes.filter((box) => box.state === "ignored" && isLit(box))];
  const places = tagPlaces(
    all.map((box) => ({ box: box.box, width: widthOf(box) })),
    view,
    screen,
  );
  return (
    <div className="box-labels" aria-hidden>
      {all.map((box, at) => {
        const place = places[at];
        if (!place) return null;
        const isPlain = box.state === "ignored" || box.state === "false";
        return (
          <span key={box.id} className="box-label" data-state={box.state} data-lit={isLit(box) || undefined} style={{ transform: `translate(${place.x}px, ${place.y}px)`, background: isPlain ? undefined : colorOf(labels, box.name) }}>
            {marks[box.state] && <i>{marks[box.state]}</i>}
            {box.name}
            {box.score !== null && ` ${scoreWord(box.score)}`}
            {box.reasons.length > 0 && <b>{box.reasons.join(" ")}</b>}
          </span>
        );
      })}
    </div>
  );
}
