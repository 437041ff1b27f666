// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { Check, Terminal } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button";

/** Copies the command that does what the dialog does. */
export function CopyCli({ line, look = "quiet" }: { line: string; look?: "quiet" | "plain" }) {
  const { i18n } = useLingui();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <Button look={look} onPress={() => void navigator.clipboard.writeText(line).then(() => setCopied(true))}>
      {isCopied ? <Check size={15} aria-hidden /> : <Terminal size={15} aria-hidden />}
      {isCopied ? i18n._("Copied") : i18n._("Copy as CLI")}
    </Button>
  );
}
