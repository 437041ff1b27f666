// SPDX-License-Identifier: Apache-2.0
// A path of the server's machine: typed, or looked for in the folders that may be used; what is there is said while one types.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { FolderOpen } from "lucide-react";
import { useEffect, useState } from "react";
import { pathQuery, type PathFiles } from "../api/paths";
import { formatNumber } from "../i18n/i18n";
import { Button } from "./button";
import { TextField } from "./field";
import { PathBrowser } from "./path_browser";
import "./path_field.css";

const QUIET_MS = 350;

export interface PathFieldProps {
  label: string;
  help: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  files: PathFiles;
  /** "images": counts them; "new": need not be there yet; "file": one file is wanted; "any": a file or a folder. */
  wants: "images" | "new" | "file" | "any";
  placeholder?: string;
  isRequired?: boolean;
  autoFocus?: boolean;
}

export function PathField({ label, help, value, onChange, error, files, wants, placeholder, isRequired, autoFocus }: PathFieldProps) {
  const { i18n } = useLingui();
  const [isBrowsing, browse] = useState(false);
  return (
    <div className="path-field">
      <TextField
        label={label}
        help={help}
        value={value}
        onChange={onChange}
        error={error}
        isMono
        placeholder={placeholder}
        isRequired={isRequired}
        autoFocus={autoFocus}
        autoComplete="off"
      />
      <Button onPress={() => browse(true)}>
        <FolderOpen size={15} aria-hidden />
        {i18n._("Browse…")}
      </Button>
      {wants === "images" && error === undefined && <Check path={value} />}
      {isBrowsing && (
        <PathBrowser
          title={label}
          start={value}
          files={files}
          wantsFile={wants === "file"}
          onClose={() => browse(false)}
          onChoose={(path) => {
            onChange(path);
            browse(false);
          }}
        />
      )}
    </div>
  );
}

/** How many images are there, as soon as the typing rests. */
function Check({ path }: { path: string }) {
  const { i18n } = useLingui();
  const [rested, rest] = useState(path);
  useEffect(() => {
    const timer = setTimeout(() => rest(path), QUIET_MS);
    return () => clearTimeout(timer);
  }, [path]);
  const isPath = /^(\/|upload:)/.test(rested);
  const found = useQuery({ ...pathQuery(rested, "none"), enabled: isPath });
  if (path === "") return null;
  const { images = 0, too_large = 0, is_complete = true } = found.data ?? {};
  const words =
    path !== rested || (isPath && found.isPending)
      ? i18n._("Counting…")
      : !isPath
        ? i18n._("An absolute path begins with /.")
        : found.isError
          ? found.error.message
          : !is_complete
            ? i18n._("More than {images} images", { images: formatNumber(images) })
            : i18n._("{count, plural, =0 {No image by its name here} one {# image} other {# images}}", { count: images });
  const tone = found.isError && path === rested ? "bad" : images > 0 ? "good" : "";
  return (
    <p className={`path-check small ${tone}`} role="status">
      {words}
      {too_large > 0 && ` · ${i18n._("{count, plural, one {# is too large} other {# are too large}}", { count: too_large })}`}
    </p>
  );
}
