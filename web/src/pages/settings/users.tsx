// SPDX-License-Identifier: Apache-2.0
// Who may sign in, and what each may do.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Ellipsis, Users as UsersIcon } from "lucide-react";
import { useState } from "react";
import { Header, Menu, MenuItem, MenuSection, MenuTrigger, Popover, Separator } from "react-aria-components";
import { ask, client, type Schemas } from "../../api/client";
import { useSession } from "../../app/session";
import { formatAgo } from "../../i18n/i18n";
import { Button, IconButton } from "../../widgets/button";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { EmptyState } from "../../widgets/empty_state";
import { tell, tellProblem } from "../../widgets/toast";
import { DeleteUser, NewUser, ResetPassword } from "./user_sheets";
import { roleName, roles, type Role } from "./roles";
import "../../widgets/menu.css";

type User = Schemas["User"];

export function Users() {
  const { i18n } = useLingui();
  const session = useSession();
  const queries = useQueryClient();
  const users = useQuery({ queryKey: ["users"], queryFn: async () => (await ask(client.GET("/api/v1/users"))).users });
  const [sheet, open] = useState<{ kind: "new" } | { kind: "password" | "delete"; user: User } | null>(null);
  const edit = useMutation({
    mutationFn: ({ user, change }: { user: User; change: { role?: Role; disabled?: boolean } }) => ask<unknown>(client.PATCH("/api/v1/users/{user}", { params: { path: { user: user.id } }, body: change as never })),
    onSuccess: (_, { user }) => tell(i18n._("{name} is changed; sessions and tokens of this user have ended", { name: user.name })),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["users"] }),
  });
  const columns: DataColumn<User>[] = [
    {
      id: "name",
      title: i18n._("Name"),
      isRowHeader: true,
      cell: (user) => (
        <span className="row">
          <strong>{user.name}</strong>
          {user.name === session.user && <span className="soft small">{i18n._("you")}</span>}
        </span>
      ),
    },
    { id: "role", title: i18n._("Role"), cell: (user) => roleName(i18n, user.role) },
    { id: "state", title: i18n._("State"), cell: (user) => (user.is_disabled ? <span className="status bad">{i18n._("Disabled")}</span> : <span className="status good">{i18n._("Active")}</span>) },
    { id: "created", title: i18n._("Added"), from: "middle", cell: (user) => formatAgo(user.created) },
    {
      id: "operation",
      title: i18n._("Operation"),
      cell: (user) => (
        <MenuTrigger>
          <IconButton size="small" label={i18n._("Change {name}", { name: user.name })}>
            <Ellipsis size={15} aria-hidden />
          </IconButton>
          <Popover className="popover" placement="bottom end">
            <Menu
              className="menu"
              aria-label={user.name}
              onAction={(key) => {
                const role = roles.find((one) => one === key);
                if (role) edit.mutate({ user, change: { role } });
                else if (key === "disabled") edit.mutate({ user, change: { disabled: !user.is_disabled } });
                else open({ kind: key === "password" ? "password" : "delete", user });
              }}
            >
              <MenuSection>
                <Header>{i18n._("Role")}</Header>
                {roles.map((role) => (
                  <MenuItem key={role} id={role} isDisabled={role === user.role}>
                    {roleName(i18n, role)}
                  </MenuItem>
                ))}
              </MenuSection>
              <Separator />
              <MenuItem id="password">{i18n._("Set password…")}</MenuItem>
              <MenuItem id="disabled">{user.is_disabled ? i18n._("Enable") : i18n._("Disable")}</MenuItem>
              <MenuItem id="delete" className="danger">
                {i18n._("Delete…")}
              </MenuItem>
            </Menu>
          </Popover>
        </MenuTrigger>
      ),
    },
  ];
  const add = (
    <Button look="primary" onPress={() => open({ kind: "new" })}>
      {i18n._("Add user")}
    </Button>
  );
  return (
    <div className="stack">
      {(users.data?.length ?? 0) > 0 && <div className="row">{add}</div>}
      <DataTable
        label={i18n._("Users")}
        columns={columns}
        rows={users.data}
        problem={users.error}
        onRetry={() => void users.refetch()}
        empty={
          <EmptyState icon={UsersIcon} title={i18n._("No users")} actions={add}>
            {session.way === "local" ? i18n._("This server asks nobody who they are. Users count once it is started with --auth password; the first one is an administrator.") : i18n._("The first one is an administrator.")}
          </EmptyState>
        }
      />
      {sheet?.kind === "new" && <NewUser onClose={() => open(null)} />}
      {sheet?.kind === "password" && <ResetPassword user={sheet.user} onClose={() => open(null)} />}
      {sheet?.kind === "delete" && <DeleteUser user={sheet.user} onClose={() => open(null)} />}
    </div>
  );
}
