/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "http/request_json.h"
#include "target_fixture.h"

static struct http_match match;
static char allowed[HTTP_ALLOW_BYTES];

static enum http_routing find(const char *method, const char *raw)
{
    if (!parse(raw))
        fail_msg("%s: %s", raw, err.message);
    return http_route(method, &target, &match, allowed);
}

/* Its path with each parameter replaced. */
static const char *path_with(const struct route *route, const char *value)
{
    AUTO_BUFFER(text, ARENA_BYTES);
    for (const char *at = route->path; *at; at++) {
        (void)(*at == '{' ? buffer_add_text(&text, value) : buffer_add(&text, at, 1));
        if (*at == '{')
            at += strcspn(at, "}");
    }
    return arena_text(arena, text.data);
}

static void every_route_finds_itself(void **state)
{
    const struct route *const *tables[] = {all_routes, server_routes};
    for (size_t i = 0; i < 2; i++)
        for (const struct route *const *route = tables[i]; *route; route++) {
            assert_int_equal(find((*route)->method, path_with(*route, "x%2Fy")), ROUTING_FOUND);
            assert_ptr_equal(match.route, *route);
            for (size_t p = 0; p < match.count; p++) {
                assert_string_equal(match.values[p], "x/y");
                assert_non_null(params_find((*route)->params, match.names[p]));
            }
            if (strcmp((*route)->method, "GET") == 0)
                assert_int_equal(find("HEAD", path_with(*route, "x")), ROUTING_FOUND);
        }
}

static void another_method_learns_what_is_allowed(void **state)
{
    assert_int_equal(find("PUT", "/api/v1/services/s"), ROUTING_NO_METHOD);
    assert_string_equal(allowed, "GET, HEAD, PATCH, DELETE, OPTIONS");
    assert_int_equal(find("HEAD", "/api/v1/samples:decide"), ROUTING_NO_METHOD);
    assert_int_equal(find("get", "/healthz"), ROUTING_NO_METHOD);
}

static void near_paths_are_not_found(void **state)
{
    static const char *const paths[] = {"/",
                                        "/api",
                                        "/api/v1",
                                        "/api/v1/services/s/x",
                                        "/api/v1/Services",
                                        "/healthzz",
                                        "/api/v1/samples:decidee",
                                        "/api/v2/services",
                                        "/%7Bservice%7D",
                                        "/api/v1/services/s/start/x"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_int_equal(find("GET", paths[i]), ROUTING_NO_PATH);
        assert_string_equal(allowed, "");
    }
}

/* ---- requests ---- */

static yyjson_doc *request(const char *method, const char *raw, const char *body)
{
    yyjson_doc *doc = NULL;
    assert_int_equal(find(method, raw), ROUTING_FOUND);
    const struct bytes bytes = {body, body ? strlen(body) : 0};
    return http_request_json(&match, &target, bytes, &doc, &err) ? doc : NULL;
}

static const char *written(const char *method, const char *raw, const char *body)
{
    AUTO_JSON doc = request(method, raw, body);
    char *text = doc ? yyjson_write(doc, 0, NULL) : NULL;
    const char *kept = arena_text(arena, text);
    free(text);
    return kept;
}

static void path_and_query_or_body_become_one_object(void **state)
{
    assert_string_equal(
        written("GET", "/api/v1/datasets/d/samples?limit=7&hard=true&label=7&score_min=0.5", NULL),
        "{\"dataset\":\"d\",\"limit\":7.0,\"hard\":true,\"label\":\"7\",\"score_min\":0.5}");
    assert_string_equal(written("POST", "/api/v1/services/s/restart?wait=3", "{\"resume\":true}"),
                        "{\"resume\":true,\"service\":\"s\"}");
    assert_string_equal(written("POST", "/api/v1/services/s/start", NULL), "{\"service\":\"s\"}");
    assert_string_equal(written("GET", "/api/v1/events?topics=tasks,services&topics=task:1", NULL),
                        "{\"topics\":[\"tasks\",\"services\",\"task:1\"]}");
}

