// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { CircleUser } from "lucide-react";
import { useState } from "react";
import { Header, Menu, MenuItem, MenuSection, MenuTrigger, Popover, Separator } from "react-aria-components";
import { useLocation } from "wouter";
import { roleName } from "../pages/settings/roles";
import { IconButton } from "../widgets/button";
import { tellProblem } from "../widgets/toast";
import { chooseLanguage, languages, type Language } from "../i18n/i18n";
import { chooseTheme, theme, themeName, themes, type Theme } from "./appearance";
import { useMay, useSession, useSessionChange } from "./session";
import "../widgets/menu.css";

export function AccountMenu() {
  const { i18n } = useLingui();
  const session = useSession();
  const { signOut } = useSessionChange();
  const [chosenTheme, setTheme] = useState<Theme>(theme());
  const [, navigate] = useLocation();
  const isAdmin = useMay("admin");
  return (
    <MenuTrigger>
      <IconButton label={session.user ?? i18n._("No sign-in")}>
        <CircleUser size={19} aria-hidden />
      </IconButton>
      <Popover className="popover" placement="bottom end">
        <Menu
          className="menu"
          onAction={(key) => {
            if (key === "settings") navigate("/settings");
            if (key === "tokens") navigate("/settings?tab=tokens");
            if (key === "users") navigate("/settings?tab=users");
            if (key === "shortcuts") navigate("/settings?tab=shortcuts");
            if (key === "sign-out") void signOut().catch(tellProblem);
          }}
        >
          <MenuSection>
            <Header>
              {session.user ?? i18n._("No sign-in")} · {roleName(i18n, session.role)}
            </Header>
            <MenuItem id="settings">{i18n._("Settings")}</MenuItem>
            {session.way !== "local" && <MenuItem id="tokens">{i18n._("API tokens")}</MenuItem>}
            {isAdmin && <MenuItem id="users">{i18n._("Users")}</MenuItem>}
            <MenuItem id="shortcuts">{i18n._("Shortcuts")}</MenuItem>
          </MenuSection>
          <Separator />
          <MenuSection
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[chosenTheme]}
            onSelectionChange={(keys) => {
              const chosen = themes.find((one) => one === [...keys][0]) ?? "system";
              chooseTheme(chosen);
              setTheme(chosen);
            }}
          >
            <Header>{i18n._("Theme")}</Header>
            {themes.map((one) => (
              <MenuItem key={one} id={one}>
                {themeName(i18n, one)}
              </MenuItem>
            ))}
          </MenuSection>
          <Separator />
          <MenuSection
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[i18n.locale]}
            onSelectionChange={(keys) => void chooseLanguage([...keys][0] as Language)}
          >
            <Header>{i18n._("Language")}</Header>
            {languages.map(({ code, name, tag }) => (
              <MenuItem key={code} id={code} textValue={name}>
                <span lang={tag}>{name}</span>
              </MenuItem>
            ))}
          </MenuSection>
          {session.way === "session" && <Separator />}
          {session.way === "session" && <MenuItem id="sign-out">{i18n._("Sign out")}</MenuItem>}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
