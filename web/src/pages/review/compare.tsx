// SPDX-License-Identifier: Apache-2.0
// A training sample beside the one that is looked at: both show the same part, at the same size.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { X } from "lucide-react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import type { Size } from "../../labelling/geometry";
import { alike } from "../../labelling/view_pair";
import { IconButton } from "../../widgets/button";
import { decoded } from "./loaded";
import { Picture } from "./picture";
import { SCALE_FITTED_MAX, useView, type Viewing } from "./use_view";

export interface CompareProps {
  neighbor: Schemas["Neighbor"];
  /** Of the sample. */
  viewing: Viewing;
  size: Size | undefined;
  onClose: () => void;
}

export function Compare({ neighbor, viewing, size, onClose }: CompareProps) {
  const { i18n } = useLingui();
  const path = `${neighbor.image}${neighbor.image.includes("?") ? "&" : "?"}size=mid`;
  const picture = useQuery({ queryKey: ["review", "neighbor", path], staleTime: Infinity, gcTime: 30_000, queryFn: () => decoded(path), structuralSharing: false });
  const image = picture.data ?? undefined;
  const own = image && { width: image.naturalWidth, height: image.naturalHeight };
  const { frame, screen } = useView(path, own);
  const view = own && size && viewing.view && screen.width > 0 ? alike(viewing.view, size, viewing.screen, own, screen, SCALE_FITTED_MAX) : undefined;
  const labels = (neighbor.labels as string[]).join(", ") || i18n._("no label");
  return (
    <section className="compare" aria-label={i18n._("Training sample")}>
      <header className="compare-head">
        <span className="soft small">{i18n._("Training")}</span>
        <strong className="one-line grow">{labels}</strong>
        <span className="soft small">{i18n._("cosine {value}", { value: formatNumber(neighbor.cosine, { maximumFractionDigits: 3 }) })}</span>
        <IconButton size="small" label={i18n._("Close")} keys="M" onPress={onClose}>
          <X size={15} aria-hidden />
        </IconButton>
      </header>
      <div ref={frame} className="stage" {...viewing.drag}>
        {image && own && view && <Picture image={image} size={own} view={view} alt={labels} />}
        {picture.data === null && <p className="stage-broken">{i18n._("The image of this training sample cannot be shown.")}</p>}
      </div>
    </section>
  );
}
