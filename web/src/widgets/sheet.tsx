// SPDX-License-Identifier: Apache-2.0
// Dialogs: a title, what it holds, and its buttons. On narrow screens it takes the whole width.
import { useLingui } from "@lingui/react";
import { X } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { IconButton } from "./button";
import "./sheet.css";

export interface SheetProps {
  title: string;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  children: ReactNode;
  footer?: ReactNode;
  width?: "narrow" | "normal" | "wide";
  /** "alertdialog" for what cannot be undone. */
  role?: "dialog" | "alertdialog";
}

/**
 * A button that goes grey or away under the focus leaves it nowhere, and no key reaches the dialog: the next key brings the focus back into
 * the topmost one, and Escape closes it.
 */
function useFound(isOpen: boolean, onOpenChange: (isOpen: boolean) => void) {
  const dialog = useRef<HTMLElement>(null);
  const close = useRef(onOpenChange);
  useEffect(() => {
    close.current = onOpenChange;
  });
  useEffect(() => {
    if (!isOpen) return;
    const find = (event: KeyboardEvent) => {
      const isLost = document.activeElement === null || document.activeElement === document.body;
      if (!isLost || dialog.current === null || [...document.querySelectorAll(".sheet-dialog")].at(-1) !== dialog.current) return;
      dialog.current.focus();
      if (event.key === "Escape") close.current(false);
    };
    document.addEventListener("keydown", find, true);
    return () => document.removeEventListener("keydown", find, true);
  }, [isOpen]);
  return dialog;
}

export function Sheet({ title, isOpen, onOpenChange, children, footer, width = "normal", role = "dialog" }: SheetProps) {
  const { i18n } = useLingui();
  const dialog = useFound(isOpen, onOpenChange);
  return (
    <ModalOverlay isOpen={isOpen} onOpenChange={onOpenChange} isDismissable={role === "dialog"} className="veil">
      <Modal className={`sheet ${width}`}>
        <Dialog ref={dialog} role={role} className="sheet-dialog">
          <header className="sheet-head">
            <Heading slot="title" level={2} className="grow">
              {title}
            </Heading>
            <IconButton slot="close" label={i18n._("Close")} size="small">
              <X size={16} aria-hidden />
            </IconButton>
          </header>
          <div className="sheet-body">{children}</div>
          {footer && <footer className="sheet-foot">{footer}</footer>}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
