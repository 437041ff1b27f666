// SPDX-License-Identifier: Apache-2.0
// Home: what waits for a decision, what runs, how the week went; and the first steps, until they are done.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { datasetsQuery, modelsQuery, servicesQuery } from "../../api/queries";
import { Button } from "../../widgets/button";
import { PageHeader } from "../../widgets/page_header";
import { Skeleton } from "../../widgets/skeleton";
import { Checklist } from "./checklist";
import { ReasonsCard } from "./reasons_card";
import { ServicesCard } from "./services_card";
import { stepsDone } from "./steps";
import { TasksCard } from "./tasks_card";
import { WaitingCard } from "./waiting_card";
import { WeekCard } from "./week_card";
import "./home.css";

const DISMISSED = "trommel.first-steps-dismissed";

export default function Home() {
  const { i18n } = useLingui();
  const models = useQuery(modelsQuery());
  const services = useQuery(servicesQuery());
  const datasets = useQuery(datasetsQuery());
  const [isDismissed, setDismissed] = useState(() => localStorage.getItem(DISMISSED) === "yes");
  const dismiss = (yes: boolean) => {
    setDismissed(yes);
    if (yes) localStorage.setItem(DISMISSED, "yes");
    else localStorage.removeItem(DISMISSED);
  };
  const isKnown = models.data && services.data && datasets.data;
  const isSettled = [models, services, datasets].every((query) => !query.isPending);
  const done = isKnown ? stepsDone({ models: models.data, services: services.data, datasets: datasets.data }) : null;
  const isAllDone = done !== null && Object.values(done).every(Boolean);
  const isEmpty = isKnown && models.data.length + services.data.length + datasets.data.length === 0;
  const showsSteps = done !== null && !isAllDone && (!isDismissed || isEmpty);
  return (
    <>
      <PageHeader title={i18n._("Home")} actions={done && !isAllDone && !showsSteps && <Button onPress={() => dismiss(false)}>{i18n._("Getting started")}</Button>} />
      <div className="home">
        {showsSteps && <Checklist done={done} datasets={datasets.data ?? []} isEmpty={isEmpty === true} onDismiss={isEmpty ? undefined : () => dismiss(true)} />}
        {isSettled && !isEmpty && (
          <>
            <WaitingCard datasets={datasets} />
            <ServicesCard services={services} />
            <ReasonsCard datasets={datasets} />
            <WeekCard />
            <TasksCard />
          </>
        )}
        {!isSettled && (
          <div className="card home-wide">
            <Skeleton rows={6} />
          </div>
        )}
      </div>
    </>
  );
}
