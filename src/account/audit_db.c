/* SPDX-License-Identifier: Apache-2.0 */
#include "account/audit.h"

#include "base/clock.h"
#include "base/text.h"

#include <string.h>

static const struct db_column audit_columns[] = {
    DB_COLUMN_INT(struct audit_row, id),          DB_COLUMN_INT(struct audit_row, occurred_ms),
    DB_COLUMN_TEXT(struct audit_row, user),       DB_COLUMN_TEXT(struct audit_row, project_id),
    DB_COLUMN_TEXT(struct audit_row, route),      DB_COLUMN_TEXT(struct audit_row, subject),
    DB_COLUMN_TEXT(struct audit_row, address),    DB_COLUMN_TEXT(struct audit_row, outcome),
    DB_COLUMN_TEXT(struct audit_row, request_id), DB_COLUMN_END,
};
/* Texts from outside: cut at a whole character, and without what no database takes. */
static const char *shorten(const char *text, char into[AUDIT_TEXT_BYTES])
{
    size_t bytes = text ? strlen(text) : 0;
    if (bytes >= AUDIT_TEXT_BYTES) {
        size_t whole = text_utf8_prefix(text, AUDIT_TEXT_BYTES - 1);
        bytes = AUDIT_TEXT_BYTES - 1 - whole < 4 ? whole : AUDIT_TEXT_BYTES - 1;
    }
    if (bytes)
        memcpy(into, text, bytes);
    into[bytes] = '\0';
    text_make_printable(into);
    return into;
}

static bool insert(struct db *db, const struct audit_row *row, int64_t *ret_id, struct error *err)
{
    char texts[7][AUDIT_TEXT_BYTES];
    const struct db_args args = DB_ARGS(
        db_int(row->occurred_ms ? row->occurred_ms : clock_now_ms()), db_text(shorten(row->user, texts[0])),
        db_text(shorten(row->project_id, texts[1])), db_text(shorten(row->route, texts[2])),
        db_text(shorten(row->subject, texts[3])), db_text(shorten(row->address, texts[4])),
        db_text(shorten(row->outcome, texts[5])), db_text(shorten(row->request_id, texts[6])));
    return db_select_number(db,
                            "INSERT INTO audit (occurred_ms, user_name, project_id, route, subject, address, "
                            "outcome, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
                            args, ret_id, err);
}

bool audit_add(struct db *db, const struct audit_row *row, struct error *err)
{
    int64_t id = 0;
    if (!insert(db, row, &id, err))
        return false;
    const struct audit_limits limits = {clock_now_ms() - (int64_t)AUDIT_KEPT_DAYS * 24 * 3600 * 1000,
                                        AUDIT_ROWS_MAX, AUDIT_NOBODY_ROWS_MAX};
    return id % AUDIT_PURGE_EVERY != 0 || audit_purge(db, &limits, err);
}

bool audit_list(struct db *db, struct arena *arena, const struct audit_filter *filter, struct audit_row **ret,
                size_t *ret_count, struct error *err)
{
    static const struct db_list form = {audit_columns, sizeof(struct audit_row), AUDIT_PAGE_MAX};
    int64_t before = filter->before_id > 0 ? filter->before_id : INT64_MAX;
    return db_select_list(
        db, arena,
        "SELECT id, occurred_ms, user_name, project_id, route, subject, address, outcome, "
        "request_id FROM audit WHERE id < $1 AND (CAST($2 AS TEXT) IS NULL OR project_id = $2) AND "
        "(CAST($3 AS TEXT) IS NULL OR user_name = $3) AND (CAST($4 AS TEXT) IS NULL OR route = $4) ORDER BY "
        "id DESC "
        "LIMIT $5",
        DB_ARGS(db_int(before), db_text(filter->project_id), db_text(filter->user), db_text(filter->route),
                db_int(filter->limit)),
        &form, ret, ret_count, err);
}

bool audit_purge(struct db *db, const struct audit_limits *limits, struct error *err)
{
    return db_exec(db, "DELETE FROM audit WHERE occurred_ms < $1", DB_ARGS(db_int(limits->oldest_ms)), NULL,
                   err) &&
           db_exec(db,
                   "DELETE FROM audit WHERE project_id = '' AND id <= (SELECT id FROM audit WHERE project_id "
                   "= '' ORDER BY id DESC LIMIT 1 OFFSET $1)",
                   DB_ARGS(db_int(limits->nobody_rows)), NULL, err) &&
           db_exec(db,
                   "DELETE FROM audit WHERE id <= (SELECT id FROM audit ORDER BY id DESC LIMIT 1 OFFSET $1)",
                   DB_ARGS(db_int(limits->rows)), NULL, err);
}
