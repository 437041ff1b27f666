// SPDX-License-Identifier: Apache-2.0
// Labels of Selected Images: how many have each, changed or taken away for all of them at once.
import { useLingui } from "@lingui/react";
import { Pencil, Trash2 } from "lucide-react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { formatNumber } from "../../i18n/i18n";
import type { LabelTally } from "../../labelling/relabel";
import { IconButton } from "../../widgets/button";

interface SelectedLabelsProps {
  tally: readonly LabelTally[];
  /** The counts are of the selected samples; else of all that match the filter. */
  isWhole: boolean;
  labels: readonly string[];
  why: string | false;
  onRelabel: (from: string, to: string | null) => void;
}

export function SelectedLabels({ tally, isWhole, labels, why, onRelabel }: SelectedLabelsProps) {
  const { i18n } = useLingui();
  return (
    <section className="stack tight">
      <h3>{isWhole ? i18n._("Labels of Selected Images") : i18n._("Labels of all that match")}</h3>
      {tally.length === 0 && <p className="soft small">{i18n._("None of them has a label.")}</p>}
      <ul className="label-set">
        {tally.map(({ name, samples, confirmed }) => (
          <li key={name} className="label-line">
            <span className={`one-line ${confirmed === 0 ? "suggested" : ""}`} title={confirmed === 0 ? i18n._("only suggested") : undefined}>
              {name}
            </span>
            <span className="soft small">×{formatNumber(samples)}</span>
            <span className="row label-acts">
              <MenuTrigger>
                <IconButton size="small" label={i18n._("Change {name} to…", { name })} why={why}>
                  <Pencil size={13} aria-hidden />
                </IconButton>
                <Popover className="popover" placement="bottom end">
                  <Menu className="menu" aria-label={i18n._("Change {name} to…", { name })} onAction={(to) => onRelabel(name, String(to))}>
                    {labels
                      .filter((label) => label !== name)
                      .map((label) => (
                        <MenuItem key={label} id={label}>
                          {label}
                        </MenuItem>
                      ))}
                  </Menu>
                </Popover>
              </MenuTrigger>
              <IconButton size="small" label={i18n._("Take {name} away", { name })} onPress={() => onRelabel(name, null)} why={why}>
                <Trash2 size={13} aria-hidden />
              </IconButton>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
