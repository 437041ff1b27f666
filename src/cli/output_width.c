/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "cli/output_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { NARROWEST = 8, BETWEEN = 2, WIDEST = 4096 };

/* Bytes and columns of the character at `at`; false when it is not to be read. */
static bool measure(const char *at, size_t left, size_t *ret_bytes, size_t *ret_columns)
{
    mbstate_t state = {0};
    wchar_t wide;
    size_t bytes = mbrtowc(&wide, at, left, &state); /* NOLINT(concurrency-mt-unsafe): state is ours */
    if (bytes == 0 || bytes > left || wcwidth(wide) < 0)
        return false;
    *ret_bytes = bytes;
    *ret_columns = (size_t)wcwidth(wide);
    return true;
}

size_t output_width(const char *text)
{
    size_t width = 0, left = strlen(text), bytes = 0, columns = 0;
    for (const char *at = text; left > 0; at += bytes, left -= bytes) {
        if (!measure(at, left, &bytes, &columns))
            return strlen(text);
        width += columns;
    }
    return width;
}

size_t output_fit(const char *text, size_t wanted)
{
    size_t used = 0, left = strlen(text), bytes = 0, columns = 0;
    const char *at = text;
    for (; left > 0; at += bytes, left -= bytes) {
        if (!measure(at, left, &bytes, &columns))
            bytes = columns = 1;
        used += columns;
        if (used > wanted)
            break;
    }
    return (size_t)(at - text);
}

size_t output_terminal_width(const struct cli *cli)
{
    const char *said = secure_getenv("COLUMNS");
    uint64_t columns = 0;
    struct error ignored = {0};
    struct winsize size = {0};
    if (!cli->is_terminal)
        return 0;
    if (said && said[0] && text_to_count(said, "COLUMNS", 1, WIDEST, &columns, &ignored))
        return (size_t)columns;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static bool may_shrink(const struct column *column, size_t width)
{
    return column->kind != COLUMN_COUNT && column->kind != COLUMN_NUMBER && column->kind != COLUMN_ID &&
           width > NARROWEST && width > strlen(column->header);
}

void output_narrow(size_t *widths, const struct column *columns, size_t count, size_t total)
{
    size_t used = 0;
    for (size_t c = 0; c < count; c++)
        used += widths[c] + (c > 0 ? BETWEEN : 0);
    while (total > 0 && used > total) {
        size_t widest = count;
        for (size_t c = 0; c < count; c++)
            if (may_shrink(&columns[c], widths[c]) && (widest == count || widths[c] > widths[widest]))
                widest = c;
        if (widest == count)
            return;
        widths[widest]--;
        used--;
    }
}
