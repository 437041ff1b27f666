// SPDX-License-Identifier: Apache-2.0
import { useMutation } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { ask, client } from "../../api/client";
import { asProblem } from "../../api/problem";
import { useSession } from "../../app/session";
import { Button } from "../../widgets/button";
import { Facts } from "../../widgets/facts";
import { TextField } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { tell } from "../../widgets/toast";
import { roleName } from "./roles";

export function Account() {
  const { i18n } = useLingui();
  const session = useSession();
  const [before, setBefore] = useState("");
  const [after, setAfter] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: () => ask<unknown>(client.PUT("/api/v1/session/password", { body: { old_password: before, password: after } as never })),
    onSuccess: () => {
      tell(i18n._("The password is changed; other sessions and all tokens of yours have ended"));
      setBefore("");
      setAfter("");
      setAgain("");
    },
  });
  const problem = change.error ? asProblem(change.error) : null;
  const differs = again !== "" && again !== after;
  return (
    <div className="stack">
      <Facts
        facts={[
          [i18n._("Name"), session.user],
          [i18n._("Role"), roleName(i18n, session.role)],
        ]}
      />
      {session.way === "session" && (
        <form
          className="card stack settings-card"
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate();
          }}
        >
          <h2>{i18n._("Change password")}</h2>
          <TextField label={i18n._("Password as it is")} type="password" autoComplete="current-password" value={before} onChange={setBefore} error={problem?.about("/old_password")} />
          <TextField label={i18n._("New password")} type="password" autoComplete="new-password" value={after} onChange={setAfter} error={problem?.about("/password")} />
          <TextField label={i18n._("New password again")} type="password" autoComplete="new-password" value={again} onChange={setAgain} error={differs ? i18n._("The two are not the same.") : undefined} />
          {problem && <ProblemBlock thrown={problem} compact />}
          <div>
            <Button type="submit" look="primary" isDisabled={before === "" || after === "" || again !== after || change.isPending}>
              {i18n._("Change password")}
            </Button>
          </div>
        </form>
      )}
    </div>
  );
}
