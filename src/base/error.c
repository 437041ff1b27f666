/* SPDX-License-Identifier: Apache-2.0 */
#define BASE_ERROR_DEFINES
#include "base/error.h"

#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct error_kind kinds[ERR_CODE_COUNT] = {
    [ERR_NONE] = {"none", 200, 0, false},
    [ERR_INVALID] = {"invalid", 400, 2, false},
    [ERR_NOT_FOUND] = {"not-found", 404, 5, false},
    [ERR_CONFLICT] = {"conflict", 409, 6, false},
    [ERR_DENIED] = {"denied", 403, 4, false},
    [ERR_LIMIT] = {"limit", 413, 10, false},
    [ERR_IO] = {"io", 502, 1, true},
    [ERR_UNCERTAIN] = {"uncertain", 502, 1, false},
    [ERR_CANCELLED] = {"cancelled", 409, 130, false},
    [ERR_NO_MEMORY] = {"no-memory", 503, 1, true},
    [ERR_FAILED] = {"failed", 500, 8, false},
    [ERR_SIGN_IN] = {"sign-in-needed", 401, 4, false},
    [ERR_BUSY] = {"busy", 503, 1, true},
    [ERR_TOO_MANY] = {"too-many", 429, 10, true},
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == ERR_CODE_COUNT, "one row per error code");

const struct error_kind *error_kind(enum error_code code)
{
    return &kinds[code];
}

__attribute__((format(printf, 3, 0))) static bool fill(struct error *err, enum error_code code,
                                                       const char *format, va_list args)
{
    char message[ERROR_MESSAGE_BYTES]; /* the arguments may point into *err */
    (void)vsnprintf(message, sizeof(message), format, args);
    text_make_printable(message);
    *err = (struct error){.code = code};
    memcpy(err->message, message, sizeof(message));
    return false;
}

bool error_set(struct error *err, enum error_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fill(err, code, format, args);
    va_end(args);
    return false;
}

bool error_set_detail(struct error *err, enum error_detail detail, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fill(err, error_detail_row(detail)->code, format, args);
    va_end(args);
    err->detail = detail;
    return false;
}

static enum error_code code_of_errno(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return ERR_NOT_FOUND;
    case EACCES:
    case EPERM:
        return ERR_DENIED;
    case ENOMEM:
        return ERR_NO_MEMORY;
    default:
        return ERR_IO;
    }
}

bool error_set_errno(struct error *err, int error_number, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fill(err, code_of_errno(error_number), format, args);
    va_end(args);
    char reason[128];
    size_t used = strlen(err->message);
    (void)snprintf(err->message + used, sizeof(err->message) - used, ": %s",
                   strerror_r(error_number, reason, sizeof(reason)));
    return false;
}

bool error_no_memory(struct error *err)
{
    return error_set(err, ERR_NO_MEMORY, "out of memory");
}

bool error_wrap(struct error *err, const char *format, ...)
{
    char message[ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    size_t used = strlen(message);
    if (snprintf(message + used, sizeof(message) - used, ": %s", err->message) < 0)
        message[used] = '\0';
    text_make_printable(message);
    memcpy(err->message, message, sizeof(message));
    return false;
}

bool error_point(struct error *err, const char *pointer)
{
    (void)snprintf(err->pointer, sizeof(err->pointer), "%s", pointer);
    text_make_printable(err->pointer);
    return false;
}
