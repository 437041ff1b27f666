/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Params: one row per thing that can be set. The same rows fill a struct from JSON or from text, check
 * ranges, print the command's help and the docs, and write the settings back as JSON, so that these cannot
 * disagree.
 */
#ifndef BASE_PARAMS_H
#define BASE_PARAMS_H

#include "base/json.h"

enum param_type {
    PARAM_TEXT,   /* const char *, in the arena; NULL when not given and without fallback */
    PARAM_NUMBER, /* double */
    PARAM_COUNT,  /* uint64_t */
    PARAM_BOOL,   /* bool */
    PARAM_CHOICE, /* const char *: one of `choices`, pointing into that table */
    PARAM_LIST,   /* struct param_list: JSON array of texts or numbers (kept as text), or comma-separated */
};

enum { PARAM_TEXT_MAX_BYTES = 4096, PARAM_LIST_MAX = 100000 };

struct param_list {
    const char **items;
    size_t count;
};

struct param_spec {
    const char *name; /* snake_case in JSON; on the command line --kebab-case */
    enum param_type type;
    size_t offset; /* of the field in the options struct */
    bool is_required;
    bool is_positional;        /* on the command line: an argument, not an option; several in table order */
    const char *fallback_text; /* PARAM_TEXT and PARAM_CHOICE; NULL = none */
    double fallback, min,
        max; /* PARAM_NUMBER and PARAM_COUNT; PARAM_BOOL uses fallback; PARAM_TEXT: max bytes when not 0 */
    const char *const *choices; /* PARAM_CHOICE: NULL-ended */
    const char *unit;           /* "" or NULL for a pure number */
    const char *value_name;     /* in help: "DIR|X.manifest"; NULL: from the type */
    const char *help;           /* one phrase, no full stop */
};

#define PARAM(struct_type, field, ...)                                                                       \
    {                                                                                                        \
        .name = #field, .offset = offsetof(struct_type, field), __VA_ARGS__                                  \
    }
#define PARAM_END                                                                                            \
    {                                                                                                        \
        .name = NULL                                                                                         \
    }

void params_defaults(const struct param_spec *specs, void *options);
/* NULL when there is no such row. A name in kebab-case finds the snake_case row. */
const struct param_spec *params_find(const struct param_spec *specs, const char *name);
/* Sets one field from text. ERR_INVALID names it, its range and the text. Texts are copied into the arena. */
MUST_CHECK bool params_set_text(const struct param_spec *spec, void *options, const char *text,
                                struct arena *arena, struct error *err);
/* Sets fields from an object (NULL counts as empty). Unknown members, wrong types, values out of range and
 * missing required rows are ERR_INVALID, and err->pointer names the member. Starts from params_defaults. */
MUST_CHECK bool params_read_json(const struct param_spec *specs, void *options, yyjson_val *object,
                                 struct arena *arena, struct error *err);
/* Adds every field that is set to `object`. */
void params_write_json(const struct param_spec *specs, const void *options, yyjson_mut_doc *doc,
                       yyjson_mut_val *object);

#endif
