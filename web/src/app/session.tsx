// SPDX-License-Identifier: Apache-2.0
// Who is signed in, and what that person may do.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, use, type ReactNode } from "react";
import { ask, client, setCsrfToken, type Schemas } from "../api/client";
import { asProblem } from "../api/problem";

export type Session = Schemas["SessionShown"];
const Context = createContext<Session | null>(null);
const KEY = ["session"];
const ranks: Record<string, number> = { read: 0, label: 1, admin: 2 };

/** undefined: not known yet; null: nobody is signed in. */
export function useSessionQuery() {
  return useQuery({
    queryKey: KEY,
    staleTime: Infinity,
    retry: (times, thrown) => asProblem(thrown).isUnreachable && times < 5,
    queryFn: async (): Promise<Session | null> => {
      try {
        const session = await ask(client.GET("/api/v1/session"));
        setCsrfToken(session.csrf_token);
        return session;
      } catch (thrown) {
        if (asProblem(thrown).status === 401) return null;
        throw thrown;
      }
    },
  });
}

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <Context value={session}>{children}</Context>;
}

export function useSession(): Session {
  const session = use(Context);
  if (session === null) throw new Error("useSession outside of a signed-in page");
  return session;
}

/** Whether the person's role is at least this one. */
export function useMay(role: "read" | "label" | "admin"): boolean {
  return (ranks[useSession().role] ?? 0) >= (ranks[role] ?? 0);
}

export function useSessionChange() {
  const queries = useQueryClient();
  return {
    async signIn(name: string, password: string) {
      await ask(client.POST("/api/v1/session", { body: { name, password } }));
      await queries.resetQueries({ queryKey: KEY });
    },
    async setUp(token: string, name: string, password: string) {
      await ask(client.POST("/api/v1/setup", { body: { token, name, password } }));
      await ask(client.POST("/api/v1/session", { body: { name, password } }));
      await queries.resetQueries({ queryKey: KEY });
    },
    async signOut() {
      await ask(client.DELETE("/api/v1/session"));
      setCsrfToken(null);
      // The session's own query stays, or nobody would hear that it has ended.
      await queries.resetQueries({ queryKey: KEY });
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEY[0] });
    },
  };
}
