// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";

/** A part of the page; `field` is where the summary's list jumps to. */
export function Part({ title, field, children }: { title?: string; field?: string; children: ReactNode }) {
  return (
    <section className="card stack deploy-part" data-field={field}>
      {title && <h2>{title}</h2>}
      {children}
    </section>
  );
}
