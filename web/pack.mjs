// SPDX-License-Identifier: Apache-2.0
// Builds the console and packs it for the program: node pack.mjs FILES.c FILES.S FILES.bin LICENCES DEPFILE
// FILES.c is the table that src/console/console.h describes; FILES.S takes in FILES.bin, which has each file compressed by gzip and by
// Brotli; LICENCES is of the packages that are in them. What was built from the same sources before is taken from built/, so that several build folders share one build; one at a time
// (src/console/meson.build).
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const document = join(here, "../docs/openapi.json");
const BUILDS_KEPT = 8;
const target = process.argv[2]; // as the build names it
const [tablePath, assemblerPath, bytesPath, licencesPath, depfilePath] = process.argv.slice(2).map((path) => resolve(path));
process.chdir(here); // Lingui looks for its settings here

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

const generated = join(here, "src/api/schema.d.ts");
const isSource = (file) => file !== generated && !/\.test\.|\/i18n\/[a-z]{2}\.(js|ts)$/.test(file);
const sources = [
  ...["src", "public"].flatMap((folder) => filesBelow(join(here, folder))).filter(isSource),
  ...["index.html", "package-lock.json", "vite.config.ts", "lingui.config.ts", "pack.mjs"].map((name) => join(here, name)),
  document,
];

function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${relative(here, file)}\0`).update(readFileSync(file)).update("\0");
  return hash.digest("hex").slice(0, 16);
}

const built = join(here, "built", hashOf(sources));
if (!existsSync(built)) {
  const { build } = await import("vite");
  const scratch = `${built}.part`;
  execFileSync(process.execPath, [join(here, "node_modules/openapi-typescript/bin/cli.js"), document, "-o", generated], { stdio: ["ignore", "ignore", "inherit"] });
  await build({ root: here, logLevel: "warn", build: { outDir: scratch, emptyOutDir: true } });
  for (const file of filesBelow(scratch)) {
    const plain = readFileSync(file);
    writeFileSync(`${file}.gz`, gzipSync(plain, { level: 9 }));
    writeFileSync(`${file}.br`, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }));
  }
  renameSync(scratch, built);
}
utimesSync(built, new Date(), new Date());
const byAge = readdirSync(join(here, "built"))
  .map((name) => join(here, "built", name))
  .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
for (const old of byAge.slice(BUILDS_KEPT)) rmSync(old, { recursive: true });

const files = filesBelow(built).filter((file) => !/\.(gz|br)$/.test(file));
const rows = files.map((file, at) => {
  const etag = createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 32);
  return `    {"${relative(built, file)}", "${etag}", web_${at}_gz, web_${at}_gz_end, web_${at}_br, web_${at}_br_end},`;
});
const symbols = files.flatMap((file, at) => ["gz", "br"].map((coding) => ({ name: `web_${at}_${coding}`, bytes: readFileSync(`${file}.${coding}`) })));
mkdirSync(dirname(tablePath), { recursive: true });
writeFileSync(
  tablePath,
  `/* Made by web/pack.mjs. */
#include "console/console.h"

${symbols.map(({ name }) => `extern const unsigned char ${name}[], ${name}_end[];`).join("\n")}

const struct console_packed console_packed[] = {
${rows.join("\n")}
};
const size_t console_packed_count = sizeof(console_packed) / sizeof(console_packed[0]);
`,
);
writeFileSync(bytesPath, Buffer.concat(symbols.map(({ bytes }) => bytes)));
let offset = 0;
const places = symbols.map(({ name, bytes }) => {
  const place = `    .global ${name}, ${name}_end\n${name}:\n    .incbin "${bytesPath}", ${offset}, ${bytes.length}\n${name}_end:`;
  offset += bytes.length;
  return place;
});
writeFileSync(
  assemblerPath,
  `/* Made by web/pack.mjs. */
    .section .rodata
${places.join("\n")}
    .section .note.GNU-stack, "", %progbits
`,
);
copyFileSync(join(built, "licenses.txt"), licencesPath);
writeFileSync(depfilePath, `${target}: ${sources.map((file) => file.replaceAll(" ", "\\ ")).join(" ")}\n`);
