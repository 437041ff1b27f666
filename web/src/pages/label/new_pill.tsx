// SPDX-License-Identifier: Apache-2.0
// What came or went since the grid was drawn is told, not pushed under the pointer.
import { useLingui } from "@lingui/react";
import { useEffect, useState } from "react";
import { Button } from "../../widgets/button";

// Counts and samples are asked for apart; what differs only for a moment is not told.
const STEADY_MS = 800;

export function NewPill({ shown, now, isBusy, onShow }: { shown: number | undefined; now: number | undefined; isBusy: boolean; onShow: () => void }) {
  const { i18n } = useLingui();
  const more = shown === undefined || now === undefined || isBusy ? 0 : now - shown;
  const [told, tell] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => tell(more), more === 0 ? 0 : STEADY_MS);
    return () => clearTimeout(timer);
  }, [more]);
  if (told === 0) return null;
  return (
    <div className="new-pill" role="status">
      <Button size="small" look="primary" onPress={onShow}>
        {told > 0 ? i18n._("{count, plural, one {# more} other {# more}} · Show", { count: told }) : i18n._("Something changed · Show")}
      </Button>
    </div>
  );
}
