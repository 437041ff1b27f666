/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "account_fixture.h"

#include "account/session.h"
#include "base/clock.h"

enum { DAY_MS = 24 * 3600 * 1000 };

static struct account_caller shown(struct account_fixture *fixture, const char *secret, bool *ret_is_known)
{
    struct account_caller caller = account_nobody;
    must_have(fixture, token_caller(fixture->db, fixture->arena, secret, clock_now_ms(), &caller,
                                    ret_is_known, &fixture->err));
    return caller;
}

static bool is_known(struct account_fixture *fixture, const char *secret)
{
    bool is_known = false;
    (void)shown(fixture, secret, &is_known);
    return is_known;
}

static void add_token(struct account_fixture *fixture, const struct user *user, const char *name,
                      char secret[SECRET_BYTES])
{
    char id[33];
    const struct token_new wanted = {user, NULL, name, account_role_find(user->role),
                                     clock_now_ms() + DAY_MS};
    must_have(fixture, token_add(fixture->db, &wanted, id, secret, &fixture->err));
}

static void a_user_is_found_by_name_and_id_within_the_project(void **state)
{
    struct account_fixture *fixture = *state;
    struct user found;
    (void)add_user(fixture, "root", ROLE_ADMIN, NULL);
    struct user ada = add_user(fixture, "ada", ROLE_LABEL, "p2");
    assert_string_equal(ada.name, "ada");
    assert_string_equal(ada.role, "label");
    assert_string_equal(ada.project_id, "p2");
    assert_true(user_get(fixture->db, fixture->arena, "p2", "ada", &found, &fixture->err));
    assert_string_equal(found.id, ada.id);
    assert_false(user_get(fixture->db, fixture->arena, "0", "ada", &found, &fixture->err));
    assert_int_equal(fixture->err.detail, DETAIL_USER_NOT_FOUND);
    struct user *users = NULL;
    size_t count = 0;
    assert_true(user_list(fixture->db, fixture->arena, NULL, &users, &count, &fixture->err));
    assert_int_equal(count, 2);
    assert_true(user_list(fixture->db, fixture->arena, "0", &users, &count, &fixture->err));
    assert_int_equal(count, 1);
    assert_string_equal(users[0].name, "root");
}

