// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { ask, client, type Schemas } from "../../api/client";
import { useMay } from "../../app/session";
import { formatNumber } from "../../i18n/i18n";
import { LinkButton } from "../../widgets/button";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { Facts } from "../../widgets/facts";
import { ProblemBlock } from "../../widgets/problem_block";
import { Skeleton } from "../../widgets/skeleton";

type Setting = Schemas["Setting"] & { id: string };

export function About() {
  const { i18n } = useLingui();
  const isAdmin = useMay("admin");
  const status = useQuery({ queryKey: ["status"], queryFn: async () => (await ask(client.GET("/api/v1/status"))).status });
  const settings = useQuery({ queryKey: ["settings"], enabled: isAdmin, queryFn: async () => (await ask(client.GET("/api/v1/settings"))).settings });
  const columns: DataColumn<Setting>[] = [
    { id: "name", title: i18n._("Setting"), isRowHeader: true, cell: ({ name }) => <code>{name}</code> },
    { id: "value", title: i18n._("Value"), cell: ({ value }) => (value === null ? <span className="soft">–</span> : <code className="setting-value">{value}</code>) },
    { id: "origin", title: i18n._("Set by"), from: "middle", cell: ({ origin }) => origin ?? "–" },
    { id: "meaning", title: i18n._("Meaning"), from: "wide", cell: ({ meaning }) => <span className="soft small">{meaning}</span> },
  ];
  return (
    <div className="stack">
      {status.isPending && <Skeleton rows={3} />}
      {status.isError && <ProblemBlock thrown={status.error} onRetry={() => void status.refetch()} />}
      {status.data && (
        <Facts
          facts={[
            [i18n._("Trommel"), i18n._("Version {version}", { version: status.data.version })],
            [i18n._("Licence"), "Apache-2.0"],
            [i18n._("Database"), status.data.database],
            [i18n._("Tasks at once"), formatNumber(status.data.task_workers)],
            [i18n._("Data folder"), <code key="data">{status.data.data_folder}</code>],
            [i18n._("Address"), status.data.url ?? window.location.origin],
          ]}
        />
      )}
      <div className="row wrap">
        <LinkButton href="/api/v1/openapi.json" target="_blank">
          {i18n._("OpenAPI document")}
        </LinkButton>
        <LinkButton href="/api/v1/openapi.json" download="trommel-openapi.json">
          {i18n._("Download it")}
        </LinkButton>
      </div>
      {isAdmin && (
        <section className="stack tight">
          <h2>{i18n._("Settings of the server")}</h2>
          <DataTable label={i18n._("Settings of the server")} columns={columns} rows={settings.data?.map((setting) => ({ ...setting, id: setting.name }))} problem={settings.error} onRetry={() => void settings.refetch()} empty={null} />
          <p className="soft small">{i18n._("They are set where the server is started: by options, variables or its settings file.")}</p>
        </section>
      )}
    </div>
  );
}
