/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from the columns of the route tables: documents, and the check of replies. */
#include "test.h"

#include "api/api.h"
#include "temp_folder.h"

enum {
    DOCUMENT_MAX_BYTES = 16 * 1024 * 1024,
    ARENA_BYTES = 64 * 1024 * 1024,
    SHAPES_MAX = 128,
    DEPTH_MAX = 8
};

/* NOLINTBEGIN(bugprone-macro-parentheses): it declares its argument */
#define EACH_ROUTE(table, route)                                                                             \
    const struct route *const *at = (table), *route;                                                         \
    (route = *at);                                                                                           \
    at++
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct route *const *const tables[] = {all_routes, server_routes};

static bool begins_with_one_of(const char *name, const char *const *beginnings)
{
    while (*beginnings && strncmp(name, *beginnings, strlen(*beginnings)) != 0)
        beginnings++;
    return *beginnings != NULL;
}

static void every_row_says_who_may_call_and_what_is_given(void **state)
{
    static const char *const of_anyone[] = {"session.begin", "setup.admin", NULL};
    static const char *const of_oneself[] = {"session.", "token.", "setup.", NULL};
    static const char *const of_readers[] = {"samples.query", "samples.facets_queried",
                                             NULL}; /* long filters */
    for (int t = 0; t < 2; t++)
        for (EACH_ROUTE(tables[t], route)) {
            bool is_read = strcmp(route->method, "GET") == 0;
            assert_true(route->role < ROLE_COUNT);
            assert_true(route->role != ROLE_ANYONE || t == 1 || begins_with_one_of(route->name, of_anyone));
            assert_true(is_read || route->role > ROLE_READ || begins_with_one_of(route->name, of_oneself) ||
                        begins_with_one_of(route->name, of_readers));
            assert_true(route->status == 200 || route->status == 201 || route->status == 202);
            assert_true(!is_read || route->status == 200);
            assert_int_equal(route->reply == NULL, route->is_file);
            assert_int_equal(route->handle == NULL, t == 1);
            if (route->status == 202)
                assert_true(api_route_has_task(route));
        }
}

static void check_shape(const struct reply_shape *shape, const struct reply_shape **seen, size_t *count,
                        int depth)
{
    assert_true(depth < DEPTH_MAX && *count < SHAPES_MAX);
    for (size_t i = 0; i < *count; i++) {
        if (seen[i] == shape)
            return;
        assert_string_not_equal(seen[i]->name, shape->name);
    }
    seen[(*count)++] = shape;
    for (const struct reply_spec *spec = shape->members; spec->name; spec++) {
        size_t help = spec->help ? strlen(spec->help) : 0;
        if (help == 0)
            fail_msg("%s.%s is not explained", shape->name, spec->name);
        for (const struct reply_spec *other = spec + 1; other->name; other++)
            assert_string_not_equal(spec->name, other->name);
        assert_true(!spec->shape || spec->type == REPLY_OBJECT || spec->type == REPLY_LIST);
        if (spec->shape)
            check_shape(spec->shape, seen, count, depth + 1);
    }
}

static void shapes_have_names_of_their_own_and_explained_members(void **state)
{
    const struct reply_shape *seen[SHAPES_MAX];
    size_t count = 0;
    for (int t = 0; t < 2; t++)
        for (EACH_ROUTE(tables[t], route)) {
            if (route->reply)
                check_shape(route->reply, seen, &count, 0);
        }
    assert_true(count > 30);
}

static void the_document_describes_every_route(void **state)
{
    AUTO_BUFFER(text, DOCUMENT_MAX_BYTES);
    AUTO_JSON doc = NULL;
    struct error err = {0};
    assert_true(api_openapi(&text, &err));
    assert_true(json_parse((struct bytes){text.data, text.size}, "the document", &doc, &err));
    yyjson_val *paths = yyjson_obj_get(yyjson_doc_get_root(doc), "paths");
    size_t operations = 0, index, max;
    yyjson_val *key, *path;
    yyjson_obj_foreach(paths, index, max, key, path)
    {
        operations += yyjson_obj_size(path);
    }
    for (int t = 0; t < 2; t++)
        for (EACH_ROUTE(tables[t], route)) {
            const char *method = strcmp(route->method, "GET") == 0      ? "get"
                                 : strcmp(route->method, "POST") == 0   ? "post"
                                 : strcmp(route->method, "DELETE") == 0 ? "delete"
                                 : strcmp(route->method, "PATCH") == 0  ? "patch"
                                                                        : "put";
            yyjson_val *operation = yyjson_obj_get(yyjson_obj_get(paths, route->path), method);
            assert_string_equal(json_text(operation, "operationId", ""), route->name);
            assert_string_equal(json_text(operation, "x-role", ""), account_role_name(route->role));
            operations--;
        }
    assert_int_equal(operations, 0);
}

