/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_query.h"

#include "dataset/dataset_check.h"
#include "dataset/sample_feature.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct reading {
    struct arena *arena;
    const char *pointer;
    size_t terms;
};

/* A kind of term in JSON, and how its value is read. */
struct term_form {
    const char *name;
    bool (*read)(struct reading *reading, yyjson_val *value, size_t depth, struct sample_term *term,
                 struct error *err);
};

static bool read_term(struct reading *reading, yyjson_val *value, size_t depth, struct sample_term *term,
                      struct error *err);

static bool refuse(const struct reading *reading, struct error *err)
{
    err->detail = DETAIL_INVALID_ARGUMENT;
    return error_point(err, reading->pointer);
}

/* ---- checks of a term, wherever it comes from ---- */

static bool check_reason(int64_t reason, struct error *err)
{
    return (reason >= 0 && reason <= SAMPLE_REASON_MAX) ||
           error_set(err, ERR_INVALID, "there is no reason %" PRId64 "; they go from 0 to %d", reason,
                     SAMPLE_REASON_MAX);
}

static bool check_state(const char *state, struct error *err)
{
    return sample_state_is_known(state) || error_set(err, ERR_INVALID,
                                                     "state is " SAMPLE_UNLABELED ", " SAMPLE_TO_BE_CONFIRMED
                                                     " or " SAMPLE_LABELED ", not '%.60s'",
                                                     state);
}

static bool check_name(const char *name, struct error *err)
{
    return strlen(name) <= SAMPLE_NAME_MAX_BYTES ||
           error_set(err, ERR_LIMIT, "the part of a source to look for is longer than %d bytes",
                     SAMPLE_NAME_MAX_BYTES);
}

/* "none" is without usage; others in capitals. */
static bool usage_of(const char *usage, const char **ret, struct error *err)
{
    *ret = NULL;
    return strcmp(usage, "none") == 0 || sample_check_usage(usage, ret, err);
}

/* ---- reading JSON ---- */

static bool read_items(struct reading *reading, yyjson_val *value, size_t depth, struct sample_term *term,
                       struct error *err)
{
    size_t index, max;
    yyjson_val *item;
    if (!yyjson_is_arr(value))
        return error_set(err, ERR_INVALID, "'and' and 'or' take a list of terms") || refuse(reading, err);
    if (yyjson_arr_size(value) > SAMPLE_TERMS_MAX)
        return error_set(err, ERR_LIMIT, "a filter has at most %d terms", SAMPLE_TERMS_MAX) ||
               refuse(reading, err);
    struct sample_term *items = arena_array(reading->arena, yyjson_arr_size(value) + 1, sizeof(*items));
    if (!items)
        return error_no_memory(err);
    yyjson_arr_foreach(value, index, max, item)
    {
        if (!read_term(reading, item, depth + 1, &items[index], err))
            return false;
    }
    term->items = items;
    term->count = yyjson_arr_size(value);
    return true;
}

static bool read_not(struct reading *reading, yyjson_val *value, size_t depth, struct sample_term *term,
                     struct error *err)
{
    struct sample_term *item = arena_alloc(reading->arena, sizeof(*item));
    if (!item)
        return error_no_memory(err);
    term->items = item;
    term->count = 1;
    return read_term(reading, value, depth + 1, item, err);
}

static bool read_flag(struct reading *reading, yyjson_val *value, size_t depth, struct sample_term *term,
                      struct error *err)
{
    (void)depth;
    term->number = yyjson_get_bool(value);
    return yyjson_is_bool(value) || error_set(err, ERR_INVALID, "a flag is true or false") ||
           refuse(reading, err);
}

static bool read_reason(struct reading *reading, yyjson_val *value, size_t depth, struct sample_term *term,
                        struct error *err)
{
    (void)depth;
    if (!yyjson_is_uint(value))
        return error_set(err, ERR_INVALID, "a reason is a number from 0 to %d", SAMPLE_REASON_MAX) ||
               refuse(reading, err);
    uint64_t reason = yyjson_get_uint(value);
    term->number = reason <= SAMPLE_REASON_MAX ? (int64_t)reason : SAMPLE_REASON_MAX + 1;
    return check_reason(term->number, err) || refuse(reading, err);
}

