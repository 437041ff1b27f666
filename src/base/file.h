/* SPDX-License-Identifier: Apache-2.0 */
/* File: a local file that a person named, read whole. What lies under a root URL is read through store/. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buffer.h"
#include "base/roots.h"

/* Replaces the content of `into`. Errors name the path. ERR_NOT_FOUND: no such file; ERR_INVALID: not a
 * regular file; ERR_LIMIT: longer than the buffer's limit, found before it is read. */
MUST_CHECK bool file_read(const char *path, struct buffer *into, struct error *err);
/* The same for an absolute, clean path in the roots; ERR_DENIED when it is outside. NULL: not confined. */
MUST_CHECK bool file_read_within(const struct roots *roots, const char *path, struct buffer *into,
                                 struct error *err);
/* True when there is a regular file, in the roots. */
bool file_exists(const struct roots *roots, const char *path);

#endif