static void the_page_has_a_section_for_every_route(void **state)
{
    AUTO_BUFFER(text, DOCUMENT_MAX_BYTES);
    struct error err = {0};
    char heading[128];
    assert_true(api_markdown(&text, &err));
    for (int t = 0; t < 2; t++)
        for (EACH_ROUTE(tables[t], route)) {
            (void)snprintf(heading, sizeof(heading), "\n## %s\n\n`%s %s`", route->name, route->method,
                           route->path);
            assert_non_null(strstr(text.data, heading));
        }
}

static void replies_of_an_empty_product_are_of_their_shape(void **state)
{
    struct error err = {0};
    char folder[TEMP_PATH_BYTES];
    temp_folder_make(folder);
    struct api api = {.checks_replies = true, .data_folder = folder};
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    assert_true(db_open("sqlite::memory:", &api.db, &err) && db_migrate(api.db, &err));
    int called = 0;
    for (EACH_ROUTE(all_routes, route)) {
        yyjson_mut_doc *reply = NULL;
        if (strcmp(route->method, "GET") != 0 || strchr(route->path, '{'))
            continue;
        if (!api_handle(&api, route, NULL, arena, &reply, &err))
            fail_msg("%s", err.message);
        yyjson_mut_doc_free(reply);
        called++;
    }
    assert_true(called >= 8);
    api.db = db_free(api.db);
    temp_folder_remove(folder);
}

/* ---- the check ---- */

static const struct reply_shape inner = {
    "Inner", (const struct reply_spec[]){{.name = "n", .type = REPLY_COUNT}, {.name = NULL}}};
static const struct reply_shape outer = {
    "Outer", (const struct reply_spec[]){{.name = "text", .type = REPLY_TEXT},
                                         {.name = "time", .type = REPLY_TIME, .is_nullable = true},
                                         {.name = "maybe", .type = REPLY_BOOL, .is_optional = true},
                                         {.name = "number", .type = REPLY_NUMBER},
                                         {.name = "any", .type = REPLY_ANY, .is_nullable = true},
                                         {.name = "one", .type = REPLY_OBJECT, .shape = &inner},
                                         {.name = "list", .type = REPLY_LIST, .shape = &inner},
                                         {.name = NULL}}};

static void a_reply_is_checked_member_by_member(void **state)
{
#define REST "\"number\":1.5,\"any\":null,\"one\":{\"n\":1},\"list\":[{\"n\":2},{\"n\":3,\"more\":1}]}"
    static const struct {
        const char *json, *fault; /* NULL: it fits */
    } rows[] = {
        {"{\"text\":\"\",\"time\":null," REST, NULL},
        {"{\"text\":\"\",\"time\":\"2026-11-22T10:04:00.123Z\",\"maybe\":true," REST, NULL},
        {"{\"time\":null," REST, "text is missing"},
        {"{\"text\":null,\"time\":null," REST, "text is of another type"},
        {"{\"text\":\"\",\"time\":\"2026-11-22 10:04\"," REST, "time is of another type"},
        {"{\"text\":\"\",\"time\":null,\"maybe\":1," REST, "maybe is of another type"},
        {"{\"text\":\"\",\"time\":null,\"number\":\"1\",\"any\":1,\"one\":{\"n\":1},\"list\":[]}", "number"},
        {"{\"text\":\"\",\"time\":null,\"number\":1,\"any\":1,\"one\":{\"n\":1.5},\"list\":[]}", "one: n"},
        {"{\"text\":\"\",\"time\":null,\"number\":1,\"any\":1,\"one\":{\"n\":1},\"list\":[{\"n\":1},{}]}",
         "item 1 of list: n is missing"},
        {"{\"text\":\"\",\"time\":null,\"number\":1,\"any\":1,\"one\":{\"n\":1},\"list\":[7]}",
         "item 0 of list"},
        {"[]", "not an object"},
    };
#undef REST
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_JSON parsed = yyjson_read(rows[i].json, strlen(rows[i].json), 0);
        AUTO_MUT_JSON doc = yyjson_doc_mut_copy(parsed, NULL);
        struct error err = {0};
        bool fits = api_check_reply(&outer, yyjson_mut_doc_get_root(doc), &err);
        if (fits != (rows[i].fault == NULL) || (!fits && !strstr(err.message, rows[i].fault)))
            fail_msg("%s: %s", rows[i].json, err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_says_who_may_call_and_what_is_given),
        cmocka_unit_test(shapes_have_names_of_their_own_and_explained_members),
        cmocka_unit_test(the_document_describes_every_route),
        cmocka_unit_test(the_page_has_a_section_for_every_route),
        cmocka_unit_test(replies_of_an_empty_product_are_of_their_shape),
        cmocka_unit_test(a_reply_is_checked_member_by_member),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
