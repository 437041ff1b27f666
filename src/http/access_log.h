/* SPDX-License-Identifier: Apache-2.0 */
/* Access log: one JSON line a request. */
#ifndef HTTP_ACCESS_LOG_H
#define HTTP_ACCESS_LOG_H

#include "base/buffer.h"

enum { ACCESS_LINE_MAX_BYTES = 4096, ACCESS_PATH_MAX_BYTES = 512 };

struct access_row {
    const char *user;                                        /* who called; NULL: not known, or no user */
    const char *request_id, *method, *path, *route, *remote; /* `path` as sent, without the query */
    int status;
    uint64_t bytes; /* of the reply's body, before compression */
    double seconds;
};

/* Makes the line, with its newline; texts from outside are made printable. False when it did not fit. */
bool access_log_line(const struct access_row *row, struct buffer *into);
/* Writes it whole to a file descriptor; -1 writes nothing. */
void access_log_write(int fd, const struct access_row *row);

#endif
