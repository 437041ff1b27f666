/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/path.h"
#include "dataset/version.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX_DIGITS = 9, VERSIONS_LISTED_MAX = 100000 };

static const struct db_column version_columns[] = {
    DB_COLUMN_TEXT(struct dataset_version, dataset_id),
    DB_COLUMN_TEXT(struct dataset_version, name),
    DB_COLUMN_TEXT(struct dataset_version, manifest_key),
    DB_COLUMN_TEXT(struct dataset_version, manifest_hash),
    DB_COLUMN_TEXT(struct dataset_version, description),
    DB_COLUMN_BOOL(struct dataset_version, has_hard_attributes),
    DB_COLUMN_INT(struct dataset_version, samples),
    DB_COLUMN_INT(struct dataset_version, labeled),
    DB_COLUMN_INT(struct dataset_version, created_ms),
    DB_COLUMN_REAL(struct dataset_version, train_ratio),
    DB_COLUMN_INT(struct dataset_version, seed),
    DB_COLUMN_END,
};
static const struct db_list version_rows = {version_columns, sizeof(struct dataset_version),
                                            VERSIONS_LISTED_MAX};

#define VERSION_SELECT                                                                                       \
    "SELECT dataset_id, name, manifest_key, manifest_hash, description, has_hard_attributes, samples, "      \
    "labeled, created_ms, train_ratio, split_seed FROM dataset_version WHERE dataset_id = $1 "

bool dataset_versions(struct db *db, struct arena *arena, const char *dataset_id,
                      struct dataset_version **ret, size_t *ret_count, struct error *err)
{
    static const char sql[] = VERSION_SELECT "ORDER BY created_ms, name";
    return db_select_list(db, arena, sql, DB_ARGS(db_text(dataset_id)), &version_rows, ret, ret_count, err);
}

static bool no_version(const struct dataset *dataset, const char *name, struct error *err)
{
    return error_set_detail(err, DETAIL_VERSION_NOT_FOUND, "dataset '%s' has no version '%.60s'",
                            dataset->name, name);
}

bool dataset_version_find(struct db *db, struct arena *arena, const struct dataset *dataset, const char *name,
                          struct dataset_version *ret, struct error *err)
{
    bool is_found = false;
    return db_select_one(db, arena, VERSION_SELECT "AND name = $2",
                         DB_ARGS(db_text(dataset->id), db_text(name)), version_columns, ret, &is_found,
                         err) &&
           (is_found || no_version(dataset, name, err));
}

/* The number of "V007", 0 when it is no such name. */
static int64_t number_of(const char *name)
{
    size_t digits = name[0] == 'V' ? strspn(name + 1, "0123456789") : 0;
    bool is_number = digits > 0 && digits <= NUMBER_MAX_DIGITS && name[1 + digits] == '\0';
    return is_number ? strtoll(name + 1, NULL, 10) : 0;
}

static bool already_there(const char *name, struct error *err)
{
    return error_set_detail(err, DETAIL_VERSION_EXISTS,
                            "version '%s' is published already, and a published version never changes", name);
}

