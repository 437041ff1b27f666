// SPDX-License-Identifier: Apache-2.0
// Makes a token; its secret is shown once.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { ask, client } from "../../api/client";
import { asProblem } from "../../api/problem";
import { useSession } from "../../app/session";
import { Button } from "../../widgets/button";
import { CopyButton } from "../../widgets/copy_button";
import { NumberField, Select, TextField } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { roleName, roleNote, roles } from "./roles";

const DAYS = 90;
const DAYS_MAX = 3650;

export function NewToken({ onClose }: { onClose: () => void }) {
  const { i18n } = useLingui();
  const session = useSession();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState(session.role);
  const [days, setDays] = useState(DAYS);
  const make = useMutation({
    mutationFn: () => ask(client.POST("/api/v1/tokens", { body: { name, role, days } as never })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["tokens"] }),
  });
  const problem = make.error ? asProblem(make.error) : null;
  if (make.data)
    return (
      <Sheet
        title={i18n._("Token {name}", { name: make.data.token.name })}
        isOpen
        onOpenChange={onClose}
        role="alertdialog"
        footer={
          <Button look="primary" onPress={onClose}>
            {i18n._("Done")}
          </Button>
        }
      >
        <div className="stack">
          <p>{i18n._("Copy it now: it is not shown again.")}</p>
          <div className="row token-secret">
            <code className="grow">{make.data.secret}</code>
            <CopyButton text={make.data.secret} label={i18n._("Copy token")} />
          </div>
          <p className="soft small">
            {i18n._("Sent as Authorization: Bearer …; the command line keeps it after")} <code>trommel login</code>
          </p>
        </div>
      </Sheet>
    );
  const allowed = roles.slice(0, roles.findIndex((one) => one === session.role) + 1);
  return (
    <Sheet
      title={i18n._("Create token")}
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="primary" isDisabled={name === "" || make.isPending} onPress={() => make.mutate()}>
            {i18n._("Create")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <TextField label={i18n._("Name")} help={i18n._("What it is for.")} value={name} onChange={setName} error={problem?.about("/name")} autoFocus />
        <Select label={i18n._("May do")} value={role} onChange={setRole} choices={allowed.map((id) => ({ id, name: roleName(i18n, id), note: roleNote(i18n, id) }))} />
        <NumberField label={i18n._("Days until it ends")} value={days} onChange={setDays} minValue={1} maxValue={DAYS_MAX} error={problem?.about("/days")} />
        {problem && <ProblemBlock thrown={problem} compact />}
      </div>
    </Sheet>
  );
}
