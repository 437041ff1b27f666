/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/label_rows.h"

#include "base/json_stream.h"
#include "dataset/label_edit.h"

#include <inttypes.h>
#include <string.h>

enum { DEED_MAX_BYTES = 1024 * 1024 };

static const struct db_column columns[] = {DB_COLUMN_TEXT(struct dataset_label, name),
                                           DB_COLUMN_TEXT(struct dataset_label, color),
                                           DB_COLUMN_TEXT(struct dataset_label, shortcut),
                                           DB_COLUMN_TEXT(struct dataset_label, attributes_json),
                                           DB_COLUMN_INT(struct dataset_label, position),
                                           DB_COLUMN_INT(struct dataset_label, created_ms),
                                           DB_COLUMN_END};

bool label_row_find(struct db *db, struct arena *arena, const char *dataset_id, const char *name,
                    struct dataset_label *ret, bool *ret_found, struct error *err)
{
    *ret = (struct dataset_label){0};
    return db_select_one(db, arena,
                         "SELECT name, color, shortcut, attributes_json, position, created_ms FROM label "
                         "WHERE dataset_id = $1 AND name = $2",
                         DB_ARGS(db_text(dataset_id), db_text(name)), columns, ret, ret_found, err);
}

bool label_row_insert(struct db *db, const char *dataset_id, const struct dataset_label *label,
                      struct error *err)
{
    static const char sql[] =
        "INSERT INTO label (dataset_id, name, color, shortcut, attributes_json, position, created_ms) "
        "VALUES ($1, $2, $3, CASE WHEN EXISTS (SELECT 1 FROM label WHERE dataset_id = $1 AND shortcut = $4) "
        "THEN NULL ELSE CAST($4 AS TEXT) END, $5, $6, $7)";
    return db_exec(db, sql,
                   DB_ARGS(db_text(dataset_id), db_text(label->name), db_text(label->color),
                           db_text(label->shortcut), db_text(label->attributes_json), db_int(label->position),
                           db_int(label->created_ms)),
                   NULL, err);
}

bool label_row_delete(struct db *db, const char *dataset_id, const char *name, struct error *err)
{
    return db_exec(db, "DELETE FROM label WHERE dataset_id = $1 AND name = $2",
                   DB_ARGS(db_text(dataset_id), db_text(name)), NULL, err);
}

#define HAS_LABEL "EXISTS (SELECT 1 FROM annotation a WHERE a.sample_id = sample.id AND a.name = $2)"

bool label_count_samples(struct db *db, const char *dataset_id, const char *name, int64_t *ret,
                         struct error *err)
{
    return db_select_number(db, "SELECT COUNT(*) FROM sample WHERE dataset_id = $1 AND " HAS_LABEL,
                            DB_ARGS(db_text(dataset_id), db_text(name)), ret, err);
}

bool label_rename_check(int64_t samples, const char *name, struct error *err)
{
    return samples <= LABEL_RENAME_MAX ||
           error_set(err, ERR_LIMIT,
                     "%" PRId64 " samples have label '%.100s'; at most %d can be renamed: export them and "
                     "import them under the new name",
                     samples, name, LABEL_RENAME_MAX);
}

/* The samples first: they are found by the name that goes. */
bool label_rename_rows(struct db *db, const struct label_rename *rename, struct label_renamed *ret,
                       struct error *err)
{
    static const char of_samples[] =
        "UPDATE sample SET revision = revision + 1, change = $3, updated_ms = $4 WHERE dataset_id = $1 "
        "AND " HAS_LABEL;
    static const char of_annotations[] =
        "UPDATE annotation SET name = $3 WHERE name = $2 AND sample_id IN (SELECT id FROM sample WHERE "
        "dataset_id = $1)";
    static const char of_label[] = "UPDATE label SET name = $3 WHERE dataset_id = $1 AND name = $2";
    const struct db_value dataset = db_text(rename->dataset_id), from = db_text(rename->from),
                          to = db_text(rename->to);
    struct label_renamed renamed = {0};
    if (!db_exec(db, of_samples, DB_ARGS(dataset, from, db_int(rename->change), db_int(rename->now_ms)),
                 &renamed.samples, err) ||
        !label_rename_check(renamed.samples, rename->from, err) ||
        !db_exec(db, of_annotations, DB_ARGS(dataset, from, to), &renamed.annotations, err) ||
        !db_exec(db, of_label, DB_ARGS(dataset, from, to), NULL, err))
        return false;
    *ret = renamed;
    return true;
}

/* ---- deeds ---- */

static void write_row(struct json_stream *out, const struct dataset_label *label)
{
    json_stream_open(out, "gone", '{');
    json_stream_text(out, "name", label->name);
    json_stream_text(out, "color", label->color);
    json_stream_text(out, "shortcut", label->shortcut);
    json_stream_text(out, "attributes", label->attributes_json);
    json_stream_count(out, "position", (uint64_t)label->position);
    json_stream_count(out, "created_ms", (uint64_t)label->created_ms);
    json_stream_close(out, '}');
}

bool label_deed_write(const struct label_deed *deed, struct arena *arena, const char **ret, struct error *err)
{
    AUTO_BUFFER(text, DEED_MAX_BYTES);
    struct json_stream out = {.into = &text};
    json_stream_open(&out, NULL, '{');
    json_stream_text(&out, "from", deed->from);
    json_stream_text(&out, "to", deed->to);
    if (deed->has_gone)
        write_row(&out, &deed->gone);
    json_stream_close(&out, '}');
    if (!json_stream_check(&out, "what an operation did to the labels", err))
        return false;
    *ret = arena_text_n(arena, text.data, text.size);
    return *ret || error_no_memory(err);
}

static const char *text_of(yyjson_val *object, const char *name, struct arena *arena)
{
    return arena_text(arena, json_text(object, name, NULL));
}

bool label_deed_read(const char *text, struct arena *arena, struct label_deed *ret, struct error *err)
{
    AUTO_JSON doc = NULL;
    if (!json_parse((struct bytes){text, strlen(text)}, "what an operation did to the labels", &doc, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(doc), *gone = yyjson_obj_get(root, "gone");
    *ret = (struct label_deed){.from = text_of(root, "from", arena),
                               .to = text_of(root, "to", arena),
                               .has_gone = yyjson_is_obj(gone)};
    if (ret->has_gone)
        ret->gone = (struct dataset_label){.name = text_of(gone, "name", arena),
                                           .color = text_of(gone, "color", arena),
                                           .shortcut = text_of(gone, "shortcut", arena),
                                           .attributes_json = text_of(gone, "attributes", arena),
                                           .position = json_integer(gone, "position", 0),
                                           .created_ms = json_integer(gone, "created_ms", 0)};
    return (ret->from && (!ret->has_gone || ret->gone.name)) ||
           error_set(err, ERR_FAILED, "what an operation did to the labels is not whole");
}
