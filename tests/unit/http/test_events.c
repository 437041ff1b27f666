/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "http/events.h"

#include <stdlib.h>
#include <string.h>

enum { KEPT = 4, EPOCH = 0xabc };

struct fixture {
    struct http_events *events;
    struct http_stream *stream;
    int suspended, resumed;
    char text[8192];
    struct error err;
};

static void suspend(void *connection)
{
    ((struct fixture *)connection)->suspended++;
}

static void resume(void *connection)
{
    ((struct fixture *)connection)->resumed++;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    assert_non_null(fixture->events = http_events_new(EPOCH, KEPT));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    (void)http_stream_close(fixture->stream);
    (void)http_events_free(fixture->events);
    free(fixture);
    return 0;
}

static bool open_stream(struct fixture *fixture, const char *topics, const char *last)
{
    const struct stream_wish wish = {
        .project_id = "0", .topics = topics, .last_event_id = last, .waiter = {suspend, resume, fixture}};
    fixture->stream = http_stream_close(fixture->stream);
    return http_stream_open(fixture->events, &wish, &fixture->stream, &fixture->err);
}

/* All that the stream says now. */
static const char *said_at(struct fixture *fixture, double seconds)
{
    size_t used = 0;
    ssize_t bytes;
    while ((bytes = http_stream_read(fixture->stream, fixture->text + used, 7, seconds)) > 0)
        used += (size_t)bytes;
    fixture->text[used] = '\0';
    return fixture->text;
}

static const char *said(struct fixture *fixture)
{
    return said_at(fixture, 0);
}

static void add(struct fixture *fixture, const char *kind, const char *id, const char *subject)
{
    http_events_add(fixture->events, &(struct http_event){kind, id, subject, "{}", "0"});
}

static void a_stream_begins_now_and_tells_what_comes(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "task", "t0", "s");
    assert_true(open_stream(fixture, NULL, NULL));
    assert_string_equal(said(fixture), "retry: 2000\n\n");
    assert_int_equal(fixture->suspended, 1);
    add(fixture, "task", "t1", "s");
    http_events_wake(fixture->events, 0);
    assert_int_equal(fixture->resumed, 1);
    assert_string_equal(said(fixture), "id: abc-2\nevent: task\ndata: {}\n\n");
    http_events_wake(fixture->events, 0);
    assert_int_equal(fixture->resumed, 1);
}

static void an_event_that_is_too_long_becomes_a_reset(void **state)
{
    struct fixture *fixture = *state;
    char json[HTTP_EVENT_MAX_BYTES + 1];
    memset(json, ' ', sizeof(json) - 1);
    json[sizeof(json) - 1] = '\0';
    assert_true(open_stream(fixture, NULL, NULL));
    (void)said(fixture);
    http_events_add(fixture->events, &(struct http_event){"task", "t", "", json, "0"});
    assert_string_equal(said(fixture), "event: reset\ndata: {}\n\n");
}

static void a_stream_tells_only_what_is_of_its_project(void **state)
{
    struct fixture *fixture = *state;
    const struct stream_wish wish = {"tasks", NULL, {suspend, resume, fixture}, "p2"};
    fixture->stream = http_stream_close(fixture->stream);
    assert_true(http_stream_open(fixture->events, &wish, &fixture->stream, &fixture->err));
    (void)said(fixture);
    http_events_add(fixture->events, &(struct http_event){"task", "mine", "", "{\"n\":1}", "p2"});
    http_events_add(fixture->events, &(struct http_event){"task", "theirs", "", "{\"n\":2}", "0"});
    http_events_add(fixture->events, &(struct http_event){"task", "p2", "p2", "{\"n\":3}", "p22"});
    const char *text = said(fixture);
    assert_non_null(strstr(text, "{\"n\":1}"));
    assert_null(strstr(text, "{\"n\":2}"));
    assert_null(strstr(text, "{\"n\":3}"));
}

static void topics_choose(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *topics;
        bool task, service;
    } rows[] = {{"", true, true},
                {"tasks", true, false},
                {"services", false, true},
                {"task:t1", true, false},
                {"task:t", false, false},
                {"service:s1", true, true},
                {"service:s", false, false},
                {"tasks,services", true, true},
                {",,task:t2,", false, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(open_stream(fixture, rows[i].topics, NULL));
        (void)said(fixture);
        add(fixture, "task", "t1", "s1");
        add(fixture, "service", "s1", "");
        const char *text = said(fixture);
        if ((strstr(text, "event: task") != NULL) != rows[i].task ||
            (strstr(text, "event: service") != NULL) != rows[i].service)
            fail_msg("'%s': %s", rows[i].topics, text);
    }
    assert_false(open_stream(fixture, "nonsense", NULL));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_false(open_stream(fixture, "task:", NULL));
}

