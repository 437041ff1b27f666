// SPDX-License-Identifier: Apache-2.0
// More: what one does with a service beside starting and stopping it; the same in the list and on its page.
import { useLingui } from "@lingui/react";
import { Ellipsis } from "lucide-react";
import { Menu, MenuItem, MenuTrigger, Popover, Separator } from "react-aria-components";
import { useLocation } from "wouter";
import type { Schemas } from "../../api/client";
import { useMay } from "../../app/session";
import { IconButton } from "../../widgets/button";
import { tell } from "../../widgets/toast";
import { serviceCli } from "./service_cli";

export interface MoreMenuProps {
  service: Schemas["Service"];
  size?: "normal" | "small";
  onDescribe: () => void;
  onDelete: () => void;
}

export function MoreMenu({ service, size = "small", onDescribe, onDelete }: MoreMenuProps) {
  const { i18n } = useLingui();
  const [, navigate] = useLocation();
  const mayChange = useMay("admin");
  const copy = (text: string) => void navigator.clipboard.writeText(text).then(() => tell(i18n._("Copied")));
  const actions: Record<string, () => void> = {
    samples: () => navigate(`/services/${service.name}?tab=sample`),
    clone: () => navigate(`/deploy?clone=${encodeURIComponent(service.name)}`),
    describe: onDescribe,
    id: () => copy(service.id),
    cli: () => copy(serviceCli(service)),
    delete: onDelete,
  };
  return (
    <MenuTrigger>
      <IconButton size={size} look={size === "normal" ? "plain" : "quiet"} label={i18n._("More")}>
        <Ellipsis size={16} aria-hidden />
      </IconButton>
      <Popover className="popover" placement="bottom end">
        <Menu className="menu" onAction={(key) => actions[String(key)]?.()} disabledKeys={[...(mayChange ? [] : ["clone", "describe", "delete"]), ...(service.run === null ? ["manifest"] : [])]}>
          <MenuItem id="samples">{i18n._("Sample Collection")}</MenuItem>
          <MenuItem id="clone">{i18n._("Clone…")}</MenuItem>
          <MenuItem id="describe">{i18n._("Edit description…")}</MenuItem>
          <MenuItem id="manifest" href={`/api/v1/services/${service.name}/runs/${service.run}/manifest`} download={`infer-result-${service.run}.manifest`} target="_blank">
            {i18n._("Download result manifest")}
          </MenuItem>
          <Separator />
          <MenuItem id="cli">{i18n._("Copy as CLI")}</MenuItem>
          <MenuItem id="id">{i18n._("Copy ID")}</MenuItem>
          <Separator />
          <MenuItem id="delete" className="danger">
            {i18n._("Delete…")}
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
