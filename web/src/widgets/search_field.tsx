// SPDX-License-Identifier: Apache-2.0
import { Search } from "lucide-react";
import { Input, SearchField as AriaSearchField } from "react-aria-components";
import { useRef } from "react";
import { useLingui } from "@lingui/react";
import { useKeys } from "../app/keys";
import "./search_field.css";

/** What a page is searched by: / goes there. */
export function SearchField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const { i18n } = useLingui();
  const input = useRef<HTMLInputElement>(null);
  useKeys("search", [{ keys: ["/"], name: i18n._("Search"), run: () => input.current?.focus() }]);
  return (
    <AriaSearchField aria-label={label} value={value} onChange={onChange} className="search">
      <Search size={15} aria-hidden />
      <Input ref={input} className="input" placeholder={label} />
    </AriaSearchField>
  );
}
