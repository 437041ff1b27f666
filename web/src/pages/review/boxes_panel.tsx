// SPDX-License-Identifier: Apache-2.0
// The boxes as a list, the least sure first; the selected one with its numbers, which can be typed.
import type { LabelNames } from "../../labelling/label_names";
import { useLingui } from "@lingui/react";
import { KeyCap } from "../../widgets/key_cap";
import { Eye, EyeOff, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { allInOrder, hidden, isInAnswer, select, type LabelBox } from "../../labelling/boxes";
import { confirming, did, rejecting, removing, type Editor } from "../../labelling/box_editor";
import { colorOf } from "../../labelling/palette";
import { Button, IconButton } from "../../widgets/button";
import { ReasonChip } from "../../widgets/reason_chip";
import { BoxNumbers } from "./box_numbers";
import { boxName, boxStateWord, scoreWord } from "./box_words";
import type { BoxEditing } from "./use_box_editor";
import "./boxes_panel.css";

const NEAR_SHOWN = 3;

export function BoxesPanel({ editing, labels }: { editing: BoxEditing; labels: LabelNames }) {
  const { i18n } = useLingui();
  const { editor } = editing;
  const { frame } = editor;
  const all = allInOrder(frame);
  const near = all.filter(({ state }) => state === "ignored");
  const own = all.filter(({ state }) => state !== "ignored");
  const [showsAll, showAll] = useState(false);
  const few = showsAll ? near : near.filter(({ id }, at) => at < NEAR_SHOWN || id === frame.selected);
  const row = (box: LabelBox) => <BoxRow key={box.id} box={box} editing={editing} color={colorOf(labels, box.name)} />;
  return (
    <section className="boxes" aria-label={i18n._("Boxes")}>
      <header className="row">
        <h2 className="grow">{i18n._("{count, plural, one {# box} other {# boxes}}", { count: own.filter(isInAnswer).length })}</h2>
        <span className="soft small">
          <KeyCap group="detection" of="j" /> <KeyCap group="detection" of="k" /> {i18n._("least sure first")}
        </span>
      </header>
      {own.length === 0 && <p className="soft">{i18n._("No box. N draws one, B says that there is nothing in the image.")}</p>}
      <ul>{own.map(row)}</ul>
      {near.length > 0 && (
        <>
          <header className="row">
            <h3 className="grow">{i18n._("{count, plural, one {# near miss} other {# near misses}}", { count: near.length })}</h3>
            <IconButton size="small" label={editing.showsNear ? i18n._("Hide near misses") : i18n._("Show near misses")} onPress={() => editing.showNear(!editing.showsNear)}>
              {editing.showsNear ? <Eye size={15} aria-hidden /> : <EyeOff size={15} aria-hidden />}
            </IconButton>
          </header>
          {editing.showsNear && <ul>{few.map(row)}</ul>}
          {editing.showsNear && near.length > NEAR_SHOWN && (
            <Button size="small" look="quiet" onPress={() => showAll(!showsAll)}>
              {showsAll ? i18n._("Show fewer") : i18n._("Show all {count}", { count: near.length })}
            </Button>
          )}
        </>
      )}
      <p className="unseen" aria-live="polite">
        {spoken(editor, (box) => boxName(i18n, box))}
      </p>
    </section>
  );
}

function spoken({ frame }: Editor, say: (box: LabelBox) => string): string {
  const box = frame.boxes.find(({ id }) => id === frame.selected);
  return box ? say(box) : "";
}

function BoxRow({ box, editing, color }: { box: LabelBox; editing: BoxEditing; color: string }) {
  const { i18n } = useLingui();
  const { editor, change } = editing;
  const row = useRef<HTMLLIElement>(null);
  const isSelected = editor.frame.selected === box.id;
  useEffect(() => {
    if (isSelected) row.current?.scrollIntoView({ block: "nearest" });
  }, [isSelected]);
  const perhaps = (next: Editor | null) => next && change(next, true);
  const { xmin, ymin, xmax, ymax } = box.box;
  return (
    <li ref={row} className="box-row" data-selected={isSelected || undefined}>
      <div className="row box-head">
        <button type="button" className="box-pick" aria-pressed={isSelected} onClick={() => change({ ...editor, frame: select(editor.frame, isSelected ? null : box.id), last: "" }, true)}>
          <svg width="14" height="14" aria-hidden className="box-swatch" data-state={box.state}>
            <rect x="1.5" y="1.5" width="11" height="11" style={{ stroke: color, fill: box.state === "confirmed" || box.state === "missed" || box.state === "edited" ? color : "none" }} />
          </svg>
          <span className="one-line box-class">{box.name}</span>
          <span className="soft small one-line box-state">{boxStateWord(i18n, box.state)}</span>
          <span className="grow" />
          {box.reasons.map((code) => (
            <ReasonChip key={code} code={code} />
          ))}
          {box.score !== null && <span className="box-score">{scoreWord(box.score)}</span>}
          <span className="soft small box-size">
            {Math.round(xmax - xmin)}×{Math.round(ymax - ymin)}
          </span>
        </button>
        <IconButton size="small" label={box.isHidden ? i18n._("Show {name}", { name: box.name }) : i18n._("Hide {name}", { name: box.name })} onPress={() => change({ ...editor, frame: hidden(editor.frame, box.id, !box.isHidden) })}>
          {box.isHidden ? <EyeOff size={15} aria-hidden /> : <Eye size={15} aria-hidden />}
        </IconButton>
      </div>
      {isSelected && (
        <div className="box-more">
          <BoxNumbers box={box} image={editor.frame.image} onChange={(frame) => change(did(editor, frame(editor.frame)))} />
          <div className="row wrap">
            <Button size="small" onPress={() => perhaps(confirming(editor))}>
              {box.state === "ignored" ? i18n._("Accept") : i18n._("Confirm")} <KeyCap group="detection" of="f" />
            </Button>
            {box.state !== "ignored" && box.first !== null && (
              <Button size="small" onPress={() => perhaps(rejecting(editor))}>
                {box.state === "false" ? i18n._("No false detection") : i18n._("False detection")} <KeyCap group="detection" of="r" />
              </Button>
            )}
            {box.state !== "ignored" && (
              <IconButton size="small" label={i18n._("Delete")} keys="Del" onPress={() => perhaps(removing(editor))}>
                <Trash2 size={15} aria-hidden />
              </IconButton>
            )}
          </div>
        </div>
      )}
    </li>
  );
}
