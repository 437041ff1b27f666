/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the output share. */
#ifndef CLI_OUTPUT_PARTS_H
#define CLI_OUTPUT_PARTS_H

#include "cli/cli.h"

/* A member of a row, "a.b" of an object in it; NULL when there is none. */
yyjson_mut_val *output_member(yyjson_mut_val *row, const char *path);
/* Of a member that is not there 0, and "". */
int64_t output_count_of(yyjson_mut_val *row, const char *name);
const char *output_text_of(yyjson_mut_val *row, const char *name);
/* The rows in the order of cli->sort: numbers by value, texts as people order them, what is missing last. */
void output_sort(struct cli *cli, yyjson_mut_val *rows);

/* Any JSON value, on lines of its own or on one. */
void output_value(struct cli *cli, yyjson_mut_val *value, bool is_pretty);

/* Columns of a terminal that the text takes; its bytes when it is not to be read. */
size_t output_width(const char *text);
/* How many of its bytes fit into so many columns. */
size_t output_fit(const char *text, size_t wanted);
/* COLUMNS, or what the terminal says; 0: not known. */
size_t output_terminal_width(const struct cli *cli);
/* Takes from the widest columns of text until the table fits, as far as it can be read then. `total` 0: any
 * width fits. */
void output_narrow(size_t *widths, const struct column *columns, size_t count, size_t total);

#endif
