/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of every route: a loop over the table. */
#include "test.h"

#include "api/api.h"
#include "temp_folder.h"
#include "test_database.h"

#include <ctype.h>

enum { ARENA_BYTES = 64 * 1024 * 1024, NAME_BYTES = 64 };

struct fixture {
    char folder[TEMP_PATH_BYTES];
    struct api api;
    struct arena *arena;
    struct error err;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(fixture->folder);
    assert_non_null(fixture->arena = arena_new(ARENA_BYTES));
    if (!test_database_open(&fixture->api.db, &fixture->err) || !db_migrate(fixture->api.db, &fixture->err) ||
        !store_open(fixture->folder, true, &fixture->api.data, &fixture->err))
        fail_msg("%s", fixture->err.message);
    fixture->api.data_folder = fixture->folder;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    (void)db_free(fixture->api.db);
    (void)store_free(fixture->api.data);
    (void)arena_free(fixture->arena);
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

/* The reply, to be freed; NULL with the error in the fixture. */
static yyjson_mut_doc *handle(struct fixture *fixture, const struct route *route, const char *json)
{
    AUTO_JSON request = NULL;
    yyjson_mut_doc *reply = NULL;
    fixture->err = (struct error){0};
    if (!json_parse((struct bytes){json, strlen(json)}, "request", &request, &fixture->err))
        fail_msg("%s", fixture->err.message);
    bool is_done =
        api_handle(&fixture->api, route, yyjson_doc_get_root(request), fixture->arena, &reply, &fixture->err);
    assert_int_equal(is_done, reply != NULL);
    return reply;
}

/* NOLINTBEGIN(bugprone-macro-parentheses): it declares its argument */
#define EACH_ROUTE(route)                                                                                    \
    const struct route *const *at = all_routes, *route;                                                      \
    (route = *at);                                                                                           \
    at++
/* NOLINTEND(bugprone-macro-parentheses) */

static void names_are_unique_and_found(void **state)
{
    for (EACH_ROUTE(route)) {
        assert_ptr_equal(route_find(route->name), route);
        assert_non_null(strchr(route->name, '.'));
        for (const char *c = route->name; *c; c++)
            assert_true(islower((unsigned char)*c) || *c == '.' || *c == '_');
    }
    assert_null(route_find("nothing.at_all"));
    assert_null(route_find(""));
}

static void methods_and_paths_are_unique(void **state)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    for (EACH_ROUTE(route)) {
        size_t known = 0;
        for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
            known += strcmp(methods[i], route->method) == 0;
        assert_int_equal(known, 1);
        assert_int_equal(strncmp(route->path, "/api/v1/", 8), 0);
        assert_true(route->path[strlen(route->path) - 1] != '/');
        for (const struct route *const *other = at + 1; *other; other++)
            assert_false(strcmp((*other)->path, route->path) == 0 &&
                         strcmp((*other)->method, route->method) == 0);
    }
}

static void path_parameters_are_required_rows_of_the_table(void **state)
{
    for (EACH_ROUTE(route)) {
        struct param_position position = {0};
        int count = 0;
        for (const char *open = route->path; (open = strchr(open, '{')); count++) {
            char name[NAME_BYTES];
            size_t bytes = strcspn(++open, "}");
            assert_true(bytes > 0 && bytes < sizeof(name) && open[bytes] == '}');
            (void)snprintf(name, sizeof(name), "%.*s", (int)bytes, open);
            const struct param_spec *spec = params_next(route->params, &position);
            if (!spec || strcmp(spec->name, name) != 0)
                fail_msg("%s: {%s} is not among the first params", route->name, name);
            assert_true(spec->is_required && spec->is_positional);
            assert_int_equal(spec->type, PARAM_TEXT);
        }
        assert_true(count <= API_PATH_PARAMS_MAX);
    }
}

static size_t field_bytes(const struct param_spec *spec)
{
    static const size_t sizes[] = {
        [PARAM_TEXT] = sizeof(char *),    [PARAM_NUMBER] = sizeof(double),
        [PARAM_COUNT] = sizeof(uint64_t), [PARAM_BOOL] = sizeof(bool),
        [PARAM_CHOICE] = sizeof(char *),  [PARAM_LIST] = sizeof(struct param_list)};
    return sizes[spec->type];
}

