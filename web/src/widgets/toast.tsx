// SPDX-License-Identifier: Apache-2.0
// Short messages at the bottom left: what was done, with Undo inside; errors stay until they are closed.
import { useLingui } from "@lingui/react";
import { X } from "lucide-react";
import { UNSTABLE_Toast as Toast, UNSTABLE_ToastContent as ToastContent, UNSTABLE_ToastQueue as ToastQueue, UNSTABLE_ToastRegion as ToastRegion } from "react-aria-components";
import { asProblem } from "../api/problem";
import { Button, IconButton } from "./button";
import "./toast.css";

export interface ToastText {
  kind: "done" | "error";
  text: string;
  action?: { label: string; href?: string; run?: () => void };
}
const SHOWN_MAX = 3;
const SHOWN_MS = 10_000;
const queue = new ToastQueue<ToastText>({ maxVisibleToasts: SHOWN_MAX });

/** The same words are not told twice at a time. */
function takeAway(text: string): void {
  for (const toast of queue.visibleToasts) if (toast.content.text === text) queue.close(toast.key);
}

export function tell(text: string, action?: ToastText["action"]): void {
  takeAway(text);
  queue.add({ kind: "done", text, action }, { timeout: SHOWN_MS });
}
export function tellProblem(thrown: unknown): void {
  const problem = asProblem(thrown);
  const text = [problem.message, problem.body.advice].filter(Boolean).join(" ");
  const whole = problem.body.error_code ? `${text} (${problem.body.error_code})` : text;
  takeAway(whole);
  queue.add({ kind: "error", text: whole });
}

export function Toasts() {
  const { i18n } = useLingui();
  return (
    <ToastRegion queue={queue} className="toasts" aria-label={i18n._("Messages")}>
      {({ toast }) => (
        <Toast toast={toast} className={`toast ${toast.content.kind}`}>
          <ToastContent className="toast-text">{toast.content.text}</ToastContent>
          {toast.content.action && (
            <Button
              size="small"
              onPress={() => {
                toast.content.action?.run?.();
                queue.close(toast.key);
              }}
            >
              {toast.content.action.label}
            </Button>
          )}
          <IconButton slot="close" size="small" label={i18n._("Close")}>
            <X size={14} aria-hidden />
          </IconButton>
        </Toast>
      )}
    </ToastRegion>
  );
}
