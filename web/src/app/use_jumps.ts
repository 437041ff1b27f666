// SPDX-License-Identifier: Apache-2.0
// Everything one can jump to: pages, services, datasets, tasks, and actions.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useLocation } from "wouter";
import { datasetsQuery, servicesQuery, tasksQuery } from "../api/queries";
import { chooseLanguage, formatAgo, languages } from "../i18n/i18n";
import { taskKindName } from "../widgets/task_words";
import { tellProblem } from "../widgets/toast";
import { chooseTheme, themeName, themes } from "./appearance";
import type { Jump } from "./jump_match";
import { navigation } from "./pages";
import { useMay, useSession, useSessionChange } from "./session";

export interface RunnableJump extends Jump {
  run: () => void;
}

export function useJumps(): readonly RunnableJump[] {
  const { i18n } = useLingui();
  const [, navigate] = useLocation();
  const services = useQuery(servicesQuery());
  const datasets = useQuery(datasetsQuery());
  const tasks = useQuery(tasksQuery({ limit: 50 }));
  const session = useSession();
  const { signOut } = useSessionChange();
  const isAdmin = useMay("admin");
  const to = (kind: string, path: string, name: string, also?: string): RunnableJump => ({ id: path, kind, name, also, run: () => navigate(path) });
  const action = (id: string, name: string, run: () => void): RunnableJump => ({ id, kind: "action", name, run });
  return [
    ...navigation.flatMap(({ entries }) => entries.map(({ path, title }) => to("page", path, i18n._(title)))),
    ...(services.data ?? []).map(({ name, model }) => to("service", `/services/${name}`, name, model ?? undefined)),
    ...(datasets.data ?? []).map(({ name, description }) => to("dataset", `/datasets/${name}`, name, description)),
    ...(tasks.data?.tasks ?? []).map(({ id, kind, created }) => to("task", `/tasks/${id}`, `${taskKindName(i18n, kind)} · ${formatAgo(created)}`, id)),
    ...(datasets.data ?? []).flatMap(({ name, to_be_confirmed: waiting, labeled }) => [
      ...(waiting > 0 ? [to("action", `/datasets/${name}/review?state=to_be_confirmed`, i18n._("Review {dataset}", { dataset: name }))] : []),
      to("action", `/datasets/${name}/label`, i18n._("Label {dataset}", { dataset: name })),
      ...(isAdmin && labeled > 0 ? [to("action", `/datasets/${name}?publish=1`, i18n._("Publish {dataset}", { dataset: name }))] : []),
    ]),
    ...(services.data ?? []).map(({ name }) => to("action", `/services/${name}?tab=sample`, i18n._("Sample Collection of {service}", { service: name }))),
    ...(isAdmin ? [to("action", "/datasets?create=1", i18n._("Create dataset"))] : []),
    ...themes.map((theme) => action(`theme ${theme}`, i18n._("Theme: {theme}", { theme: themeName(i18n, theme) }), () => chooseTheme(theme))),
    ...languages.filter(({ code }) => code !== i18n.locale).map(({ code, name }) => action(`language ${code}`, i18n._("Language: {language}", { language: name }), () => void chooseLanguage(code))),
    ...(session.way === "session" ? [action("sign-out", i18n._("Sign out"), () => void signOut().catch(tellProblem))] : []),
  ];
}
