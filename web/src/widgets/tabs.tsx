// SPDX-License-Identifier: Apache-2.0
// Tabs whose choice is in the URL, as ?tab=.
import { useEffect, useRef, type ReactNode } from "react";
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
  const list = useRef<HTMLDivElement>(null);
  // Where the tabs are wider than the screen the chosen one may lie beyond its edge.
  useEffect(() => {
    const drawn = requestAnimationFrame(() => {
      const [frame, tab] = [list.current, list.current?.querySelector<HTMLElement>("[data-selected]")];
      if (!frame || !tab) return;
      const [whole, part] = [frame.getBoundingClientRect(), tab.getBoundingClientRect()];
      if (part.right > whole.right) frame.scrollLeft += part.right - whole.right;
      if (part.left < whole.left) frame.scrollLeft -= whole.left - part.left;
    });
    return () => cancelAnimationFrame(drawn);
  }, [chosen]);
  return (
    <AriaTabs selectedKey={chosen} onSelectionChange={(key) => change({ tab: key === tabs[0]?.id ? undefined : String(key) })} className="tabs">
      <TabList ref={list} aria-label={label} className="tab-list">
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