static void params_are_explained_unique_and_inside_their_struct(void **state)
{
    for (EACH_ROUTE(route)) {
        struct param_position position = {0};
        const struct param_spec *spec;
        while ((spec = params_next(route->params, &position))) {
            size_t help = spec->help ? strlen(spec->help) : 0;
            if (help < 5 || spec->help[help - 1] == '.')
                fail_msg("%s: the help of %s is no phrase", route->name, spec->name);
            assert_ptr_equal(params_find(route->params, spec->name), spec);
            for (const char *c = spec->name; *c; c++)
                assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '_');
            if (position.base + spec->offset + field_bytes(spec) > route->params_size)
                fail_msg("%s: %s lies outside its struct", route->name, spec->name);
        }
    }
}

static void summaries_are_sentences(void **state)
{
    for (EACH_ROUTE(route)) {
        size_t bytes = strlen(route->summary);
        assert_true(bytes > 10 && isupper((unsigned char)route->summary[0]));
        assert_int_equal(route->summary[bytes - 1], '.');
        assert_non_null(route->handle);
    }
}

static void unknown_members_are_refused_and_named(void **state)
{
    struct fixture *fixture = *state;
    for (EACH_ROUTE(route)) {
        assert_null(handle(fixture, route, "{\"nonsense_member\":1}"));
        if (fixture->err.code != ERR_INVALID || strcmp(fixture->err.pointer, "/nonsense_member") != 0)
            fail_msg("%s: %s %s", route->name, fixture->err.pointer, fixture->err.message);
    }
}

static void missing_members_are_named(void **state)
{
    struct fixture *fixture = *state;
    for (EACH_ROUTE(route)) {
        struct param_position position = {0};
        const struct param_spec *spec;
        while ((spec = params_next(route->params, &position)) && !spec->is_required)
            ;
        if (!spec)
            continue;
        assert_null(handle(fixture, route, "{}"));
        assert_int_equal(fixture->err.code, ERR_INVALID);
        assert_string_equal(fixture->err.pointer, arena_printf(fixture->arena, "/%s", spec->name));
    }
}

static void a_request_must_be_an_object_and_may_be_missing(void **state)
{
    struct fixture *fixture = *state;
    const struct route *list = route_find("dataset.list");
    yyjson_mut_doc *reply = NULL;
    assert_null(handle(fixture, list, "[]"));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_null(handle(fixture, list, "7"));
    assert_true(api_handle(&fixture->api, list, NULL, fixture->arena, &reply, &fixture->err));
    assert_true(yyjson_mut_is_arr(yyjson_mut_obj_get(yyjson_mut_doc_get_root(reply), "datasets")));
    yyjson_mut_doc_free(reply);
}

/* A request with all that is required, and one member with this value. */
static const char *request_with(struct fixture *fixture, const struct route *route, const char *name,
                                const char *value)
{
    struct param_position position = {0};
    const struct param_spec *spec;
    char *json = arena_printf(fixture->arena, "{\"%s\":%s", name, value);
    while ((spec = params_next(route->params, &position)))
        if (spec->is_required && strcmp(spec->name, name) != 0)
            json = arena_printf(fixture->arena, "%s,\"%s\":\"x\"", json, spec->name);
    return arena_printf(fixture->arena, "%s}", json);
}

static void try_hostile_values(struct fixture *fixture, const struct route *route, const char *member)
{
    static const char *const values[] = {"{}",
                                         "[[]]",
                                         "[{}]",
                                         "\"\"",
                                         "\"'; DROP TABLE task; --\"",
                                         "\"../../x\"",
                                         "-1",
                                         "1e300",
                                         "null",
                                         "[\"x\",\"\"]",
                                         "true",
                                         "[]",
                                         "\"a@b\"",
                                         "9007199254740993"};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        yyjson_mut_doc *reply = handle(fixture, route, request_with(fixture, route, member, values[i]));
        if (!reply && (fixture->err.message[0] == '\0' || fixture->err.code == ERR_NO_MEMORY))
            fail_msg("%s with %s %s says '%s'", route->name, member, values[i], fixture->err.message);
        yyjson_mut_doc_free(reply);
    }
    arena_reset(fixture->arena);
}

static void hostile_members_break_no_handler(void **state)
{
    struct fixture *fixture = *state;
    for (EACH_ROUTE(route)) {
        struct param_position position = {0};
        const struct param_spec *spec;
        while ((spec = params_next(route->params, &position)))
            try_hostile_values(fixture, route, spec->name);
    }
    yyjson_mut_doc *reply = handle(fixture, route_find("task.list"), "{}");
    assert_non_null(reply);
    yyjson_mut_doc_free(reply);
}

