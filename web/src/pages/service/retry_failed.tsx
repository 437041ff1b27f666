// SPDX-License-Identifier: Apache-2.0
// Images that failed, tried again: their list goes to the server, and a service like this one is filled in to run over it.
import { useMutation } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { RotateCcw } from "lucide-react";
import { useLocation } from "wouter";
import { ask, client, type Schemas } from "../../api/client";
import { sendFile, uploadName } from "../../api/paths";
import { useMay } from "../../app/session";
import { Button } from "../../widgets/button";
import { tellProblem } from "../../widgets/toast";
import { manifestOf } from "./manifest_of";

const PAGE = 1000;

async function failedSources(service: string, run: string): Promise<readonly string[]> {
  const sources: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { run, state: "failed" as const, limit: PAGE, ...(cursor && { cursor }) };
    const page: Schemas["Results"] = await ask(client.GET("/api/v1/services/{service}/results", { params: { path: { service }, query } }));
    sources.push(...page.results.map(({ source }) => source));
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  return sources;
}

export function RetryFailed({ service }: { service: Schemas["Service"] }) {
  const { i18n } = useLingui();
  const [, navigate] = useLocation();
  const mayDeploy = useMay("admin");
  const retry = useMutation({
    mutationFn: async () => {
      const name = uploadName(`${service.name}-failed.manifest`);
      return sendFile(new File([manifestOf(await failedSources(service.name, service.run ?? ""))], name), name);
    },
    onSuccess: (list) => navigate(`/deploy?clone=${encodeURIComponent(service.name)}&failed=${encodeURIComponent(list)}`),
    onError: tellProblem,
  });
  return (
    <div className="row wrap">
      <Button onPress={() => retry.mutate()} isDisabled={retry.isPending} why={!mayDeploy && i18n._("Only an administrator deploys services.")}>
        <RotateCcw size={15} aria-hidden />
        {i18n._("Retry failed images")}
      </Button>
      <span className="soft small">{i18n._("Once their cause is gone: a service like this one is filled in that runs over these images only.")}</span>
    </div>
  );
}
