/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "account_fixture.h"

#include "account/audit.h"
#include "base/clock.h"

static void add_rows(struct account_fixture *fixture, const char *user, const char *project, int count)
{
    const struct audit_row row = {.user = user,
                                  .project_id = project,
                                  .route = "user.add",
                                  .subject = "ada",
                                  .address = "192.0.2.1",
                                  .outcome = AUDIT_DONE,
                                  .request_id = "r"};
    for (int i = 0; i < count; i++)
        must_have(fixture, audit_add(fixture->db, &row, &fixture->err));
}

static size_t page(struct account_fixture *fixture, const struct audit_filter *filter, struct audit_row **ret)
{
    size_t count = 0;
    must_have(fixture, audit_list(fixture->db, fixture->arena, filter, ret, &count, &fixture->err));
    return count;
}

static void rows_come_back_newest_first_page_by_page(void **state)
{
    struct account_fixture *fixture = *state;
    struct audit_row *rows = NULL;
    add_rows(fixture, "root", "0", 5);
    add_rows(fixture, "eve", "p2", 2);
    struct audit_filter filter = {.limit = 3};
    assert_int_equal(page(fixture, &filter, &rows), 3);
    assert_string_equal(rows[0].user, "eve");
    assert_string_equal(rows[2].user, "root");
    assert_true(rows[0].id > rows[1].id && rows[1].id > rows[2].id);
    assert_true(clock_now_ms() - rows[0].occurred_ms < 60000);
    filter.before_id = rows[2].id;
    assert_int_equal(page(fixture, &filter, &rows), 3);
    filter.before_id = rows[2].id;
    assert_int_equal(page(fixture, &filter, &rows), 1);
    const struct audit_filter of_two = {.project_id = "p2", .limit = AUDIT_PAGE_MAX};
    assert_int_equal(page(fixture, &of_two, &rows), 2);
    const struct audit_filter of_root = {.user = "root", .route = "user.add", .limit = AUDIT_PAGE_MAX};
    assert_int_equal(page(fixture, &of_root, &rows), 5);
    assert_string_equal(rows[0].subject, "ada");
    assert_string_equal(rows[0].outcome, "done");
}

static void a_row_is_never_changed(void **state)
{
    struct account_fixture *fixture = *state;
    add_rows(fixture, "root", "0", 1);
    assert_false(db_exec(fixture->db, "UPDATE audit SET user_name = 'eve'", DB_NO_ARGS, NULL, &fixture->err));
    assert_non_null(strstr(fixture->err.message, "never changed"));
}

static void texts_from_outside_are_cut_and_made_printable(void **state)
{
    struct account_fixture *fixture = *state;
    struct audit_row *rows = NULL;
    char text[AUDIT_TEXT_BYTES + 2];
    for (size_t i = 0; i + 2 < sizeof(text); i += 2)
        memcpy(text + i, "\xc3\xa4", 2);
    text[sizeof(text) - 2] = '\0';
    const struct audit_row row = {.user = text, .subject = "a\nb\xff", .outcome = "denied"};
    must_have(fixture, audit_add(fixture->db, &row, &fixture->err));
    const struct audit_filter all = {.limit = 10};
    assert_int_equal(page(fixture, &all, &rows), 1);
    assert_int_equal(strlen(rows[0].user), AUDIT_TEXT_BYTES - 2);
    assert_string_equal(rows[0].subject, "a?b?");
    assert_string_equal(rows[0].address, "");
}

static void old_rows_go_and_strangers_cannot_push_out_the_others(void **state)
{
    struct account_fixture *fixture = *state;
    struct audit_row *rows = NULL;
    add_rows(fixture, "root", "0", 5);
    add_rows(fixture, "", "", 20);
    const struct audit_filter all = {.limit = AUDIT_PAGE_MAX},
                              of_root = {.user = "root", .limit = AUDIT_PAGE_MAX};
    const struct audit_limits few_strangers = {0, 100, 10};
    must_have(fixture, audit_purge(fixture->db, &few_strangers, &fixture->err));
    assert_int_equal(page(fixture, &all, &rows), 15);
    assert_int_equal(page(fixture, &of_root, &rows), 5);
    const struct audit_limits few = {0, 12, 10};
    must_have(fixture, audit_purge(fixture->db, &few, &fixture->err));
    assert_int_equal(page(fixture, &all, &rows), 12);
    const struct audit_limits none_old = {clock_now_ms() + 1000, 12, 10};
    must_have(fixture, audit_purge(fixture->db, &none_old, &fixture->err));
    assert_int_equal(page(fixture, &all, &rows), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_come_back_newest_first_page_by_page, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_row_is_never_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_from_outside_are_cut_and_made_printable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(old_rows_go_and_strangers_cannot_push_out_the_others, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
