/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "account_fixture.h"

#include "account/session.h"
#include "account/sign_in.h"
#include "base/clock.h"
#include "base/workers.h"

enum { NOW_MS = 1000000000, MINUTE_MS = 60 * 1000, ROUNDS = 5 };

static enum error_code attempt(struct account_fixture *fixture, const struct sign_in *wanted,
                               int64_t *ret_wait)
{
    struct user user;
    fixture->err = (struct error){0};
    return sign_in(fixture->db, fixture->arena, wanted, &user, ret_wait, &fixture->err) ? ERR_NONE
                                                                                        : fixture->err.code;
}

static enum error_code attempt_with(struct account_fixture *fixture, const char *name, const char *password,
                                    int64_t now_ms)
{
    int64_t wait = 0;
    const struct sign_in wanted = {name, password, "192.0.2.1", now_ms, NULL};
    return attempt(fixture, &wanted, &wait);
}

static void passwords_have_a_shortest_and_a_longest_length(void **state)
{
    struct error err;
    char password[PASSWORD_MAX_BYTES + 2];
    memset(password, 'x', sizeof(password));
    for (size_t bytes = 0; bytes < sizeof(password); bytes++) {
        password[bytes] = '\0';
        bool is_fine = bytes >= PASSWORD_MIN_BYTES && bytes <= PASSWORD_MAX_BYTES;
        assert_int_equal(password_check_form(password, &err), is_fine);
        password[bytes] = 'x';
    }
    assert_false(password_check_form("not utf-8 \xff\xff", &err));
    assert_string_equal(err.pointer, "/password");
}

static void a_hash_is_argon2id_with_the_named_cost_and_salted(void **state)
{
    struct error err;
    char a[PASSWORD_HASH_BYTES], b[PASSWORD_HASH_BYTES];
    assert_true(password_hash(FIXTURE_PASSWORD, a, &err) && password_hash(FIXTURE_PASSWORD, b, &err));
    assert_string_not_equal(a, b);
    assert_int_equal(strncmp(a, "$argon2id$v=19$m=65536,t=2,p=1$", 31), 0);
    assert_true(password_is_right(a, FIXTURE_PASSWORD));
    assert_false(password_is_right(a, "correct horsf"));
    assert_false(password_is_right(NULL, FIXTURE_PASSWORD));
    assert_int_equal(
        crypto_pwhash_str_needs_rehash(password_of_nobody, PASSWORD_PASSES, PASSWORD_MEMORY_BYTES), 0);
}

static double seconds_of(struct account_fixture *fixture, const char *name)
{
    double least = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double began = clock_steady_seconds();
        /* Far apart, so that nobody is locked out. */
        (void)attempt_with(fixture, name, "wrong password",
                           NOW_MS + i * (LOCKOUT_FORGET_HOURS + 1) * 60LL * MINUTE_MS);
        double took = clock_steady_seconds() - began;
        least = took < least ? took : least;
    }
    return least;
}

static void an_unknown_user_takes_as_long_as_a_known_one(void **state)
{
    struct account_fixture *fixture = *state;
    must_have(fixture, password_hash(FIXTURE_PASSWORD, fixture->hash, &fixture->err));
    (void)add_user(fixture, "ada", ROLE_ADMIN, NULL);
    double known = seconds_of(fixture, "ada"), unknown = seconds_of(fixture, "nobody");
    if (unknown < known * 0.5 || unknown > known * 2)
        fail_msg("a known name took %.4f s, an unknown one %.4f s", known, unknown);
}

static void only_the_right_password_of_an_enabled_user_signs_in(void **state)
{
    struct account_fixture *fixture = *state;
    struct user ada = add_user(fixture, "ada", ROLE_ADMIN, NULL);
    (void)add_user(fixture, "root", ROLE_ADMIN, NULL);
    assert_int_equal(attempt_with(fixture, "ada", FIXTURE_PASSWORD, NOW_MS), ERR_NONE);
    assert_int_equal(attempt_with(fixture, "ada", "wrong password", NOW_MS), ERR_SIGN_IN);
    assert_int_equal(attempt_with(fixture, "nobody", FIXTURE_PASSWORD, NOW_MS), ERR_SIGN_IN);
    assert_int_equal(attempt_with(fixture, ada.id, FIXTURE_PASSWORD, NOW_MS), ERR_SIGN_IN);
    const struct user_change off = {.is_disabled = 1};
    must_have(fixture, user_change(fixture->db, ada.id, &off, &fixture->err));
    assert_int_equal(attempt_with(fixture, "ada", FIXTURE_PASSWORD, NOW_MS), ERR_SIGN_IN);
}

