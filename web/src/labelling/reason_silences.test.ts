// SPDX-License-Identifier: Apache-2.0
import { setupI18n } from "@lingui/core";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { reasonSilence, silenceOf, silences } from "./reason_silences";

const source = join(__dirname, "../../../src");
const text = (folder: string) => readdirSync(join(source, folder)).filter((name) => name.endsWith(".c")).map((name) => readFileSync(join(source, folder, name), "utf8")).join("\n");
const code = (text("rules") + text("mining")).replaceAll(/"\s*\n\s*"/g, "");

/** What the server's formats make of values that look like theirs. */
const filled = (format: string) => {
  const words = ["right training predictions", "the run's predictions"];
  return format.replaceAll("%s%.0f", "%.0f").replaceAll(/%%|%(?:\.\d)?z?[a-z]/g, (found) => (found === "%%" ? "%" : found === "%s" ? (words[0] ?? "") : found.includes(".2") ? "0.48" : "12"));
};

describe("why a reason could not speak", () => {
  it("is known for all that the rules say", () => {
    const returned = [...text("rules").replaceAll(/"\s*\n\s*"/g, "").matchAll(/_off\(const struct rule \*rule[^}]*\{([\s\S]*?)\n\}/g)].flatMap(([, body = ""]) => [...body.matchAll(/return[^;]*?"([^"]+)"/g)].map(([, said = ""]) => said));
    expect(returned.length).toBeGreaterThanOrEqual(4);
    expect(returned.filter((said) => !silenceOf(said))).toEqual([]);
  });
  it("is known for what mining says of augmented copies", () => {
    const formats = [...code.matchAll(/snprintf\(\s*reference->off, sizeof\(reference->off\),\s*"([^"]+)"/g)].map(([, format = ""]) => format);
    expect(formats).toHaveLength(4);
    expect(formats.map(filled).filter((said) => !silenceOf(said))).toEqual([]);
  });
  it("has no message that the server does not say", () => {
    const said = code.replaceAll("%%", "%");
    const missing = silences.filter((id) => !id.replaceAll("''", "'").split(/\{\d\}/).every((part) => said.includes(part.replace("boxes and scores by ", "").trim())));
    expect(missing).toEqual([]);
  });
  it("is said in the language, with its values", () => {
    const chinese = setupI18n({ locale: "zh", messages: { zh: { "it changes {0} % of {1}: it means something else to them": "改变 {0} % 的{1}", "the run''s predictions": "本次预测" } } });
    expect(reasonSilence(chinese, "it changes 45 % of the run's predictions: it means something else to them")).toBe("改变 45 % 的本次预测");
    expect(reasonSilence(chinese, "needs a training manifest")).toBe("needs a training manifest");
    expect(reasonSilence(chinese, "something new")).toBe("something new");
  });
});
