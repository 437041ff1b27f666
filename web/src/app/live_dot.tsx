// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { useLiveness } from "./live";
import "./live_dot.css";

export function LiveDot() {
  const { i18n } = useLingui();
  const liveness = useLiveness();
  const words = { live: i18n._("Live"), connecting: i18n._("Connecting…"), broken: i18n._("Connection lost, trying again…") };
  return (
    <span className={`live ${liveness}`} role="status">
      <span className="live-dot" aria-hidden />
      <span className="live-word">{words[liveness]}</span>
    </span>
  );
}
