// SPDX-License-Identifier: Apache-2.0
// Instead of a page: what is not there, was deleted, may not be seen, or broke; and the way on.
import { useLingui } from "@lingui/react";
import { Ban, CircleAlert, SearchX, Trash2, type LucideIcon } from "lucide-react";
import { useEffect } from "react";
import { asProblem } from "../../api/problem";
import { openJump } from "../../app/jump_state";
import { Button, LinkButton } from "../../widgets/button";
import { CopyButton } from "../../widgets/copy_button";
import "./system_page.css";

interface Said {
  icon: LucideIcon;
  title: string;
  text: string;
}

/** `thrown` left out: no page has this address. */
export function SystemPage({ thrown, onRetry }: { thrown?: unknown; onRetry?: () => void }) {
  const { i18n } = useLingui();
  const problem = thrown === undefined ? null : asProblem(thrown);
  const said = ((): Said => {
    if (!problem) return { icon: SearchX, title: i18n._("There is no such page"), text: i18n._("The address may be mistyped, or of something that was deleted.") };
    if (problem.status === 403) return { icon: Ban, title: i18n._("You may not see this"), text: i18n._("An administrator of this server grants roles: Settings, Users.") };
    if (problem.status === 404) return { icon: SearchX, title: i18n._("This is not here"), text: i18n._("It may have been deleted or renamed, or belong to another project.") };
    if (problem.status === 410) return { icon: Trash2, title: i18n._("This was deleted"), text: i18n._("What was published of it stays where it was published.") };
    return { icon: CircleAlert, title: i18n._("Something broke"), text: problem.body.advice ?? i18n._("The rest of the console works. Try again; if it stays so, the server's log says more under the request's id.") };
  })();
  useEffect(() => {
    document.title = `${said.title} · Trommel`;
  }, [said.title]);
  const { error_code: code, instance } = problem?.body ?? {};
  const Icon = said.icon;
  return (
    <div className="system-page" role={problem ? "alert" : undefined}>
      <Icon size={36} strokeWidth={1.5} aria-hidden />
      {problem && problem.status > 0 && <span className="system-code">{problem.status}</span>}
      <h1>{said.title}</h1>
      {problem && problem.message !== "" && <p>{problem.message}</p>}
      <p className="soft">{said.text}</p>
      <div className="row wrap system-ways">
        {onRetry && (
          <Button look="primary" onPress={onRetry}>
            {i18n._("Try again")}
          </Button>
        )}
        <LinkButton look={onRetry ? "plain" : "primary"} href="/">
          {i18n._("Home")}
        </LinkButton>
        <Button onPress={openJump}>
          {i18n._("Search")} <kbd>Ctrl K</kbd>
        </Button>
      </div>
      {(code ?? instance) && (
        <p className="row small soft">
          {code && <code>{code}</code>}
          {instance && <code>{instance}</code>}
          <CopyButton text={[code, problem?.message, instance].filter(Boolean).join("\n")} label={i18n._("Copy")} />
        </p>
      )}
    </div>
  );
}