static bool check_text(struct sample_term *term, struct error *err)
{
    switch (term->kind) {
    case TERM_STATE:
        return check_state(term->text, err);
    case TERM_USAGE:
        return usage_of(term->text, &term->text, err);
    case TERM_NAME:
        return check_name(term->text, err);
    default:
        return true;
    }
}

static bool read_text(struct reading *reading, yyjson_val *value, size_t depth, struct sample_term *term,
                      struct error *err)
{
    const char *text = yyjson_get_str(value);
    (void)depth;
    if (!text || strlen(text) != yyjson_get_len(value))
        return error_set(err, ERR_INVALID, "a text is wanted here, without NUL characters") ||
               refuse(reading, err);
    if (strlen(text) > PARAM_TEXT_MAX_BYTES)
        return error_set(err, ERR_INVALID, "a text is longer than %d bytes", PARAM_TEXT_MAX_BYTES) ||
               refuse(reading, err);
    if (!(term->text = arena_text(reading->arena, text)))
        return error_no_memory(err);
    return check_text(term, err) || refuse(reading, err);
}

static bool read_end(struct reading *reading, yyjson_val *value, double *ret, struct error *err)
{
    if (!value || yyjson_is_null(value))
        return true;
    *ret = yyjson_get_num(value);
    return (yyjson_is_num(value) && isfinite(*ret)) ||
           error_set(err, ERR_INVALID, "the end of a range is a number") || refuse(reading, err);
}

static bool read_range(struct reading *reading, yyjson_val *value, size_t depth, struct sample_term *term,
                       struct error *err)
{
    yyjson_val *min = yyjson_obj_get(value, "min"), *max = yyjson_obj_get(value, "max");
    (void)depth;
    if (!yyjson_is_obj(value) || yyjson_obj_size(value) != (size_t)(min != NULL) + (max != NULL))
        return error_set(err, ERR_INVALID,
                         "a range is {\"min\": number, \"max\": number}; either may be left out") ||
               refuse(reading, err);
    term->min = term->max = (double)NAN;
    return read_end(reading, min, &term->min, err) && read_end(reading, max, &term->max, err);
}

static bool read_feature(struct reading *reading, yyjson_val *value, size_t depth, struct sample_term *term,
                         struct error *err)
{
    yyjson_val *min = yyjson_obj_get(value, "min"), *max = yyjson_obj_get(value, "max");
    const char *name = yyjson_get_str(yyjson_obj_get(value, "name"));
    (void)depth;
    if (!name || yyjson_obj_size(value) != (size_t)1 + (min != NULL) + (max != NULL))
        return error_set(err, ERR_INVALID,
                         "a feature is {\"name\": \"brightness\", \"min\": number, \"max\": number}; min or "
                         "max may be left out") ||
               refuse(reading, err);
    term->number = sample_feature_of(name);
    if (term->number < 0)
        return error_set(err, ERR_INVALID, "there is no feature '%.40s'; they are %s to %s", name,
                         sample_feature_names[0], sample_feature_names[SAMPLE_FEATURES - 1]) ||
               refuse(reading, err);
    term->min = term->max = (double)NAN;
    return read_end(reading, min, &term->min, err) && read_end(reading, max, &term->max, err);
}

static const struct term_form forms[TERM_KIND_COUNT] = {
    [TERM_AND] = {"and", read_items},
    [TERM_OR] = {"or", read_items},
    [TERM_NOT] = {"not", read_not},
    [TERM_STATE] = {"state", read_text},
    [TERM_HARD] = {"hard", read_flag},
    [TERM_EXCLUDED] = {"excluded", read_flag},
    [TERM_REASON] = {"reason", read_reason},
    [TERM_USAGE] = {"usage", read_text},
    [TERM_ORIGIN] = {"origin", read_text},
    [TERM_ORIGIN_TASK] = {"origin_task", read_text},
    [TERM_LABEL] = {"label", read_text},
    [TERM_CONFIRMED_LABEL] = {"confirmed_label", read_text},
    [TERM_SUGGESTED_LABEL] = {"suggested_label", read_text},
    [TERM_COEFFICIENT] = {"coefficient", read_range},
    [TERM_SCORE] = {"score", read_range},
    [TERM_FEATURE] = {"feature", read_feature},
    [TERM_NAME] = {"name", read_text},
};

