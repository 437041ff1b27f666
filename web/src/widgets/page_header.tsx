// SPDX-License-Identifier: Apache-2.0
// A page's title, the way back, what it is about, and its buttons. Sets the window's title too.
import { useLingui } from "@lingui/react";
import { useEffect, type ReactNode } from "react";
import { Link } from "react-aria-components";
import "./page_header.css";

export interface Crumb {
  title: string;
  href: string;
}

export function PageHeader({ title, crumbs = [], beside, actions, children }: { title: string; crumbs?: readonly Crumb[]; beside?: ReactNode; actions?: ReactNode; children?: ReactNode }) {
  const { i18n } = useLingui();
  useEffect(() => {
    document.title = [title, ...crumbs.map((crumb) => crumb.title).reverse(), "Trommel"].join(" · ");
  });
  return (
    <header className="page-header">
      {crumbs.length > 0 && (
        <nav aria-label={i18n._("Breadcrumb")} className="crumbs small">
          {crumbs.map((crumb) => (
            <span key={crumb.href}>
              <Link href={crumb.href}>{crumb.title}</Link>
              <span aria-hidden> / </span>
            </span>
          ))}
        </nav>
      )}
      <div className="page-title">
        <div className="row wrap">
          <h1>{title}</h1>
          {beside}
        </div>
        {actions && <div className="row wrap">{actions}</div>}
      </div>
      {children}
    </header>
  );
}
