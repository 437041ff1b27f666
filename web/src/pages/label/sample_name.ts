// SPDX-License-Identifier: Apache-2.0
/** The file's name, without where it lies. */
export const nameOf = ({ source }: { source: string }): string => source.split("/").at(-1) || source;
