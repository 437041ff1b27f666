/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "dataset/dataset_check.h"
#include "dataset/sample_cursor.h"
#include "dataset/sample_rows.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { SQL_MAX_BYTES = 8192, SOURCE_CONTAINS_MAX_BYTES = 1024, COUNT_ARENA_BYTES = 64 * 1024 };

/* A total order: by key, then by id in the same direction, so that one index serves both directions. */
struct sample_order {
    const char *name;
    enum sample_key key;
    const char *after; /* completed by the parameters of key and id and ")" */
    const char *by;
};

static const struct sample_order orders[] = {
    {"-hard_coefficient", SAMPLE_KEY_NUMBER, " AND (s.hard_order, s.id) < (",
     " ORDER BY s.hard_order DESC, s.id DESC"},
    {"hard_coefficient", SAMPLE_KEY_NUMBER, " AND (s.hard_order, s.id) > (", " ORDER BY s.hard_order, s.id"},
    {"-source", SAMPLE_KEY_TEXT, " AND (s.source, s.id) < (", " ORDER BY s.source DESC, s.id DESC"},
    {"source", SAMPLE_KEY_TEXT, " AND (s.source, s.id) > (", " ORDER BY s.source, s.id"},
    {"-created", SAMPLE_KEY_TIME, " AND (s.created_ms, s.id) < (", " ORDER BY s.created_ms DESC, s.id DESC"},
    {"created", SAMPLE_KEY_TIME, " AND (s.created_ms, s.id) > (", " ORDER BY s.created_ms, s.id"},
    {"id", SAMPLE_KEY_ID, " AND (s.id) > (", " ORDER BY s.id"},
};

static bool order_find(const char *name, const struct sample_order **ret, struct error *err)
{
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        if (strcmp(orders[i].name, name) != 0)
            continue;
        *ret = &orders[i];
        return true;
    }
    return error_set(err, ERR_INVALID,
                     "samples are sorted by hard_coefficient, source, created or id, with '-' in front for "
                     "the last first, not by '%.60s'",
                     name);
}

void sample_filter_init(struct sample_filter *filter)
{
    *filter = (struct sample_filter){
        .reason = -1,
        .score_min = (double)NAN,
        .score_max = (double)NAN,
        .coefficient_min = (double)NAN,
        .coefficient_max = (double)NAN,
        .sort = "-hard_coefficient",
        .limit = 100,
    };
}

/* A statement made of constant pieces and the numbers of its parameters. */
struct statement {
    struct buffer *sql;
    struct db_value values[DB_ARGS_MAX];
    size_t count;
};

static void add_piece(struct statement *statement, const char *piece)
{
    (void)buffer_add_text(statement->sql, piece);
}

static void add_value(struct statement *statement, const char *before, struct db_value value,
                      const char *after)
{
    statement->values[statement->count++] = value;
    (void)buffer_printf(statement->sql, "%s$%zu%s", before, statement->count, after);
}

static struct db_args args_of(const struct statement *statement)
{
    return (struct db_args){statement->values, statement->count};
}

static bool filter_check(const struct sample_filter *filter, struct error *err)
{
    if (filter->state && !sample_state_is_known(filter->state))
        return error_set(err, ERR_INVALID,
                         "state is " SAMPLE_UNLABELED ", " SAMPLE_TO_BE_CONFIRMED " or " SAMPLE_LABELED
                         ", not '%.60s'",
                         filter->state);
    if (filter->reason < -1 || filter->reason > SAMPLE_REASON_MAX)
        return error_set(err, ERR_INVALID, "there is no reason %" PRId64 "; they go from 0 to %d",
                         filter->reason, SAMPLE_REASON_MAX);
    if (filter->source_contains && strlen(filter->source_contains) > SOURCE_CONTAINS_MAX_BYTES)
        return error_set(err, ERR_LIMIT, "the part of a source to look for is longer than %d bytes",
                         SOURCE_CONTAINS_MAX_BYTES);
    return true;
}

static void add_range(struct statement *statement, const char *from, double min, const char *to, double max)
{
    if (!isnan(min))
        add_value(statement, from, db_real(min), "");
    if (!isnan(max))
        add_value(statement, to, db_real(max), "");
}

