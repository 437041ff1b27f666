/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* The one mutable file-scope value of the tree: a level that every thread may read. */
static atomic_int log_level_now = LOG_WARNING;

void log_set_level(enum log_level level)
{
    atomic_store(&log_level_now, (int)level);
}

void log_write(enum log_level level, const char *format, ...)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    if ((int)level > atomic_load(&log_level_now))
        return;
    char line[1024];
    int used = snprintf(line, sizeof(line), "%s: ", names[level]);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line + used, sizeof(line) - (size_t)used - 1, format, args);
    va_end(args);
    text_make_printable(line);
    size_t length = strlen(line);
    line[length] = '\n';
    (void)fwrite(line, 1, length + 1, stderr);
}
