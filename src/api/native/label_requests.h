/* SPDX-License-Identifier: Apache-2.0 */
/* What requests about labels share. */
#ifndef API_NATIVE_LABEL_REQUESTS_H
#define API_NATIVE_LABEL_REQUESTS_H

#include "api/native/native.h"
#include "dataset/label_edit.h"

/* What a label is to look like, as people say it. */
struct label_words {
    const char *name, *color, *shortcut;
    yyjson_val *attributes;
};
/* A label_words as a wish; `pointer` is that of the attributes. */
MUST_CHECK bool read_label_words(struct arena *arena, const struct label_words *words, const char *pointer,
                                 struct label_wish *ret, struct error *err);
/* A new label of a list: an object with the members of label_words. The error points into `pointer`. */
MUST_CHECK bool read_label_wish(struct arena *arena, yyjson_val *object, const char *pointer,
                                struct label_wish *ret, struct error *err);

#endif
