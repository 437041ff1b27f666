/* SPDX-License-Identifier: Apache-2.0 */
/* What a label of a set may look like. Errors point at the member at fault. */
#ifndef DATASET_LABEL_CHECK_H
#define DATASET_LABEL_CHECK_H

#include "base/json.h"

enum {
    LABEL_SHORTCUT_MAX_CHARACTERS = 32,
    LABEL_ATTRIBUTES_MAX = 32, /* of one label */
    LABEL_ATTRIBUTE_NAME_MAX_CHARACTERS = 64,
    LABEL_ATTRIBUTE_VALUES_MAX = 100, /* of one attribute */
    LABEL_ATTRIBUTE_VALUE_MAX_CHARACTERS = 256,
    LABEL_ATTRIBUTES_MAX_BYTES = 64 * 1024, /* all of one label, as JSON */
};

#define LABEL_ATTRIBUTE_TEXT "text"
#define LABEL_ATTRIBUTE_SELECT "select"

/* "#3399ff": six hex digits. *ret in lower case, in the arena; "" gives NULL: none. */
MUST_CHECK bool label_check_color(const char *color, struct arena *arena, const char **ret,
                                  struct error *err);
/* A key as the console writes it, "f" or "Shift+F"; "" gives NULL. */
MUST_CHECK bool label_check_shortcut(const char *shortcut, const char **ret, struct error *err);
/* [{"name", "type": "text" | "select", "default", "values": [text, ...]}]: what is filled in beside the
 * label. A select has values and its default is one of them; a text has none. *ret is the same as text, with
 * every member and default null where there is none; an empty list gives NULL. `pointer` is that of the
 * list. ERR_LIMIT past the limits above. */
MUST_CHECK bool label_attributes_read(yyjson_val *list, const char *pointer, struct arena *arena,
                                      const char **ret, struct error *err);

#endif
