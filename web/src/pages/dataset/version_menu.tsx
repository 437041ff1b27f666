// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { Menu, MenuItem, MenuTrigger, Popover, Separator } from "react-aria-components";
import { ask, client, type Schemas } from "../../api/client";
import { Button, IconButton } from "../../widgets/button";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { tell } from "../../widgets/toast";
import "../../widgets/menu.css";

export function VersionMenu({ dataset, version, mayChange }: { dataset: Schemas["Dataset"]; version: Schemas["DatasetVersion"]; mayChange: boolean }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const [isDeleting, confirm] = useState(false);
  const isCurrent = version.name === dataset.current_version;
  const remove = useMutation({
    mutationFn: () => ask<unknown>(client.DELETE("/api/v1/datasets/{dataset}/versions/{version}", { params: { path: { dataset: dataset.name, version: version.name } } })),
    onSuccess: () => {
      tell(i18n._("{name} is deleted", { name: version.name }));
      confirm(false);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["datasets"] }),
  });
  const copy = (text: string, said: string) => void navigator.clipboard.writeText(text).then(() => tell(said));
  return (
    <>
      <MenuTrigger>
        <IconButton size="small" label={i18n._("More for {name}", { name: version.name })}>
          <Ellipsis size={15} aria-hidden />
        </IconButton>
        <Popover className="popover" placement="bottom end">
          <Menu
            className="menu"
            aria-label={i18n._("More for {name}", { name: version.name })}
            disabledKeys={isCurrent || !mayChange ? ["delete"] : []}
            onAction={(key) => {
              if (key === "input") copy(`${dataset.name}@${version.name}`, i18n._("Copied: paste it as Existing Training Dataset Path"));
              if (key === "path") copy(version.manifest_path, i18n._("Path copied"));
              if (key === "delete") confirm(true);
            }}
          >
            <MenuItem id="input">{i18n._("Copy as filter input")}</MenuItem>
            <MenuItem id="path">{i18n._("Copy Storage Path")}</MenuItem>
            <Separator />
            <MenuItem id="delete" className="danger" textValue={i18n._("Delete…")}>
              <span className="stack choice">
                <span>{i18n._("Delete…")}</span>
                {isCurrent && <span className="small soft">{i18n._("The current version stays.")}</span>}
              </span>
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      {isDeleting && (
        <Sheet
          title={i18n._("Delete {name}?", { name: version.name })}
          role="alertdialog"
          width="narrow"
          isOpen
          onOpenChange={() => confirm(false)}
          footer={
            <>
              <Button onPress={() => confirm(false)}>{i18n._("Cancel")}</Button>
              <Button look="danger" isDisabled={remove.isPending} onPress={() => remove.mutate()}>
                {i18n._("Delete")}
              </Button>
            </>
          }
        >
          <div className="stack">
            <p>{i18n._("Its manifest and annotation files go. Samples, labels and images stay.")}</p>
            {remove.error && <ProblemBlock thrown={remove.error} compact />}
          </div>
        </Sheet>
      )}
    </>
  );
}
