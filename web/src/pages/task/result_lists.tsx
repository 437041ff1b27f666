// SPDX-License-Identifier: Apache-2.0
// What a task left out, row by row: lines of a file, samples, boxes that were put right.
import { useLingui } from "@lingui/react";
import { formatNumber } from "../../i18n/i18n";
import { CopyButton } from "../../widgets/copy_button";
import { DataTable, type DataColumn } from "../../widgets/data_table";

interface Row {
  line?: number;
  file?: string;
  object?: number;
  source?: string;
  label?: string;
  reason?: string;
  what?: string;
}
type Numbered = Row & { id: string };

export interface Listed {
  bad?: number;
  bad_lines?: readonly Row[];
  left_out?: number;
  left_out_samples?: readonly Row[];
  unreadable?: number;
  unreadable_samples?: readonly Row[];
  box_notes?: readonly Row[];
}

const lastOf = (path: string) => path.split("/").slice(-2).join("/");

export function ResultLists({ result }: { result: Listed }) {
  const { i18n } = useLingui();
  const line: DataColumn<Numbered> = { id: "line", title: i18n._("Line"), isNumber: true, isRowHeader: true, cell: (row) => (row.line ? formatNumber(row.line) : "–") };
  const path = (title: string, of: (row: Row) => string | undefined, isRowHeader = false): DataColumn<Numbered> => ({
    id: "path",
    title,
    isRowHeader,
    cell: (row) => (
      <span className="row">
        <code className="one-line" title={of(row)}>
          {lastOf(of(row) ?? "–")}
        </code>
        {of(row) && <CopyButton text={of(row) ?? ""} label={i18n._("Copy path")} />}
      </span>
    ),
  });
  const why: DataColumn<Numbered> = { id: "why", title: i18n._("Why"), cell: (row) => row.reason ?? row.what ?? "" };
  const inFile = [line, path(i18n._("File"), ({ file }) => file)];
  const ofSample = [path(i18n._("Image"), ({ source }) => source, true), why];
  const label: DataColumn<Numbered> = { id: "label", title: i18n._("Label"), from: "middle", cell: (row) => row.label ?? "–" };
  return (
    <>
      <List title={i18n._("Lines that were refused")} rows={result.bad_lines} of={result.bad} columns={[...inFile, why]} />
      <List title={i18n._("Samples that were left out")} rows={result.left_out_samples} of={result.left_out} columns={ofSample} />
      <List title={i18n._("Images that could not be compared")} rows={result.unreadable_samples} of={result.unreadable} columns={ofSample} />
      <List title={i18n._("Boxes and sizes that were put right")} rows={result.box_notes} columns={[...inFile, label, why]} />
    </>
  );
}

function List({ title, rows = [], of, columns }: { title: string; rows?: readonly Row[] | undefined; of?: number | undefined; columns: readonly DataColumn<Numbered>[] }) {
  const { i18n } = useLingui();
  if (rows.length === 0) return null;
  return (
    <section className="stack tight">
      <h2>{title}</h2>
      {of !== undefined && of > rows.length && <p className="soft small">{i18n._("The first {shown} of {count}.", { shown: formatNumber(rows.length), count: formatNumber(of) })}</p>}
      <div className="result-list">
        <DataTable label={title} columns={columns} rows={rows.map((row, at) => ({ ...row, id: String(at) }))} empty={null} />
      </div>
    </section>
  );
}
