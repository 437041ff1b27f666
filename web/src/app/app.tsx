// SPDX-License-Identifier: Apache-2.0
// Decides what stands on the screen: signing in, setting up, or the shell with a page.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { I18nProvider, RouterProvider } from "react-aria-components";
import { useLingui } from "@lingui/react";
import { useLocation } from "wouter";
import { Router } from "wouter";
import { asProblem } from "../api/problem";
import { Starting } from "../pages/system/starting";
import { SystemPage } from "../pages/system/system_page";
import { SignIn } from "../pages/sign_in/sign_in";
import { SessionProvider, useSessionQuery } from "./session";
import { Shell } from "./shell";
import { LiveEvents } from "./live";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the server refuses it refuses again; what did not reach it may.
      retry: (times, thrown) => asProblem(thrown).isUnreachable && times < 3,
    },
  },
});

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <Router base="/ui">
        <Routed />
      </Router>
    </QueryClientProvider>
  );
}

function Routed() {
  const [, navigate] = useLocation();
  const { i18n } = useLingui();
  return (
    <I18nProvider locale={i18n.locale === "zh" ? "zh-CN" : "en-US"}>
      <RouterProvider navigate={(path) => navigate(path)} useHref={(path) => (path.startsWith("/api") ? path : `/ui${path}`)}>
        <Entrance />
      </RouterProvider>
    </I18nProvider>
  );
}

function Entrance() {
  const session = useSessionQuery();
  if (session.isPending) return null;
  if (session.isError) {
    const problem = asProblem(session.error);
    if (problem.isUnreachable || problem.status === 503) return <Starting isUnreachable={problem.isUnreachable} onRetry={() => void session.refetch()} />;
    return <SystemPage thrown={session.error} onRetry={() => void session.refetch()} />;
  }
  if (session.data === null) return <SignIn />;
  return (
    <SessionProvider session={session.data}>
      <LiveEvents>
        <Shell />
      </LiveEvents>
    </SessionProvider>
  );
}
