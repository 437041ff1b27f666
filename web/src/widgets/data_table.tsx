// SPDX-License-Identifier: Apache-2.0
// Tables of up to a thousand rows: columns as a list, sorting in the URL, its states (loading, empty, broken) in the table's own place.
import { useLingui } from "@lingui/react";
import type { ReactNode } from "react";
import { Cell, Column, Row, Table, TableBody, TableHeader, type SortDescriptor } from "react-aria-components";
import { ArrowDown, ArrowUp } from "lucide-react";
import { ProblemBlock } from "./problem_block";
import { Skeleton } from "./skeleton";
import "./data_table.css";

export interface DataColumn<T> {
  id: string;
  title: string;
  cell: (row: T) => ReactNode;
  /** What the column is sorted by; without it, it is not. */
  sortBy?: (row: T) => string | number;
  isRowHeader?: boolean;
  isNumber?: boolean;
  /** Left out on screens narrower than this. */
  from?: "wide" | "middle";
}

export interface DataTableProps<T extends { id: string }> {
  label: string;
  columns: readonly DataColumn<T>[];
  rows: readonly T[] | undefined;
  problem?: unknown;
  onRetry?: () => void;
  empty: ReactNode;
  sort?: SortDescriptor | undefined;
  onSort?: (sort: SortDescriptor) => void;
  onOpen?: (row: T) => void;
}

function sorted<T>(rows: readonly T[], columns: readonly DataColumn<T>[], sort: SortDescriptor | undefined): readonly T[] {
  const by = columns.find((column) => column.id === sort?.column)?.sortBy;
  if (!by) return rows;
  const way = sort?.direction === "descending" ? -1 : 1;
  const collator = new Intl.Collator(undefined, { numeric: true });
  return [...rows].sort((a, b) => {
    const [x, y] = [by(a), by(b)];
    return way * (typeof x === "number" && typeof y === "number" ? x - y : collator.compare(String(x), String(y)));
  });
}

export function DataTable<T extends { id: string }>({ label, columns, rows, problem, onRetry, empty, sort, onSort, onOpen }: DataTableProps<T>) {
  const { i18n } = useLingui();
  if (problem && !rows) return <ProblemBlock thrown={problem} onRetry={onRetry} />;
  if (!rows) return <Skeleton rows={6} />;
  if (rows.length === 0) return <div className="card">{empty}</div>;
  const ordered = sorted(rows, columns, sort);
  return (
    <div className="table-frame" role="region" aria-label={i18n._("{label}, scrolls sideways", { label })}>
      <Table aria-label={label} className="table" sortDescriptor={sort} onSortChange={onSort} onRowAction={onOpen && ((key) => rows.filter((row) => row.id === key).forEach(onOpen))}>
        <TableHeader>
          {columns.map((column) => (
            <Column key={column.id} id={column.id} isRowHeader={column.isRowHeader} allowsSorting={column.sortBy !== undefined && onSort !== undefined} className={classOf(column)}>
              {({ sortDirection }) => (
                <span className="table-title">
                  {column.title}
                  {sortDirection === "ascending" && <ArrowUp size={12} aria-hidden />}
                  {sortDirection === "descending" && <ArrowDown size={12} aria-hidden />}
                </span>
              )}
            </Column>
          ))}
        </TableHeader>
        <TableBody>
          {ordered.map((row) => (
            <Row key={row.id} id={row.id}>
              {columns.map((column) => (
                <Cell key={column.id} className={classOf(column)}>
                  {column.cell(row)}
                </Cell>
              ))}
            </Row>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

function classOf<T>({ isNumber, from }: DataColumn<T>): string {
  return `${isNumber ? "number" : ""} ${from ? `from-${from}` : ""}`;
}
