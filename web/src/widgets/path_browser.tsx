// SPDX-License-Identifier: Apache-2.0
// The folders that paths may lie in, and what is in them.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { ArrowUp, File, Folder } from "lucide-react";
import { useState } from "react";
import { ListBox, ListBoxItem } from "react-aria-components";
import { pathQuery, type PathFiles } from "../api/paths";
import { Button, IconButton } from "./button";
import { formatBytes } from "./bytes";
import { ProblemBlock } from "./problem_block";
import { Sheet } from "./sheet";
import { Skeleton } from "./skeleton";

export interface PathBrowserProps {
  title: string;
  start: string;
  files: PathFiles;
  wantsFile: boolean;
  onChoose: (path: string) => void;
  onClose: () => void;
}

export function PathBrowser({ title, start, files, wantsFile, onChoose, onClose }: PathBrowserProps) {
  const { i18n } = useLingui();
  const [path, goTo] = useState(/^\/.+/.test(start) ? start : "");
  const found = useQuery({ ...pathQuery(path, files), placeholderData: keepPreviousData });
  const { folders = [], files: listed = [], parent = null, images = 0 } = found.data ?? {};
  const isFile = (chosen: string) => listed.some((file) => file.path === chosen);
  return (
    <Sheet
      title={title}
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          {!wantsFile && (
            <Button look="primary" onPress={() => onChoose(path)} isDisabled={found.isError} why={path === "" && i18n._("Open a folder first.")}>
              {i18n._("Choose this folder")}
            </Button>
          )}
        </>
      }
    >
      <div className="path-crumbs">
        <IconButton label={i18n._("Folder above")} onPress={() => goTo(parent ?? "")} isDisabled={path === ""}>
          <ArrowUp size={16} aria-hidden />
        </IconButton>
        <code className="grow one-line">{path === "" ? i18n._("Folders that may be used") : path}</code>
        {path !== "" && !found.isError && !wantsFile && <span className="soft small">{i18n._("{count, plural, one {# image} other {# images}}", { count: images })}</span>}
      </div>
      {found.isError ? (
        <ProblemBlock thrown={found.error} compact />
      ) : found.isPending ? (
        <div className="path-list">
          <Skeleton rows={7} />
        </div>
      ) : (
        <ListBox
          aria-label={i18n._("Folders and files")}
          className="path-list"
          autoFocus="first"
          onAction={(key) => (isFile(String(key)) ? onChoose(String(key)) : goTo(String(key)))}
          renderEmptyState={() => (
            <p className="path-none soft">{path === "" ? i18n._("No folder may be used: whoever runs the server names some with `trommel serve --roots DIR`.") : i18n._("Nothing to open in this folder.")}</p>
          )}
        >
          {folders.map((row) => (
            <ListBoxItem key={row.path} id={row.path} textValue={row.name} className="path-row">
              <Folder size={16} aria-hidden />
              <span className="one-line">{row.name}</span>
            </ListBoxItem>
          ))}
          {listed.map((row) => (
            <ListBoxItem key={row.path} id={row.path} textValue={row.name} className="path-row">
              <File size={16} aria-hidden />
              <span className="one-line">{row.name}</span>
              <span className="number small">{formatBytes(row.bytes)}</span>
            </ListBoxItem>
          ))}
        </ListBox>
      )}
    </Sheet>
  );
}
