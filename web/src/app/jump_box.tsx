// SPDX-License-Identifier: Apache-2.0
// Ctrl+K: one box that goes anywhere and does what can be done without looking for it.
import { useLingui } from "@lingui/react";
import { CornerDownLeft, Search } from "lucide-react";
import { useEffect, useState, type KeyboardEvent } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import { found, withRecent } from "./jump_match";
import { closeJump, useIsJumpOpen } from "./jump_state";
import { useJumps, type RunnableJump } from "./use_jumps";
import "../widgets/sheet.css";
import "./jump_box.css";

const STORED = "trommel.jumps";
function recentJumps(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? "[]");
    return Array.isArray(stored) ? stored.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

export default function JumpBox() {
  const { i18n } = useLingui();
  return (
    <ModalOverlay isOpen={useIsJumpOpen()} onOpenChange={(isOpen) => !isOpen && closeJump()} isDismissable className="veil jump-veil">
      <Modal className="jump">
        <Dialog aria-label={i18n._("Search or jump")} className="jump-dialog">
          <Jumps />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Jumps() {
  const { i18n } = useLingui();
  const [typed, type] = useState("");
  const [at, go] = useState(0);
  const jumps = useJumps();
  const shown = found(jumps, typed, recentJumps()) as readonly RunnableJump[];
  const chosen = Math.min(at, shown.length - 1);
  const names: Record<string, string> = { page: i18n._("Page"), service: i18n._("Service"), dataset: i18n._("Dataset"), task: i18n._("Task"), action: i18n._("Action") };
  useEffect(() => {
    document.getElementById(`jump-${chosen}`)?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  function take(jump: RunnableJump | undefined) {
    if (!jump) return;
    localStorage.setItem(STORED, JSON.stringify(withRecent(recentJumps(), jump.id)));
    closeJump();
    jump.run();
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && shown.length > 0) go((chosen + step + shown.length) % shown.length);
    else if (event.key === "Enter") take(shown[chosen]);
    else return;
    event.preventDefault();
  }
  return (
    <>
      <div className="jump-field">
        <Search size={17} aria-hidden />
        <input
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls="jump-list"
          aria-activedescendant={shown.length > 0 ? `jump-${chosen}` : undefined}
          aria-label={i18n._("Search or jump")}
          placeholder={i18n._("Services, datasets, tasks, pages; > for actions")}
          value={typed}
          onChange={(event) => {
            type(event.target.value);
            go(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <ul id="jump-list" role="listbox" aria-label={i18n._("Found")} className="jump-list">
        {shown.map((jump, place) => (
          <li key={`${jump.kind} ${jump.id}`} id={`jump-${place}`} role="option" aria-selected={place === chosen} className="jump-one" onPointerMove={() => place !== chosen && go(place)} onClick={() => take(jump)}>
            <span className="one-line grow">{jump.name}</span>
            <span className="soft small">{names[jump.kind]}</span>
            {place === chosen && <CornerDownLeft size={14} aria-hidden />}
          </li>
        ))}
      </ul>
      {shown.length === 0 && (
        <p className="jump-none soft" role="status">
          {i18n._("Nothing is called that.")}
        </p>
      )}
    </>
  );
}
