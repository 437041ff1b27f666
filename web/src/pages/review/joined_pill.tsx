// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { Button } from "../../widgets/button";

/** What came since is told; it joins behind the others at a press, so that nothing moves under the hand. */
export function JoinedPill({ count, onJoin }: { count: number; onJoin: () => void }) {
  const { i18n } = useLingui();
  return (
    <span role="status" className="joined-pill">
      {count > 0 && (
        <Button size="small" look="primary" onPress={onJoin}>
          {i18n._("{count, plural, one {# new} other {# new}} · Add to the end", { count })}
        </Button>
      )}
    </span>
  );
}
