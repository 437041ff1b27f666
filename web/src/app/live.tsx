// SPDX-License-Identifier: Apache-2.0
// The server's event stream: what it tells of tasks and services makes what is shown of them stale.
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useState, type ReactNode } from "react";

export type Liveness = "connecting" | "live" | "broken";
const Context = createContext<Liveness>("connecting");
export const useLiveness = (): Liveness => use(Context);

// Bursts of progress are shown together.
const GATHER_MS = 400;

function staleAfter(kind: string, queries: QueryClient): void {
  if (kind === "task" || kind === "reset") {
    void queries.invalidateQueries({ queryKey: ["tasks"] });
    void queries.invalidateQueries({ queryKey: ["datasets"] });
  }
  if (kind === "service" || kind === "task" || kind === "reset") void queries.invalidateQueries({ queryKey: ["services"] });
}

export function LiveEvents({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [liveness, setLiveness] = useState<Liveness>("connecting");
  useEffect(() => {
    const source = new EventSource("/api/v1/events");
    const heard = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hear = (event: Event) => {
      heard.add(event.type);
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const kind of heard) staleAfter(kind, queries);
        heard.clear();
      }, GATHER_MS);
    };
    source.onopen = () => {
      setLiveness("live");
      void queries.invalidateQueries();
    };
    source.onerror = () => setLiveness("broken"); // the browser tries again by itself
    for (const kind of ["task", "service", "reset"]) source.addEventListener(kind, hear);
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [queries]);
  return <Context value={liveness}>{children}</Context>;
}
