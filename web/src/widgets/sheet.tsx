// SPDX-License-Identifier: Apache-2.0
// Dialogs: a title, what it holds, and its buttons. On narrow screens it takes the whole width.
import { useLingui } from "@lingui/react";
import { X } from "lucide-react";
import type { ReactNode } from "react";
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

export function Sheet({ title, isOpen, onOpenChange, children, footer, width = "normal", role = "dialog" }: SheetProps) {
  const { i18n } = useLingui();
  return (
    <ModalOverlay isOpen={isOpen} onOpenChange={onOpenChange} isDismissable={role === "dialog"} className="veil">
      <Modal className={`sheet ${width}`}>
        <Dialog role={role} className="sheet-dialog">
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
