// SPDX-License-Identifier: Apache-2.0
// Tabs whose choice is in the URL, as ?tab=.
import type { ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from "react-aria-components";
import { useUrlState } from "../app/url_state";
import "./tabs.css";

export interface TabOf {
  id: string;
  title: ReactNode;
  panel: () => ReactNode;
}

export function Tabs({ label, tabs }: { label: string; tabs: readonly TabOf[] }) {
  const [state, change] = useUrlState();
  const chosen = tabs.find(({ id }) => id === state["tab"])?.id ?? tabs[0]?.id;
  return (
    <AriaTabs selectedKey={chosen} onSelectionChange={(key) => change({ tab: key === tabs[0]?.id ? undefined : String(key) })} className="tabs">
      <TabList aria-label={label} className="tab-list">
        {tabs.map(({ id, title }) => (
          <Tab key={id} id={id} className="tab">
            {title}
          </Tab>
        ))}
      </TabList>
      {tabs.map(({ id, panel }) => (
        <TabPanel key={id} id={id} className="tab-panel">
          {id === chosen && panel()}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
