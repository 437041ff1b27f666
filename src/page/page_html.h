/* SPDX-License-Identifier: Apache-2.0 */
/* HTML: text and numbers that stand in a page. Failed appends leave buffer->is_full. */
#ifndef PAGE_PAGE_HTML_H
#define PAGE_PAGE_HTML_H

#include "page/page.h"

/* Escaped, for content and for quoted attributes. Control characters and what is not UTF-8 become U+FFFD;
 * NULL is "–". */
void page_text(struct buffer *into, const char *text);
/* The same in an element that its writing direction does not leave: names of files, labels. */
void page_name(struct buffer *into, const char *text);
/* "class_often_wrong" as "Class often wrong". */
void page_words(struct buffer *into, const char *name);
/* "1,204"; "–" below 0. */
void page_count(struct buffer *into, double count);
/* With so many digits after the point; "–" when it is not finite. */
void page_number(struct buffer *into, double value, int digits);
/* With as many as its size needs. */
void page_measure(struct buffer *into, double value);
/* 0.053 is "5.3 %". */
void page_share(struct buffer *into, double share);
/* "data:image/jpeg;base64,…"; false when it does not fit. */
bool page_jpeg(struct buffer *into, struct bytes jpeg);
/* How long that is. */
size_t page_jpeg_bytes(size_t jpeg_bytes);

#endif
