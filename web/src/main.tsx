// SPDX-License-Identifier: Apache-2.0
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/forced.css";
import { App } from "./app/app";
import { applyAppearance } from "./app/appearance";
import { speak, wantedLanguage } from "./i18n/i18n";

applyAppearance();
await speak(wantedLanguage());

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");
createRoot(root).render(
  <StrictMode>
    <I18nProvider i18n={i18n}>
      <App />
    </I18nProvider>
  </StrictMode>,
);
