/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of the page. All append to page->into, whose is_full the caller looks at in the end. */
#ifndef PAGE_PAGE_PARTS_H
#define PAGE_PAGE_PARTS_H

#include "page/page_html.h"

struct page {
    const struct page_source *source;
    struct buffer *into;
    size_t pictures, picture_bytes, left_out;
};

extern const char *const page_style[]; /* the style sheet in pieces, NULL-ended; the policy has its SHA-256 */

/* What the filtering wrote down. */
yyjson_val *page_stored(const struct page *page);
/* The member's number; NaN when it has none. */
double page_value(yyjson_val *object, const char *name);

/* ---- page_summary.c ---- */
void page_head(struct page *page);
void page_cards(struct page *page);
void page_hardness(struct page *page);
void page_combination(struct page *page);
void page_settings(struct page *page);

/* ---- page_tables.c ---- */
void page_reasons(struct page *page);
void page_features(struct page *page);
void page_operations(struct page *page);
/* "C1" in the colour of its family, whose names say it too. */
void page_code(struct buffer *into, const char *code);

/* ---- page_examples.c ---- */
MUST_CHECK bool page_examples(struct page *page, struct error *err);

/* ---- page_charts.c ---- */

struct page_histogram {
    const char *label;          /* for who cannot see it */
    double from, to;            /* of the outer edges */
    yyjson_val *run, *training; /* lists of counts; NULL: none */
    double low, high;           /* a range that is marked; NaN: none */
};
/* Bars of the run; an outline of the training set, each at its own height. */
void page_histogram(struct buffer *into, const struct page_histogram *histogram);
/* A bar from 0 to 1. */
void page_bar(struct buffer *into, double share);
/* The boxes of a detection over an image of width × height px: kept ones solid, near misses dotted. */
void page_boxes(struct buffer *into, yyjson_val *detections, double width, double height);

/* The picture, or why there is none. */
struct page_image {
    struct page_picture picture;
    const char *alt;
    double width, height; /* px of the image, which boxes count in; 0: not known */
};
MUST_CHECK bool page_add_image(struct page *page, const struct page_image *image, struct error *err);

#endif
