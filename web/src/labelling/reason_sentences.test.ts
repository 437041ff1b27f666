// SPDX-License-Identifier: Apache-2.0
import { setupI18n } from "@lingui/core";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { idOf, phrases, reasonSentence, sentences, unknownClass } from "./reason_sentences";

const source = join(__dirname, "../../../src");
const text = (folder: string) => readdirSync(join(source, folder)).filter((name) => name.endsWith(".c")).map((name) => readFileSync(join(source, folder, name), "utf8")).join("\n");
const rules = text("rules");
const literal = /"(?:[^"\\]|\\.)*"|PRIu32/g;
const joined = (code: string) => (code.match(literal) ?? []).map((part) => (part === "PRIu32" ? "u" : part.slice(1, -1))).join("");

/** The messages of the server, from where it says them. */
function messages(): string[] {
  const calls = [...rules.matchAll(/evidence_sentence\(\s*doc,\s*evidence,\s*((?:(?:"(?:[^"\\]|\\.)*"|PRIu32)\s*)+)/g)];
  return calls.map(([, code = ""]) => {
    let count = 0;
    return joined(code).replaceAll(/%%|%(?:\.\d)?[a-z]/g, (found) => (found === "%%" ? "%" : `{${count++}}`));
  });
}
const english = setupI18n({ locale: "en", messages: { en: Object.fromEntries([...sentences, ...phrases].map((id) => [id, id])) } });
const said = (message: string, ...values: string[]) => ({ sentence: "as the server says it", evidence: { said: { message, values } } });

describe("sentences of reasons", () => {
  it("are those of the server, every one", () => {
    const calls = rules.match(/ evidence_sentence\(/g) ?? [];
    expect(messages()).toHaveLength(calls.length - 1); // the other is the function itself
    expect([...sentences].sort()).toEqual(messages().map(idOf).sort());
  });
  it("know the server's names of features and operations", () => {
    const names = /const names\[FEATURE_COUNT\] = \{([^}]*)\}/.exec(readFileSync(join(source, "record/record.c"), "utf8"))?.[1] ?? "";
    const features = [...names.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name.replaceAll("_", " "));
    const operations = [...text("image/augment").matchAll(/\.summary = "([^"]+)"/g)].map(([, summary = ""]) => summary);
    expect([features.length, operations.length]).toEqual([14, 11]);
    expect([...features, ...operations].filter((word) => !phrases.includes(word))).toEqual([]);
  });
  it("know no phrase that the server does not say", () => {
    const code = rules.replaceAll(/"\s*\n\s*"/g, "") + text("image/augment");
    const names = readFileSync(join(source, "record/record.c"), "utf8");
    const isSaid = (phrase: string) => code.includes(`"${phrase}"`) || names.includes(`"${phrase.replaceAll(" ", "_")}"`);
    expect([...phrases, unknownClass].filter((phrase) => !isSaid(phrase.replaceAll("''", "'")))).toEqual([]);
  });
  it("are in English what the server says", () => {
    const one = said("The model says '{0}' with {1}; when the image is {2}, with {3}.", "it's", "0.900", "blurred", "0.412");
    expect(reasonSentence(english, one)).toBe("The model says 'it's' with 0.900; when the image is blurred, with 0.412.");
    const half = said("The model gives '{0}' {1} % and '{2}' {3} %; it wavers as between {4} classes.", "cat", "41.0", "dog", "38.0", "2.9");
    expect(reasonSentence(english, half)).toBe("The model gives 'cat' 41.0 % and 'dog' 38.0 %; it wavers as between 2.9 classes.");
  });
  it("say phrases of ours in the language, and labels as they are", () => {
    const chinese = setupI18n({ locale: "zh", messages: { zh: { blurred: "模糊", "(a class the model does not know)": "（未知类别）", "The model says ''{0}'' with {1}; when the image is {2}, ''{3}'' with {4}.": "“{0}” {1}，图像{2}后“{3}” {4}。" } } });
    const one = said("The model says '{0}' with {1}; when the image is {2}, '{3}' with {4}.", "blurred", "0.900", "blurred", "(a class the model does not know)", "0.412");
    expect(reasonSentence(chinese, one)).toBe("“blurred” 0.900，图像模糊后“（未知类别）” 0.412。");
  });
  it("stay the server's where it says something else, or nothing", () => {
    expect(reasonSentence(english, said("What is this {0}?", "1"))).toBe("as the server says it");
    expect(reasonSentence(english, { sentence: "alone", evidence: { said: { message: 3 } } })).toBe("alone");
    expect(reasonSentence(english, { sentence: "alone", evidence: null })).toBe("alone");
    expect(reasonSentence(english, { sentence: null })).toBeUndefined();
    const silent = setupI18n({ locale: "zh", messages: { zh: {} } });
    expect(reasonSentence(silent, said("The {0} like images beside it have the same boxes.", "2"))).toBe("as the server says it");
  });
});
