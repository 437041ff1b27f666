// SPDX-License-Identifier: Apache-2.0
// Signing in; and, with the token that the server printed at its first start, adding the first administrator.
import { useLingui } from "@lingui/react";
import { useEffect, useState, type FormEvent } from "react";
import { Form } from "react-aria-components";
import { asProblem } from "../../api/problem";
import { useSessionChange } from "../../app/session";
import { Button } from "../../widgets/button";
import { Checkbox, TextField } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import "./sign_in.css";

/** The token stands in the address the server prints; it is taken out of the address bar at once. */
function takeToken(): string | null {
  const url = new URL(window.location.href);
  const token = url.searchParams.get("setup");
  if (token === null) return null;
  url.searchParams.delete("setup");
  window.history.replaceState(null, "", url);
  return token;
}
const setupToken = takeToken();

export function SignIn() {
  const { i18n } = useLingui();
  const { signIn, setUp } = useSessionChange();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [token, setToken] = useState(setupToken ?? "");
  const [isFirst, setFirst] = useState(setupToken !== null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [isShown, show] = useState(false);
  const about = (field: string) => (problem === null ? undefined : asProblem(problem).about(field));
  const isOnFields = ["/token", "/name", "/password"].some((field) => about(field) !== undefined);
  const title = isFirst ? i18n._("Set up Trommel") : i18n._("Sign in to Trommel");
  useEffect(() => {
    document.title = title;
  }, [title]);
  /** What is said of a field holds until one changes it. */
  const edited = (set: (value: string) => void) => (value: string) => {
    set(value);
    if (problem !== null) setProblem(null);
  };
  const differs = isFirst && again !== "" && again !== password;

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (differs) return;
    setBusy(true);
    setProblem(null);
    try {
      await (isFirst ? setUp(token, name, password) : signIn(name, password));
    } catch (thrown) {
      setProblem(thrown);
    } finally {
      setBusy(false);
    }
  }
  return (
    <main className="sign-in">
      <Form className="card stack" onSubmit={(event) => void submit(event)}>
        <div className="row">
          <img src="/ui/trommel.svg" alt="" width={32} height={32} />
          <h1>{title}</h1>
        </div>
        {isFirst && <p className="soft">{i18n._("Nobody can sign in yet. The first user is the administrator.")}</p>}
        {problem !== null && !isOnFields && <ProblemBlock thrown={problem} compact />}
        {isFirst && (
          <TextField label={i18n._("Token")} help={i18n._("`trommel serve` printed it when it started.")} value={token} onChange={edited(setToken)} isRequired isMono autoComplete="off" error={about("/token")} />
        )}
        <TextField label={i18n._("User")} value={name} onChange={edited(setName)} error={about("/name")} isRequired autoFocus autoComplete="username" name="username" />
        <TextField
          label={i18n._("Password")}
          type={isShown ? "text" : "password"}
          value={password}
          onChange={edited(setPassword)}
          error={about("/password")}
          isRequired
          autoComplete={isFirst ? "new-password" : "current-password"}
          name="password"
          help={isFirst ? i18n._("10 characters or more.") : undefined}
        />
        {isFirst && (
          <TextField
            label={i18n._("Password, again")}
            type={isShown ? "text" : "password"}
            value={again}
            onChange={setAgain}
            isRequired
            autoComplete="new-password"
            error={differs ? i18n._("The two differ.") : undefined}
          />
        )}
        <Checkbox label={i18n._("Show what I type")} isSelected={isShown} onChange={show} />
        <Button type="submit" look="primary" isDisabled={isBusy}>
          {isFirst ? i18n._("Create") : i18n._("Sign in")}
        </Button>
        <Button look="quiet" size="small" onPress={() => {
            setFirst(!isFirst);
            setProblem(null);
          }}>
          {isFirst ? i18n._("I have a user already") : i18n._("First start? Set up with the server's token")}
        </Button>
      </Form>
    </main>
  );
}