static void what_is_said_twice_or_in_the_wrong_place_is_refused(void **state)
{
    static const struct {
        const char *method, *raw, *body, *pointer;
    } rows[] = {
        {"GET", "/api/v1/tasks?limit=1&limit=2", NULL, "/limit"},
        {"GET", "/api/v1/tasks/7?task=8", NULL, "/task"},
        {"POST", "/api/v1/services/s/start?task_id=1", "{}", "/task_id"},
        {"POST", "/api/v1/services/s/start", "{\"service\":\"t\"}", "/service"},
        {"POST", "/api/v1/datasets?wait=1", "{}", "/wait"},
        {"POST", "/api/v1/datasets", "[]", ""},
        {"POST", "/api/v1/datasets", "{\"a\":1}{}", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_null(request(rows[i].method, rows[i].raw, rows[i].body));
        assert_int_equal(err.code, ERR_INVALID);
        assert_string_equal(err.pointer, rows[i].pointer);
    }
}

static void depth_ends_at_its_limit(void **state)
{
    AUTO_BUFFER(body, ARENA_BYTES);
    for (int extra = 0; extra < 2; extra++) {
        buffer_clear(&body);
        (void)buffer_add_text(&body, "{\"a\":");
        for (int i = 1; i < HTTP_JSON_DEPTH_MAX + extra; i++)
            (void)buffer_add_text(&body, "[");
        for (int i = 1; i < HTTP_JSON_DEPTH_MAX + extra; i++)
            (void)buffer_add_text(&body, "]");
        (void)buffer_add_text(&body, "}");
        AUTO_JSON doc = request("POST", "/api/v1/datasets", body.data);
        assert_int_equal(doc != NULL, extra == 0);
    }
}

static void depth_of_a_query_ends_there_too(void **state)
{
    for (int extra = 0; extra < 2; extra++) {
        AUTO_BUFFER(raw, ARENA_BYTES);
        (void)buffer_add_text(&raw, "/api/v1/datasets/d/samples?filter={\"or\":");
        for (int i = 1; i < HTTP_JSON_DEPTH_MAX + extra; i++)
            (void)buffer_add_text(&raw, "[");
        for (int i = 1; i < HTTP_JSON_DEPTH_MAX + extra; i++)
            (void)buffer_add_text(&raw, "]");
        (void)buffer_add_text(&raw, "}");
        AUTO_JSON doc = request("GET", raw.data, NULL);
        assert_int_equal(doc != NULL, extra == 0);
        assert_string_equal(err.pointer, extra == 0 ? "" : "/filter");
    }
}

static void wait_is_understood_where_there_is_a_task(void **state)
{
    uint64_t seconds = 9;
    assert_int_equal(find("GET", "/api/v1/tasks/7?wait=60"), ROUTING_FOUND);
    assert_true(http_request_wait(&match, &target, &seconds, &err));
    assert_int_equal(seconds, API_WAIT_MAX_SECONDS);
    assert_int_equal(find("GET", "/api/v1/tasks/7"), ROUTING_FOUND);
    assert_true(http_request_wait(&match, &target, &seconds, &err));
    assert_int_equal(seconds, 0);
    static const char *const bad[] = {"/api/v1/tasks/7?wait=61",
                                      "/api/v1/tasks/7?wait=", "/api/v1/tasks/7?wait=-1",
                                      "/api/v1/tasks/7?wait=1.5"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(find("GET", bad[i]), ROUTING_FOUND);
        assert_false(http_request_wait(&match, &target, &seconds, &err));
        assert_string_equal(err.pointer, "/wait");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_route_finds_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_method_learns_what_is_allowed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(near_paths_are_not_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(path_and_query_or_body_become_one_object, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_said_twice_or_in_the_wrong_place_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(depth_ends_at_its_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(depth_of_a_query_ends_there_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wait_is_understood_where_there_is_a_task, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
