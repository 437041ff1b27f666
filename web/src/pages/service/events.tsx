// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { ScrollText } from "lucide-react";
import { ask, client, type Schemas } from "../../api/client";
import { formatTime } from "../../i18n/i18n";
import { DataTable } from "../../widgets/data_table";
import { EmptyState } from "../../widgets/empty_state";

export function Events({ service }: { service: Schemas["Service"] }) {
  const { i18n } = useLingui();
  const events = useQuery({
    queryKey: ["services", service.name, "events"],
    queryFn: async () => (await ask(client.GET("/api/v1/services/{service}/events", { params: { path: { service: service.name } } }))).events,
  });
  return (
    <DataTable
      label={i18n._("Events")}
      rows={events.data?.map((event, at) => ({ id: String(at), ...event })).reverse()}
      problem={events.error}
      onRetry={() => void events.refetch()}
      columns={[
        { id: "time", title: i18n._("Time"), cell: (event) => <time dateTime={event.time}>{formatTime(event.time)}</time> },
        { id: "type", title: i18n._("Type"), cell: (event) => (event.type === "normal" ? i18n._("Normal") : i18n._("Abnormal")) },
        { id: "event", title: i18n._("Event"), isRowHeader: true, cell: (event) => event.event },
      ]}
      empty={<EmptyState icon={ScrollText} title={i18n._("Nothing has happened yet")} />}
    />
  );
}
