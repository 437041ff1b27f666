// SPDX-License-Identifier: Apache-2.0
// Above the grid: order, size of tiles, what is on them.
import { useLingui } from "@lingui/react";
import { LayoutGrid, SlidersHorizontal } from "lucide-react";
import { Menu, MenuItem, MenuTrigger, Popover, Slider, SliderThumb, SliderTrack } from "react-aria-components";
import { usePreferences, type Preferences } from "../../app/preferences";
import { sorts, type Sort } from "../../labelling/filter";
import { Button, IconButton } from "../../widgets/button";
import { Select } from "../../widgets/field";
import { tileSizes } from "./tile_layout";
import "../../widgets/menu.css";

export function SortSelect({ value, onChange }: { value: Sort; onChange: (sort: Sort) => void }) {
  const { i18n } = useLingui();
  const names: Record<Sort, string> = {
    "-hard_coefficient": i18n._("Hardest first"),
    hard_coefficient: i18n._("Easiest first"),
    source: i18n._("Name, A to Z"),
    "-source": i18n._("Name, Z to A"),
    "-created": i18n._("Newest first"),
    created: i18n._("Oldest first"),
  };
  return (
    <div className="sort">
      <Select label={i18n._("Sort")} value={value} onChange={(sort) => onChange(sort as Sort)} choices={sorts.map((sort) => ({ id: sort, name: names[sort] }))} />
    </div>
  );
}

export function TileSize() {
  const { i18n } = useLingui();
  const [{ tileSize }, prefer] = usePreferences();
  return (
    <Slider className="tile-size" aria-label={i18n._("Size of tiles")} minValue={0} maxValue={tileSizes.length - 1} value={tileSize} onChange={(size) => prefer({ tileSize: size as number })}>
      <LayoutGrid size={14} aria-hidden />
      <SliderTrack className="slider-track">
        <SliderThumb className="slider-thumb" />
      </SliderTrack>
    </Slider>
  );
}

const shown = ["showsBoxes", "showsLabels", "showsReasons"] as const satisfies readonly (keyof Preferences)[];
export function TileShows({ hasBoxes }: { hasBoxes: boolean }) {
  const { i18n } = useLingui();
  const [preferences, prefer] = usePreferences();
  const names: Record<(typeof shown)[number], string> = { showsBoxes: i18n._("Boxes"), showsLabels: i18n._("Labels"), showsReasons: i18n._("Reasons") };
  const offered = shown.filter((one) => hasBoxes || one !== "showsBoxes");
  return (
    <MenuTrigger>
      <IconButton size="small" look="plain" label={i18n._("What tiles show")}>
        <SlidersHorizontal size={14} aria-hidden />
      </IconButton>
      <Popover className="popover" placement="bottom end">
        <Menu
          className="menu"
          aria-label={i18n._("What tiles show")}
          selectionMode="multiple"
          selectedKeys={offered.filter((one) => preferences[one])}
          onSelectionChange={(keys) => prefer(Object.fromEntries(offered.map((one) => [one, keys === "all" || keys.has(one)])))}
        >
          {offered.map((one) => (
            <MenuItem key={one} id={one} textValue={names[one]}>
              {names[one]} {one === "showsBoxes" && <kbd className="menu-key">B</kbd>}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

export function FilterButton({ isOpen, count, onPress }: { isOpen: boolean; count: number; onPress: () => void }) {
  const { i18n } = useLingui();
  return (
    <Button size="small" onPress={onPress} aria-expanded={isOpen}>
      {count > 0 ? i18n._("Filter ({count})", { count }) : i18n._("Filter")} <kbd>[</kbd>
    </Button>
  );
}
