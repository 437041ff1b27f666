/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_change.h"
#include "dataset/sample_rows.h"

#include <assert.h>

enum { CHANGE_WIDTH = 7 };

static bool update_all(struct db *db, struct arena *arena, const struct sample_changes *changes,
                       struct error *err)
{
    static const struct db_many form = {
        "UPDATE sample SET state = v.column3, is_hard = v.column4, is_excluded = v.column5, "
        "updated_ms = v.column6, change = v.column7, revision = revision + 1 FROM (VALUES ",
        "(CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS SMALLINT), "
        "CAST($5 AS SMALLINT), CAST($6 AS BIGINT), CAST($7 AS BIGINT))",
        ") AS v WHERE sample.id = v.column1 AND sample.revision = v.column2", CHANGE_WIDTH};
    struct db_value *values = arena_array(arena, changes->count * CHANGE_WIDTH, sizeof(*values)),
                    *at = values;
    int64_t changed = 0;
    if (!values)
        return error_no_memory(err);
    for (size_t i = 0; i < changes->count; i++) {
        const struct sample_change *item = &changes->items[i];
        *at++ = db_text(item->id);
        *at++ = db_int(item->revision);
        *at++ = db_text(item->state);
        *at++ = db_int(item->is_hard);
        *at++ = db_int(item->is_excluded);
        *at++ = db_int(changes->now_ms);
        *at++ = db_int(changes->change);
    }
    return db_exec_many(db, &form, values, changes->count, &changed, err) &&
           (changed == (int64_t)changes->count ||
            error_set(err, ERR_CONFLICT, "samples were changed meanwhile; look again"));
}

bool samples_change(struct db *db, struct arena *arena, const struct sample_changes *changes,
                    struct error *err)
{
    struct sample_annotations *sets = arena_array(arena, changes->count + 1, sizeof(*sets));
    size_t replaced = 0;
    assert(changes->count <= DB_MANY_MAX);
    if (!sets)
        return error_no_memory(err);
    for (size_t i = 0; i < changes->count; i++) {
        const struct sample_change *item = &changes->items[i];
        if (item->has_new_annotations)
            sets[replaced++] =
                (struct sample_annotations){item->id, item->annotations, item->annotation_count};
    }
    return changes->count == 0 || (update_all(db, arena, changes, err) &&
                                   annotations_replace(db, arena, sets, replaced, changes->now_ms, err));
}