static void what_was_missed_is_told_again_while_it_is_kept(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < KEPT + 2; i++) /* 1 to 6, of which 3 to 6 are kept */
        add(fixture, "task", "t", "");
    assert_true(open_stream(fixture, NULL, "abc-2"));
    const char *text = said(fixture);
    assert_null(strstr(text, "reset"));
    assert_non_null(strstr(text, "id: abc-3\n"));
    assert_non_null(strstr(text, "id: abc-6\n"));
    assert_true(open_stream(fixture, NULL, "abc-6"));
    assert_string_equal(said(fixture), "retry: 2000\n\n");
    static const char *const lost[] = {"abc-1", "abc-7",  "abd-6",  "abc-",
                                       "6",     "abc--1", "abc-6x", "abc-99999999999999999999"};
    for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
        assert_true(open_stream(fixture, NULL, lost[i]));
        if (strcmp(said(fixture), "retry: 2000\n\nevent: reset\ndata: {}\n\n") != 0)
            fail_msg("%s: %s", lost[i], fixture->text);
    }
}

static void who_reads_too_slowly_gets_a_reset(void **state)
{
    struct fixture *fixture = *state;
    assert_true(open_stream(fixture, NULL, NULL));
    (void)said(fixture);
    for (int i = 0; i < KEPT + 1; i++)
        add(fixture, "task", "t", "");
    assert_string_equal(said(fixture), "event: reset\ndata: {}\n\n");
    add(fixture, "task", "t", "");
    assert_non_null(strstr(said(fixture), "id: abc-6\n"));
}

static void a_heartbeat_comes_after_a_time_without_words(void **state)
{
    struct fixture *fixture = *state;
    assert_true(open_stream(fixture, NULL, NULL));
    (void)said_at(fixture, 100);
    http_events_wake(fixture->events, 100 + HTTP_HEARTBEAT_SECONDS - 1);
    assert_int_equal(fixture->resumed, 0);
    http_events_wake(fixture->events, 100 + HTTP_HEARTBEAT_SECONDS);
    assert_int_equal(fixture->resumed, 1);
    assert_string_equal(said_at(fixture, 100 + HTTP_HEARTBEAT_SECONDS), "event: heartbeat\ndata: {}\n\n");
}

static void events_of_other_projects_are_not_told(void **state)
{
    struct fixture *fixture = *state;
    assert_true(open_stream(fixture, NULL, NULL));
    (void)said(fixture);
    http_events_add(fixture->events, &(struct http_event){"task", "theirs", "s", "{}", "1"});
    http_events_add(fixture->events, &(struct http_event){"service", "s", "", "{}", "1"});
    assert_string_equal(said(fixture), "");
    assert_true(open_stream(fixture, "task:theirs,service:s", "abc-0"));
    assert_null(strstr(said(fixture), "event: task"));
    http_events_add(fixture->events, &(struct http_event){"task", "ours", "s", "{}", "0"});
    assert_non_null(strstr(said(fixture), "event: task"));
}

static void streams_end_at_their_limit_and_with_the_server(void **state)
{
    struct fixture *fixture = *state;
    struct http_stream *streams[HTTP_STREAMS_MAX];
    const struct stream_wish wish = {.waiter = {suspend, resume, fixture}};
    for (int i = 0; i < HTTP_STREAMS_MAX; i++)
        assert_true(http_stream_open(fixture->events, &wish, &streams[i], &fixture->err));
    assert_false(open_stream(fixture, NULL, NULL));
    assert_int_equal(fixture->err.code, ERR_LIMIT);
    (void)http_stream_close(streams[0]);
    assert_true(open_stream(fixture, NULL, NULL));
    (void)said(fixture);
    http_events_end(fixture->events);
    assert_int_equal(fixture->resumed, 1);
    assert_int_equal(http_stream_read(fixture->stream, fixture->text, 10, 0), -1);
    for (int i = 1; i < HTTP_STREAMS_MAX; i++)
        (void)http_stream_close(streams[i]);
    fixture->stream = http_stream_close(fixture->stream);
    assert_int_equal(http_events_streams(fixture->events), 0);
    assert_false(open_stream(fixture, NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(a_stream_begins_now_and_tells_what_comes),
        TEST_CASE(an_event_that_is_too_long_becomes_a_reset),
        TEST_CASE(a_stream_tells_only_what_is_of_its_project),
        TEST_CASE(topics_choose),
        TEST_CASE(what_was_missed_is_told_again_while_it_is_kept),
        TEST_CASE(who_reads_too_slowly_gets_a_reset),
        TEST_CASE(a_heartbeat_comes_after_a_time_without_words),
        TEST_CASE(events_of_other_projects_are_not_told),
        TEST_CASE(streams_end_at_their_limit_and_with_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
