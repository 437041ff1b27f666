/* SPDX-License-Identifier: Apache-2.0 */
#include "account/lockout.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { SECOND_MS = 1000 };
static const int64_t forget_ms = (int64_t)LOCKOUT_FORGET_HOURS * 3600 * SECOND_MS;

struct lock_row {
    int64_t failures, locked_until_ms, failed_ms;
};
static const struct db_column lock_columns[] = {DB_COLUMN_INT(struct lock_row, failures),
                                                DB_COLUMN_INT(struct lock_row, locked_until_ms),
                                                DB_COLUMN_INT(struct lock_row, failed_ms), DB_COLUMN_END};
int64_t lockout_seconds(int64_t failures, int64_t free_failures)
{
    int64_t seconds = LOCKOUT_FIRST_SECONDS;
    if (failures < free_failures)
        return 0;
    for (int64_t i = free_failures; i < failures && seconds < LOCKOUT_MAX_SECONDS; i++)
        seconds *= 2;
    return seconds < LOCKOUT_MAX_SECONDS ? seconds : LOCKOUT_MAX_SECONDS;
}

void lockout_address(const char *address, char ret[LOCKOUT_KEY_BYTES])
{
    struct in6_addr v6;
    char text[INET6_ADDRSTRLEN];
    bool is_v6 = inet_pton(AF_INET6, address, &v6) == 1;
    if (is_v6 && IN6_IS_ADDR_V4MAPPED(&v6)) {
        (void)inet_ntop(AF_INET, &v6.s6_addr[12], text, sizeof(text));
        (void)snprintf(ret, LOCKOUT_KEY_BYTES, "address:%s", text);
        return;
    }
    if (is_v6) {
        memset(&v6.s6_addr[8], 0, 8);
        (void)inet_ntop(AF_INET6, &v6, text, sizeof(text));
        (void)snprintf(ret, LOCKOUT_KEY_BYTES, "address:%s/64", text);
        return;
    }
    (void)snprintf(ret, LOCKOUT_KEY_BYTES, "address:%.100s", address);
}

/* A name of any length is one key; longer ones than users have share it by their beginning. */
static void user_key(const char *user, char ret[LOCKOUT_KEY_BYTES])
{
    const size_t bytes = text_utf8_prefix(user, strnlen(user, LOCKOUT_KEY_BYTES - 8));
    (void)snprintf(ret, LOCKOUT_KEY_BYTES, "user:%.*s", (int)bytes, user);
}

static bool look(struct db *db, struct arena *arena, const char *key, int64_t now_ms, struct lock_row *ret,
                 struct error *err)
{
    bool is_found = false;
    *ret = (struct lock_row){0};
    if (!db_select_one(db, arena,
                       "SELECT failures, locked_until_ms, failed_ms FROM account_lock WHERE id = $1",
                       DB_ARGS(db_text(key)), lock_columns, ret, &is_found, err))
        return false;
    if (!is_found || now_ms - ret->failed_ms > forget_ms)
        *ret = (struct lock_row){0};
    return true;
}

static bool count(struct db *db, const char *key, const struct lock_row *row, int64_t free_failures,
                  int64_t now_ms, struct error *err)
{
    int64_t failures = row->failures + 1, seconds = lockout_seconds(failures, free_failures);
    return db_exec(db,
                   "INSERT INTO account_lock (id, failures, locked_until_ms, failed_ms) VALUES ($1, $2, $3, "
                   "$4) ON CONFLICT (id) DO UPDATE SET failures = $2, locked_until_ms = $3, failed_ms = $4",
                   DB_ARGS(db_text(key), db_int(failures),
                           db_int(seconds > 0 ? now_ms + seconds * SECOND_MS : 0), db_int(now_ms)),
                   NULL, err);
}

/* Old rows go; of too many the oldest tenth. */
static bool purge(struct db *db, int64_t now_ms, struct error *err)
{
    int64_t count = 0;
    if (!db_exec(db, "DELETE FROM account_lock WHERE failed_ms < $1", DB_ARGS(db_int(now_ms - forget_ms)),
                 NULL, err) ||
        !db_select_number(db, "SELECT COUNT(*) FROM account_lock", DB_NO_ARGS, &count, err))
        return false;
    return count < LOCKOUT_ROWS_MAX ||
           db_exec(db,
                   "DELETE FROM account_lock WHERE id IN (SELECT id FROM account_lock ORDER BY failed_ms "
                   "LIMIT $1)",
                   DB_ARGS(db_int(LOCKOUT_ROWS_MAX / 10)), NULL, err);
}

/* No lock is longer than the longest: one that seems so was made before the clock was put back. */
static int64_t seconds_left(const struct lock_row *row, int64_t now_ms)
{
    int64_t left_ms = row->locked_until_ms - now_ms;
    if (left_ms > (int64_t)LOCKOUT_MAX_SECONDS * SECOND_MS)
        return 0;
    return left_ms > 0 ? (left_ms + SECOND_MS - 1) / SECOND_MS : 0;
}

static bool begin(struct db *db, struct arena *arena, const struct lockout_attempt *attempt,
                  int64_t *ret_wait_seconds, struct error *err)
{
    const int64_t now_ms = attempt->now_ms;
    char user[LOCKOUT_KEY_BYTES] = "", address[LOCKOUT_KEY_BYTES];
    struct lock_row of_user = {0}, of_address;
    lockout_address(attempt->address, address);
    if (attempt->user)
        user_key(attempt->user, user);
    if (!purge(db, now_ms, err) || !look(db, arena, address, now_ms, &of_address, err) ||
        (attempt->user && !look(db, arena, user, now_ms, &of_user, err)))
        return false;
    int64_t wait = seconds_left(&of_user, now_ms), wait_address = seconds_left(&of_address, now_ms);
    *ret_wait_seconds = wait > wait_address ? wait : wait_address;
    if (*ret_wait_seconds > 0)
        return true;
    return count(db, address, &of_address, LOCKOUT_ADDRESS_FREE, now_ms, err) &&
           (!attempt->user || count(db, user, &of_user, LOCKOUT_USER_FREE, now_ms, err));
}

bool lockout_begin(struct db *db, struct arena *arena, const struct lockout_attempt *attempt,
                   int64_t *ret_wait_seconds, struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (begin(db, arena, attempt, ret_wait_seconds, err))
        return db_commit(db, err);
    db_rollback(db);
    return false;
}

bool lockout_forgive(struct db *db, const struct lockout_attempt *attempt, struct error *err)
{
    char user[LOCKOUT_KEY_BYTES], address[LOCKOUT_KEY_BYTES];
    lockout_address(attempt->address, address);
    user_key(attempt->user ? attempt->user : "", user);
    return db_exec(db, "DELETE FROM account_lock WHERE id = $1", DB_ARGS(db_text(user)), NULL, err) &&
           db_exec(db,
                   "UPDATE account_lock SET failures = failures - 1, locked_until_ms = 0 WHERE id = $1 AND "
                   "failures > 0",
                   DB_ARGS(db_text(address)), NULL, err);
}
