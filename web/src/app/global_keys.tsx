// SPDX-License-Identifier: Apache-2.0
// Keys that work on every page: g then a letter goes to a page, ? shows what keys there are.
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { useLocation } from "wouter";
import { useKeys } from "./keys";
import { navigation } from "./pages";
import { ShortcutsSheet } from "./shortcuts_sheet";

export function GlobalKeys() {
  const { i18n } = useLingui();
  const [, navigate] = useLocation();
  const [isSheetOpen, openSheet] = useState(false);
  useKeys("global", [
    { keys: ["?"], name: i18n._("Shortcuts of this page"), run: () => openSheet(true) },
    ...navigation.flatMap(({ entries }) =>
      entries.map(({ path, title, key }) => ({ keys: [`g ${key}`], name: i18n._(title), run: () => navigate(path) })),
    ),
  ]);
  return <ShortcutsSheet isOpen={isSheetOpen} onOpenChange={openSheet} />;
}
