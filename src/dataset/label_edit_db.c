/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/label_edit.h"

#include "base/clock.h"
#include "dataset/dataset_check.h"
#include "dataset/label_rows.h"
#include "dataset/sample_rows.h"

#include <string.h>

enum { SCRATCH_BYTES = 64 * 1024 * 1024 };

static bool not_found(const char *name, struct error *err)
{
    return error_set_detail(err, DETAIL_LABEL_NOT_FOUND, "the dataset has no label '%.100s'", name);
}

bool label_find(struct db *db, struct arena *arena, const char *dataset_id, const char *name,
                struct dataset_label *ret, struct error *err)
{
    bool is_found = false;
    return label_row_find(db, arena, dataset_id, name, ret, &is_found, err) &&
           (is_found || not_found(name, err));
}

/* ---- what a label looks like ---- */

static bool check_name(struct db *db, struct arena *arena, const char *dataset_id, const char *name,
                       struct error *err)
{
    struct dataset_label there;
    bool is_there = false;
    if (!dataset_check_label(name, err))
        return error_point(err, "/name");
    if (!label_row_find(db, arena, dataset_id, name, &there, &is_there, err))
        return false;
    if (!is_there)
        return true;
    (void)error_set_detail(err, DETAIL_LABEL_EXISTS, "the dataset has a label '%.100s' already", name);
    return error_point(err, "/name");
}

struct owner {
    const char *name;
};

/* One key is one label's. */
static bool check_key_is_free(struct db *db, struct arena *arena, const char *dataset_id,
                              const struct dataset_label *label, struct error *err)
{
    static const struct db_column columns[] = {DB_COLUMN_TEXT(struct owner, name), DB_COLUMN_END};
    struct owner owner = {0};
    bool is_taken = false;
    if (!label->shortcut)
        return true;
    if (!db_select_one(db, arena,
                       "SELECT name FROM label WHERE dataset_id = $1 AND shortcut = $2 AND name <> $3",
                       DB_ARGS(db_text(dataset_id), db_text(label->shortcut), db_text(label->name)), columns,
                       &owner, &is_taken, err))
        return false;
    if (!is_taken)
        return true;
    (void)error_set(err, ERR_CONFLICT, "shortcut '%.40s' is that of label '%.100s'; take another",
                    label->shortcut, owner.name);
    return error_point(err, "/shortcut");
}

/* What the wish says of colour, key and attributes, over what is there. */
static bool take_looks(const struct label_wish *wish, struct arena *arena, struct dataset_label *label,
                       struct error *err)
{
    if (wish->color && !label_check_color(wish->color, arena, &label->color, err))
        return false;
    if (wish->shortcut && !label_check_shortcut(wish->shortcut, &label->shortcut, err))
        return false;
    if (wish->attributes_json)
        label->attributes_json = wish->attributes_json[0] ? wish->attributes_json : NULL;
    return true;
}

struct place {
    int64_t labels, next;
};

bool label_insert(struct db *db, struct arena *arena, const char *dataset_id, const struct label_wish *wish,
                  struct error *err)
{
    static const struct db_column columns[] = {DB_COLUMN_INT(struct place, labels),
                                               DB_COLUMN_INT(struct place, next), DB_COLUMN_END};
    struct place place = {0};
    bool is_found = false;
    struct dataset_label label = {.name = wish->name, .created_ms = clock_now_ms()};
    if (!check_name(db, arena, dataset_id, wish->name, err) || !take_looks(wish, arena, &label, err) ||
        !check_key_is_free(db, arena, dataset_id, &label, err) ||
        !db_select_one(db, arena,
                       "SELECT COUNT(*), COALESCE(MAX(position) + 1, 0) FROM label WHERE dataset_id = $1",
                       DB_ARGS(db_text(dataset_id)), columns, &place, &is_found, err))
        return false;
    if (place.labels >= DATASET_LABELS_MAX)
        return error_set(err, ERR_LIMIT,
                         "the dataset has %d labels, which is the limit; '%.100s' is too much",
                         DATASET_LABELS_MAX, wish->name);
    label.position = place.next;
    return label_row_insert(db, dataset_id, &label, err);
}

static bool create(struct db *db, struct arena *arena, const char *dataset_id, const struct label_wish *wish,
                   struct error *err)
{
    return label_insert(db, arena, dataset_id, wish, err) &&
           dataset_touch(db, dataset_id, clock_now_ms(), err);
}

