/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_AT_ONCE = 1024 };

/* What is counted, by the term that a filter would choose it with. */
static const enum sample_term_kind facet_kinds[] = {TERM_STATE,  TERM_HARD,        TERM_EXCLUDED,
                                                    TERM_REASON, TERM_USAGE,       TERM_ORIGIN,
                                                    TERM_LABEL,  TERM_COEFFICIENT, TERM_SCORE};
enum { FACET_KINDS = sizeof(facet_kinds) / sizeof(facet_kinds[0]) };

struct counting {
    const struct sample_columns *columns;
    size_t labels_max;
    struct arena *arena;
    struct sample_facets facets;
};

static int64_t count_of(const roaring_bitmap_t *a, const roaring_bitmap_t *b)
{
    return (int64_t)roaring_bitmap_and_cardinality(a, b);
}

static int by_name(const void *a, const void *b)
{
    const struct sample_facet *one = a, *other = b;
    if (!one->name || !other->name)
        return (one->name == NULL) - (other->name == NULL);
    return strcmp(one->name, other->name);
}

static int most_first(const void *a, const void *b)
{
    const struct sample_facet *one = a, *other = b;
    int order = (one->samples < other->samples) - (one->samples > other->samples);
    return order ? order : strcmp(one->name, other->name);
}

/* All values, also those that no sample has now, and a row for those without, if there are such. */
static bool count_values(struct counting *counting, enum sample_field field, const roaring_bitmap_t *hits,
                         struct sample_facet_list *ret, struct error *err)
{
    const struct value_set *set = &counting->columns->fields[field];
    struct sample_facet *items = arena_array(counting->arena, set->count + 1, sizeof(*items));
    int64_t without = (int64_t)roaring_bitmap_get_cardinality(hits);
    size_t count = set->count;
    if (!items)
        return error_no_memory(err);
    for (uint32_t i = 0; i < set->count; i++) {
        items[i].name = arena_text(counting->arena, set->values[i].name);
        if (!items[i].name)
            return error_no_memory(err);
        items[i].samples = count_of(hits, set->values[i].rows[0]);
        without -= items[i].samples;
    }
    if (without > 0)
        items[count++] = (struct sample_facet){.samples = without};
    qsort(items, count, sizeof(*items), by_name);
    *ret = (struct sample_facet_list){items, count};
    return true;
}

static struct sample_facet count_label(const struct value *label, const roaring_bitmap_t *hits)
{
    struct sample_facet facet = {.name = label->name,
                                 .confirmed = count_of(hits, label->rows[0]),
                                 .suggested = count_of(hits, label->rows[1])};
    facet.samples = facet.confirmed + facet.suggested;
    if (facet.confirmed == 0 || facet.suggested == 0 ||
        !roaring_bitmap_intersect(label->rows[0], label->rows[1]))
        return facet;
    roaring_bitmap_t *both = roaring_bitmap_and(label->rows[0], label->rows[1]);
    facet.samples -= both ? count_of(hits, both) : 0;
    roaring_bitmap_free(both);
    return facet;
}

static bool count_labels(struct counting *counting, const roaring_bitmap_t *hits, struct error *err)
{
    const struct value_set *set = &counting->columns->labels;
    struct sample_facet *items = arena_array(counting->arena, set->count + 1, sizeof(*items));
    size_t count = 0;
    if (!items)
        return error_no_memory(err);
    for (uint32_t i = 0; i < set->count; i++) {
        items[count] = count_label(&set->values[i], hits);
        count += items[count].samples > 0;
    }
    qsort(items, count, sizeof(*items), most_first);
    counting->facets.labels_known = (int64_t)count;
    if (count > counting->labels_max)
        count = counting->labels_max;
    for (size_t i = 0; i < count; i++)
        if (!(items[i].name = arena_text(counting->arena, items[i].name)))
            return error_no_memory(err);
    counting->facets.labels = (struct sample_facet_list){items, count};
    return true;
}

static struct sample_histogram count_numbers(const double *numbers, const roaring_bitmap_t *hits)
{
    struct sample_histogram histogram = {0};
    uint32_t rows[ROWS_AT_ONCE], count;
    roaring_uint32_iterator_t at;
    roaring_init_iterator(hits, &at);
    while ((count = roaring_read_uint32_iterator(&at, rows, ROWS_AT_ONCE)) > 0)
        for (uint32_t i = 0; i < count; i++) {
            double number = numbers[rows[i]];
            int bin = number >= 0 ? (int)(fmin(number, 1.0) * SAMPLE_BINS) : 0;
            if (isnan(number))
                histogram.without++;
            else
                histogram.bins[bin < SAMPLE_BINS ? bin : SAMPLE_BINS - 1]++;
        }
    return histogram;
}

