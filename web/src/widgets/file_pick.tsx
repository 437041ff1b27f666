// SPDX-License-Identifier: Apache-2.0
// A file of the person's own computer: dropped, or chosen.
import { useLingui } from "@lingui/react";
import { FileUp } from "lucide-react";
import { useId } from "react";
import { DropZone, FileTrigger, isFileDropItem } from "react-aria-components";
import { Button } from "./button";
import { formatBytes } from "./bytes";
import "./file_pick.css";

export interface FilePickProps {
  label: string;
  help: string;
  accept: readonly string[];
  file: File | null;
  onPick: (file: File) => void;
  error?: string | undefined;
}

export function FilePick({ label, help, accept, file, onPick, error }: FilePickProps) {
  const { i18n } = useLingui();
  const id = useId();
  return (
    <div className="field">
      <span id={id} className="react-aria-Label">
        {label}
      </span>
      <DropZone
        aria-labelledby={id}
        className="file-pick"
        onDrop={(event) => {
          const item = event.items.find(isFileDropItem);
          if (item) void item.getFile().then(onPick);
        }}
      >
        <FileUp size={22} strokeWidth={1.5} aria-hidden />
        {file ? (
          <span className="grow one-line">
            {file.name} <span className="soft small">{formatBytes(file.size)}</span>
          </span>
        ) : (
          <span className="grow soft">{help}</span>
        )}
        <FileTrigger acceptedFileTypes={accept} onSelect={(files) => files?.[0] && onPick(files[0])}>
          <Button>{file ? i18n._("Choose another…") : i18n._("Choose…")}</Button>
        </FileTrigger>
      </DropZone>
      {error && (
        <span className="field-error" role="alert">
          {error}
        </span>
      )}
    </div>
  );
}