/* Depth and number are limited here, so the recursion is. */
static bool read_term(struct reading *reading, yyjson_val *value, size_t depth, struct sample_term *term,
                      struct error *err)
{
    if (depth > SAMPLE_TERMS_DEPTH_MAX || ++reading->terms > SAMPLE_TERMS_MAX) {
        (void)error_set(err, ERR_LIMIT, "a filter has at most %d terms, %d in one another", SAMPLE_TERMS_MAX,
                        SAMPLE_TERMS_DEPTH_MAX);
        return error_point(err, reading->pointer);
    }
    if (!yyjson_is_obj(value) || yyjson_obj_size(value) != 1)
        return error_set(err, ERR_INVALID,
                         "a term of a filter is an object of one member, as {\"hard\": true}") ||
               refuse(reading, err);
    yyjson_val *key = unsafe_yyjson_get_first(value);
    for (int kind = 0; kind < TERM_KIND_COUNT; kind++) {
        if (!yyjson_equals_str(key, forms[kind].name))
            continue;
        *term = (struct sample_term){.kind = (enum sample_term_kind)kind};
        return forms[kind].read(reading, key + 1, depth, term, err);
    }
    return error_set(err, ERR_INVALID, "there is no term '%.40s' of a filter", yyjson_get_str(key)) ||
           refuse(reading, err);
}

bool sample_term_read(yyjson_val *value, const char *pointer, struct arena *arena, struct sample_term *ret,
                      struct error *err)
{
    struct reading reading = {arena, pointer, 0};
    return read_term(&reading, value, 1, ret, err);
}

/* ---- from the members of a filter ---- */

static void add(struct sample_term *all, size_t *count, struct sample_term term)
{
    all[(*count)++] = term;
}

static bool check_filter(const struct sample_filter *filter, struct error *err)
{
    return (!filter->state || check_state(filter->state, err)) &&
           (filter->reason == -1 || check_reason(filter->reason, err)) &&
           (!filter->source_contains || check_name(filter->source_contains, err));
}

static void add_range(struct sample_term *all, size_t *count, enum sample_term_kind kind, double min,
                      double max)
{
    if (!isnan(min) || !isnan(max))
        add(all, count, (struct sample_term){.kind = kind, .min = min, .max = max});
}

bool sample_filter_term(const struct sample_filter *filter, struct arena *arena, struct sample_term *ret,
                        struct error *err)
{
    struct sample_term *all = arena_array(arena, TERM_KIND_COUNT + 1, sizeof(*all));
    const char *usage = NULL;
    size_t count = 0;
    if (!all)
        return error_no_memory(err);
    if (!check_filter(filter, err) || (filter->usage && !usage_of(filter->usage, &usage, err)))
        return false;
    if (!filter->include_excluded)
        add(all, &count, (struct sample_term){.kind = TERM_EXCLUDED, .number = 0});
    if (filter->state)
        add(all, &count, (struct sample_term){.kind = TERM_STATE, .text = filter->state});
    if (filter->only_hard)
        add(all, &count, (struct sample_term){.kind = TERM_HARD, .number = 1});
    if (filter->reason >= 0)
        add(all, &count, (struct sample_term){.kind = TERM_REASON, .number = filter->reason});
    if (filter->usage)
        add(all, &count, (struct sample_term){.kind = TERM_USAGE, .text = usage});
    if (filter->origin)
        add(all, &count, (struct sample_term){.kind = TERM_ORIGIN, .text = filter->origin});
    if (filter->label)
        add(all, &count, (struct sample_term){.kind = TERM_LABEL, .text = filter->label});
    add_range(all, &count, TERM_SCORE, filter->score_min, filter->score_max);
    add_range(all, &count, TERM_COEFFICIENT, filter->coefficient_min, filter->coefficient_max);
    if (filter->source_contains)
        add(all, &count, (struct sample_term){.kind = TERM_NAME, .text = filter->source_contains});
    if (filter->where)
        add(all, &count, *filter->where);
    *ret = (struct sample_term){.kind = TERM_AND, .items = all, .count = count};
    return true;
}

void sample_name_fold(const char *text, char *to)
{
    for (; *text; text++)
        *to++ = (char)(*text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text);
    *to = '\0';
}
