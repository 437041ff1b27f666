/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_change.h"
#include "dataset/sample_rows.h"

#include <assert.h>

enum { CHANGE_WIDTH = 6 };

static bool update_all(struct db *db, struct arena *arena, const struct sample_change *changes, size_t count,
                       int64_t now_ms, struct error *err)
{
    static const struct db_many form = {
        "UPDATE sample SET state = v.column3, is_hard = v.column4, is_excluded = v.column5, "
        "updated_ms = v.column6, revision = revision + 1 FROM (VALUES ",
        "(CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS SMALLINT), "
        "CAST($5 AS SMALLINT), CAST($6 AS BIGINT))",
        ") AS v WHERE sample.id = v.column1 AND sample.revision = v.column2", CHANGE_WIDTH};
    struct db_value *values = arena_array(arena, count * CHANGE_WIDTH, sizeof(*values)), *at = values;
    int64_t changed = 0;
    if (!values)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        *at++ = db_text(changes[i].id);
        *at++ = db_int(changes[i].revision);
        *at++ = db_text(changes[i].state);
        *at++ = db_int(changes[i].is_hard);
        *at++ = db_int(changes[i].is_excluded);
        *at++ = db_int(now_ms);
    }
    return db_exec_many(db, &form, values, count, &changed, err) &&
           (changed == (int64_t)count ||
            error_set(err, ERR_CONFLICT, "samples were changed meanwhile; look again"));
}

bool samples_change(struct db *db, struct arena *arena, const struct sample_change *changes, size_t count,
                    int64_t now_ms, struct error *err)
{
    struct sample_annotations *sets = arena_array(arena, count + 1, sizeof(*sets));
    size_t replaced = 0;
    assert(count <= DB_MANY_MAX);
    if (!sets)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++)
        if (changes[i].has_new_annotations)
            sets[replaced++] = (struct sample_annotations){changes[i].id, changes[i].annotations,
                                                           changes[i].annotation_count};
    return count == 0 || (update_all(db, arena, changes, count, now_ms, err) &&
                          annotations_replace(db, arena, sets, replaced, now_ms, err));
}