static bool count_kind(struct counting *counting, enum sample_term_kind kind, const roaring_bitmap_t *hits,
                       struct error *err)
{
    const struct sample_columns *columns = counting->columns;
    struct sample_facets *facets = &counting->facets;
    int64_t all = (int64_t)roaring_bitmap_get_cardinality(hits);
    switch (kind) {
    case TERM_STATE:
        return count_values(counting, FIELD_STATE, hits, &facets->states, err);
    case TERM_USAGE:
        return count_values(counting, FIELD_USAGE, hits, &facets->usages, err);
    case TERM_ORIGIN:
        return count_values(counting, FIELD_ORIGIN, hits, &facets->origins, err);
    case TERM_LABEL:
        return count_labels(counting, hits, err);
    case TERM_HARD:
        facets->hard = count_of(hits, columns->hard);
        facets->not_hard = all - facets->hard;
        return true;
    case TERM_EXCLUDED:
        facets->excluded = count_of(hits, columns->excluded);
        facets->not_excluded = all - facets->excluded;
        return true;
    case TERM_REASON:
        for (int i = 0; i < SAMPLE_FACET_REASONS; i++)
            facets->reasons[i] = count_of(hits, columns->reasons[i]);
        return true;
    case TERM_COEFFICIENT:
        facets->coefficient = count_numbers(columns->coefficients, hits);
        return true;
    default:
        facets->score = count_numbers(columns->scores, hits);
        return true;
    }
}

/* ---- without a field's own conditions ---- */

/* An "or" or a "not" of nothing but conditions on one field is a condition on that field; TERM_AND: on
 * several. NOLINTNEXTLINE(misc-no-recursion): SAMPLE_TERMS_DEPTH_MAX limits it */
static enum sample_term_kind field_of(const struct sample_term *term)
{
    if (term->kind == TERM_CONFIRMED_LABEL || term->kind == TERM_SUGGESTED_LABEL)
        return TERM_LABEL;
    if (term->count == 0)
        return term->kind;
    enum sample_term_kind field = field_of(&term->items[0]);
    for (size_t i = 1; i < term->count; i++)
        if (field_of(&term->items[i]) != field)
            return TERM_AND;
    return field;
}

/* Conditions that all must hold, whatever the number of ANDs around them, without those of `left_out`.
 * NOLINTNEXTLINE(misc-no-recursion): SAMPLE_TERMS_DEPTH_MAX limits it */
static void flatten(const struct sample_term *all, enum sample_term_kind left_out, struct sample_term *into,
                    size_t *count)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->items[i].kind == TERM_AND)
            flatten(&all->items[i], left_out, into, count);
        else if (field_of(&all->items[i]) != left_out)
            into[(*count)++] = all->items[i];
    }
}

static bool match_without(struct counting *counting, const struct sample_term *all,
                          enum sample_term_kind left_out, roaring_bitmap_t **ret, struct error *err)
{
    struct sample_term *items =
        arena_array(counting->arena, SAMPLE_TERMS_MAX + TERM_KIND_COUNT, sizeof(*items));
    size_t count = 0;
    if (!items)
        return error_no_memory(err);
    flatten(all, left_out, items, &count);
    const struct sample_term rest = {.kind = TERM_AND, .items = items, .count = count};
    return sample_match(counting->columns, &rest, counting->columns->all, ret, err);
}

static bool has_condition(const struct sample_term *all, enum sample_term_kind kind)
{
    struct sample_term items[SAMPLE_TERMS_MAX + TERM_KIND_COUNT];
    size_t count = 0, rest = 0;
    flatten(all, TERM_KIND_COUNT, items, &count);
    flatten(all, kind, items, &rest);
    return rest < count;
}

static bool count_all(struct counting *counting, const struct sample_term *all, const roaring_bitmap_t *hits,
                      struct error *err)
{
    for (size_t i = 0; i < FACET_KINDS; i++) {
        roaring_bitmap_t *without = NULL;
        bool has_own = has_condition(all, facet_kinds[i]);
        if (has_own && !match_without(counting, all, facet_kinds[i], &without, err))
            return false;
        bool is_ok = count_kind(counting, facet_kinds[i], has_own ? without : hits, err);
        if (without)
            roaring_bitmap_free(without);
        if (!is_ok)
            return false;
    }
    return true;
}

bool sample_match_facets(const struct sample_columns *columns, const struct sample_term *all,
                         size_t labels_max, struct arena *arena, struct sample_facets *ret, struct error *err)
{
    struct counting counting = {.columns = columns, .labels_max = labels_max, .arena = arena};
    roaring_bitmap_t *hits = NULL;
    if (!match_without(&counting, all, TERM_KIND_COUNT, &hits, err))
        return false;
    counting.facets.total = (int64_t)roaring_bitmap_get_cardinality(hits);
    bool is_ok = count_all(&counting, all, hits, err);
    roaring_bitmap_free(hits);
    if (is_ok)
        *ret = counting.facets;
    return is_ok;
}
