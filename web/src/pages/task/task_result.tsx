// SPDX-License-Identifier: Apache-2.0
// What a task was asked, what it gave, and its log.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { Link } from "react-aria-components";
import { ask, client, type Schemas } from "../../api/client";
import { asProblem } from "../../api/problem";
import { servicesQuery } from "../../api/queries";
import { formatNumber } from "../../i18n/i18n";
import { LinkButton } from "../../widgets/button";
import { CopyButton } from "../../widgets/copy_button";
import { Facts } from "../../widgets/facts";
import { ProblemBlock } from "../../widgets/problem_block";
import { ResultLists, type Listed } from "./result_lists";

interface Result extends Listed {
  dataset?: string;
  version?: string;
  images?: number;
  failed?: number;
  skipped?: number;
  added?: number;
  updated?: number;
  unchanged?: number;
  filtered?: number;
  exported?: number;
  boxes_clipped?: number;
  boxes_dropped?: number;
  compared?: number;
  groups?: number;
  leaks?: number;
  contradictions?: number;
  format?: string;
  folder?: string;
  result_manifest?: string;
  manifest_path?: string;
  next_task?: string | null;
}

export function TaskResult({ task }: { task: Schemas["Task"] }) {
  const { i18n } = useLingui();
  const services = useQuery({ ...servicesQuery(), enabled: task.kind === "run_batch" });
  if (task.result === null || task.result === undefined) return null;
  const result = task.result as Result;
  const service = services.data?.find(({ id }) => id === task.subject)?.name;
  const path = result.result_manifest ?? result.manifest_path ?? result.folder;
  const counted = (name: string, count: number | undefined): [string, string][] => (count === undefined ? [] : [[name, formatNumber(count)]]);
  return (
    <>
      <Facts
        facts={[
          ...(service ? [[i18n._("Service"), <Link key="service" href={`/services/${service}`}>{service}</Link>] as const] : []),
          ...(result.dataset ? [[i18n._("Dataset"), <Link key="dataset" href={`/datasets/${result.dataset}`}>{result.dataset}</Link>] as const] : []),
          ...(result.version ? [[i18n._("Version"), result.version] as const] : []),
          ...counted(i18n._("Images"), result.images),
          ...counted(i18n._("Failed"), result.failed),
          ...counted(i18n._("Skipped"), result.skipped),
          ...counted(i18n._("Added"), result.added),
          ...counted(i18n._("Updated"), result.updated),
          ...counted(i18n._("Unchanged"), result.unchanged),
          ...counted(i18n._("Lines refused"), result.bad),
          ...counted(i18n._("Not wanted"), result.filtered || undefined),
          ...counted(i18n._("Boxes cut at the edge"), result.boxes_clipped || undefined),
          ...counted(i18n._("Boxes dropped"), result.boxes_dropped || undefined),
          ...counted(i18n._("Exported"), result.exported),
          ...counted(i18n._("Left out"), result.left_out),
          ...counted(i18n._("Compared"), result.compared),
          ...counted(i18n._("Groups of duplicates"), result.groups),
          ...counted(i18n._("Leaks"), result.leaks),
          ...counted(i18n._("Contradictions"), result.contradictions),
          ...(result.format ? [[i18n._("Format"), result.format] as const] : []),
          ...(result.next_task ? [[i18n._("Then"), <Link key="next" href={`/tasks/${result.next_task}`}>{i18n._("Hard Example Filtering")}</Link>] as const] : []),
          ...(path
            ? [
                [
                  result.folder ? i18n._("Folder") : i18n._("Manifest"),
                  <span key="path" className="row">
                    <code className="grow">{path}</code>
                    <CopyButton text={path} label={i18n._("Copy path")} />
                  </span>,
                ] as const,
              ]
            : []),
        ]}
      />
      {task.kind === "find_duplicates" && (
        <div>
          <LinkButton look="primary" href={`/datasets/${result.dataset}/duplicates?task=${task.id}`}>
            {i18n._("Look at duplicates")}
          </LinkButton>
        </div>
      )}
      <ResultLists result={result} />
    </>
  );
}

/** The request as it was sent, to look at and to send again. */
export function Asked({ task }: { task: Schemas["Task"] }) {
  const { i18n } = useLingui();
  const text = JSON.stringify(task.request ?? {}, null, 2);
  return (
    <details className="card asked">
      <summary>{i18n._("What it was asked")}</summary>
      <div className="asked-text">
        <CopyButton text={text} label={i18n._("Copy")} />
        <pre>{text}</pre>
      </div>
    </details>
  );
}

/** Only tasks that ran in the background have one; it is asked for when somebody looks. */
export function Log({ task }: { task: Schemas["Task"] }) {
  const { i18n } = useLingui();
  const [isOpen, open] = useState(false);
  const log = useQuery({
    queryKey: ["tasks", task.id, "log"],
    enabled: isOpen,
    queryFn: async (): Promise<string> => {
      try {
        return String(await ask<unknown>(client.GET("/api/v1/tasks/{task}/log", { params: { path: { task: task.id } }, parseAs: "text" })));
      } catch (thrown) {
        if (asProblem(thrown).status === 404) return "";
        throw thrown;
      }
    },
  });
  return (
    <details className="card asked" onToggle={(event) => open(event.currentTarget.open)}>
      <summary>{i18n._("Log")}</summary>
      {log.isError && <ProblemBlock thrown={log.error} compact />}
      {log.data === "" && <p className="soft">{i18n._("It ran inside the server, whose own log tells of it.")}</p>}
      {log.data && <pre>{log.data}</pre>}
    </details>
  );
}
