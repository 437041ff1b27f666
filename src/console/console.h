/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Console: the files of the web console (web/), packed into the program when it was built, or read from a
 * folder while they are worked on. Which file a path names, and what a browser is told of it.
 *
 * Threads: a console may be used by several at once.
 */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include "base/arena.h"
#include "base/buffer.h"

enum {
    CONSOLE_FILE_MAX_BYTES = 8 * 1024 * 1024,
    CONSOLE_ETAG_BYTES = 33,
};

/* What web/pack.mjs writes. */
struct console_packed {
    const char *path; /* "index.html", "assets/index-C3kd.js" */
    const char *etag;
    const unsigned char *gzip, *gzip_end, *brotli, *brotli_end;
};
extern const struct console_packed console_packed[];
extern const size_t console_packed_count;

enum console_coding { CONSOLE_PLAIN, CONSOLE_GZIP, CONSOLE_BROTLI };
struct console_file {
    const char *content_type;
    struct bytes bytes; /* coded as asked for; the program's or the arena's */
    enum console_coding coding;
    char etag[CONSOLE_ETAG_BYTES]; /* of the file, whatever its coding */
    bool is_immutable;             /* its name changes with its content */
};

struct console;
/* `folder`: where Vite built the console; NULL: what is packed into the program. */
MUST_CHECK bool console_open(const char *folder, struct console **ret, struct error *err);
struct console *console_free(struct console *console);
/* The file at a path below /ui/, without a slash before it. A path without a dot in its last part is a page
 * of the console: index.html. `coding`: the best that the client takes; the file may come in a plainer one.
 * ERR_NOT_FOUND: there is none. */
MUST_CHECK bool console_find(struct console *console, const char *path, enum console_coding coding,
                             struct arena *arena, struct console_file *ret, struct error *err);

DEFINE_AUTO(console)

#endif