/* What is compared is bound by '-' on both sides, so 1 is not found in 11-21. */
static bool add_reason(struct statement *statement, int64_t reason, struct arena *arena)
{
    const char *pattern = arena_printf(arena, "%%-%" PRId64 "-%%", reason);
    if (pattern)
        add_value(statement, " AND '-' || s.hard_reasons || '-' LIKE ", db_text(pattern), "");
    return pattern != NULL;
}

/* The part as a LIKE pattern in which nothing but the ends is a wildcard. Small letters are made here,
 * because databases differ in what they take for the small letter of a parameter; of ASCII only, as in the
 * column. */
static bool add_source_contains(struct statement *statement, const char *part, struct arena *arena)
{
    char *pattern = arena_alloc(arena, 2 * strlen(part) + 3), *to = pattern;
    if (!pattern)
        return false;
    *to++ = '%';
    for (; *part; part++) {
        if (strchr("!%_", *part))
            *to++ = '!';
        *to = *part;
        if (*part >= 'A' && *part <= 'Z')
            *to = (char)(*part - 'A' + 'a');
        to++;
    }
    *to++ = '%';
    add_value(statement, " AND lower(s.source) LIKE ", db_text(pattern), " ESCAPE '!'");
    return true;
}

/* Appends the conditions of a filter; `arena` holds texts that the values point to. */
static bool add_filter(struct statement *statement, const char *dataset_id,
                       const struct sample_filter *filter, struct arena *arena, struct error *err)
{
    static const char score_from[] = " AND (SELECT MAX(a.confidence) FROM annotation a WHERE a.sample_id = "
                                     "s.id AND a.is_suggested = 1) >= ";
    static const char score_to[] = " AND (SELECT MAX(a.confidence) FROM annotation a WHERE a.sample_id = "
                                   "s.id AND a.is_suggested = 1) <= ";
    if (!filter_check(filter, err))
        return false;
    add_value(statement, " FROM sample s WHERE s.dataset_id = ", db_text(dataset_id), "");
    if (!filter->include_excluded)
        add_piece(statement, " AND s.is_excluded = 0");
    if (filter->state)
        add_value(statement, " AND s.state = ", db_text(filter->state), "");
    if (filter->only_hard)
        add_piece(statement, " AND s.is_hard = 1");
    if (filter->reason >= 0 && !add_reason(statement, filter->reason, arena))
        return error_no_memory(err);
    if (filter->label)
        add_value(statement, " AND EXISTS (SELECT 1 FROM annotation a WHERE a.sample_id = s.id AND a.name = ",
                  db_text(filter->label), ")");
    add_range(statement, score_from, filter->score_min, score_to, filter->score_max);
    add_range(statement, " AND s.hard_coefficient >= ", filter->coefficient_min,
              " AND s.hard_coefficient <= ", filter->coefficient_max);
    if (filter->source_contains && !add_source_contains(statement, filter->source_contains, arena))
        return error_no_memory(err);
    return true;
}

static struct db_value key_of(const struct sample_cursor *cursor)
{
    switch (cursor->key) {
    case SAMPLE_KEY_NUMBER:
        return db_real(cursor->number);
    case SAMPLE_KEY_TIME:
        return db_int(cursor->time_ms);
    case SAMPLE_KEY_TEXT:
    case SAMPLE_KEY_ID:
        break;
    }
    return db_text(cursor->text);
}

static bool add_cursor(struct statement *statement, const struct sample_order *order, const char *text,
                       struct arena *arena, struct error *err)
{
    struct sample_cursor cursor;
    if (!text)
        return true;
    if (!sample_cursor_read(text, order->name, order->key, arena, &cursor, err))
        return false;
    if (order->key == SAMPLE_KEY_ID) {
        add_value(statement, order->after, db_text(cursor.id), ")");
        return true;
    }
    add_value(statement, order->after, key_of(&cursor), ", ");
    add_value(statement, "", db_text(cursor.id), ")");
    return true;
}

static const char *cursor_after(const struct sample *sample, const struct sample_order *order,
                                struct arena *arena)
{
    struct sample_cursor cursor = {
        .sort = order->name,
        .id = sample->id,
        .key = order->key,
        .number = isnan(sample->hard_coefficient) ? -1.0 : sample->hard_coefficient,
        .time_ms = sample->created_ms,
        .text = sample->source,
    };
    return sample_cursor_write(&cursor, arena);
}