bool label_create(struct db *db, struct arena *arena, const char *dataset_id, const struct label_wish *wish,
                  struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (create(db, arena, dataset_id, wish, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

/* ---- changing one ---- */

struct editing {
    struct db *db;
    struct arena *arena, *scratch;
    const struct label_edit *edit;
    struct dataset_label label;
    int64_t now_ms;
    struct label_done done;
    struct operation_record record;
};

static bool record_rename(struct editing *editing, const struct label_deed *deed, struct error *err)
{
    const struct dataset *dataset = editing->edit->dataset;
    const struct operation_images of = {.project_id = dataset->project_id, .dataset_id = dataset->id};
    const char *text = NULL;
    if (!label_deed_write(deed, editing->scratch, &text, err) ||
        !operation_record_labels(&editing->record, editing->db, editing->scratch, &of, text, err))
        return false;
    /* It keeps nothing of its samples, so they do not count among those that are kept. */
    return db_exec(editing->db, "UPDATE operation SET samples = $2 WHERE number = $1",
                   DB_ARGS(db_int(editing->record.operation.number), db_int(editing->done.samples)), NULL,
                   err) &&
           operation_record_end(&editing->record, editing->db, &editing->done.operation_id, err);
}

struct change_row {
    int64_t change;
};

static bool rename_label(struct editing *editing, struct error *err)
{
    static const struct db_column columns[] = {DB_COLUMN_INT(struct change_row, change), DB_COLUMN_END};
    const struct label_edit *edit = editing->edit;
    const struct label_deed deed = {.from = edit->name, .to = edit->wish.name};
    struct change_row row = {0};
    struct label_renamed renamed = {0};
    bool is_found = false;
    if (!check_name(editing->db, editing->scratch, edit->dataset->id, edit->wish.name, err) ||
        !db_select_one(editing->db, editing->scratch,
                       "SELECT " DATASET_NEXT_CHANGE " FROM dataset WHERE id = $1",
                       DB_ARGS(db_text(edit->dataset->id)), columns, &row, &is_found, err))
        return false;
    const struct label_rename rename = {edit->dataset->id, deed.from, deed.to, row.change, editing->now_ms};
    if (!label_rename_rows(editing->db, &rename, &renamed, err))
        return false;
    editing->done.samples = renamed.samples;
    editing->done.annotations = renamed.annotations;
    return record_rename(editing, &deed, err);
}

static bool edit_looks(struct editing *editing, struct error *err)
{
    const char *dataset_id = editing->edit->dataset->id;
    const struct dataset_label *label = &editing->label;
    return take_looks(&editing->edit->wish, editing->scratch, &editing->label, err) &&
           check_key_is_free(editing->db, editing->scratch, dataset_id, label, err) &&
           db_exec(editing->db,
                   "UPDATE label SET color = $3, shortcut = $4, attributes_json = $5 WHERE dataset_id = $1 "
                   "AND name = $2",
                   DB_ARGS(db_text(dataset_id), db_text(label->name), db_text(label->color),
                           db_text(label->shortcut), db_text(label->attributes_json)),
                   NULL, err);
}

static bool edit_all(struct editing *editing, struct error *err)
{
    const struct label_edit *edit = editing->edit;
    const struct label_author *author = &edit->author;
    bool renames = edit->wish.name && strcmp(edit->wish.name, edit->name) != 0;
    return label_find(editing->db, editing->scratch, edit->dataset->id, edit->name, &editing->label, err) &&
           edit_looks(editing, err) && (!renames || rename_label(editing, err)) &&
           dataset_touch(editing->db, edit->dataset->id, editing->now_ms, err) &&
           (!author->finish || author->finish(author->state, &editing->done, err));
}

/* Everything is looked at as if it were done, and a rename is counted by what it would meet. */
static bool preview(struct editing *editing, struct error *err)
{
    const struct label_edit *edit = editing->edit;
    const char *dataset_id = edit->dataset->id, *name = edit->wish.name;
    struct label_done *done = &editing->done;
    if (!label_find(editing->db, editing->scratch, dataset_id, edit->name, &editing->label, err) ||
        !take_looks(&edit->wish, editing->scratch, &editing->label, err) ||
        !check_key_is_free(editing->db, editing->scratch, dataset_id, &editing->label, err))
        return false;
    if (name && strcmp(name, edit->name) != 0 &&
        (!check_name(editing->db, editing->scratch, dataset_id, name, err) ||
         !label_count_samples(editing->db, dataset_id, edit->name, &done->samples, err) ||
         !label_rename_check(done->samples, edit->name, err) ||
         !db_select_number(editing->db,
                           "SELECT COUNT(*) FROM annotation WHERE name = $2 AND sample_id IN (SELECT id FROM "
                           "sample WHERE dataset_id = $1)",
                           DB_ARGS(db_text(dataset_id), db_text(edit->name)), &done->annotations, err)))
        return false;
    return !edit->author.finish || edit->author.finish(edit->author.state, done, err);
}

static bool edit_in_transaction(struct editing *editing, struct error *err)
{
    if (!db_begin(editing->db, err))
        return false;
    if (edit_all(editing, err) && db_commit(editing->db, err))
        return true;
    db_rollback(editing->db);
    return false;
}

bool label_edit(struct db *db, struct arena *arena, const struct label_edit *edit, struct label_done *ret,
                struct error *err)
{
    AUTO(arena) scratch = arena_new(SCRATCH_BYTES);
    struct editing editing = {
        .db = db, .arena = arena, .scratch = scratch, .edit = edit, .now_ms = clock_now_ms()};
    if (!scratch)
        return error_no_memory(err);
    editing.record.arena = arena;
    editing.record.operation = (struct operation){
        .user = edit->author.user, .decided_by = edit->author.decided_by, .action = LABEL_ACTION_RENAME};
    if (!(edit->is_preview ? preview(&editing, err) : edit_in_transaction(&editing, err)))
        return false;
    *ret = editing.done;
    if (ret->operation_id)
        ret->operation_id = arena_text(arena, ret->operation_id);
    return !editing.done.operation_id || ret->operation_id || error_no_memory(err);
}
