/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_match.h"

#include <math.h>
#include <string.h>

enum {
    ROWS_AT_ONCE = 1024,
    /* Below one hit in so many rows, looking at each one's name is quicker than going through all names. */
    FEW_NAMES = 8,
};

/* A bitmap that a column owns, or that was made for this query. */
struct hits {
    const roaring_bitmap_t *bitmap;
    roaring_bitmap_t *own; /* the same, when it must be freed */
};

static void hits_release(struct hits *hits)
{
    if (hits->own)
        roaring_bitmap_free(hits->own);
    *hits = (struct hits){0};
}

static bool hits_own(struct hits *hits, roaring_bitmap_t *bitmap, struct error *err)
{
    *hits = (struct hits){bitmap, bitmap};
    return bitmap || error_no_memory(err);
}

/* ---- values that have a bitmap ---- */

static bool value_rows(const struct value_set *set, const char *name, int kind, struct hits *ret,
                       struct error *err)
{
    uint32_t number = value_set_find(set, name);
    if (number == VALUE_NONE)
        return hits_own(ret, roaring_bitmap_create(), err);
    if (kind < 2)
        *ret = (struct hits){set->values[number].rows[kind], NULL};
    else
        return hits_own(ret, roaring_bitmap_or(set->values[number].rows[0], set->values[number].rows[1]),
                        err);
    return true;
}

static bool without_value(const struct sample_columns *columns, const struct value_set *set, struct hits *ret,
                          struct error *err)
{
    if (!hits_own(ret, roaring_bitmap_copy(columns->all), err))
        return false;
    for (uint32_t i = 0; i < set->count; i++)
        roaring_bitmap_andnot_inplace(ret->own, set->values[i].rows[0]);
    return true;
}

static bool flag_rows(const struct sample_columns *columns, const roaring_bitmap_t *flag, bool is_set,
                      struct hits *ret, struct error *err)
{
    if (!is_set)
        return hits_own(ret, roaring_bitmap_andnot(columns->all, flag), err);
    *ret = (struct hits){flag, NULL};
    return true;
}

/* False without an error set when the term has no bitmap. */
static bool bitmap_of(const struct sample_columns *columns, const struct sample_term *term, struct hits *ret,
                      struct error *err)
{
    switch (term->kind) {
    case TERM_STATE:
        return value_rows(&columns->fields[FIELD_STATE], term->text, 0, ret, err);
    case TERM_ORIGIN:
        return value_rows(&columns->fields[FIELD_ORIGIN], term->text, 0, ret, err);
    case TERM_ORIGIN_TASK:
        return value_rows(&columns->fields[FIELD_ORIGIN_TASK], term->text, 0, ret, err);
    case TERM_USAGE:
        return term->text ? value_rows(&columns->fields[FIELD_USAGE], term->text, 0, ret, err)
                          : without_value(columns, &columns->fields[FIELD_USAGE], ret, err);
    case TERM_HARD:
        return flag_rows(columns, columns->hard, term->number != 0, ret, err);
    case TERM_EXCLUDED:
        return flag_rows(columns, columns->excluded, term->number != 0, ret, err);
    case TERM_REASON:
        *ret = (struct hits){columns->reasons[term->number], NULL};
        return true;
    case TERM_LABEL:
        return value_rows(&columns->labels, term->text, 2, ret, err);
    case TERM_CONFIRMED_LABEL:
        return value_rows(&columns->labels, term->text, 0, ret, err);
    default:
        return value_rows(&columns->labels, term->text, 1, ret, err);
    }
}

/* ---- values that are looked at row by row ---- */

/* Gives the rows of `within` to `takes` and collects those that it takes. */
static bool scan(const struct sample_columns *columns, const roaring_bitmap_t *within,
                 bool (*takes)(const struct sample_columns *columns, uint32_t row, const void *state),
                 const void *state, struct hits *ret, struct error *err)
{
    uint32_t rows[ROWS_AT_ONCE], taken, count;
    roaring_uint32_iterator_t at;
    if (!hits_own(ret, roaring_bitmap_create(), err))
        return false;
    roaring_init_iterator(within, &at);
    while ((count = roaring_read_uint32_iterator(&at, rows, ROWS_AT_ONCE)) > 0) {
        taken = 0;
        for (uint32_t i = 0; i < count; i++)
            if (takes(columns, rows[i], state))
                rows[taken++] = rows[i];
        roaring_bitmap_add_many(ret->own, taken, rows);
    }
    return true;
}

static bool is_inside(double value, const struct sample_term *term)
{
    return !isnan(value) && !(value < term->min) && !(value > term->max);
}

static bool takes_coefficient(const struct sample_columns *columns, uint32_t row, const void *state)
{
    return is_inside(columns->coefficients[row], state);
}

static bool takes_score(const struct sample_columns *columns, uint32_t row, const void *state)
{
    return is_inside(columns->scores[row], state);
}

static bool takes_feature(const struct sample_columns *columns, uint32_t row, const void *state)
{
    const struct sample_term *term = state;
    return is_inside(columns->features[term->number][row], term);
}

static bool match_feature(const struct sample_columns *columns, const struct sample_term *term,
                          const roaring_bitmap_t *within, struct hits *ret, struct error *err)
{
    if (!columns->features[term->number])
        return hits_own(ret, roaring_bitmap_create(), err);
    return scan(columns, within, takes_feature, term, ret, err);
}

static bool takes_name(const struct sample_columns *columns, uint32_t row, const void *state)
{
    return strstr(columns->texts + columns->source_at[row], state) != NULL;
}

