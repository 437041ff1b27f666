/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "db/db_handle.h"

static bool read_version(struct db *db, int64_t *ret, struct error *err)
{
    return db_select_number(db, "SELECT COALESCE(MAX(version), 0) FROM schema_version", DB_NO_ARGS, ret, err);
}

/* Inside a transaction. The version is read here, under the write lock, because another process may be
 * migrating too. */
static bool apply(struct db *db, const struct db_migration *migration, struct error *err)
{
    int64_t version = 0;
    if (!read_version(db, &version, err))
        return false;
    if (version >= migration->version)
        return true;
    if (!db->driver->run_script(db->connection, migration->sql, err))
        return error_wrap(err, "migration %04u_%s", migration->version, migration->name);
    return db_exec(db, "INSERT INTO schema_version (version, name, applied_ms) VALUES ($1, $2, $3)",
                   DB_ARGS(db_int(migration->version), db_text(migration->name), db_int(clock_now_ms())),
                   NULL, err);
}

static bool create_version_table(struct db *db, struct error *err)
{
    return db_exec(
        db,
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL, "
        "applied_ms BIGINT NOT NULL)",
        DB_NO_ARGS, NULL, err);
}

bool db_migrate(struct db *db, struct error *err)
{
    int64_t version = 0, newest = 0;
    if (!create_version_table(db, err) || !read_version(db, &version, err))
        return false;
    for (const struct db_migration *migration = db->driver->migrations; migration->version; migration++)
        newest = migration->version;
    if (version > newest)
        return error_set(err, ERR_CONFLICT,
                         "the database has schema version %lld and this program knows only %lld: use a newer "
                         "trommel",
                         (long long)version, (long long)newest);
    for (const struct db_migration *migration = db->driver->migrations; migration->version; migration++) {
        if (version >= migration->version)
            continue;
        if (!db_begin(db, err))
            return false;
        if (!apply(db, migration, err)) {
            db_rollback(db);
            return false;
        }
        if (!db_commit(db, err))
            return false;
    }
    return true;
}