bool version_choose_name(struct db *db, struct arena *arena, const char *dataset_id, const char *wanted,
                         const char **ret, struct error *err)
{
    struct dataset_version *versions = NULL;
    size_t count = 0;
    int64_t highest = 0;
    if (!dataset_versions(db, arena, dataset_id, &versions, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        int64_t number = number_of(versions[i].name);
        highest = number > highest ? number : highest;
        if (wanted && strcmp(versions[i].name, wanted) == 0)
            return already_there(wanted, err);
    }
    *ret = wanted ? wanted : arena_printf(arena, "V%03" PRId64, highest + 1);
    return *ret || error_no_memory(err);
}

static bool make_current(struct db *db, const struct dataset_version *version, struct error *err)
{
    int64_t changed = 0;
    if (!db_exec(
            db,
            "UPDATE dataset SET current_version = $2, revision = revision + 1, updated_ms = $3 WHERE id = $1",
            DB_ARGS(db_text(version->dataset_id), db_text(version->name), db_int(version->created_ms)),
            &changed, err))
        return false;
    return changed > 0 || error_set_detail(err, DETAIL_DATASET_NOT_FOUND,
                                           "dataset '%s' was deleted meanwhile", version->dataset_id);
}

static bool insert_version(struct db *db, const struct dataset_version *version, struct error *err)
{
    static const char sql[] =
        "INSERT INTO dataset_version (dataset_id, name, manifest_key, manifest_hash, description, "
        "has_hard_attributes, samples, labeled, created_ms, train_ratio, split_seed) VALUES ($1, $2, $3, $4, "
        "$5, $6, $7, $8, $9, $10, $11) "
        "ON CONFLICT (dataset_id, name) DO NOTHING";
    const bool is_split = !isnan(version->train_ratio);
    int64_t changed = 0;
    if (!db_exec(db, sql,
                 DB_ARGS(db_text(version->dataset_id), db_text(version->name), db_text(version->manifest_key),
                         db_text(version->manifest_hash), db_text(version->description),
                         db_int(version->has_hard_attributes), db_int(version->samples),
                         db_int(version->labeled), db_int(version->created_ms), db_real(version->train_ratio),
                         is_split ? db_int(version->seed) : db_null()),
                 &changed, err))
        return false;
    return changed > 0 || already_there(version->name, err);
}

/* The dataset's row is changed first: it makes two that publish the same dataset wait for each other, also
 * where a transaction does not lock the whole database. */
bool version_register(struct db *db, const struct dataset_version *version, struct store_writer *file,
                      struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (!make_current(db, version, err) || !insert_version(db, version, err) ||
        !store_write_finish(file, err) || !db_commit(db, err)) {
        db_rollback(db);
        return false;
    }
    return true;
}

/* The dataset's row is changed first here too: what is seen after that holds until the end. */
bool dataset_version_use(struct db *db, struct arena *arena, const struct dataset *dataset, const char *name,
                         struct error *err)
{
    const struct dataset_version wanted = {
        .dataset_id = dataset->id, .name = name, .created_ms = clock_now_ms()};
    struct dataset_version found;
    if (!db_begin(db, err))
        return false;
    if (make_current(db, &wanted, err) && dataset_version_find(db, arena, dataset, name, &found, err) &&
        db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

static bool lock_unless_current(struct db *db, const struct dataset *dataset, const char *name,
                                struct error *err)
{
    static const char sql[] = "UPDATE dataset SET revision = revision + 1, updated_ms = $3 WHERE id = $1 AND "
                              "(current_version IS NULL OR current_version <> $2)";
    int64_t changed = 0;
    if (!db_exec(db, sql, DB_ARGS(db_text(dataset->id), db_text(name), db_int(clock_now_ms())), &changed,
                 err))
        return false;
    return changed > 0 || error_set(err, ERR_CONFLICT,
                                    "version '%s' is the current one of dataset '%s': make another one "
                                    "current first",
                                    name, dataset->name);
}

static bool delete_within(struct db *db, struct store *data, struct arena *arena,
                          const struct dataset *dataset, const char *name, struct error *err)
{
    struct dataset_version version;
    if (!lock_unless_current(db, dataset, name, err) ||
        !dataset_version_find(db, arena, dataset, name, &version, err) ||
        !db_exec(db, "DELETE FROM dataset_version WHERE dataset_id = $1 AND name = $2",
                 DB_ARGS(db_text(dataset->id), db_text(name)), NULL, err))
        return false;
    const char *folder = path_folder(arena, version.manifest_key);
    return folder ? store_delete_below(data, folder, err) : error_no_memory(err);
}

/* The files go while the name is still taken: nobody publishes under it meanwhile. */
bool dataset_version_delete(struct db *db, struct store *data, struct arena *arena,
                            const struct dataset *dataset, const char *name, struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (delete_within(db, data, arena, dataset, name, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}