/* Row whose text holds the byte at `at`; rows come in the order of their texts. */
static uint32_t row_at(const struct sample_columns *columns, uint64_t at, uint32_t from)
{
    size_t low = from, high = columns->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (columns->source_at[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

/* One search through all names; a name is found once. What is found in a name as it is, after its small
 * letters, is in those too. */
static bool search_names(const struct sample_columns *columns, const char *part, struct hits *ret,
                         struct error *err)
{
    size_t bytes = strlen(part);
    uint64_t at = 0;
    uint32_t row = 0;
    if (!hits_own(ret, roaring_bitmap_create(), err))
        return false;
    while (at < columns->text_bytes) {
        const char *found = memmem(columns->texts + at, columns->text_bytes - at, part, bytes);
        if (!found)
            break;
        row = row_at(columns, (uint64_t)(found - columns->texts), row);
        roaring_bitmap_add(ret->own, row);
        at = row + 1 < columns->count ? columns->source_at[row + 1] : columns->text_bytes;
    }
    return true;
}

static bool match_name(const struct sample_columns *columns, const char *part, const roaring_bitmap_t *within,
                       struct hits *ret, struct error *err)
{
    char folded[SAMPLE_NAME_MAX_BYTES + 1];
    sample_name_fold(part, folded);
    if (folded[0] == '\0')
        return hits_own(ret, roaring_bitmap_copy(within), err);
    if (roaring_bitmap_get_cardinality(within) < columns->count / FEW_NAMES)
        return scan(columns, within, takes_name, folded, ret, err);
    return search_names(columns, folded, ret, err);
}

/* ---- trees ---- */

static bool match(const struct sample_columns *columns, const struct sample_term *term,
                  const roaring_bitmap_t *within, struct hits *ret, struct error *err);

/* Bitmaps narrow what the slower terms have to look at. */
static int cost_of(const struct sample_term *term)
{
    if (term->kind <= TERM_NOT)
        return 1;
    return term->kind < TERM_COEFFICIENT ? 0 : term->kind == TERM_NAME ? 3 : 2;
}

/* NOLINTNEXTLINE(misc-no-recursion): SAMPLE_TERMS_DEPTH_MAX limits it */
static bool match_and(const struct sample_columns *columns, const struct sample_term *term,
                      const roaring_bitmap_t *within, struct hits *ret, struct error *err)
{
    struct hits all = {within, NULL};
    for (int cost = 0; cost <= 3; cost++)
        for (size_t i = 0; i < term->count; i++) {
            struct hits one = {0}, both = {0};
            if (cost_of(&term->items[i]) != cost)
                continue;
            bool is_ok = match(columns, &term->items[i], all.bitmap, &one, err) &&
                         hits_own(&both, roaring_bitmap_and(all.bitmap, one.bitmap), err);
            hits_release(&one);
            hits_release(&all);
            all = both;
            if (!is_ok)
                return false;
        }
    *ret = all;
    return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): SAMPLE_TERMS_DEPTH_MAX limits it */
static bool match_or(const struct sample_columns *columns, const struct sample_term *term,
                     const roaring_bitmap_t *within, struct hits *ret, struct error *err)
{
    if (!hits_own(ret, roaring_bitmap_create(), err))
        return false;
    for (size_t i = 0; i < term->count; i++) {
        struct hits one = {0};
        bool is_ok = match(columns, &term->items[i], within, &one, err);
        if (is_ok)
            roaring_bitmap_or_inplace(ret->own, one.bitmap);
        hits_release(&one);
        if (!is_ok)
            return false;
    }
    return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): SAMPLE_TERMS_DEPTH_MAX limits it */
static bool match_not(const struct sample_columns *columns, const struct sample_term *term,
                      const roaring_bitmap_t *within, struct hits *ret, struct error *err)
{
    struct hits one = {0};
    bool is_ok = match(columns, &term->items[0], within, &one, err) &&
                 hits_own(ret, roaring_bitmap_andnot(within, one.bitmap), err);
    hits_release(&one);
    return is_ok;
}

/* What *ret holds may reach beyond `within` where that costs nothing: the caller intersects. On failure *ret
 * may hold something too.
 * NOLINTNEXTLINE(misc-no-recursion): SAMPLE_TERMS_DEPTH_MAX limits it */
static bool match(const struct sample_columns *columns, const struct sample_term *term,
                  const roaring_bitmap_t *within, struct hits *ret, struct error *err)
{
    switch (term->kind) {
    case TERM_AND:
        return match_and(columns, term, within, ret, err);
    case TERM_OR:
        return match_or(columns, term, within, ret, err);
    case TERM_NOT:
        return match_not(columns, term, within, ret, err);
    case TERM_COEFFICIENT:
        return scan(columns, within, takes_coefficient, term, ret, err);
    case TERM_SCORE:
        return scan(columns, within, takes_score, term, ret, err);
    case TERM_FEATURE:
        return match_feature(columns, term, within, ret, err);
    case TERM_NAME:
        return match_name(columns, term->text, within, ret, err);
    default:
        return bitmap_of(columns, term, ret, err);
    }
}

bool sample_match(const struct sample_columns *columns, const struct sample_term *term,
                  const roaring_bitmap_t *within, roaring_bitmap_t **ret, struct error *err)
{
    struct hits hits = {0}, both = {0};
    bool is_ok = match(columns, term, within, &hits, err) &&
                 hits_own(&both, roaring_bitmap_and(within, hits.bitmap), err);
    hits_release(&hits);
    if (is_ok)
        *ret = both.own;
    return is_ok;
}
