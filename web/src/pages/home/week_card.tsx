// SPDX-License-Identifier: Apache-2.0
// This week: how many images were decided on which day, and how fast.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { ask, client } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { HomeCard } from "./home_card";
import { weekOf } from "./week";

const OPERATIONS_MAX = 1000;
const HEIGHT = 64;

export function WeekCard() {
  const { i18n } = useLingui();
  const operations = useQuery({
    queryKey: ["datasets", "operations-of-the-week"],
    queryFn: async () => (await ask(client.GET("/api/v1/operations", { params: { query: { limit: OPERATIONS_MAX } } }))).operations,
  });
  return (
    <HomeCard title={i18n._("This week")} query={operations}>
      {(all) => {
        const { days, samples, secondsPerImage } = weekOf(all);
        if (samples === 0) return <p className="soft">{i18n._("Nobody has decided an image in the last seven days.")}</p>;
        const most = Math.max(...days.map((day) => day.samples), 1);
        const dayName = new Intl.DateTimeFormat(i18n.locale, { weekday: "short" });
        const words = days.map((day) => `${dayName.format(day.day)} ${formatNumber(day.samples)}`).join(", ");
        return (
          <>
            <p>
              <strong className="home-number">{formatNumber(samples)}</strong> <span className="soft">{i18n._("{count, plural, one {image decided} other {images decided}}", { count: samples })}</span>
              {secondsPerImage !== null && (
                <span className="soft"> · {i18n._("{seconds} s an image", { seconds: formatNumber(secondsPerImage, { maximumFractionDigits: 1 }) })}</span>
              )}
            </p>
            <div className="week" role="img" aria-label={words}>
              {days.map(({ day, samples: count }) => (
                <span key={day.getTime()} className="week-day" aria-hidden>
                  <svg viewBox={`0 0 10 ${HEIGHT}`} preserveAspectRatio="none" height={HEIGHT}>
                    <rect width="10" height={count === 0 ? 1 : Math.max((count / most) * HEIGHT, 2)} y={HEIGHT - (count === 0 ? 1 : Math.max((count / most) * HEIGHT, 2))} />
                  </svg>
                  <span className="small soft">{dayName.format(day)}</span>
                </span>
              ))}
            </div>
          </>
        );
      }}
    </HomeCard>
  );
}
