// SPDX-License-Identifier: Apache-2.0
// What went wrong, why, and what to do; with the code and the request's id for whoever looks into the log.
import { useLingui } from "@lingui/react";
import { CircleAlert } from "lucide-react";
import { asProblem } from "../api/problem";
import { Button } from "./button";
import { CopyButton } from "./copy_button";
import "./problem_block.css";

export function ProblemBlock({ thrown, onRetry, compact = false }: { thrown: unknown; onRetry?: () => void; compact?: boolean }) {
  const { i18n } = useLingui();
  const problem = asProblem(thrown);
  const { title, advice, error_code, instance } = problem.body;
  const what = problem.isUnreachable ? i18n._("The server does not answer.") : problem.message;
  const todo = problem.isUnreachable ? i18n._("Is `trommel serve` still running, and is this machine on its network? It is tried again by itself.") : advice;
  return (
    <div role="alert" className={compact ? "problem compact" : "problem"}>
      <CircleAlert size={compact ? 16 : 20} aria-hidden />
      <div className="stack tight grow">
        {!compact && !problem.isUnreachable && title && <h2>{title}</h2>}
        <p className="problem-what">{what}</p>
        {todo && <p className="soft">{todo}</p>}
        {problem.body.errors?.map((place) => (
          <p key={place.pointer} className="small">
            <code>{place.pointer}</code> {place.detail}
          </p>
        ))}
        <div className="row wrap small soft">
          {error_code && <code>{error_code}</code>}
          {instance && <code>{instance}</code>}
          {(error_code || instance) && <CopyButton text={[error_code, what, instance].filter(Boolean).join("\n")} label={i18n._("Copy")} />}
          {onRetry && (
            <Button size="small" onPress={onRetry}>
              {i18n._("Try again")}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}
