/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON: yyjson with our errors and ownership. Reading is strict (RFC 8259, UTF-8 checked, nothing after the
 * value). Values are borrowed from their document. Objects of known shape are read by param tables
 * (base/params.h).
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/arena.h"
#include "base/buffer.h"

#include <yyjson.h>

/* ERR_INVALID names `what`, the byte position and the reason. The caller frees *ret with yyjson_doc_free. */
MUST_CHECK bool json_parse(struct bytes bytes, const char *what, yyjson_doc **ret, struct error *err);
/* Appends the document to a buffer, on one line or indented. */
MUST_CHECK bool json_write(const yyjson_mut_doc *doc, bool is_pretty, struct buffer *into, struct error *err);

/* {"name": "value"}, for a request of one member; NULL: memory is out. */
yyjson_doc *json_of_text(const char *name, const char *value);

/* The member's text, number…, or the fallback when it is missing, null or of another type. Text that holds a
 * NUL and integers beyond int64_t count as another type. */
const char *json_text(yyjson_val *object, const char *name, const char *fallback);
double json_number(yyjson_val *object, const char *name, double fallback);
int64_t json_integer(yyjson_val *object, const char *name, int64_t fallback);
bool json_bool(yyjson_val *object, const char *name, bool fallback);

__attribute__((unused)) static inline void json_doc_autofree(yyjson_doc **doc)
{
    yyjson_doc_free(*doc);
}
__attribute__((unused)) static inline void json_mut_doc_autofree(yyjson_mut_doc **doc)
{
    yyjson_mut_doc_free(*doc);
}
/* AUTO_JSON name = NULL;   AUTO_MUT_JSON name = yyjson_mut_doc_new(NULL); */
#define AUTO_JSON __attribute__((cleanup(json_doc_autofree))) yyjson_doc *
#define AUTO_MUT_JSON __attribute__((cleanup(json_mut_doc_autofree))) yyjson_mut_doc *

#endif
