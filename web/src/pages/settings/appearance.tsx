// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { chooseDensity, chooseTheme, densities, density, theme, themeName, themes, type Density } from "../../app/appearance";
import { chooseLanguage, languages } from "../../i18n/i18n";
import { Radios } from "../../widgets/field";

export function Appearance() {
  const { i18n } = useLingui();
  const [chosenTheme, setTheme] = useState(theme());
  const [chosenDensity, setDensity] = useState(density());
  const densityNames: Record<Density, string> = { cosy: i18n._("Comfortable"), compact: i18n._("Compact") };
  return (
    <section className="card stack settings-card">
      <Radios
        label={i18n._("Theme")}
        value={chosenTheme}
        choices={themes.map((id) => ({ id, name: themeName(i18n, id) }))}
        onChange={(value) => {
          const chosen = themes.find((one) => one === value) ?? "system";
          chooseTheme(chosen);
          setTheme(chosen);
        }}
      />
      <Radios
        label={i18n._("Language")}
        value={i18n.locale}
        choices={languages.map(({ code, name }) => ({ id: code, name }))}
        onChange={(value) => {
          const chosen = languages.find(({ code }) => code === value);
          if (chosen) void chooseLanguage(chosen.code);
        }}
      />
      <Radios
        label={i18n._("Density")}
        value={chosenDensity}
        choices={densities.map((id) => ({ id, name: densityNames[id] }))}
        onChange={(value) => {
          const chosen = densities.find((one) => one === value) ?? "cosy";
          chooseDensity(chosen);
          setDensity(chosen);
        }}
      />
      <p className="soft small">{i18n._("Kept in this browser.")}</p>
    </section>
  );
}
