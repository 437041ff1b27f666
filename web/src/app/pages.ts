// SPDX-License-Identifier: Apache-2.0
// Every page: its path below /ui, what loads it, and where it stands in the navigation.
import { lazy, type ComponentType } from "react";
import { Database, House, Images, Layers, ListChecks, Settings, type LucideIcon } from "lucide-react";

export interface Page {
  path: string;
  component: ComponentType;
  /** Page of the navigation that is marked while this one is open. */
  under?: string;
}
export interface NavigationEntry {
  path: string;
  title: string; // a message id
  icon: LucideIcon;
  key: string; // after g
}

const page = (path: string, load: () => Promise<{ default: ComponentType }>, under = path): Page => ({ path, component: lazy(load), under });

export const pages: readonly Page[] = [
  page("/", () => import("../pages/home/home")),
  page("/deploy", () => import("../pages/deploy/deploy"), "/services"),
  page("/services", () => import("../pages/services/services")),
  page("/services/:service", () => import("../pages/service/service"), "/services"),
  page("/datasets", () => import("../pages/datasets/datasets")),
  page("/datasets/:dataset", () => import("../pages/dataset/dataset"), "/datasets"),
  page("/datasets/:dataset/label", () => import("../pages/label/label"), "/datasets"),
  page("/datasets/:dataset/review", () => import("../pages/review/review"), "/datasets"),
  page("/datasets/:dataset/compare", () => import("../pages/compare/compare"), "/datasets"),
  page("/datasets/:dataset/quick-review", () => import("../pages/quick/quick_review"), "/datasets"),
  page("/datasets/:dataset/duplicates", () => import("../pages/duplicates/duplicates"), "/datasets"),
  page("/models", () => import("../pages/models/models")),
  page("/models/:model", () => import("../pages/model/model"), "/models"),
  page("/tasks", () => import("../pages/tasks/tasks")),
  page("/tasks/:task", () => import("../pages/task/task"), "/tasks"),
  page("/settings", () => import("../pages/settings/settings")),
];

export const navigation: readonly { title: string | null; entries: readonly NavigationEntry[] }[] = [
  { title: null, entries: [{ path: "/", title: /*i18n*/ "Home", icon: House, key: "h" }] },
  { title: /*i18n*/ "Data", entries: [{ path: "/datasets", title: /*i18n*/ "Datasets", icon: Images, key: "d" }] },
  {
    title: /*i18n*/ "Service Deployment",
    entries: [
      { path: "/services", title: /*i18n*/ "Batch Services", icon: Layers, key: "b" },
      { path: "/models", title: /*i18n*/ "Models", icon: Database, key: "m" },
    ],
  },
  {
    title: /*i18n*/ "Operate",
    entries: [
      { path: "/tasks", title: /*i18n*/ "Tasks", icon: ListChecks, key: "t" },
      { path: "/settings", title: /*i18n*/ "Settings", icon: Settings, key: "s" },
    ],
  },
];
