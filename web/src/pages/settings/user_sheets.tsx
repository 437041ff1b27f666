// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { ask, client, type Schemas } from "../../api/client";
import { asProblem } from "../../api/problem";
import { Button } from "../../widgets/button";
import { Radios, TextField } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { tell } from "../../widgets/toast";
import { roleName, roleNote, roles } from "./roles";

type User = Schemas["User"];

/** Sends, says so, closes; the list is asked for again. */
function useSent(send: () => Promise<unknown>, done: string, onClose: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: () => {
      tell(done);
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["users"] }),
  });
}

export function NewUser({ onClose }: { onClose: () => void }) {
  const { i18n } = useLingui();
  const [name, setName] = useState("");
  const [role, setRole] = useState("label");
  const [password, setPassword] = useState("");
  const add = useSent(() => ask<unknown>(client.POST("/api/v1/users", { body: { name, role, password } as never })), i18n._("{name} may sign in", { name }), onClose);
  const problem = add.error ? asProblem(add.error) : null;
  return (
    <Sheet
      title={i18n._("Add user")}
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="primary" isDisabled={name === "" || password === "" || add.isPending} onPress={() => add.mutate()}>
            {i18n._("Add")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <TextField label={i18n._("Name")} help={i18n._("Of a–z, 0–9 and ._@-")} value={name} onChange={setName} maxLength={64} autoComplete="off" error={problem?.about("/name")} autoFocus />
        <Radios label={i18n._("Role")} orientation="vertical" value={role} onChange={setRole} choices={roles.map((id) => ({ id, name: roleName(i18n, id), note: roleNote(i18n, id) }))} />
        <TextField label={i18n._("Password")} type="password" autoComplete="new-password" value={password} onChange={setPassword} maxLength={256} error={problem?.about("/password")} />
        {problem && <ProblemBlock thrown={problem} compact />}
      </div>
    </Sheet>
  );
}

export function ResetPassword({ user, onClose }: { user: User; onClose: () => void }) {
  const { i18n } = useLingui();
  const [password, setPassword] = useState("");
  const set = useSent(
    () => ask<unknown>(client.PUT("/api/v1/users/{user}/password", { params: { path: { user: user.id } }, body: { password } as never })),
    i18n._("{name} has a new password", { name: user.name }),
    onClose,
  );
  const problem = set.error ? asProblem(set.error) : null;
  return (
    <Sheet
      title={i18n._("Set password of {name}", { name: user.name })}
      isOpen
      onOpenChange={onClose}
      width="narrow"
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="primary" isDisabled={password === "" || set.isPending} onPress={() => set.mutate()}>
            {i18n._("Set password")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <TextField label={i18n._("New password")} help={i18n._("Sessions and tokens of this user end.")} type="password" autoComplete="new-password" value={password} onChange={setPassword} maxLength={256} error={problem?.about("/password")} autoFocus />
        {problem && <ProblemBlock thrown={problem} compact />}
      </div>
    </Sheet>
  );
}

export function DeleteUser({ user, onClose }: { user: User; onClose: () => void }) {
  const { i18n } = useLingui();
  const drop = useSent(() => ask<unknown>(client.DELETE("/api/v1/users/{user}", { params: { path: { user: user.id } } })), i18n._("{name} is deleted", { name: user.name }), onClose);
  return (
    <Sheet
      title={i18n._("Delete {name}?", { name: user.name })}
      isOpen
      onOpenChange={onClose}
      width="narrow"
      role="alertdialog"
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="danger" isDisabled={drop.isPending} onPress={() => drop.mutate()}>
            {i18n._("Delete")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>{i18n._("Sessions and tokens of this user end. What the user decided stays.")}</p>
        {drop.error && <ProblemBlock thrown={drop.error} compact />}
      </div>
    </Sheet>
  );
}
