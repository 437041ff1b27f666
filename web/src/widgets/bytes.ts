// SPDX-License-Identifier: Apache-2.0
import { formatNumber } from "../i18n/i18n";

const units = [
  [1e9, "gigabyte"],
  [1e6, "megabyte"],
  [1e3, "kilobyte"],
] as const;

/** "1.2 MB" */
export function formatBytes(bytes: number): string {
  const [size, unit] = units.find(([least]) => bytes >= least) ?? [1, "byte"];
  return formatNumber(bytes / size, { style: "unit", unit, maximumFractionDigits: bytes / size < 10 ? 1 : 0 });
}
