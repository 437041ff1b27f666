// SPDX-License-Identifier: Apache-2.0
// Shortcuts: looked for, changed, switched off; presets for those who come from elsewhere.
import { useLingui } from "@lingui/react";
import { SearchX } from "lucide-react";
import { useState } from "react";
import { chooseKeys, useKeyChoices } from "../../app/key_choices";
import { chosenKey, clashOf, defaultChoices, isReserved, presets, withKey, type KeyGroup, type Preset } from "../../labelling/key_choices";
import { nameOf } from "../../labelling/keymap";
import { Button } from "../../widgets/button";
import { CopyButton } from "../../widgets/copy_button";
import { EmptyState } from "../../widgets/empty_state";
import { Select, Switch } from "../../widgets/field";
import { SearchField } from "../../widgets/search_field";
import { isOneKey } from "./key_caps";
import { shortcutScopes, shortcutsWith, type ShortcutScope } from "./shortcut_list";
import { ShortcutRow } from "./shortcut_row";

interface At {
  group: KeyGroup;
  usual: string;
}

export function Shortcuts() {
  const { i18n } = useLingui();
  const choices = useKeyChoices();
  const [typed, type] = useState("");
  const [recording, record] = useState<At | null>(null);
  const [fault, setFault] = useState<(At & { text: string }) | null>(null);
  const all = shortcutScopes(i18n);
  const scopes = shortcutsWith(all, typed);
  const isAt = (at: At | null, group: KeyGroup | undefined, usual: string) => at !== null && at.group === group && at.usual === usual;

  function take(scope: ShortcutScope, usual: string, event: KeyboardEvent) {
    const { group } = scope;
    if (!group) return;
    const key = nameOf(event);
    record(null);
    setFault(null);
    if (key === "Escape") return;
    if (key === "Delete" && usual !== "Delete") return chooseKeys(withKey(choices, group, usual, ""));
    if (isReserved(key)) return setFault({ group, usual, text: i18n._("{key} belongs to every page or to the browser.", { key }) });
    const own = all.find((one) => one.group === group)?.shortcuts ?? [];
    const clash = clashOf(choices, group, own.flatMap(({ keys }) => keys).filter(isOneKey), usual, key);
    if (clash !== undefined) return setFault({ group, usual, text: i18n._("{key} is taken: {name}.", { key, name: own.find(({ keys }) => keys.includes(clash))?.name ?? clash }) });
    chooseKeys(withKey(choices, group, usual, key));
  }

  const presetWords: Record<Preset, { name: string; note: string }> = {
    trommel: { name: "Trommel", note: i18n._("As listed below") },
    modelarts: { name: "ModelArts", note: i18n._("Boxes: 1 draws a rectangle, classes have Shift and a digit") },
    cvat: { name: "CVAT", note: i18n._("D and F go from image to image, A confirms") },
    lefthanded: { name: i18n._("Left-handed"), note: i18n._("The mouse in the left hand: keys lie under the right one") },
  };
  const isChanged = Object.keys(choices.own).length > 0 || choices.preset !== "trommel" || !choices.hasSingles;
  return (
    <div className="stack">
      <section className="card stack tight shortcut-choices">
        <div className="row wrap shortcut-presets">
          <Select
            label={i18n._("Preset")}
            value={choices.preset}
            onChange={(preset) => chooseKeys({ ...choices, preset: preset as Preset })}
            choices={presets.map((id) => ({ id, ...presetWords[id] }))}
          />
          <Button onPress={() => chooseKeys(defaultChoices)} why={!isChanged && i18n._("Nothing was changed.")}>
            {i18n._("Back to the usual keys")}
          </Button>
          <span className="row small soft">
            {i18n._("As JSON")} <CopyButton text={JSON.stringify(choices)} label={i18n._("Copy")} />
          </span>
        </div>
        <Switch label={i18n._("Single keys work")} isSelected={choices.hasSingles} onChange={(hasSingles) => chooseKeys({ ...choices, hasSingles })} />
        <p className="soft small switch-help">{i18n._("Off: letters, digits and signs do nothing on the Label page and in Review unless Ctrl or Alt is held. For speech input.")}</p>
      </section>
      <SearchField label={i18n._("Search by name or key")} value={typed} onChange={type} />
      {scopes.length === 0 && <EmptyState icon={SearchX} title={i18n._("No shortcut matches")} />}
      <div className="shortcut-scopes">
        {scopes.map((scope) => (
          <section key={scope.name} className="card">
            <h2>{scope.name}</h2>
            <dl className="shortcut-list">
              {scope.shortcuts.map(({ name, keys }) => (
                <ShortcutRow
                  key={keys.join()}
                  name={name}
                  keys={keys.map((usual) => ({ usual, chosen: scope.group && isOneKey(usual) ? chosenKey(choices, scope.group, usual) : usual }))}
                  mayChange={(usual) => scope.group !== undefined && isOneKey(usual) && usual !== "Escape"}
                  recording={keys.find((usual) => isAt(recording, scope.group, usual)) ?? null}
                  fault={keys.some((usual) => isAt(fault, scope.group, usual)) ? (fault?.text ?? null) : null}
                  onRecord={(usual) => record(usual !== null && scope.group ? { group: scope.group, usual } : null)}
                  onKey={(usual, event) => take(scope, usual, event)}
                />
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p className="soft small">{i18n._("Letters and digits go by their place on the keyboard. Nothing happens while you type in a field. Kept in this browser.")}</p>
    </div>
  );
}
