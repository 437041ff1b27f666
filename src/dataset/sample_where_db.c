/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_where.h"

#include "dataset/sample_feature.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

void statement_add(struct statement *statement, const char *piece)
{
    (void)buffer_add_text(statement->sql, piece);
}

void statement_add_value(struct statement *statement, const char *before, struct db_value value,
                         const char *after)
{
    assert(statement->count < DB_ARGS_MAX);
    statement->values[statement->count++] = value;
    (void)buffer_printf(statement->sql, "%s$%zu%s", before, statement->count, after);
}

struct db_args statement_args(const struct statement *statement)
{
    return (struct db_args){statement->values, statement->count};
}

static void add_range(struct statement *statement, const char *number, const struct sample_term *term)
{
    statement_add(statement, "(");
    statement_add(statement, number);
    statement_add(statement, " IS NOT NULL");
    const struct {
        const char *sign;
        double value;
    } ends[] = {{" >= ", term->min}, {" <= ", term->max}};
    for (size_t i = 0; i < 2; i++) {
        if (isnan(ends[i].value))
            continue;
        statement_add(statement, " AND ");
        statement_add(statement, number);
        statement_add_value(statement, ends[i].sign, db_real(ends[i].value), "");
    }
    statement_add(statement, ")");
}

static bool add_feature(struct statement *statement, const struct sample_term *term)
{
    const char *number = arena_printf(statement->arena, "f.%s", sample_feature_names[term->number]);
    if (!number)
        return false;
    statement_add(statement, "EXISTS (SELECT 1 FROM sample_feature f WHERE f.sample_id = s.id AND ");
    add_range(statement, number, term);
    statement_add(statement, ")");
    return true;
}

/* What is compared is bound by '-' on both sides, so 1 is not found in 11-21. */
static bool add_reason(struct statement *statement, int64_t reason)
{
    const char *pattern = arena_printf(statement->arena, "%%-%" PRId64 "-%%", reason);
    if (pattern)
        statement_add_value(statement, "(s.hard_reasons IS NOT NULL AND '-' || s.hard_reasons || '-' LIKE ",
                            db_text(pattern), ")");
    return pattern != NULL;
}

/* The part as a LIKE pattern in which nothing but the ends is a wildcard. Small letters are made here,
 * because databases differ in what they take for the small letter of a parameter; of ASCII only, as in the
 * column. */
static bool add_name(struct statement *statement, const char *part)
{
    char *folded = arena_alloc(statement->arena, strlen(part) + 1);
    char *pattern = arena_alloc(statement->arena, 2 * strlen(part) + 3), *to = pattern;
    if (!folded || !pattern)
        return false;
    sample_name_fold(part, folded);
    *to++ = '%';
    for (; *folded; folded++) {
        if (strchr("!%_", *folded))
            *to++ = '!';
        *to++ = *folded;
    }
    *to++ = '%';
    statement_add_value(statement, "lower(s.source) LIKE ", db_text(pattern), " ESCAPE '!'");
    return true;
}

static void add_usage(struct statement *statement, const char *usage)
{
    if (usage)
        statement_add_value(statement, "(s.usage IS NOT NULL AND s.usage = ", db_text(usage), ")");
    else
        statement_add(statement, "s.usage IS NULL");
}

static bool add_leaf(struct statement *statement, const struct sample_term *term)
{
    static const char has_label[] =
        "EXISTS (SELECT 1 FROM annotation a WHERE a.sample_id = s.id AND a.name = ";
    static const char best_score[] = "(SELECT MAX(a.confidence) FROM annotation a WHERE a.sample_id = s.id "
                                     "AND a.is_suggested = 1)";
    switch (term->kind) {
    case TERM_STATE:
        statement_add_value(statement, "s.state = ", db_text(term->text), "");
        return true;
    case TERM_HARD:
        statement_add(statement, term->number ? "s.is_hard = 1" : "s.is_hard = 0");
        return true;
    case TERM_EXCLUDED:
        statement_add(statement, term->number ? "s.is_excluded = 1" : "s.is_excluded = 0");
        return true;
    case TERM_REASON:
        return add_reason(statement, term->number);
    case TERM_USAGE:
        add_usage(statement, term->text);
        return true;
    case TERM_ORIGIN:
        statement_add_value(statement, "s.origin = ", db_text(term->text), "");
        return true;
    case TERM_ORIGIN_TASK:
        statement_add_value(statement, "(s.origin_task IS NOT NULL AND s.origin_task = ", db_text(term->text),
                            ")");
        return true;
    case TERM_LABEL:
        statement_add_value(statement, has_label, db_text(term->text), ")");
        return true;
    case TERM_CONFIRMED_LABEL:
        statement_add_value(statement, has_label, db_text(term->text), " AND a.is_suggested = 0)");
        return true;
    case TERM_SUGGESTED_LABEL:
        statement_add_value(statement, has_label, db_text(term->text), " AND a.is_suggested = 1)");
        return true;
    case TERM_COEFFICIENT:
        add_range(statement, "s.hard_coefficient", term);
        return true;
    case TERM_SCORE:
        add_range(statement, best_score, term);
        return true;
    case TERM_FEATURE:
        return add_feature(statement, term);
    default:
        return add_name(statement, term->text);
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): SAMPLE_TERMS_DEPTH_MAX limits it */
static bool add_term(struct statement *statement, const struct sample_term *term)
{
    if (term->kind > TERM_NOT)
        return add_leaf(statement, term);
    if (term->kind != TERM_NOT && term->count == 0) {
        statement_add(statement, term->kind == TERM_AND ? "1 = 1" : "1 = 0");
        return true;
    }
    statement_add(statement, term->kind == TERM_NOT ? "NOT (" : "(");
    for (size_t i = 0; i < term->count; i++) {
        if (i > 0)
            statement_add(statement, term->kind == TERM_AND ? " AND " : " OR ");
        if (!add_term(statement, &term->items[i]))
            return false;
    }
    statement_add(statement, ")");
    return true;
}

bool statement_add_filter(struct statement *statement, const char *dataset_id,
                          const struct sample_filter *filter, struct error *err)
{
    struct sample_term all;
    if (!sample_filter_term(filter, statement->arena, &all, err))
        return false;
    statement_add_value(statement, " FROM sample s WHERE s.dataset_id = ", db_text(dataset_id), "");
    for (size_t i = 0; i < all.count; i++) {
        statement_add(statement, " AND ");
        if (!add_term(statement, &all.items[i]))
            return error_no_memory(err);
    }
    return true;
}
