/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/text.h"
#include "dataset/operation_record.h"
#include "dataset/sample_presence.h"

#include <assert.h>
#include <string.h>

enum { IMAGE_WIDTH = 6 };

struct newest {
    int64_t number, samples_until;
};

/* Transactions that write come one after the other, so the next number is free. */
static bool find_newest(struct db *db, struct arena *arena, struct newest *ret, struct error *err)
{
    static const struct db_column columns[] = {DB_COLUMN_INT(struct newest, number),
                                               DB_COLUMN_INT(struct newest, samples_until), DB_COLUMN_END};
    bool is_found = false;
    *ret = (struct newest){0};
    return db_select_one(db, arena,
                         "SELECT number, samples_until FROM operation ORDER BY number DESC LIMIT 1",
                         DB_NO_ARGS, columns, ret, &is_found, err);
}

/* What is recorded, of one dataset. */
struct batch {
    const char *project_id, *dataset_id;
    size_t count;
};

static bool begin(struct operation_record *record, struct db *db, struct arena *scratch,
                  const struct batch *images, struct error *err)
{
    struct operation *operation = &record->operation;
    struct newest newest;
    if (!find_newest(db, scratch, &newest, err))
        return false;
    if (!operation->id)
        id_random_hex(record->id);
    else if (!text_copy(record->id, sizeof(record->id), operation->id))
        return error_set(err, ERR_INVALID, "the id of an operation has 32 hex digits");
    operation->id = record->id;
    operation->number = newest.number + 1;
    operation->samples = record->recorded = (int64_t)images->count;
    operation->project_id = arena_text(record->arena, images->project_id);
    operation->dataset_id = arena_text(record->arena, images->dataset_id);
    if (!operation->project_id || !operation->dataset_id)
        return error_no_memory(err);
    operation->state = OPERATION_DONE;
    operation->created_ms = operation->changed_ms = clock_now_ms();
    record->samples_before = newest.samples_until;
    return db_exec(
        db,
        "INSERT INTO operation (number, id, project_id, dataset_id, user_name, decided_by, action, samples, "
        "samples_until, state, created_ms, changed_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
        "$11)",
        DB_ARGS(db_int(operation->number), db_text(operation->id), db_text(operation->project_id),
                db_text(operation->dataset_id), db_text(operation->user), db_text(operation->decided_by),
                db_text(operation->action), db_int(operation->samples),
                db_int(record->samples_before + operation->samples), db_text(operation->state),
                db_int(operation->created_ms)),
        NULL, err);
}

static bool write_rows(struct db *db, const struct db_value *values, size_t count, struct error *err)
{
    static const struct db_many form = {
        "INSERT INTO operation_sample (operation_number, sample_id, before_json, after_json, "
        "revision_before, revision_after) VALUES ",
        "($1, $2, $3, $4, $5, $6)",
        " ON CONFLICT (operation_number, sample_id) DO UPDATE SET after_json = excluded.after_json, "
        "revision_after = excluded.revision_after",
        IMAGE_WIDTH};
    return db_exec_many(db, &form, values, count, NULL, err);
}

static bool write_images(const struct operation_record *record, struct db *db, struct arena *arena,
                         const struct operation_images *images, struct error *err)
{
    struct db_value *values = arena_array(arena, images->count * IMAGE_WIDTH, sizeof(*values)), *at = values;
    if (!values)
        return error_no_memory(err);
    for (size_t i = 0; i < images->count; i++) {
        const char *before = NULL, *after = NULL;
        if (!sample_image_write(&images->before[i], arena, &before, err) ||
            !sample_image_write(&images->after[i], arena, &after, err))
            return false;
        *at++ = db_int(record->operation.number);
        *at++ = db_text(images->before[i].id);
        *at++ = db_text(before);
        *at++ = db_text(after);
        *at++ = db_int(images->before[i].revision);
        *at++ = db_int(images->before[i].revision + 1);
    }
    return write_rows(db, values, images->count, err);
}

