/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON stream: one value written straight into a buffer, member by member, without a document in memory: for
 * rows of which there are many. Nothing is checked at each call; json_stream_check at the end says whether
 * all of it could be written.
 *
 *     struct json_stream out = {.into = &buffer};
 *     json_stream_open(&out, NULL, '{');
 *     json_stream_text(&out, "source", "/a.jpg");
 *     json_stream_close(&out, '}');
 *     if (!json_stream_check(&out, "the row", err)) …
 */
#ifndef BASE_JSON_STREAM_H
#define BASE_JSON_STREAM_H

#include "base/buffer.h"

struct json_stream {
    struct buffer *into;
    bool has_items;       /* the next item of this object or array needs a comma */
    const char *not_utf8; /* the first member whose text was not UTF-8; "" in an array */
};

/* `name`: the member; NULL inside an array and at the top. */
void json_stream_open(struct json_stream *out, const char *name, char bracket); /* '{' or '[' */
void json_stream_close(struct json_stream *out, char bracket);
/* NULL writes nothing, not even the name. Text must be UTF-8. */
void json_stream_text(struct json_stream *out, const char *name, const char *text);
/* Text for people: every byte that is not UTF-8 becomes U+FFFD. */
void json_stream_message(struct json_stream *out, const char *name, const char *text);
void json_stream_count(struct json_stream *out, const char *name, uint64_t value);
/* Shortest text that reads back as the same number; NaN and infinities write nothing. */
void json_stream_number(struct json_stream *out, const char *name, double value);
/* `json` is one JSON value already; NULL writes nothing. */
void json_stream_raw(struct json_stream *out, const char *name, const char *json);
/* ERR_INVALID names the member that is not UTF-8, ERR_LIMIT the buffer's limit. */
MUST_CHECK bool json_stream_check(const struct json_stream *out, const char *what, struct error *err);

#endif
