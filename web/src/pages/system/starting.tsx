// SPDX-License-Identifier: Apache-2.0
// The server is not there yet, or not any more: it is asked again until it is.
import { useLingui } from "@lingui/react";
import { LoaderCircle, Unplug } from "lucide-react";
import { useEffect } from "react";
import { Button } from "../../widgets/button";
import "./system_page.css";

const AGAIN_MS = 2000;

export function Starting({ isUnreachable, onRetry }: { isUnreachable: boolean; onRetry: () => void }) {
  const { i18n } = useLingui();
  useEffect(() => {
    const timer = setInterval(onRetry, AGAIN_MS);
    return () => clearInterval(timer);
  }, [onRetry]);
  const Icon = isUnreachable ? Unplug : LoaderCircle;
  const title = isUnreachable ? i18n._("The server does not answer") : i18n._("Trommel is starting");
  useEffect(() => {
    document.title = `${title} · Trommel`;
  }, [title]);
  return (
    <main className="system-page" role="status">
      <Icon size={36} strokeWidth={1.5} aria-hidden />
      <h1>{title}</h1>
      <p className="soft">{isUnreachable ? i18n._("Is trommel serve running, and is this machine on its network? It is tried again by itself.") : i18n._("It is asked again every other second.")}</p>
      <div className="row wrap system-ways">
        <Button look="primary" onPress={onRetry}>
          {i18n._("Try again")}
        </Button>
      </div>
    </main>
  );
}
