// SPDX-License-Identifier: Apache-2.0
// Settings: what is of this browser, and, for administrators, who may do what.
import { useLingui } from "@lingui/react";
import { useMay, useSession } from "../../app/session";
import { PageHeader } from "../../widgets/page_header";
import { Tabs } from "../../widgets/tabs";
import { About } from "./about";
import { Account } from "./account";
import { Appearance } from "./appearance";
import { Labelling } from "./labelling";
import { Shortcuts } from "./shortcuts";
import { Tokens } from "./tokens";
import { Users } from "./users";
import "./settings.css";

export default function SettingsPage() {
  const { i18n } = useLingui();
  const session = useSession();
  const isAdmin = useMay("admin");
  const hasAccount = session.user !== null;
  return (
    <>
      <PageHeader title={i18n._("Settings")} />
      <Tabs
        label={i18n._("Settings")}
        tabs={[
          { id: "appearance", title: i18n._("Appearance"), panel: () => <Appearance /> },
          { id: "labelling", title: i18n._("Labelling"), panel: () => <Labelling /> },
          { id: "shortcuts", title: i18n._("Shortcuts"), panel: () => <Shortcuts /> },
          ...(hasAccount ? [{ id: "account", title: i18n._("Account"), panel: () => <Account /> }] : []),
          ...(isAdmin ? [{ id: "users", title: i18n._("Users"), panel: () => <Users /> }] : []),
          ...(hasAccount || isAdmin ? [{ id: "tokens", title: i18n._("API tokens"), panel: () => <Tokens /> }] : []),
          { id: "about", title: i18n._("About"), panel: () => <About /> },
        ]}
      />
    </>
  );
}
