// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { Ban, Check, Feather, X } from "lucide-react";
import { memo, useEffect, useState } from "react";
import type { Done } from "../../labelling/sitting";
import type { ReviewSitting } from "./use_sitting";

const BEFORE = 3;
const AFTER = 9;
const TRIES_MAX = 20;

/** What was and what comes; a press goes there. */
export function Filmstrip({ sitting }: { sitting: ReviewSitting }) {
  const { i18n } = useLingui();
  const from = Math.max(0, sitting.at - BEFORE);
  return (
    <ol className="filmstrip" aria-label={i18n._("Samples before and after")}>
      {sitting.ids.slice(from, sitting.at + AFTER).map((id, offset) => (
        <Frame key={id} id={id} place={from + offset} isCurrent={from + offset === sitting.at} done={sitting.done.get(id)} onGo={(place) => sitting.go(place)} />
      ))}
    </ol>
  );
}

interface FrameProps {
  id: string;
  place: number;
  isCurrent: boolean;
  done: Done | undefined;
  onGo: (place: number) => void;
}
const Frame = memo(
  function Frame({ id, place, isCurrent, done, onGo }: FrameProps) {
    const { i18n } = useLingui();
    return (
      <li>
        <button type="button" aria-current={isCurrent} aria-label={i18n._("Sample {number}", { number: place + 1 })} onClick={() => onGo(place)}>
          <Thumb path={`/api/v1/samples/${id}/image?size=thumb`} />
          {done && <Mark done={done} />}
        </button>
      </li>
    );
  },
  (before, after) => before.id === after.id && before.place === after.place && before.isCurrent === after.isCurrent && before.done === after.done,
);

const RETRY_MS = 4000;
/** Tries again while the server is away; an image that cannot be shown leaves its place empty. */
function Thumb({ path }: { path: string }) {
  const [tried, setTried] = useState(0);
  const [isFailed, fail] = useState(false);
  useEffect(() => {
    if (!isFailed || tried >= TRIES_MAX) return;
    const timer = setTimeout(() => {
      fail(false);
      setTried(tried + 1);
    }, RETRY_MS);
    return () => clearTimeout(timer);
  }, [isFailed, tried]);
  return isFailed ? null : <img key={tried} src={path} alt="" fetchPriority="low" onError={() => fail(true)} />;
}

function Mark({ done }: { done: Done }) {
  const kind = done.action === "annotate" ? (done.hard === false ? "easy" : "reject") : done.action;
  const Icon = kind === "confirm" ? Check : kind === "easy" ? Feather : kind === "exclude" ? Ban : X;
  return (
    <span className={`film-mark ${kind}`}>
      <Icon size={11} strokeWidth={3} aria-hidden />
    </span>
  );
}
