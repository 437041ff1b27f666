/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "cli/transport.h"
#include "http/request_json.h"

#include <string.h>

enum { ARENA_BYTES = 4 * 1024 * 1024 };

static struct http_words words_of(struct arena *arena, const char *route, const char *request)
{
    AUTO_JSON doc = yyjson_read(request, strlen(request), 0);
    struct http_words words = {0};
    struct error err = {0};
    assert_non_null(doc);
    if (!transport_words(arena, route_find(route), yyjson_doc_get_root(doc), &words, &err))
        fail_msg("%s: %s", route, err.message);
    return words;
}

/* What the server makes of it. */
static yyjson_doc *understood(struct arena *arena, const char *route, const struct http_words *words)
{
    struct http_target target = {0};
    struct http_match match = {0};
    char allowed[HTTP_ALLOW_BYTES];
    struct error err = {0};
    yyjson_doc *doc = NULL;
    const struct bytes body = {words->body, words->body ? strlen(words->body) : 0};
    if (!http_target_parse(words->target, arena, &target, &err))
        fail_msg("%s: %s", words->target, err.message);
    assert_int_equal(http_route(words->method, &target, &match, allowed), ROUTING_FOUND);
    assert_string_equal(match.route->name, route);
    if (!http_request_json(&match, &target, body, &doc, &err))
        fail_msg("%s: %s", words->target, err.message);
    return doc;
}

static void the_server_reads_what_was_meant(void **state)
{
    static const struct {
        const char *route, *request;
        bool has_body;
    } rows[] = {
        {"samples.list", "{\"dataset\":\"a/b c%d+e\",\"limit\":7.0,\"hard\":true,\"score_min\":0.25}", false},
        {"samples.list", "{\"dataset\":\"d\",\"filter\":{\"not\":{\"label\":\"cat & d\u00f6g=?#\"}}}", false},
        {"samples.list", "{\"dataset\":\"d\",\"label\":\"\"}", false},
        {"task.show", "{\"task\":\"7\"}", false},
        {"dataset.delete", "{\"dataset\":\"..\\u0020\"}", false},
        {"dataset.create", "{\"name\":\"n\",\"labels\":[\"a,b\",\"c\"]}", true},
        {"service.start", "{\"service\":\"s\"}", true},
        {"service.restart", "{\"service\":\"s\",\"resume\":true}", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO(arena) arena = arena_new(ARENA_BYTES);
        const struct http_words words = words_of(arena, rows[i].route, rows[i].request);
        AUTO_JSON meant = yyjson_read(rows[i].request, strlen(rows[i].request), 0);
        AUTO_JSON doc = understood(arena, rows[i].route, &words);
        assert_int_equal(words.body != NULL, rows[i].has_body);
        if (!yyjson_equals(yyjson_doc_get_root(meant), yyjson_doc_get_root(doc)))
            fail_msg("%s became %s %s", rows[i].request, words.target, words.body ? words.body : "");
    }
}

static void members_without_a_value_are_left_out(void **state)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    assert_string_equal(words_of(arena, "samples.list", "{\"dataset\":\"d\",\"label\":null}").target,
                        "/api/v1/datasets/d/samples");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_server_reads_what_was_meant),
                                       cmocka_unit_test(members_without_a_value_are_left_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