static bool build_page(struct statement *statement, const char *dataset_id,
                       const struct sample_filter *filter, const struct sample_order *order,
                       struct arena *arena, struct error *err)
{
    add_piece(statement, "SELECT " SAMPLE_ROW_COLUMNS " FROM (SELECT s.*");
    if (!add_filter(statement, dataset_id, filter, arena, err) ||
        !add_cursor(statement, order, filter->cursor, arena, err))
        return false;
    add_piece(statement, order->by);
    add_value(statement, " LIMIT ", db_int(filter->limit + 1), ")" SAMPLE_ROW_JOIN);
    add_piece(statement, order->by);
    add_piece(statement, ", a.position");
    return buffer_check(statement->sql, "the statement", err);
}

bool samples_page(struct db *db, struct arena *arena, const char *dataset_id,
                  const struct sample_filter *filter, struct sample_page *ret, struct error *err)
{
    AUTO_BUFFER(sql, SQL_MAX_BYTES);
    struct statement statement = {.sql = &sql};
    const struct sample_order *order = NULL;
    AUTO(db_rows) rows = NULL;
    struct sample *samples = NULL;
    size_t count = 0, limit = (size_t)filter->limit;
    if (filter->limit < 1 || filter->limit > DATASET_PAGE_MAX)
        return error_set(err, ERR_INVALID, "a page holds 1 to %d samples, not %" PRId64, DATASET_PAGE_MAX,
                         filter->limit);
    if (!order_find(filter->sort, &order, err))
        return false;
    if (!build_page(&statement, dataset_id, filter, order, arena, err) ||
        !db_select(db, arena, sql.data, args_of(&statement), &rows, err) ||
        !sample_rows_collect(rows, arena, limit + 1, &samples, &count, err))
        return false;
    const char *cursor = count > limit ? cursor_after(&samples[limit - 1], order, arena) : NULL;
    if (count > limit && !cursor)
        return error_no_memory(err);
    *ret = (struct sample_page){samples, count > limit ? limit : count, cursor};
    return true;
}

struct total {
    int64_t samples;
};

bool samples_count(struct db *db, const char *dataset_id, const struct sample_filter *filter, int64_t *ret,
                   struct error *err)
{
    static const struct db_column columns[] = {DB_COLUMN_INT(struct total, samples), DB_COLUMN_END};
    AUTO_BUFFER(sql, SQL_MAX_BYTES);
    AUTO(arena) arena = arena_new(COUNT_ARENA_BYTES);
    struct statement statement = {.sql = &sql};
    struct total total = {0};
    bool is_found = false;
    if (!arena)
        return error_no_memory(err);
    add_piece(&statement, "SELECT COUNT(*)");
    if (!add_filter(&statement, dataset_id, filter, arena, err) ||
        !buffer_check(&sql, "the statement", err) ||
        !db_select_one(db, arena, sql.data, args_of(&statement), columns, &total, &is_found, err))
        return false;
    *ret = total.samples;
    return true;
}

bool sample_find(struct db *db, const char *project_id, struct arena *arena, const char *reference,
                 struct sample *ret, struct error *err)
{
    static const char sql[] =
        "SELECT " SAMPLE_ROW_COLUMNS " FROM (SELECT s.* FROM sample s JOIN dataset d ON d.id = s.dataset_id "
        "WHERE s.id >= $1 AND s.id < $2 "
        "AND d.project_id = $3 ORDER BY s.id LIMIT 2)" SAMPLE_ROW_JOIN "ORDER BY s.id, a.position";
    AUTO(db_rows) rows = NULL;
    struct sample *samples = NULL;
    size_t count = 0, length = strlen(reference);
    bool is_id = length > 0 && length < HASH_HEX_BYTES && strspn(reference, "0123456789abcdef") == length;
    if (is_id) {
        /* 'g' comes after every digit of an id. */
        const char *end = arena_printf(arena, "%sg", reference);
        if (!end)
            return error_no_memory(err);
        if (!db_select(db, arena, sql, DB_ARGS(db_text(reference), db_text(end), db_text(project_id)), &rows,
                       err) ||
            !sample_rows_collect(rows, arena, 2, &samples, &count, err))
            return false;
    }
    if (count == 0)
        return error_set_detail(err, DETAIL_SAMPLE_NOT_FOUND, "there is no sample '%.60s'", reference);
    if (count > 1)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "'%s' is the start of more than one sample's id; give more of it", reference);
    *ret = samples[0];
    return true;
}
