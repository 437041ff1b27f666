// SPDX-License-Identifier: Apache-2.0
import type { UseQueryResult } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Link } from "react-aria-components";
import type { Schemas } from "../../api/client";
import { formatAgo, formatNumber } from "../../i18n/i18n";
import { LinkButton } from "../../widgets/button";
import { StatusWord } from "../../widgets/status_word";
import { HomeCard } from "./home_card";

const SHOWN = 5;
const isBusy = ({ status }: Schemas["Service"]) => status === "running" || status === "deploying";

export function ServicesCard({ services }: { services: UseQueryResult<Schemas["Service"][]> }) {
  const { i18n } = useLingui();
  return (
    <HomeCard
      title={i18n._("Batch Services")}
      query={services}
      beside={
        <LinkButton size="small" href="/services">
          {i18n._("All")}
        </LinkButton>
      }
    >
      {(all) => {
        if (all.length === 0) return <p className="soft">{i18n._("No batch service yet")}</p>;
        const rank = (service: Schemas["Service"]) => (isBusy(service) ? 0 : service.status === "failed" ? 1 : 2);
        const shown = [...all].sort((a, b) => rank(a) - rank(b) || Date.parse(b.updated) - Date.parse(a.updated)).slice(0, SHOWN);
        const count = (status: (service: Schemas["Service"]) => boolean) => formatNumber(all.filter(status).length);
        return (
          <>
            <p className="soft">
              {i18n._("{running} running · {finished} completed · {failed} failed", {
                running: count(isBusy),
                finished: count(({ status }) => status === "finished"),
                failed: count(({ status }) => status === "failed"),
              })}
            </p>
            <ul className="home-list">
              {shown.map((service) => (
                <li key={service.id}>
                  <Link href={`/services/${service.name}`} className="grow one-line">
                    {service.name}
                  </Link>
                  <StatusWord state={service.status} />
                  <span className="soft small home-when">{formatAgo(service.updated)}</span>
                </li>
              ))}
            </ul>
          </>
        );
      }}
    </HomeCard>
  );
}
