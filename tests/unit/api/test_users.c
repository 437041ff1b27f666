/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "api/native/native.h"
#include "test_database.h"

enum { ARENA_BYTES = 16 * 1024 * 1024 };

struct fixture {
    struct api api;
    struct arena *arena;
    struct error err;
    yyjson_mut_doc *reply; /* of the last request */
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    assert_non_null(f->arena = arena_new(ARENA_BYTES));
    if (!test_database_open(&f->api.db, &f->err) || !db_migrate(f->api.db, &f->err))
        fail_msg("%s", f->err.message);
    f->api.checks_replies = true;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    yyjson_mut_doc_free(f->reply);
    (void)db_free(f->api.db);
    (void)arena_free(f->arena);
    free(f);
    return 0;
}

/* The "user" of the reply; NULL with the error in the fixture. */
static yyjson_mut_val *ask(struct fixture *f, const char *route, const char *json)
{
    AUTO_JSON request = NULL;
    yyjson_mut_doc_free(f->reply);
    f->reply = NULL;
    f->err = (struct error){0};
    if (!json_parse((struct bytes){json, strlen(json)}, "request", &request, &f->err))
        fail_msg("%s", f->err.message);
    bool is_done =
        api_handle(&f->api, route_find(route), yyjson_doc_get_root(request), f->arena, &f->reply, &f->err);
    return is_done ? yyjson_mut_obj_get(yyjson_mut_doc_get_root(f->reply), "user") : NULL;
}

static void what_is_null_in_a_change_of_a_user_stays(void **state)
{
    struct fixture *f = *state;
    assert_non_null(
        ask(f, "user.add", "{\"name\":\"root\",\"role\":\"admin\",\"password\":\"correct horse battery\"}"));
    assert_non_null(
        ask(f, "user.add", "{\"name\":\"ada\",\"role\":\"label\",\"password\":\"correct horse battery\"}"));
    assert_non_null(ask(f, "user.edit", "{\"user\":\"ada\",\"disabled\":true}"));
    yyjson_mut_val *user = ask(f, "user.edit", "{\"user\":\"ada\",\"disabled\":null,\"role\":\"read\"}");
    assert_non_null(user);
    assert_string_equal(yyjson_mut_get_str(yyjson_mut_obj_get(user, "role")), "read");
    assert_true(yyjson_mut_get_bool(yyjson_mut_obj_get(user, "is_disabled")));
    assert_null(ask(f, "user.edit", "{\"user\":\"ada\",\"disabled\":null}"));
    assert_int_equal(f->err.detail, DETAIL_INVALID_ARGUMENT);
    user = ask(f, "user.edit", "{\"user\":\"ada\",\"disabled\":false}");
    assert_false(yyjson_mut_get_bool(yyjson_mut_obj_get(user, "is_disabled")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_null_in_a_change_of_a_user_stays, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
