/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_presence.h"

#include "dataset/sample_rows.h"

#include <assert.h>
#include <string.h>

enum { ARRIVING_WIDTH = 19 };

static struct db_value positive_or_null(int64_t value)
{
    return value > 0 ? db_int(value) : db_null();
}

static bool insert_rows(struct db *db, struct arena *arena, const struct samples_arriving *arriving,
                        struct error *err)
{
    static const struct db_many form = {
        "INSERT INTO sample (id, dataset_id, source, state, usage, content_hash, width, height, is_hard, "
        "hard_coefficient, hard_reasons, evidence_json, origin, origin_task, metadata_json, is_excluded, "
        "created_ms, updated_ms, change) VALUES ",
        "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)", "",
        ARRIVING_WIDTH};
    struct db_value *values = arena_array(arena, arriving->count * ARRIVING_WIDTH, sizeof(*values));
    if (!values)
        return error_no_memory(err);
    for (size_t i = 0; i < arriving->count; i++) {
        const struct sample *item = &arriving->items[i];
        const struct db_value row[ARRIVING_WIDTH] = {db_text(item->id),
                                                     db_text(arriving->dataset_id),
                                                     db_text(item->source),
                                                     db_text(item->state),
                                                     db_text(item->usage),
                                                     db_text(item->content_hash),
                                                     positive_or_null(item->width),
                                                     positive_or_null(item->height),
                                                     db_int(item->is_hard),
                                                     db_real(item->hard_coefficient),
                                                     db_text(item->hard_reasons),
                                                     db_text(item->evidence_json),
                                                     db_text(item->origin),
                                                     db_text(item->origin_task),
                                                     db_text(item->metadata_json),
                                                     db_int(item->is_excluded),
                                                     db_int(item->created_ms),
                                                     db_int(arriving->now_ms),
                                                     db_int(arriving->change)};
        memcpy(&values[i * ARRIVING_WIDTH], row, sizeof(row));
    }
    return db_exec_many(db, &form, values, arriving->count, NULL, err);
}

bool samples_insert(struct db *db, struct arena *arena, const struct samples_arriving *arriving,
                    struct error *err)
{
    struct sample_annotations *sets = arena_array(arena, arriving->count + 1, sizeof(*sets));
    assert(arriving->count <= DB_MANY_MAX);
    if (!sets)
        return error_no_memory(err);
    for (size_t i = 0; i < arriving->count; i++)
        sets[i] = (struct sample_annotations){arriving->items[i].id, arriving->items[i].annotations,
                                              arriving->items[i].annotation_count};
    return arriving->count == 0 ||
           (insert_rows(db, arena, arriving, err) &&
            annotations_insert(db, arena, sets, arriving->count, arriving->now_ms, err));
}

bool samples_remove(struct db *db, const char *const *ids, size_t count, struct error *err)
{
    static const struct db_many form = {"DELETE FROM sample WHERE id IN (", "$1", ")", 1};
    struct db_value values[DB_MANY_MAX];
    assert(count <= DB_MANY_MAX);
    for (size_t i = 0; i < count; i++)
        values[i] = db_text(ids[i]);
    return count == 0 || db_exec_many(db, &form, values, count, NULL, err);
}

bool dataset_touch_removed(struct db *db, const char *dataset_id, int64_t now_ms, struct error *err)
{
    return db_exec(
        db, "UPDATE dataset SET updated_ms = $2, changes = changes + 1, removal = changes + 1 WHERE id = $1",
        DB_ARGS(db_text(dataset_id), db_int(now_ms)), NULL, err);
}
