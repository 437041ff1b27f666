// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { X } from "lucide-react";
import { useRef, type KeyboardEvent } from "react";
import { imagePath } from "../../api/samples";
import { formatNumber } from "../../i18n/i18n";
import { Thumb } from "../../widgets/thumb";
import { stepped, type Item } from "./wall";

export interface CropWallProps {
  items: readonly Item[];
  label: string;
  marked: ReadonlySet<string>;
  /** The item in focus. */
  at: number;
  onFocus: (at: number) => void;
  onToggle: (item: Item) => void;
  onOpen: (item: Item) => void;
}

function pictureOf({ sample, box }: Item): string {
  if (box === undefined) return imagePath(sample, "thumb");
  const rev = sample.content_hash ? `&rev=${sample.content_hash.slice(0, 8)}` : "";
  return `/api/v1/samples/${sample.id}/crop?box=${box}${rev}&size=thumb`;
}

export function CropWall({ items, label, marked, at, onFocus, onToggle, onOpen }: CropWallProps) {
  const { i18n } = useLingui();
  const list = useRef<HTMLUListElement>(null);
  const onKey = (event: KeyboardEvent) => {
    const item = items[at];
    if (event.key === "Enter" && item) onOpen(item);
    else if (/^(Arrow|Home$|End$)/.test(event.key)) {
      const tiles = [...(list.current?.querySelectorAll<HTMLElement>(".crop") ?? [])];
      const columns = Math.max(tiles.filter((tile) => tile.offsetTop === tiles[0]?.offsetTop).length, 1);
      tiles[stepped(at, event.key, columns, items.length)]?.focus();
    } else return;
    event.preventDefault();
  };
  return (
    <ul ref={list} className="crop-wall" aria-label={i18n._("{label}: what is chosen is not of this class", { label })} onKeyDown={onKey}>
      {items.map((item, place) => {
        const isOut = marked.has(item.key);
        const name = item.sample.source.split("/").at(-1) ?? "";
        return (
          <li key={item.key}>
            <button type="button" aria-pressed={isOut} aria-label={name} tabIndex={place === at ? 0 : -1} className="crop" onFocus={() => onFocus(place)} onClick={() => onToggle(item)} onDoubleClick={() => onOpen(item)}>
              <Thumb src={pictureOf(item)} />
              {isOut && (
                <span className="crop-out">
                  <X size={14} strokeWidth={3} aria-hidden />
                  {i18n._("out")}
                </span>
              )}
              <span className="crop-words small one-line">
                {item.score === null ? name : formatNumber(item.score, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}
                {item.others.length > 0 && <span className="soft"> + {item.others.join(", ")}</span>}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