static bool write_presence(const struct operation_record *record, struct db *db, struct arena *arena,
                           const struct operation_presence *presence, struct error *err)
{
    struct db_value *values = arena_array(arena, presence->count * IMAGE_WIDTH, sizeof(*values)),
                    *at = values;
    if (!values)
        return error_no_memory(err);
    for (size_t i = 0; i < presence->count; i++) {
        const struct sample *sample = &presence->samples[i];
        const char *whole = NULL;
        if (!sample_whole_write(sample, arena, &whole, err))
            return false;
        *at++ = db_int(record->operation.number);
        *at++ = db_text(sample->id);
        *at++ = db_text(presence->is_removal ? whole : NULL);
        *at++ = db_text(presence->is_removal ? NULL : whole);
        *at++ = db_int(presence->is_removal ? sample->revision : 0);
        *at++ = db_int(presence->is_removal ? 0 : 1);
    }
    return write_rows(db, values, presence->count, err);
}

/* Begins the operation, or goes on with it. */
static bool go_on(struct operation_record *record, struct db *db, struct arena *scratch,
                  const struct batch *batch, struct error *err)
{
    struct operation *operation = &record->operation;
    assert(batch->count <= DB_MANY_MAX);
    if (operation->number == 0)
        return begin(record, db, scratch, batch, err);
    operation->samples += (int64_t)batch->count;
    record->is_of_several |= strcmp(operation->dataset_id, batch->dataset_id) != 0;
    return true;
}

bool operation_record_presence(struct operation_record *record, struct db *db, struct arena *scratch,
                               const struct operation_presence *presence, struct error *err)
{
    const struct batch batch = {presence->project_id, presence->dataset_id, presence->count};
    return presence->count == 0 ||
           (go_on(record, db, scratch, &batch, err) && write_presence(record, db, scratch, presence, err));
}

bool operation_record(struct operation_record *record, struct db *db, struct arena *scratch,
                      const struct operation_images *images, struct error *err)
{
    const struct batch batch = {images->project_id, images->dataset_id, images->count};
    return images->count == 0 ||
           (go_on(record, db, scratch, &batch, err) && write_images(record, db, scratch, images, err));
}

bool operation_record_labels(struct operation_record *record, struct db *db, struct arena *scratch,
                             const struct operation_images *of, const char *labels_json, struct error *err)
{
    const struct batch batch = {of->project_id, of->dataset_id, 0};
    return go_on(record, db, scratch, &batch, err) &&
           db_exec(db, "UPDATE operation SET labels_json = $2 WHERE number = $1",
                   DB_ARGS(db_int(record->operation.number), db_text(labels_json)), NULL, err);
}

/* What came after the first images; the count is of samples, not of how often they came. */
static bool complete(struct operation_record *record, struct db *db, struct error *err)
{
    return db_exec(
        db,
        "UPDATE operation SET dataset_id = $2, samples = n.counted, samples_until = $3 + n.counted "
        "FROM (SELECT COUNT(*) AS counted FROM operation_sample WHERE operation_number = $1) AS n "
        "WHERE number = $1",
        DB_ARGS(db_int(record->operation.number),
                db_text(record->is_of_several ? NULL : record->operation.dataset_id),
                db_int(record->samples_before)),
        NULL, err);
}

static bool drop_oldest(const struct operation_record *record, struct db *db, struct error *err)
{
    const struct operation *operation = &record->operation;
    const int64_t oldest = operation->number - OPERATIONS_KEPT;
    const int64_t beyond = record->samples_before + operation->samples - OPERATION_SAMPLES_KEPT;
    return (oldest <= 0 ||
            db_exec(db, "DELETE FROM operation WHERE number <= $1", DB_ARGS(db_int(oldest)), NULL, err)) &&
           (beyond <= 0 || db_exec(db, "DELETE FROM operation WHERE samples_until <= $1 AND number < $2",
                                   DB_ARGS(db_int(beyond), db_int(operation->number)), NULL, err));
}

bool operation_record_end(struct operation_record *record, struct db *db, const char **ret_id,
                          struct error *err)
{
    const struct operation *operation = &record->operation;
    *ret_id = NULL;
    if (operation->number == 0)
        return true;
    bool is_whole = record->recorded == operation->samples && !record->is_of_several;
    if ((!is_whole && !complete(record, db, err)) || !drop_oldest(record, db, err))
        return false;
    *ret_id = record->id;
    return true;
}
