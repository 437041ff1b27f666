// SPDX-License-Identifier: Apache-2.0
// What import and export have in common: a task begins, the dialog closes, the task is one click away.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useLocation } from "wouter";
import type { Schemas } from "../../api/client";
import { tell } from "../../widgets/toast";

export function useTransfer(begin: () => Promise<Schemas["TaskShown"]>, said: string, onBegun: () => void) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: begin,
    onSuccess: ({ task }) => {
      tell(said, { label: i18n._("Task"), run: () => navigate(`/tasks/${task.id}`) });
      onBegun();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["tasks"] }),
  });
}