static void names_have_few_characters_and_are_unique(void **state)
{
    struct account_fixture *fixture = *state;
    char id[33], longest[USER_NAME_MAX_BYTES + 2];
    memset(longest, 'a', sizeof(longest) - 1);
    longest[USER_NAME_MAX_BYTES] = '\0';
    (void)add_user(fixture, longest, ROLE_ADMIN, NULL);
    longest[USER_NAME_MAX_BYTES] = 'a';
    longest[USER_NAME_MAX_BYTES + 1] = '\0';
    const char *const bad[] = {"", "Ada", "a b", ".a", "a/b", "a\n", "ä", longest};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct user_new wanted = {NULL, bad[i], ROLE_READ, fixture->hash, NULL};
        assert_false(user_add(fixture->db, &wanted, id, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_INVALID);
        assert_string_equal(fixture->err.pointer, "/name");
    }
    (void)add_user(fixture, "a.b_c-d@e", ROLE_READ, NULL);
    const struct user_new again = {"p2", "a.b_c-d@e", ROLE_READ, fixture->hash, NULL};
    assert_false(user_add(fixture->db, &again, id, &fixture->err));
    assert_int_equal(fixture->err.detail, DETAIL_USER_EXISTS);
    const struct user_new nowhere = {"p3", "b", ROLE_READ, fixture->hash, NULL};
    assert_false(user_add(fixture->db, &nowhere, id, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
}

static void the_one_time_token_makes_one_administrator_and_never_works_again(void **state)
{
    struct account_fixture *fixture = *state;
    char old[SECRET_BYTES], secret[SECRET_BYTES], id[33];
    bool is_made = false;
    assert_true(user_make_first_secret(fixture->db, old, &is_made, &fixture->err) && is_made);
    assert_true(user_make_first_secret(fixture->db, secret, &is_made, &fixture->err) && is_made);
    assert_int_equal(strncmp(secret, SECRET_FIRST_PREFIX, strlen(SECRET_FIRST_PREFIX)), 0);
    struct user_new wanted = {NULL, "root", ROLE_ADMIN, fixture->hash, old};
    assert_false(user_add(fixture->db, &wanted, id, &fixture->err)); /* a restart printed another */
    assert_int_equal(fixture->err.code, ERR_SIGN_IN);
    wanted.first_secret = secret;
    wanted.role = ROLE_LABEL;
    assert_false(user_add(fixture->db, &wanted, id, &fixture->err));
    wanted.role = ROLE_ADMIN;
    assert_true(user_add(fixture->db, &wanted, id, &fixture->err));
    wanted.name = "second";
    assert_false(user_add(fixture->db, &wanted, id, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_SIGN_IN);
    assert_true(user_make_first_secret(fixture->db, secret, &is_made, &fixture->err));
    assert_false(is_made);
    assert_false(user_add(fixture->db, &wanted, id, &fixture->err));
}

static void the_first_user_is_an_administrator_of_the_default_project(void **state)
{
    struct account_fixture *fixture = *state;
    char id[33];
    const struct user_new other[] = {{NULL, "a", ROLE_LABEL, fixture->hash, NULL},
                                     {"p2", "a", ROLE_ADMIN, fixture->hash, NULL}};
    for (size_t i = 0; i < 2; i++) {
        assert_false(user_add(fixture->db, &other[i], id, &fixture->err));
        assert_string_equal(fixture->err.pointer, "/role");
    }
}

static void the_last_administrator_stays(void **state)
{
    struct account_fixture *fixture = *state;
    struct user root = add_user(fixture, "root", ROLE_ADMIN, NULL);
    (void)add_user(fixture, "other", ROLE_ADMIN, "p2");
    struct user ada = add_user(fixture, "ada", ROLE_LABEL, NULL);
    const struct user_change changes[] = {
        {.role = "label", .is_disabled = -1}, {.is_disabled = 1}, {.project_id = "p2", .is_disabled = -1}};
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        assert_false(user_change(fixture->db, root.id, &changes[i], &fixture->err));
        assert_int_equal(fixture->err.detail, DETAIL_LAST_ADMIN);
    }
    assert_false(user_delete(fixture->db, root.id, &fixture->err));
    assert_int_equal(fixture->err.detail, DETAIL_LAST_ADMIN);
    const struct user_change rise = {.role = "admin", .is_disabled = -1};
    must_have(fixture, user_change(fixture->db, ada.id, &rise, &fixture->err));
    must_have(fixture, user_delete(fixture->db, root.id, &fixture->err));
    assert_false(user_delete(fixture->db, root.id, &fixture->err));
    assert_int_equal(fixture->err.detail, DETAIL_USER_NOT_FOUND);
}

static void a_token_is_shown_once_and_only_its_hash_is_kept(void **state)
{
    struct account_fixture *fixture = *state;
    char secret[SECRET_BYTES], hash[SECRET_HASH_BYTES];
    bool is_there = false;
    struct user root = add_user(fixture, "root", ROLE_ADMIN, NULL);
    add_token(fixture, &root, "ci", secret);
    assert_int_equal(strncmp(secret, "trommel_", 8), 0);
    assert_int_equal(strlen(secret), 8 + SECRET_RANDOM_CHARACTERS);
    struct account_caller caller = shown(fixture, secret, &is_there);
    assert_true(is_there);
    assert_string_equal(caller.user, "root");
    assert_int_equal(caller.role, ROLE_ADMIN);
    assert_int_equal(caller.way, WAY_TOKEN);
    secret[20] = secret[20] == 'a' ? 'b' : 'a';
    assert_false(is_known(fixture, secret));
    assert_false(is_known(fixture, ""));
    secret_hash("token", secret, hash);
    assert_false(is_known(fixture, hash)); /* what is in the database opens nothing */
    struct token *tokens = NULL;
    size_t count = 0;
    assert_true(token_list(fixture->db, fixture->arena, root.id, NULL, &tokens, &count, &fixture->err));
    assert_int_equal(count, 1);
    assert_true(tokens[0].used_ms > 0);
    must_have(fixture, token_delete(fixture->db, tokens[0].id, &fixture->err));
    assert_false(token_delete(fixture->db, tokens[0].id, &fixture->err));
}

static void a_token_has_at_most_the_role_and_project_of_its_owner(void **state)
{
    struct account_fixture *fixture = *state;
    char id[33], secret[SECRET_BYTES];
    bool is_there = false;
    struct user root = add_user(fixture, "root", ROLE_ADMIN, NULL);
    struct user ada = add_user(fixture, "ada", ROLE_LABEL, "p2");
    const int64_t until_ms = clock_now_ms() + DAY_MS;
    const struct token_new refused[] = {{&ada, NULL, "t", ROLE_ADMIN, until_ms},
                                        {&ada, NULL, "t", ROLE_ANYONE, until_ms},
                                        {&ada, "0", "t", ROLE_READ, until_ms}};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_false(token_add(fixture->db, &refused[i], id, secret, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_DENIED);
    }
    const struct token_new of_ada = {&ada, NULL, "t", ROLE_READ, until_ms};
    must_have(fixture, token_add(fixture->db, &of_ada, id, secret, &fixture->err));
    assert_int_equal(shown(fixture, secret, &is_there).role, ROLE_READ);
    assert_string_equal(shown(fixture, secret, &is_there).project_id, "p2");
    assert_false(token_add(fixture->db, &of_ada, id, secret, &fixture->err));
    assert_int_equal(fixture->err.detail, DETAIL_TOKEN_EXISTS);
    const struct token_new of_root = {&root, "p2", "t", ROLE_ADMIN, until_ms};
    must_have(fixture, token_add(fixture->db, &of_root, id, secret, &fixture->err));
    struct account_caller caller = shown(fixture, secret, &is_there);
    assert_string_equal(caller.project_id, "p2");
    assert_false(account_rules_all_projects(&caller));
}

static void a_token_ends_at_its_time(void **state)
{
    struct account_fixture *fixture = *state;
    char id[33], secret[SECRET_BYTES];
    struct account_caller caller;
    bool is_there = false;
    struct user root = add_user(fixture, "root", ROLE_ADMIN, NULL);
    const int64_t now_ms = clock_now_ms();
    const struct token_new wanted = {&root, NULL, "t", ROLE_READ, now_ms + 1000};
    must_have(fixture, token_add(fixture->db, &wanted, id, secret, &fixture->err));
    assert_true(
        token_caller(fixture->db, fixture->arena, secret, now_ms + 999, &caller, &is_there, &fixture->err));
    assert_true(is_there);
    assert_true(
        token_caller(fixture->db, fixture->arena, secret, now_ms + 1000, &caller, &is_there, &fixture->err));
    assert_false(is_there);
}

static void a_user_has_so_many_tokens_and_no_more(void **state)
{
    struct account_fixture *fixture = *state;
    char id[33], secret[SECRET_BYTES], name[16];
    struct user root = add_user(fixture, "root", ROLE_ADMIN, NULL);
    for (int i = 0; i < TOKENS_PER_USER_MAX; i++) {
        (void)snprintf(name, sizeof(name), "t%d", i);
        add_token(fixture, &root, name, secret);
    }
    const struct token_new more = {&root, NULL, "more", ROLE_READ, clock_now_ms() + DAY_MS};
    assert_false(token_add(fixture->db, &more, id, secret, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_LIMIT);
}

static bool has_session(struct account_fixture *fixture, const char *secret, int64_t now_ms)
{
    struct account_caller caller;
    bool is_there = false;
    must_have(fixture,
              session_caller(fixture->db, fixture->arena, secret, now_ms, &caller, &is_there, &fixture->err));
    return is_there;
}

static void every_change_of_a_user_ends_sessions_and_tokens_at_once(void **state)
{
    struct account_fixture *fixture = *state;
    char token[SECRET_BYTES], session[SECRET_BYTES];
    (void)add_user(fixture, "root", ROLE_ADMIN, NULL);
    struct user ada = add_user(fixture, "ada", ROLE_LABEL, NULL);
    const int64_t now_ms = clock_now_ms();
    const struct user_change changes[] = {{.role = "read", .is_disabled = -1},
                                          {.password_hash = fixture->hash, .is_disabled = -1},
                                          {.project_id = "p2", .is_disabled = -1},
                                          {.is_disabled = 1}};
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        must_have(fixture, user_get(fixture->db, fixture->arena, NULL, "ada", &ada, &fixture->err));
        add_token(fixture, &ada, "t", token);
        must_have(fixture, session_begin(fixture->db, ada.id, "127.0.0.1", now_ms, session, &fixture->err));
        assert_true(is_known(fixture, token) && has_session(fixture, session, now_ms));
        must_have(fixture, user_change(fixture->db, ada.id, &changes[i], &fixture->err));
        assert_false(is_known(fixture, token));
        assert_false(has_session(fixture, session, now_ms));
    }
    /* Nothing of a disabled user works, were it there. */
    must_have(fixture, session_begin(fixture->db, ada.id, "127.0.0.1", now_ms, session, &fixture->err));
    assert_false(has_session(fixture, session, now_ms));
    must_have(fixture, user_delete(fixture->db, ada.id, &fixture->err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_user_is_found_by_name_and_id_within_the_project, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_have_few_characters_and_are_unique, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_one_time_token_makes_one_administrator_and_never_works_again,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_first_user_is_an_administrator_of_the_default_project, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_last_administrator_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_token_is_shown_once_and_only_its_hash_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_token_has_at_most_the_role_and_project_of_its_owner, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_token_ends_at_its_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_user_has_so_many_tokens_and_no_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_change_of_a_user_ends_sessions_and_tokens_at_once, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("user", tests, NULL, NULL);
}
