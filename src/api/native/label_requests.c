/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/label_requests.h"

#include <stdio.h>

enum { POINTER_BYTES = 2 * ERROR_POINTER_BYTES };

static const struct param_spec words_params[] = {
    PARAM(struct label_words, name, .type = PARAM_TEXT, .is_required = true, .help = "of the label"),
    PARAM(struct label_words, color, .type = PARAM_TEXT, .help = "as #3399ff"),
    PARAM(struct label_words, shortcut, .type = PARAM_TEXT, .help = "its key"),
    PARAM(struct label_words, attributes, .type = PARAM_JSON, .is_array = true, .help = "a list"),
    PARAM_END,
};

bool read_label_words(struct arena *arena, const struct label_words *words, const char *pointer,
                      struct label_wish *ret, struct error *err)
{
    const char *attributes = NULL;
    if (words->attributes && !label_attributes_read(words->attributes, pointer, arena, &attributes, err))
        return false;
    if (words->attributes && !attributes)
        attributes = "";
    *ret = (struct label_wish){words->name, words->color, words->shortcut, attributes};
    return true;
}

bool read_label_wish(struct arena *arena, yyjson_val *object, const char *pointer, struct label_wish *ret,
                     struct error *err)
{
    char at[POINTER_BYTES];
    struct label_words words;
    if (!params_read_json(words_params, &words, object, arena, err)) {
        (void)snprintf(at, sizeof(at), "%s%s", pointer, err->pointer);
        return error_point(err, at);
    }
    (void)snprintf(at, sizeof(at), "%s/attributes", pointer);
    return read_label_words(arena, &words, at, ret, err);
}
