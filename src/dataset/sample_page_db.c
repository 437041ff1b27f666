/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "dataset/sample_order.h"
#include "dataset/sample_rows.h"
#include "dataset/sample_where.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { SQL_MAX_BYTES = 32 * 1024, COUNT_ARENA_BYTES = 1024 * 1024, CHUNK = 50 };

static const struct sample_order orders[] = {
    {"-hard_coefficient", SAMPLE_KEY_NUMBER, true, " AND (s.hard_order, s.id) < (",
     " ORDER BY s.hard_order DESC, s.id DESC"},
    {"hard_coefficient", SAMPLE_KEY_NUMBER, false, " AND (s.hard_order, s.id) > (",
     " ORDER BY s.hard_order, s.id"},
    {"-source", SAMPLE_KEY_TEXT, true, " AND (s.source, s.id) < (", " ORDER BY s.source DESC, s.id DESC"},
    {"source", SAMPLE_KEY_TEXT, false, " AND (s.source, s.id) > (", " ORDER BY s.source, s.id"},
    {"-created", SAMPLE_KEY_TIME, true, " AND (s.created_ms, s.id) < (",
     " ORDER BY s.created_ms DESC, s.id DESC"},
    {"created", SAMPLE_KEY_TIME, false, " AND (s.created_ms, s.id) > (", " ORDER BY s.created_ms, s.id"},
    {"id", SAMPLE_KEY_ID, false, " AND (s.id) > (", " ORDER BY s.id"},
};

bool sample_order_find(const char *name, const struct sample_order **ret, struct error *err)
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
        statement_add_value(statement, order->after, db_text(cursor.id), ")");
        return true;
    }
    statement_add_value(statement, order->after, key_of(&cursor), ", ");
    statement_add_value(statement, "", db_text(cursor.id), ")");
    return true;
}

