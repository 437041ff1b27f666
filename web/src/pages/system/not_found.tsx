// SPDX-License-Identifier: Apache-2.0
import { SystemPage } from "./system_page";

export function NotFound() {
  return <SystemPage />;
}
