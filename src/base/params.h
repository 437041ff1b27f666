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
    PARAM_COUNT,  /* uint64_t, up to 2^53 - 1 */
    PARAM_BOOL,   /* bool */
    PARAM_CHOICE, /* const char *: one of `choices`, pointing into that table, the fallback too */
    PARAM_JSON, /* yyjson_val *: an object (is_array: an array), borrowed from the request; NULL when not
                   given. From text: JSON */
    PARAM_LIST, /* struct param_list: JSON array of texts or numbers (kept as text), or comma-separated */
    PARAM_INCLUDE, /* the rows of another table, for the struct embedded at this offset */
};

/* PARAM_TEXT that names a file or folder. The command line makes it absolute where it knows the machine that
 * it is of; api/ settles it (api_settle_paths). */
enum param_path {
    PARAM_NO_PATH,
    PARAM_PATH,
    PARAM_PATH_IF_THERE, /* a path when there is such a file, else a name */
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
    bool is_secret;            /* never on a command line: --NAME-file FILE there, or asked on the terminal */
    bool is_whole_item;        /* PARAM_LIST from text: one item as it is, not comma-separated ones */
    bool is_array;             /* PARAM_JSON: an array, not an object */
    const char *fallback_text; /* PARAM_TEXT and PARAM_CHOICE; NULL = none */
    double fallback, min,
        max; /* PARAM_NUMBER and PARAM_COUNT; PARAM_BOOL uses fallback; PARAM_TEXT: max bytes when not 0 */
    const char *const *choices;       /* PARAM_CHOICE: NULL-ended */
    const struct param_spec *include; /* PARAM_INCLUDE; PARAM_INCLUDE_DEPTH tables in one another at most */
    const char *unit;                 /* "" or NULL for a pure number */
    enum param_path path;             /* PARAM_TEXT and PARAM_LIST: names a file or folder */
    const char *value_name;           /* in help: "DIR|X.manifest"; NULL: from the type */
    const char *help;                 /* one phrase, no full stop */
};

#define PARAM(struct_type, field, ...)                                                                       \
    {                                                                                                        \
        .name = #field, .offset = offsetof(struct_type, field), __VA_ARGS__                                  \
    }
#define PARAM_TABLE(struct_type, field, table)                                                               \
    {                                                                                                        \
        .name = #field, .type = PARAM_INCLUDE, .offset = offsetof(struct_type, field), .include = (table)    \
    }
#define PARAM_END                                                                                            \
    {                                                                                                        \
        .name = NULL                                                                                         \
    }

void params_defaults(const struct param_spec *specs, void *options);
/* Visits all rows, included ones in their place: start with *at = (struct param_position){0}. NULL at the
 * end. */
enum { PARAM_INCLUDE_DEPTH = 3 };
struct param_position {
    size_t rows[PARAM_INCLUDE_DEPTH]; /* where each open table stands */
    size_t depth;
    size_t base; /* offset of the struct that the row's own offset counts from */
};
const struct param_spec *params_next(const struct param_spec *specs, struct param_position *at);
/* NULL when there is no such row. A name in kebab-case finds the snake_case row. */
const struct param_spec *params_find(const struct param_spec *specs, const char *name);
/* The JSON value that a text from the command line or a query stands for, by the row's type; what does not
 * fit stays text and is refused when it is read. */
yyjson_mut_val *params_text_to_json(const struct param_spec *spec, const char *text, yyjson_mut_doc *doc);
/* Sets one field from text. ERR_INVALID names it, its range and the text. Texts are copied into the arena. */
MUST_CHECK bool params_set_text(const struct param_spec *spec, void *options, const char *text,
                                struct arena *arena, struct error *err);
/* Sets fields from an object (NULL counts as empty). Names must be exact. Unknown members, wrong types,
 * values out of range and missing required rows are ERR_INVALID, and err->pointer names the member. Starts
 * from params_defaults. */
MUST_CHECK bool params_read_json(const struct param_spec *specs, void *options, yyjson_val *object,
                                 struct arena *arena, struct error *err);
/* Adds every field that is set to `object`. */
void params_write_json(const struct param_spec *specs, const void *options, yyjson_mut_doc *doc,
                       yyjson_mut_val *object);

#endif