const char *sample_order_cursor(const struct sample_order *order, const struct sample *sample,
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

/* One more than wanted tells whether there is a next page. */
static void add_limit(struct statement *statement, const struct sample_filter *filter, const char *after)
{
    statement_add_value(statement, " LIMIT ", db_int(filter->limit + 1), "");
    statement_add_value(statement, " OFFSET ", db_int(filter->offset), after);
}

static bool build_page(struct statement *statement, const char *dataset_id,
                       const struct sample_filter *filter, const struct sample_order *order,
                       struct arena *arena, struct error *err)
{
    statement_add(statement, "SELECT " SAMPLE_ROW_COLUMNS " FROM (SELECT s.*");
    if (!statement_add_filter(statement, dataset_id, filter, err) ||
        !add_cursor(statement, order, filter->cursor, arena, err))
        return false;
    statement_add(statement, order->by);
    add_limit(statement, filter, ")" SAMPLE_ROW_JOIN);
    statement_add(statement, order->by);
    statement_add(statement, ", a.position");
    return buffer_check(statement->sql, "the statement", err);
}

bool samples_page(struct db *db, struct arena *arena, const char *dataset_id,
                  const struct sample_filter *filter, struct sample_page *ret, struct error *err)
{
    AUTO_BUFFER(sql, SQL_MAX_BYTES);
    struct statement statement = {.sql = &sql, .arena = arena};
    const struct sample_order *order = NULL;
    AUTO(db_rows) rows = NULL;
    struct sample *samples = NULL;
    size_t count = 0, limit = (size_t)filter->limit;
    if (filter->limit < 1 || filter->limit > DATASET_PAGE_MAX)
        return error_set(err, ERR_INVALID, "a page holds 1 to %d samples, not %" PRId64, DATASET_PAGE_MAX,
                         filter->limit);
    if (!sample_order_find(filter->sort, &order, err))
        return false;
    if (!build_page(&statement, dataset_id, filter, order, arena, err) ||
        !db_select(db, arena, sql.data, statement_args(&statement), &rows, err) ||
        !sample_rows_collect(rows, arena, limit + 1, &samples, &count, err))
        return false;
    const char *cursor = count > limit ? sample_order_cursor(order, &samples[limit - 1], arena) : NULL;
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
    struct statement statement = {.sql = &sql, .arena = arena};
    struct total total = {0};
    bool is_found = false;
    if (!arena)
        return error_no_memory(err);
    statement_add(&statement, "SELECT COUNT(*)");
    if (!statement_add_filter(&statement, dataset_id, filter, err) ||
        !buffer_check(&sql, "the statement", err) ||
        !db_select_one(db, arena, sql.data, statement_args(&statement), columns, &total, &is_found, err))
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

/* The rows come in the order of their ids; each goes to its place. */
static bool place_chunk(struct db *db, struct arena *arena, const char *sql, struct db_args args,
                        struct sample *to, struct error *err)
{
    AUTO(db_rows) rows = NULL;
    struct sample *samples = NULL;
    size_t count = 0;
    if (!db_select(db, arena, sql, args, &rows, err) ||
        !sample_rows_collect(rows, arena, CHUNK, &samples, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < CHUNK; j++)
            if (strcmp(args.values[j].text, samples[i].id) == 0) {
                to[j] = samples[i];
                break;
            }
    return true;
}

/* One statement for chunks of any length: the last is filled up with its last id. */
bool samples_load(struct db *db, struct arena *arena, struct param_list ids, struct sample **ret,
                  size_t *ret_count, struct error *err)
{
    AUTO_BUFFER(sql, SQL_MAX_BYTES);
    size_t count = 0, room = (ids.count + CHUNK) / CHUNK * CHUNK;
    struct sample *samples = arena_array(arena, room + 1, sizeof(*samples));
    if (!samples)
        return error_no_memory(err);
    (void)buffer_add_text(&sql,
                          "SELECT " SAMPLE_ROW_COLUMNS " FROM sample" SAMPLE_ROW_JOIN "WHERE s.id IN (");
    for (int i = 1; i <= CHUNK; i++)
        (void)buffer_printf(&sql, "%s$%d", i > 1 ? ", " : "", i);
    (void)buffer_add_text(&sql, ") ORDER BY s.id, a.position");
    for (size_t first = 0; first < ids.count; first += CHUNK) {
        struct db_value values[CHUNK];
        for (size_t i = 0; i < CHUNK; i++)
            values[i] = db_text(ids.items[first + i < ids.count ? first + i : ids.count - 1]);
        if (!place_chunk(db, arena, sql.data, (struct db_args){values, CHUNK}, &samples[first], err))
            return false;
    }
    for (size_t i = 0; i < ids.count; i++)
        if (samples[i].id)
            samples[count++] = samples[i];
    *ret = samples;
    *ret_count = count;
    return true;
}

static const struct db_column id_columns[] = {
    DB_COLUMN_TEXT(struct sample, id), DB_COLUMN_TEXT(struct sample, source),
    DB_COLUMN_REAL(struct sample, hard_coefficient), DB_COLUMN_INT(struct sample, created_ms), DB_COLUMN_END};

static bool build_ids(struct statement *statement, const char *dataset_id, const struct sample_filter *filter,
                      const struct sample_order *order, struct error *err)
{
    statement_add(statement, "SELECT s.id, s.source, s.hard_coefficient, s.created_ms");
    if (!statement_add_filter(statement, dataset_id, filter, err) ||
        !add_cursor(statement, order, filter->cursor, statement->arena, err))
        return false;
    statement_add(statement, order->by);
    add_limit(statement, filter, "");
    return buffer_check(statement->sql, "the statement", err);
}

bool samples_page_ids(struct db *db, struct arena *arena, const char *dataset_id,
                      const struct sample_filter *filter, struct sample_ids *ret, struct error *err)
{
    static const struct db_list form = {id_columns, sizeof(struct sample), DATASET_DECIDE_MAX + 1};
    AUTO_BUFFER(sql, SQL_MAX_BYTES);
    struct statement statement = {.sql = &sql, .arena = arena};
    const struct sample_order *order = NULL;
    struct sample *samples = NULL;
    size_t count = 0, limit = (size_t)filter->limit;
    if (!sample_order_find(filter->sort, &order, err) ||
        !build_ids(&statement, dataset_id, filter, order, err) ||
        !db_select_list(db, arena, sql.data, statement_args(&statement), &form, &samples, &count, err))
        return false;
    const char **ids = arena_array(arena, count + 1, sizeof(*ids));
    const char *cursor = count > limit ? sample_order_cursor(order, &samples[limit - 1], arena) : NULL;
    if (!ids || (count > limit && !cursor))
        return error_no_memory(err);
    if (count > limit)
        count = limit;
    for (size_t i = 0; i < count; i++)
        ids[i] = samples[i].id;
    ret->ids = (struct param_list){ids, count};
    ret->cursor = cursor;
    return true;
}