static void guessing_locks_the_name_longer_and_longer(void **state)
{
    struct account_fixture *fixture = *state;
    int64_t wait = 0, now_ms = NOW_MS;
    (void)add_user(fixture, "ada", ROLE_ADMIN, NULL);
    for (int i = 0; i < LOCKOUT_USER_FREE; i++)
        assert_int_equal(attempt_with(fixture, "ada", "wrong password", now_ms), ERR_SIGN_IN);
    /* Locked: the right password does not help, the name of nobody is treated the same way. */
    const struct sign_in right = {"ada", FIXTURE_PASSWORD, "192.0.2.1", now_ms, NULL};
    assert_int_equal(attempt(fixture, &right, &wait), ERR_TOO_MANY);
    assert_int_equal(wait, LOCKOUT_FIRST_SECONDS);
    now_ms += 1000;
    assert_int_equal(attempt_with(fixture, "ada", "wrong password", now_ms), ERR_SIGN_IN);
    const struct sign_in again = {"ada", FIXTURE_PASSWORD, "192.0.2.1", now_ms, NULL};
    assert_int_equal(attempt(fixture, &again, &wait), ERR_TOO_MANY);
    assert_int_equal(wait, 2 * LOCKOUT_FIRST_SECONDS);
    assert_int_equal(attempt_with(fixture, "ada", FIXTURE_PASSWORD, now_ms + 2000), ERR_NONE);
    for (int i = 0; i < LOCKOUT_USER_FREE - 1; i++) /* counted from the beginning again */
        assert_int_equal(attempt_with(fixture, "ada", "wrong password", now_ms + 2000), ERR_SIGN_IN);
    assert_int_equal(attempt_with(fixture, "ada", FIXTURE_PASSWORD, now_ms + 2000), ERR_NONE);
}

static void unknown_names_are_locked_like_known_ones(void **state)
{
    struct account_fixture *fixture = *state;
    for (int i = 0; i < LOCKOUT_USER_FREE; i++)
        assert_int_equal(attempt_with(fixture, "nobody", "wrong password", NOW_MS), ERR_SIGN_IN);
    assert_int_equal(attempt_with(fixture, "nobody", "wrong password", NOW_MS), ERR_TOO_MANY);
}

static enum error_code count_from(struct account_fixture *fixture, const char *name, const char *address,
                                  int64_t *ret_wait)
{
    const struct lockout_attempt counted = {name, address, NOW_MS};
    must_have(fixture, lockout_begin(fixture->db, fixture->arena, &counted, ret_wait, &fixture->err));
    return *ret_wait > 0 ? ERR_TOO_MANY : ERR_NONE;
}

static void an_address_that_tries_many_names_is_locked_too(void **state)
{
    struct account_fixture *fixture = *state;
    char name[32];
    int64_t wait = 0;
    for (int i = 0; i < LOCKOUT_ADDRESS_FREE; i++) {
        (void)snprintf(name, sizeof(name), "name%d", i);
        assert_int_equal(count_from(fixture, name, "2001:db8::1", &wait), ERR_NONE);
    }
    assert_int_equal(count_from(fixture, "another", "2001:db8::1", &wait), ERR_TOO_MANY);
    assert_int_equal(count_from(fixture, "another", "2001:db8::ffff", &wait),
                     ERR_TOO_MANY); /* the same /64 */
    assert_int_equal(count_from(fixture, "another", "2001:db8:0:1::1", &wait), ERR_NONE);
    assert_int_equal(count_from(fixture, NULL, "192.0.2.9", &wait), ERR_NONE);
}

