/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "client/client.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ARENA_BYTES = 64 * 1024, URL_BYTES = 64, REQUEST_BYTES = 1024 };

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
    static const char *const bodies[] = {
        "", "<html>", "[]", "\"x\"", "{\"type\":\"urn:trommel:problem:\"", "{}", "{\"detail\":\"\"}"};
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

static void a_password_is_for_tls_or_this_machine_only(void **state)
{
    struct error err = {0};
    struct client *client = NULL;
    const struct client_options clear = {.url = "http://host", .is_secret = true};
    assert_false(client_open(&clear, &client, &err));
    assert_int_equal(err.code, ERR_DENIED);
    const struct client_options here = {.url = "http://127.0.0.1:1", .is_secret = true};
    assert_true(client_open(&here, &client, &err));
    client = client_free(client);
}

/* ---- a server that says what it is told to say ---- */

struct stub {
    int listening;
    const char *const *replies; /* NULL-ended; one a connection */
    char url[URL_BYTES], request[REQUEST_BYTES];
    int asked;
    pthread_t thread;
};

static void *serve(void *argument)
{
    struct stub *stub = argument;
    for (; stub->replies[stub->asked]; stub->asked++) {
        size_t used = 0;
        ssize_t bytes = 1;
        int peer = accept(stub->listening, NULL, NULL);
        if (peer < 0)
            return NULL;
        memset(stub->request, 0, sizeof(stub->request));
        while (bytes > 0 && used < sizeof(stub->request) - 1 && !strstr(stub->request, "\r\n\r\n")) {
            bytes = read(peer, stub->request + used, sizeof(stub->request) - 1 - used);
            used += bytes > 0 ? (size_t)bytes : 0;
        }
        (void)!write(peer, stub->replies[stub->asked], strlen(stub->replies[stub->asked]));
        (void)close(peer);
    }
    return NULL;
}

static void start(struct stub *stub, const char *const *replies)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t bytes = sizeof(address);
    *stub = (struct stub){.listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .replies = replies};
    assert_int_equal(bind(stub->listening, (struct sockaddr *)&address, bytes), 0);
    assert_int_equal(listen(stub->listening, 8), 0);
    assert_int_equal(getsockname(stub->listening, (struct sockaddr *)&address, &bytes), 0);
    (void)snprintf(stub->url, sizeof(stub->url), "http://127.0.0.1:%u", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&stub->thread, NULL, serve, stub), 0);
}

/* How many replies were given. */
static int stop(struct stub *stub)
{
    (void)shutdown(stub->listening, SHUT_RDWR);
    (void)pthread_join(stub->thread, NULL);
    (void)close(stub->listening);
    return stub->asked;
}

static bool ask(const struct stub *stub, const struct client_request *request, struct client_reply *reply,
                struct error *err)
{
    const struct client_options options = {.url = stub->url, .token = "t0ken", .seconds = 20};
    struct client *client = NULL;
    if (!client_open(&options, &client, err))
        return false;
    bool is_done = client_ask(client, request, reply, err);
    client = client_free(client);
    return is_done;
}

static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf";
static const char whole[] = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nthewhole";

static bool take(void *state, const char *content_type, const void *data, size_t bytes)
{
    return buffer_add(state, data, bytes);
}

static void a_broken_reply_is_asked_for_again(void **state)
{
    const char *const replies[] = {half, whole, NULL};
    struct client_reply reply = {0};
    struct error err = {0};
    struct stub stub;
    start(&stub, replies);
    if (!ask(&stub, &(struct client_request){.method = "GET", .target = "/x"}, &reply, &err))
        fail_msg("%s", err.message);
    assert_int_equal(reply.body.size, 8);
    assert_memory_equal(reply.body.data, "thewhole", 8);
    assert_non_null(strstr(stub.request, "\r\nAuthorization: Bearer t0ken\r\n"));
    buffer_release(&reply.body);
    assert_int_equal(stop(&stub), 2);
}

static void what_was_taken_does_not_come_twice(void **state)
{
    const char *const replies[] = {half, whole, NULL};
    AUTO_BUFFER(taken, ARENA_BYTES);
    struct client_reply reply = {0};
    struct error err = {0};
    struct stub stub;
    start(&stub, replies);
    const struct client_request request = {
        .method = "GET", .target = "/x", .take = take, .take_state = &taken};
    assert_false(ask(&stub, &request, &reply, &err));
    assert_int_equal(err.code, ERR_UNREACHABLE);
    assert_int_equal(taken.size, 4);
    assert_int_equal(stop(&stub), 1);
}

static void what_changes_something_is_not_sent_twice(void **state)
{
    const char *const replies[] = {half, whole, NULL};
    struct client_reply reply = {0};
    struct error err = {0};
    struct stub stub;
    start(&stub, replies);
    assert_false(ask(&stub, &(struct client_request){.method = "POST", .target = "/x"}, &reply, &err));
    assert_int_equal(err.code, ERR_UNCERTAIN);
    assert_int_equal(stop(&stub), 1);
}

static void no_proxy_hears_what_is_said_to_this_machine(void **state)
{
    const char *const replies[] = {whole, NULL};
    struct client_reply reply = {0};
    struct error err = {0};
    struct stub server, proxy;
    start(&server, replies);
    start(&proxy, replies);
    assert_int_equal(setenv("http_proxy", proxy.url, 1), 0);
    bool is_done = ask(&server, &(struct client_request){.method = "GET", .target = "/x"}, &reply, &err);
    assert_int_equal(unsetenv("http_proxy"), 0);
    assert_true(is_done);
    buffer_release(&reply.body);
    assert_int_equal(stop(&proxy), 0);
    assert_int_equal(stop(&server), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_becomes_the_error_that_the_server_had),
        cmocka_unit_test(every_detail_and_kind_comes_back),
        cmocka_unit_test(what_explains_nothing_is_told_by_its_status),
        cmocka_unit_test(urls_of_servers_are_told_from_others),
        cmocka_unit_test(a_token_is_for_tls_or_this_machine_only),
        cmocka_unit_test(a_password_is_for_tls_or_this_machine_only),
        cmocka_unit_test(a_broken_reply_is_asked_for_again),
        cmocka_unit_test(what_was_taken_does_not_come_twice),
        cmocka_unit_test(what_changes_something_is_not_sent_twice),
        cmocka_unit_test(no_proxy_hears_what_is_said_to_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
