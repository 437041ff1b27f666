/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page: the report of a filtering as one HTML file that needs nothing else: no server, no network, no script.
 * Pictures stand in it as data: URIs, charts as SVG. Every text from outside is escaped, and the page's own
 * Content-Security-Policy forbids all but its own style sheet and its pictures.
 *
 * Threads: works on its arguments only.
 */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include "base/json.h"

enum {
    PAGE_PICTURES_MAX = 2000,
    PAGE_PICTURE_MAX_BYTES = 96 * 1024,         /* of one JPEG */
    PAGE_PICTURES_MAX_BYTES = 40 * 1024 * 1024, /* of all, as they stand in the page */
    PAGE_MAX_BYTES = 48 * 1024 * 1024,          /* of the page */
    PAGE_TEXT_MAX_BYTES = 1000,                 /* of one text; what is longer ends in "…" */
    PAGE_BINS_MAX = 100,                        /* of one histogram */
    PAGE_BOXES_MAX = 50,                        /* drawn over one image */
    PAGE_NEAR_MISSES_MAX = 20,
    PAGE_NEIGHBORS_MAX = 5, /* shown of one example */
    PAGE_COPIES_MAX = 3,
};

enum page_picture_kind {
    PAGE_PICTURE_IMAGE,    /* of the example */
    PAGE_PICTURE_NEIGHBOR, /* of the training sample `number` */
    PAGE_PICTURE_COPY,     /* of the example, under `operation` */
};
struct page_picture {
    enum page_picture_kind kind;
    size_t example; /* its place in the report's `examples` */
    uint64_t number;
    const char *operation;
    bool is_small; /* beside others: a long side of some 130 px is enough */
};

struct page_source {
    yyjson_val *report; /* the reply of task.report */
    /* Appends the JPEG. What fails is told in the picture's place; ERR_NO_MEMORY ends the page. */
    bool (*picture)(void *state, const struct page_picture *picture, struct buffer *into, struct error *err);
    void *state;
};

/* Appends the page. Pictures beyond the limits are left out, and their places say so. ERR_LIMIT: the text
 * alone is more than the buffer takes; ERR_NO_MEMORY. */
MUST_CHECK bool page_write(const struct page_source *source, struct buffer *into, struct error *err);

#endif