static void the_lock_doubles_up_to_its_end(void **state)
{
    assert_int_equal(lockout_seconds(0, 5), 0);
    assert_int_equal(lockout_seconds(4, 5), 0);
    assert_int_equal(lockout_seconds(5, 5), 1);
    assert_int_equal(lockout_seconds(9, 5), 16);
    assert_int_equal(lockout_seconds(14, 5), 512);
    assert_int_equal(lockout_seconds(15, 5), LOCKOUT_MAX_SECONDS);
    assert_int_equal(lockout_seconds(INT64_MAX, 5), LOCKOUT_MAX_SECONDS);
    char key[LOCKOUT_KEY_BYTES];
    lockout_address("::ffff:192.0.2.1", key);
    assert_string_equal(key, "address:192.0.2.1");
}

static void a_restart_forgets_no_lock_but_a_day_does(void **state)
{
    if (test_database_is_postgresql())
        skip();
    struct account_fixture fixture = {.arena = arena_new(FIXTURE_ARENA_BYTES)};
    char folder[] = "/tmp/trommel_lock_XXXXXX", url[128];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(url, sizeof(url), "sqlite:%s/t.db", folder);
    int64_t wait = 0;
    must_have(&fixture, db_open(url, &fixture.db, &fixture.err) && db_migrate(fixture.db, &fixture.err));
    for (int i = 0; i < LOCKOUT_USER_FREE; i++)
        assert_int_equal(count_from(&fixture, "ada", "192.0.2.1", &wait), ERR_NONE);
    fixture.db = db_free(fixture.db);
    must_have(&fixture, db_open(url, &fixture.db, &fixture.err));
    assert_int_equal(count_from(&fixture, "ada", "192.0.2.1", &wait), ERR_TOO_MANY);
    const struct lockout_attempt later = {"ada", "192.0.2.1",
                                          NOW_MS + (LOCKOUT_FORGET_HOURS * 60LL + 1) * MINUTE_MS};
    for (int i = 0; i < LOCKOUT_USER_FREE; i++) {
        must_have(&fixture, lockout_begin(fixture.db, fixture.arena, &later, &wait, &fixture.err));
        assert_int_equal(wait, 0);
    }
    fixture.db = db_free(fixture.db);
    fixture.arena = arena_free(fixture.arena);
    const char *const ends[] = {"/t.db", "/t.db-wal", "/t.db-shm", ""};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(url, sizeof(url), "%s%s", folder, ends[i]);
        (void)unlink(url);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void a_full_gate_turns_the_next_away_without_counting(void **state)
{
    struct account_fixture *fixture = *state;
    struct password_gate gate = {.max = 2};
    int64_t wait = 0;
    assert_true(password_gate_enter(&gate) && password_gate_enter(&gate));
    assert_false(password_gate_enter(&gate));
    const struct sign_in wanted = {"ada", "wrong password", "192.0.2.1", NOW_MS, &gate};
    for (int i = 0; i < LOCKOUT_USER_FREE + 1; i++) {
        assert_int_equal(attempt(fixture, &wanted, &wait), ERR_BUSY);
        assert_true(wait > 0);
    }
    password_gate_leave(&gate);
    assert_int_equal(attempt(fixture, &wanted, &wait), ERR_SIGN_IN);
    assert_int_equal(atomic_load(&gate.running), 1);
}

static bool pass_gate(void *state, uint32_t index, struct error *err)
{
    struct password_gate *gate = state;
    for (int i = 0; i < 2000; i++)
        if (password_gate_enter(gate)) {
            if (atomic_load(&gate->running) < 1)
                return error_set(err, ERR_FAILED, "worker %u is not counted", index);
            password_gate_leave(gate);
        }
    return true;
}

static void the_gate_counts_threads_rightly(void **state)
{
    struct password_gate gate = {.max = 1};
    struct error err;
    assert_true(workers_run(8, pass_gate, &gate, &err));
    assert_int_equal(atomic_load(&gate.running), 0);
    assert_true(password_gate_enter(NULL));
    password_gate_leave(NULL);
}

static bool lasts(struct account_fixture *fixture, const char *secret, int64_t now_ms)
{
    struct account_caller caller;
    bool is_there = false;
    must_have(fixture,
              session_caller(fixture->db, fixture->arena, secret, now_ms, &caller, &is_there, &fixture->err));
    return is_there;
}

static void a_session_ends_when_idle_and_after_its_whole_time(void **state)
{
    struct account_fixture *fixture = *state;
    char idle[SECRET_BYTES], used[SECRET_BYTES];
    struct user ada = add_user(fixture, "ada", ROLE_ADMIN, NULL);
    must_have(fixture, session_begin(fixture->db, ada.id, "a", NOW_MS, idle, &fixture->err));
    must_have(fixture, session_begin(fixture->db, ada.id, "a", NOW_MS, used, &fixture->err));
    assert_string_not_equal(idle, used);
    int64_t at_ms = NOW_MS;
    for (; at_ms < NOW_MS + SESSION_MS; at_ms += SESSION_IDLE_MS / 2)
        assert_true(lasts(fixture, used, at_ms));
    assert_false(lasts(fixture, used, NOW_MS + SESSION_MS));
    assert_false(lasts(fixture, idle, NOW_MS + SESSION_IDLE_MS));
    assert_true(lasts(fixture, idle, NOW_MS + SESSION_IDLE_MS - 1));
    must_have(fixture, session_end(fixture->db, idle, &fixture->err));
    assert_false(lasts(fixture, idle, NOW_MS));
}

static void a_user_has_so_many_sessions_and_the_oldest_ends(void **state)
{
    struct account_fixture *fixture = *state;
    char first[SECRET_BYTES], second[SECRET_BYTES], next[SECRET_BYTES];
    struct user ada = add_user(fixture, "ada", ROLE_ADMIN, NULL);
    must_have(fixture, session_begin(fixture->db, ada.id, "a", NOW_MS, first, &fixture->err));
    must_have(fixture, session_begin(fixture->db, ada.id, "a", NOW_MS + 1, second, &fixture->err));
    for (int i = 2; i < SESSIONS_PER_USER_MAX; i++)
        must_have(fixture, session_begin(fixture->db, ada.id, "a", NOW_MS + i, next, &fixture->err));
    assert_true(lasts(fixture, first, NOW_MS + MINUTE_MS));
    must_have(fixture, session_begin(fixture->db, ada.id, "a", NOW_MS + MINUTE_MS, next, &fixture->err));
    assert_false(lasts(fixture, first, NOW_MS + MINUTE_MS));
    assert_true(lasts(fixture, second, NOW_MS + MINUTE_MS) && lasts(fixture, next, NOW_MS + MINUTE_MS));
}

static void the_csrf_token_follows_from_the_session_and_is_another_text(void **state)
{
    char csrf[SECRET_HASH_BYTES], of_other[SECRET_HASH_BYTES], stored[SECRET_HASH_BYTES];
    session_csrf("secret", csrf);
    session_csrf("secreu", of_other);
    secret_hash("session", "secret", stored);
    assert_string_not_equal(csrf, of_other);
    assert_string_not_equal(csrf, stored);
    assert_true(secret_equal(csrf, csrf));
    assert_false(secret_equal(csrf, of_other));
    assert_false(secret_equal(csrf, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(passwords_have_a_shortest_and_a_longest_length, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_hash_is_argon2id_with_the_named_cost_and_salted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unknown_user_takes_as_long_as_a_known_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_right_password_of_an_enabled_user_signs_in, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(guessing_locks_the_name_longer_and_longer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_names_are_locked_like_known_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_address_that_tries_many_names_is_locked_too, set_up, tear_down),
        cmocka_unit_test(the_lock_doubles_up_to_its_end),
        cmocka_unit_test(a_restart_forgets_no_lock_but_a_day_does),
        cmocka_unit_test_setup_teardown(a_full_gate_turns_the_next_away_without_counting, set_up, tear_down),
        cmocka_unit_test(the_gate_counts_threads_rightly),
        cmocka_unit_test_setup_teardown(a_session_ends_when_idle_and_after_its_whole_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_user_has_so_many_sessions_and_the_oldest_ends, set_up, tear_down),
        cmocka_unit_test(the_csrf_token_follows_from_the_session_and_is_another_text),
    };
    return cmocka_run_group_tests_name("sign_in", tests, NULL, NULL);
}
