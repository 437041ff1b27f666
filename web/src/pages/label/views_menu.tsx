// SPDX-License-Identifier: Apache-2.0
// Views: built-in ones, and own ones under a name. A view is the URL's query; the link to it is the view itself.
import { useLingui } from "@lingui/react";
import { Bookmark } from "lucide-react";
import { useState } from "react";
import { Header, Menu, MenuItem, MenuSection, MenuTrigger, Popover, Separator } from "react-aria-components";
import { useLocation, useSearch } from "wouter";
import { VIEW_NAME_MAX, viewQuery, viewsOf, withView, withoutView, type View } from "../../labelling/views";
import { Button } from "../../widgets/button";
import { TextField } from "../../widgets/field";
import { Sheet } from "../../widgets/sheet";
import { tell } from "../../widgets/toast";
import "../../widgets/menu.css";

const STORED = "trommel.views";
const STABILITY = "19,20,21,22,23,24,25,26,27,28,29";

export function ViewsMenu() {
  const { i18n } = useLingui();
  const [path, navigate] = useLocation();
  const current = viewQuery(useSearch());
  const [own, keep] = useState<readonly View[]>(() => viewsOf(localStorage.getItem(STORED)));
  const [isSaving, save] = useState(false);
  const builtIn: readonly View[] = [
    { name: i18n._("Hardest first"), query: "state=to_be_confirmed" },
    { name: i18n._("Low confidence"), query: "reason=1&state=to_be_confirmed" },
    { name: i18n._("Unlike training"), query: "reason=3&state=to_be_confirmed" },
    { name: i18n._("Changed by augmentation"), query: `reason=${STABILITY}&state=to_be_confirmed` },
    { name: i18n._("New classes?"), query: "reason=30&state=to_be_confirmed" },
  ].map(({ name, query }) => ({ name, query: viewQuery(query) }));
  const store = (views: readonly View[]) => {
    localStorage.setItem(STORED, JSON.stringify(views));
    keep(views);
  };
  const chosen = own.find(({ query }) => query === current);
  const open = (query: string) => navigate(query ? `${path}?${query}` : path);
  return (
    <>
      <MenuTrigger>
        <Button size="small">
          <Bookmark size={13} aria-hidden /> {chosen?.name ?? builtIn.find(({ query }) => query === current)?.name ?? i18n._("Views")}
        </Button>
        <Popover className="popover" placement="bottom start">
          <Menu
            className="menu"
            aria-label={i18n._("Views")}
            onAction={(key) => {
              const [kind, at] = String(key).split(" ");
              if (kind === "built") open(builtIn[Number(at)]?.query ?? "");
              else if (kind === "own") open(own[Number(at)]?.query ?? "");
              else if (kind === "save") save(true);
              else if (kind === "link") void navigator.clipboard.writeText(window.location.href).then(() => tell(i18n._("Link copied")));
              else if (chosen) store(withoutView(own, chosen.name));
            }}
          >
            <MenuSection>
              <Header>{i18n._("Built in")}</Header>
              {builtIn.map(({ name, query }, at) => (
                <MenuItem key={name} id={`built ${at}`} aria-current={query === current || undefined}>
                  {name}
                </MenuItem>
              ))}
            </MenuSection>
            {own.length > 0 && (
              <MenuSection>
                <Header>{i18n._("Saved in this browser")}</Header>
                {own.map(({ name, query }, at) => (
                  <MenuItem key={name} id={`own ${at}`} aria-current={query === current || undefined}>
                    {name}
                  </MenuItem>
                ))}
              </MenuSection>
            )}
            <Separator />
            <MenuItem id="save">{i18n._("Save view…")}</MenuItem>
            {chosen && (
              <MenuItem id="delete" className="danger">
                {i18n._("Delete view {name}", { name: chosen.name })}
              </MenuItem>
            )}
            <MenuItem id="link">{i18n._("Copy link")}</MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      {isSaving && (
        <SaveView
          onClose={() => save(false)}
          onSave={(name) => {
            store(withView(own, { name, query: current }));
            save(false);
          }}
        />
      )}
    </>
  );
}

function SaveView({ onSave, onClose }: { onSave: (name: string) => void; onClose: () => void }) {
  const { i18n } = useLingui();
  const [name, setName] = useState("");
  const submit = () => name.trim() !== "" && onSave(name);
  return (
    <Sheet
      title={i18n._("Save view")}
      isOpen
      onOpenChange={onClose}
      width="narrow"
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="primary" onPress={submit} isDisabled={name.trim() === ""}>
            {i18n._("Save")}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField label={i18n._("Name")} help={i18n._("Tab, conditions and order are kept in this browser. To share a view, copy its link.")} value={name} onChange={setName} maxLength={VIEW_NAME_MAX} autoFocus />
      </form>
    </Sheet>
  );
}
