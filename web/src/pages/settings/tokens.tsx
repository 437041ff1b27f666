// SPDX-License-Identifier: Apache-2.0
// Tokens for scripts and the command line: what each may do, when it ends, when it was used.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { ask, client, type Schemas } from "../../api/client";
import { useSession } from "../../app/session";
import { formatAgo, formatTime } from "../../i18n/i18n";
import { Button } from "../../widgets/button";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { EmptyState } from "../../widgets/empty_state";
import { tell, tellProblem } from "../../widgets/toast";
import { NewToken } from "./new_token";
import { roleName } from "./roles";

type Token = Schemas["Token"];

export function Tokens() {
  const { i18n } = useLingui();
  const session = useSession();
  const queries = useQueryClient();
  const [isMaking, make] = useState(false);
  const tokens = useQuery({ queryKey: ["tokens"], queryFn: async () => (await ask(client.GET("/api/v1/tokens"))).tokens });
  const drop = useMutation({
    mutationFn: (token: Token) => ask<unknown>(client.DELETE("/api/v1/tokens/{token}", { params: { path: { token: token.id } } })),
    onSuccess: (_, token) => tell(i18n._("{name} works no longer", { name: token.name })),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["tokens"] }),
  });
  const why = session.user === null && i18n._("A token belongs to a user, and nobody is signed in.");
  const columns: DataColumn<Token>[] = [
    { id: "name", title: i18n._("Name"), isRowHeader: true, cell: (token) => <strong>{token.name}</strong> },
    { id: "user", title: i18n._("User"), cell: (token) => token.user },
    { id: "role", title: i18n._("May do"), cell: (token) => roleName(i18n, token.role) },
    { id: "used", title: i18n._("Last used"), from: "middle", cell: (token) => (token.used ? formatAgo(token.used) : i18n._("never")) },
    {
      id: "expires",
      title: i18n._("Ends"),
      from: "middle",
      cell: (token) => <time dateTime={token.expires} title={formatTime(token.expires)}>{Date.parse(token.expires) < Date.now() ? <span className="status bad">{i18n._("Expired")}</span> : formatAgo(token.expires)}</time>,
    },
    {
      id: "operation",
      title: i18n._("Operation"),
      cell: (token) => (
        <Button size="small" look="danger" onPress={() => drop.mutate(token)} isDisabled={drop.isPending}>
          {i18n._("Revoke")}
        </Button>
      ),
    },
  ];
  const create = (
    <Button look="primary" onPress={() => make(true)} why={why}>
      {i18n._("Create token")}
    </Button>
  );
  return (
    <div className="stack">
      {(tokens.data?.length ?? 0) > 0 && <div className="row">{create}</div>}
      <DataTable
        label={i18n._("API tokens")}
        columns={columns}
        rows={tokens.data}
        problem={tokens.error}
        onRetry={() => void tokens.refetch()}
        empty={
          <EmptyState icon={KeyRound} title={i18n._("No tokens")} actions={create}>
            {i18n._("A token lets a script or the command line in, in the place of a password.")}
          </EmptyState>
        }
      />
      {isMaking && <NewToken onClose={() => make(false)} />}
    </div>
  );
}
