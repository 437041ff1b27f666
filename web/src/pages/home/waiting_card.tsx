// SPDX-License-Identifier: Apache-2.0
// Waiting for you: To Be Confirmed by dataset, with the hardest of each.
import { queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Link } from "react-aria-components";
import { ask, client, type Schemas } from "../../api/client";
import { imagePath, type SampleRow } from "../../api/samples";
import { formatNumber } from "../../i18n/i18n";
import { LinkButton } from "../../widgets/button";
import { BoxedPicture } from "../../widgets/boxed_picture";
import { HomeCard } from "./home_card";

const SHOWN = 4;
const STRIP = 8;

const hardestQuery = (dataset: Schemas["Dataset"]) =>
  queryOptions({
    queryKey: ["datasets", dataset.name, "hardest", dataset.to_be_confirmed],
    queryFn: async () => {
      const body = { state: "to_be_confirmed", sort: "-hard_coefficient", limit: STRIP, fields: ["content_hash", "width", "height", "source"] };
      const answer = await ask(client.POST("/api/v1/datasets/{dataset}/samples:query", { params: { path: { dataset: dataset.name } }, body: body as never }));
      return (answer.samples ?? []) as SampleRow[];
    },
  });

export function WaitingCard({ datasets }: { datasets: UseQueryResult<Schemas["Dataset"][]> }) {
  const { i18n } = useLingui();
  return (
    <HomeCard title={i18n._("Waiting for you")} query={datasets} isWide rows={4}>
      {(all) => {
        const waiting = all.filter((dataset) => dataset.to_be_confirmed > 0).sort((a, b) => b.to_be_confirmed - a.to_be_confirmed);
        if (waiting.length === 0) return <p className="soft">{i18n._("Nothing waits to be confirmed. Hard examples appear here when a filtering reaches Dataset imported.")}</p>;
        return (
          <ul className="waiting">
            {waiting.slice(0, SHOWN).map((dataset) => (
              <Waiting key={dataset.id} dataset={dataset} />
            ))}
            {waiting.length > SHOWN && (
              <li>
                <Link href="/datasets">{i18n._("{count, plural, one {# more dataset} other {# more datasets}}", { count: waiting.length - SHOWN })}</Link>
              </li>
            )}
          </ul>
        );
      }}
    </HomeCard>
  );
}

function Waiting({ dataset }: { dataset: Schemas["Dataset"] }) {
  const { i18n } = useLingui();
  const hardest = useQuery(hardestQuery(dataset));
  return (
    <li>
      <div className="waiting-what">
        <Link href={`/datasets/${dataset.name}/label?state=to_be_confirmed`} className="waiting-name one-line">
          {dataset.name}
        </Link>
        <span className="soft">{i18n._("{count} To Be Confirmed", { count: formatNumber(dataset.to_be_confirmed) })}</span>
      </div>
      <span className="strip" aria-hidden>
        {hardest.data?.map((sample) => (
          <span key={sample.id}>
            <BoxedPicture src={imagePath(sample, "thumb")} width={sample.width} height={sample.height} label="" />
          </span>
        ))}
      </span>
      <LinkButton look="primary" href={`/datasets/${dataset.name}/review?state=to_be_confirmed`}>
        {i18n._("Review")}
      </LinkButton>
    </li>
  );
}