static void settings_are_shown_with_their_origin_and_without_secrets(void **state)
{
    struct fixture *fixture = *state;
    const struct api_setting settings[] = {{"data", "D", "a folder", "/data", "--data", false},
                                           {"database", "U", "a URL", "postgresql://u:secret@h/d", "U", true},
                                           {"server", "S", "a URL", NULL, NULL, true},
                                           {.name = NULL}};
    fixture->api.settings = settings;
    yyjson_mut_doc *reply = handle(fixture, route_find("settings.list"), "{}");
    assert_non_null(reply);
    yyjson_mut_val *rows = yyjson_mut_obj_get(yyjson_mut_doc_get_root(reply), "settings");
    assert_int_equal(yyjson_mut_arr_size(rows), 3);
    static const char *const values[] = {"/data", "(set)", NULL}, *const origins[] = {"--data", "U", NULL};
    for (size_t i = 0; i < 3; i++) {
        yyjson_mut_val *row = yyjson_mut_arr_get(rows, i);
        const char *value = yyjson_mut_get_str(yyjson_mut_obj_get(row, "value")),
                   *origin = yyjson_mut_get_str(yyjson_mut_obj_get(row, "origin"));
        assert_true(values[i] ? value && strcmp(value, values[i]) == 0 : !value);
        assert_true(origins[i] ? origin && strcmp(origin, origins[i]) == 0 : !origin);
    }
    yyjson_mut_doc_free(reply);
}

/* ---- errors ---- */

static yyjson_mut_val *error_of(const struct error *err, yyjson_mut_doc *doc)
{
    api_error_json(err, doc);
    return yyjson_mut_obj_get(yyjson_mut_doc_get_root(doc), "error");
}

static void every_detail_becomes_json_with_its_codes(void **state)
{
    for (int detail = DETAIL_NONE + 1; detail < DETAIL_COUNT; detail++) {
        struct error err = {0};
        const struct error_detail_row *row = error_detail_row((enum error_detail)detail);
        (void)error_set_detail(&err, (enum error_detail)detail, "what happened");
        (void)error_point(&err, "/field");
        AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
        yyjson_mut_val *error = error_of(&err, doc);
        assert_string_equal(yyjson_mut_get_str(yyjson_mut_obj_get(error, "detail")), row->name);
        const char *code = yyjson_mut_get_str(yyjson_mut_obj_get(error, "error_code"));
        assert_string_equal(code ? code : "", row->modelarts);
        assert_string_equal(yyjson_mut_get_str(yyjson_mut_obj_get(error, "message")), "what happened");
        assert_string_equal(yyjson_mut_get_str(yyjson_mut_obj_get(error, "pointer")), "/field");
        assert_string_equal(yyjson_mut_get_str(yyjson_mut_obj_get(error, "code")),
                            error_kind(row->code)->name);
        assert_int_equal(yyjson_mut_get_bool(yyjson_mut_obj_get(error, "retryable")),
                         error_kind(row->code)->retryable);
        assert_int_equal(yyjson_mut_obj_get(error, "advice") != NULL, row->advice[0] != '\0');
    }
}

static void an_error_without_detail_has_no_empty_members(void **state)
{
    struct error err = {0};
    (void)error_set(&err, ERR_IO, "disk");
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *error = error_of(&err, doc);
    assert_int_equal(yyjson_mut_obj_size(error), 3);
    assert_true(yyjson_mut_get_bool(yyjson_mut_obj_get(error, "retryable")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_and_found),
        cmocka_unit_test(methods_and_paths_are_unique),
        cmocka_unit_test(path_parameters_are_required_rows_of_the_table),
        cmocka_unit_test(params_are_explained_unique_and_inside_their_struct),
        cmocka_unit_test(summaries_are_sentences),
        cmocka_unit_test_setup_teardown(unknown_members_are_refused_and_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missing_members_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_request_must_be_an_object_and_may_be_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hostile_members_break_no_handler, set_up, tear_down),
        cmocka_unit_test_setup_teardown(settings_are_shown_with_their_origin_and_without_secrets, set_up,
                                        tear_down),
        cmocka_unit_test(every_detail_becomes_json_with_its_codes),
        cmocka_unit_test(an_error_without_detail_has_no_empty_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
