/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Query: which samples, as a tree of terms. It comes from the members of a filter or from JSON; SQL
 * (sample_where.h) and the index in memory (sample_match.h) answer it alike.
 *
 * In JSON each term is an object of one member:
 *   {"and": [term…]}  {"or": [term…]}  {"not": term}
 *   {"state": "labeled"}  {"hard": true}  {"excluded": false}  {"reason": 7}  {"usage": "TRAIN"}
 *   {"origin": "import"}  {"origin_task": "id of the task"}
 *   {"label": "cat"}  {"confirmed_label": "cat"}  {"suggested_label": "cat"}
 *   {"coefficient": {"min": 0.5, "max": 1}}  {"score": {"min": 0.3}}  {"name": "part of the source"}
 *   {"feature": {"name": "brightness", "min": 0.1, "max": 0.3}}: as it was measured last (sample_feature.h)
 * {"usage": "none"}: without one. An empty "and" takes all, an empty "or" none.
 */
#ifndef DATASET_SAMPLE_QUERY_H
#define DATASET_SAMPLE_QUERY_H

#include "base/json.h"
#include "dataset/dataset.h"

enum {
    SAMPLE_TERMS_MAX = 50,       /* terms of a tree from outside */
    SAMPLE_TERMS_DEPTH_MAX = 8,  /* in one another */
    SAMPLE_NAME_MAX_BYTES = 1024 /* of the part of a source */
};

enum sample_term_kind {
    TERM_AND,
    TERM_OR,
    TERM_NOT,
    TERM_STATE,
    TERM_HARD,
    TERM_EXCLUDED,
    TERM_REASON,
    TERM_USAGE,
    TERM_ORIGIN,
    TERM_ORIGIN_TASK,
    TERM_LABEL,
    TERM_CONFIRMED_LABEL,
    TERM_SUGGESTED_LABEL,
    TERM_COEFFICIENT,
    TERM_SCORE,
    TERM_FEATURE,
    TERM_NAME,
    TERM_KIND_COUNT
};
struct sample_term {
    enum sample_term_kind kind;
    const char *text; /* state, usage (NULL: without one), origin, task, label, part of a name */
    int64_t number;   /* reason; hard and excluded: 0 or 1; place of a feature */
    double min, max;  /* of ranges, both inside; NaN: open; a sample without the number is never inside */
    const struct sample_term *items; /* and, or; not: one */
    size_t count;
};

/* ERR_INVALID names what is wrong and points to it below `pointer`; ERR_LIMIT past the limits above. The tree
 * is in the arena. */
MUST_CHECK bool sample_term_read(yyjson_val *value, const char *pointer, struct arena *arena,
                                 struct sample_term *ret, struct error *err);
/* The whole filter as one TERM_AND; its cursor, order and limit are not looked at. ERR_INVALID, ERR_LIMIT. */
MUST_CHECK bool sample_filter_term(const struct sample_filter *filter, struct arena *arena,
                                   struct sample_term *ret, struct error *err);
/* What is found ignoring the case of ASCII letters, in small letters. `to` has strlen + 1 bytes. */
void sample_name_fold(const char *text, char *to);

#endif
