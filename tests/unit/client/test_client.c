/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "client/client.h"

#include <stdio.h>
#include <string.h>

enum { ARENA_BYTES = 64 * 1024 };

static struct error told(int status, const char *body)
{
    struct error err = {0};
    assert_false(client_problem(status, (struct bytes){body, strlen(body)}, &err));
    return err;
}

static void a_problem_becomes_the_error_that_the_server_had(void **state)
{
    struct error err =
        told(404, "{\"type\":\"urn:trommel:problem:model-not-found\",\"detail\":\"no model 'x'\","
                  "\"errors\":[{\"pointer\":\"/model\"}]}");
    assert_int_equal(err.detail, DETAIL_MODEL_NOT_FOUND);
    assert_int_equal(error_kind(err.code)->exit_code, 5);
    assert_string_equal(err.message, "no model 'x'");
    assert_string_equal(err.pointer, "/model");
}

static void every_detail_and_kind_comes_back(void **state)
{
    char body[256];
    for (int detail = DETAIL_NONE + 1; detail < DETAIL_COUNT; detail++) {
        const struct error_detail_row *row = error_detail_row((enum error_detail)detail);
        (void)snprintf(body, sizeof(body), "{\"type\":\"urn:trommel:problem:%s\",\"detail\":\"d\"}",
                       row->name);
        struct error err = told(error_kind(row->code)->http_status, body);
        assert_int_equal(err.detail, detail);
        assert_int_equal(err.code, row->code);
    }
    for (int code = ERR_NONE + 1; code < ERR_CODE_COUNT; code++) {
        const struct error_kind *kind = error_kind((enum error_code)code);
        (void)snprintf(body, sizeof(body), "{\"type\":\"urn:trommel:problem:%s\",\"detail\":\"d\"}",
                       kind->name);
        assert_int_equal(told(kind->http_status, body).code, code);
    }
}

static void what_explains_nothing_is_told_by_its_status(void **state)
{
    static const struct {
        int status, exit_code;
    } known[] = {{400, 2},  {401, 4}, {403, 4},  {404, 5},  {405, 2}, {409, 6}, {412, 6},
                 {413, 10}, {422, 2}, {429, 10}, {431, 10}, {500, 8}, {502, 1}, {503, 1}};
    static const char *const bodies[] = {"", "<html>", "[]", "\"x\"", "{\"type\":\"urn:trommel:problem:\""};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        for (size_t b = 0; b < sizeof(bodies) / sizeof(bodies[0]); b++) {
            struct error err = told(known[i].status, bodies[b]);
            assert_int_equal(error_kind(err.code)->exit_code, known[i].exit_code);
            assert_true(err.message[0] != '\0');
        }
}

static void urls_of_servers_are_told_from_others(void **state)
{
    static const char *const good[] = {"http://127.0.0.1:8080", "https://host", "https://host:8443/",
                                       "http://[::1]:80", "https://host/base"};
    static const char *const bad[] = {"",
                                      "host:8080",
                                      "ftp://host",
                                      "https://u@host",
                                      "https://u:p@h",
                                      "https://host/?a=b",
                                      "https://host/#x",
                                      "file:///etc"};
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    struct error err = {0};
    char *url = NULL;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(client_check_url(good[i], arena, &url, &err));
        assert_true(url[strlen(url) - 1] != '/');
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(client_check_url(bad[i], arena, &url, &err));
        assert_int_equal(err.code, ERR_INVALID);
    }
}

static void a_token_is_for_tls_or_this_machine_only(void **state)
{
    static const struct {
        const char *url;
        bool may;
    } known[] = {{"https://host", true},    {"http://127.0.0.1:1", true}, {"http://localhost:1", true},
                 {"http://[::1]:1", true},  {"http://host", false},       {"http://127.0.0.1.host", false},
                 {"http://10.0.0.1", false}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        struct error err = {0};
        const struct client_options options = {.url = known[i].url, .token = "t"};
        struct client *client = NULL;
        bool is_open = client_open(&options, &client, &err);
        client = client_free(client);
        if (is_open != known[i].may)
            fail_msg("%s", known[i].url);
        assert_true(is_open || err.code == ERR_DENIED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_becomes_the_error_that_the_server_had),
        cmocka_unit_test(every_detail_and_kind_comes_back),
        cmocka_unit_test(what_explains_nothing_is_told_by_its_status),
        cmocka_unit_test(urls_of_servers_are_told_from_others),
        cmocka_unit_test(a_token_is_for_tls_or_this_machine_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
