// SPDX-License-Identifier: Apache-2.0
// Buttons, and links that look like them. `why` says why it is disabled: the button then stays focusable and tells.
import type { ReactNode } from "react";
import { Button as AriaButton, Link, type ButtonProps as AriaButtonProps } from "react-aria-components";
import { Tip } from "./tip";
import "./button.css";

type Look = { look?: "primary" | "plain" | "quiet" | "danger"; size?: "normal" | "small" };
const classOf = ({ look = "plain", size = "normal" }: Look, isIcon = false) => `button ${look} ${size}${isIcon ? " icon" : ""}`;

/** aria-description, which the library does not let through. */
const described = (why: string) => (button: HTMLButtonElement | null) => button?.setAttribute("aria-description", why);

export interface ButtonProps extends Omit<AriaButtonProps, "className" | "isDisabled">, Look {
  why?: string | false | undefined;
  isDisabled?: boolean;
}

export function Button({ look, size, why, isDisabled, onPress, ...rest }: ButtonProps) {
  if (!why) return <AriaButton {...rest} onPress={onPress} isDisabled={isDisabled} className={classOf({ look, size })} />;
  return (
    <Tip text={why}>
      <AriaButton {...rest} ref={described(why)} aria-disabled="true" className={`${classOf({ look, size })} refused`} />
    </Tip>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, "children"> {
  label: string;
  children: ReactNode;
  keys?: string;
}
/** A button that shows an icon only: its label is a tooltip and its name. */
export function IconButton({ label, look = "quiet", size, why, isDisabled, onPress, keys, ...rest }: IconButtonProps) {
  return (
    <Tip text={why || label} keys={keys}>
      <AriaButton
        {...rest}
        ref={why ? described(why) : undefined}
        aria-label={label}
        aria-disabled={why ? "true" : undefined}
        isDisabled={isDisabled}
        onPress={why ? undefined : onPress}
        className={`${classOf({ look, size }, true)}${why ? " refused" : ""}`}
      />
    </Tip>
  );
}

export function LinkButton({ look, size, href, children, ...rest }: Look & { href: string; children: ReactNode; target?: string; download?: string }) {
  return (
    <Link href={href} className={classOf({ look, size })} {...rest}>
      {children}
    </Link>
  );
}
