// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from "@lingui/cli";

// The English text is the message's id, so a page reads as what it shows.
export default defineConfig({
  sourceLocale: "en",
  locales: ["en", "zh"],
  catalogs: [{ path: process.env.TROMMEL_CATALOGS ?? "src/i18n/{locale}", include: ["src"] }],
  orderBy: "messageId",
});
