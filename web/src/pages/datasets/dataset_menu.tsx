// SPDX-License-Identifier: Apache-2.0
// More ▾ of a dataset, in the list and on its page.
import { useLingui } from "@lingui/react";
import { ChevronDown, Ellipsis } from "lucide-react";
import { useState } from "react";
import { Menu, MenuItem, MenuTrigger, Popover, Separator } from "react-aria-components";
import { useLocation } from "wouter";
import type { Schemas } from "../../api/client";
import { useMay } from "../../app/session";
import { Button, IconButton } from "../../widgets/button";
import { tell } from "../../widgets/toast";
import { DeleteDataset } from "./delete_dataset";
import { EditDataset } from "./edit_dataset";
import { ExportDataset } from "./export_dataset";
import { ImportDataset } from "./import_dataset";
import "../../widgets/menu.css";
import "./datasets.css";

type Dataset = Schemas["Dataset"];
type Sheets = "edit" | "import" | "export" | "delete";

export function DatasetMenu({ dataset, isSmall = false, onDeleted }: { dataset: Dataset; isSmall?: boolean; onDeleted?: () => void }) {
  const { i18n } = useLingui();
  const [, navigate] = useLocation();
  const mayChange = useMay("admin");
  const [sheet, open] = useState<Sheets | null>(null);
  const refused = mayChange ? (dataset.labeled === 0 ? ["publish"] : []) : ["publish", "edit", "import", "export", "delete"];
  return (
    <>
      <MenuTrigger>
        {isSmall ? (
          <IconButton size="small" look="plain" label={i18n._("More for {name}", { name: dataset.name })}>
            <Ellipsis size={15} aria-hidden />
          </IconButton>
        ) : (
          <Button>
            {i18n._("More")} <ChevronDown size={14} aria-hidden />
          </Button>
        )}
        <Popover className="popover" placement="bottom end">
          <Menu
            className="menu"
            aria-label={i18n._("More for {name}", { name: dataset.name })}
            disabledKeys={refused}
            onAction={(key) => {
              if (key === "publish") navigate(`/datasets/${dataset.name}?publish=1`);
              else if (key === "versions") navigate(`/datasets/${dataset.name}?tab=versions`);
              else if (key === "quick") navigate(`/datasets/${dataset.name}/quick-review`);
              else if (key === "features") navigate(`/datasets/${dataset.name}?tab=features`);
              else if (key === "duplicates") navigate(`/datasets/${dataset.name}/duplicates`);
              else if (key === "copy") void navigator.clipboard.writeText(dataset.id).then(() => tell(i18n._("ID copied")));
              else open(key as Sheets);
            }}
          >
            <MenuItem id="publish">{i18n._("Publish")}</MenuItem>
            <MenuItem id="versions">{i18n._("Manage Version")}</MenuItem>
            <MenuItem id="quick">{i18n._("Quick Review")}</MenuItem>
            <MenuItem id="features">{i18n._("Data Features")}</MenuItem>
            <MenuItem id="import">{i18n._("Import…")}</MenuItem>
            <MenuItem id="export">{i18n._("Export…")}</MenuItem>
            <MenuItem id="duplicates">{i18n._("Duplicates")}</MenuItem>
            <Separator />
            <MenuItem id="edit">{i18n._("Modify…")}</MenuItem>
            <MenuItem id="copy">{i18n._("Copy ID")}</MenuItem>
            <Separator />
            <MenuItem id="delete" className="danger">
              {i18n._("Delete…")}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      {sheet === "edit" && <EditDataset dataset={dataset} onClose={() => open(null)} />}
      {sheet === "import" && <ImportDataset dataset={dataset} onClose={() => open(null)} />}
      {sheet === "export" && <ExportDataset dataset={dataset} onClose={() => open(null)} />}
      {sheet === "delete" && <DeleteDataset dataset={dataset} onClose={() => open(null)} onDeleted={onDeleted} />}
    </>
  );
}
