// SPDX-License-Identifier: Apache-2.0
// What stands around every page: the bar, the navigation, the toasts.
import { Suspense, useState } from "react";
import { useLingui } from "@lingui/react";
import { Menu as MenuIcon } from "lucide-react";
import { Link } from "react-aria-components";
import { Route, Switch, useLocation } from "wouter";
import { ErrorBoundary } from "../widgets/error_boundary";
import { IconButton } from "../widgets/button";
import { Toasts } from "../widgets/toast";
import { AccountMenu } from "./account_menu";
import { JumpButton } from "./jump_button";
import { GlobalKeys } from "./global_keys";
import { LiveDot } from "./live_dot";
import { NotFound } from "../pages/system/not_found";
import { SystemPage } from "../pages/system/system_page";
import { TasksTray } from "./tasks_tray";
import { navigation, pages } from "./pages";
import { useUnsent } from "./unsent";
import "./shell.css";

export function Shell() {
  const { i18n } = useLingui();
  const [isDrawerOpen, openDrawer] = useState(false);
  const [path] = useLocation();
  useUnsent();
  return (
    <div className="shell" data-drawer={isDrawerOpen || undefined}>
      <a className="skip" href="#page">
        {i18n._("Skip to the page")}
      </a>
      <header className="bar">
        <span className="only-narrow">
          <IconButton label={i18n._("Navigation")} onPress={() => openDrawer(!isDrawerOpen)}>
            <MenuIcon size={18} aria-hidden />
          </IconButton>
        </span>
        <Link className="brand" href="/">
          <img src="/ui/trommel.svg" alt="" width={24} height={24} />
          Trommel
        </Link>
        <JumpButton />
        <LiveDot />
        <TasksTray />
        <AccountMenu />
      </header>
      <Navigation onLeave={() => openDrawer(false)} />
      <main id="page" className="page" tabIndex={-1}>
        <ErrorBoundary key={path} broken={(thrown, retry) => <SystemPage thrown={thrown} onRetry={retry} />}>
          <Suspense fallback={null}>
            <Switch>
              {pages.map(({ path: pattern, component: Component }) => (
                <Route key={pattern} path={pattern}>
                  <Component />
                </Route>
              ))}
              <Route>
                <NotFound />
              </Route>
            </Switch>
          </Suspense>
        </ErrorBoundary>
      </main>
      <Toasts />
      <GlobalKeys />
    </div>
  );
}

function Navigation({ onLeave }: { onLeave: () => void }) {
  const { i18n } = useLingui();
  const [path] = useLocation();
  const open = "/" + (path.split("/")[1] ?? "");
  const under = pages.find((page) => page.path === open)?.under ?? open;
  return (
    <nav className="navigation" aria-label={i18n._("Console")}>
      {navigation.map(({ title, entries }) => (
        <div key={title ?? ""}>
          {title && <h2>{i18n._(title)}</h2>}
          {entries.map(({ path: target, title: name, icon: Icon }) => (
            <Link key={target} href={target} className="entry" aria-current={under === target ? "page" : undefined} onPress={onLeave}>
              <Icon size={17} aria-hidden />
              <span>{i18n._(name)}</span>
            </Link>
          ))}
        </div>
      ))}
    </nav>
  );
}
