// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { usePreferences } from "../../app/preferences";
import { Switch } from "../../widgets/field";

export function Labelling() {
  const { i18n } = useLingui();
  const [preferences, prefer] = usePreferences();
  return (
    <section className="card stack settings-card">
      <div>
        <Switch label={i18n._("A digit sets the class and confirms")} isSelected={preferences.digitConfirms} onChange={(digitConfirms) => prefer({ digitConfirms })} />
        <p className="soft small switch-help">{i18n._("In the grid and in Review. Off: digits do nothing, classes are chosen by name.")}</p>
      </div>
      <div>
        <Switch label={i18n._("Resting on a tile shows it larger")} isSelected={preferences.hoverPreview} onChange={(hoverPreview) => prefer({ hoverPreview })} />
        <p className="soft small switch-help">{i18n._("Never where the system asks for less motion.")}</p>
      </div>
      <p className="soft small">{i18n._("Kept in this browser.")}</p>
    </section>
  );
}
