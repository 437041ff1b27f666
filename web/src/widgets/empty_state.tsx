// SPDX-License-Identifier: Apache-2.0
// What stands where nothing is: what it is, why it is empty, and the button that fills it.
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import "./empty_state.css";

export function EmptyState({ icon: Icon, title, children, actions }: { icon: LucideIcon; title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="empty">
      <span className="empty-icon">
        <Icon size={28} strokeWidth={1.5} aria-hidden />
      </span>
      <h2>{title}</h2>
      {children && <p className="soft">{children}</p>}
      {actions && <div className="row wrap empty-actions">{actions}</div>}
    </div>
  );
}
