/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the server that need no sockets of HTTP: connections, long polls, the pool, metrics, gzip. */
#include "test.h"

#include "base/clock.h"
#include "http/connections.h"
#include "http/gzip.h"
#include "http/long_poll.h"
#include "http/metrics.h"
#include "http/request_pool.h"
#include "temp_folder.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

/* ---- connections ---- */

static struct sockaddr_in address_of(uint32_t number)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(0x7f000000U + number);
    return address;
}

static struct connection_entry *join(struct connections *connections, uint32_t number, int socket)
{
    struct sockaddr_in address = address_of(number);
    const struct sockaddr *any = (const struct sockaddr *)&address;
    return connections_may_join(connections, any) ? connections_join(connections, any, socket) : NULL;
}

static void connections_end_at_the_limit_of_all_and_of_one_address(void **state)
{
    const struct connections_limits limits = {.total = 4, .per_ip = 2, .head_seconds = 9, .body_seconds = 9};
    AUTO(connections) connections = connections_new(&limits);
    struct connection_entry *first = join(connections, 1, -1);
    assert_non_null(first);
    assert_non_null(join(connections, 1, -1));
    assert_null(join(connections, 1, -1));
    assert_non_null(join(connections, 2, -1));
    assert_non_null(join(connections, 3, -1));
    assert_null(join(connections, 4, -1));
    connections_leave(connections, first);
    assert_non_null(join(connections, 4, -1));
    assert_int_equal(connections_count(connections), 4);
}

static bool is_shut(int socket)
{
    char byte;
    return recv(socket, &byte, 1, MSG_DONTWAIT) == 0;
}

static void who_takes_too_long_is_shut(void **state)
{
    const struct connections_limits limits = {
        .total = 9, .per_ip = 9, .head_seconds = 10, .body_seconds = 20};
    AUTO(connections) connections = connections_new(&limits);
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    struct connection_entry *entry = join(connections, 1, pair[0]);
    double now = clock_steady_seconds();
    assert_int_equal(connections_sweep(connections, now + 9, false), 0);
    connections_enter(connections, entry, CONNECTION_REPLY);
    assert_int_equal(connections_sweep(connections, now + 1000, false), 0);
    assert_int_equal(connections_sweep(connections, now + 1, true), 0);
    connections_enter(connections, entry, CONNECTION_BODY);
    assert_int_equal(connections_sweep(connections, now + 15, false), 0);
    assert_false(is_shut(pair[1]));
    assert_int_equal(connections_sweep(connections, now + 21, false), 1);
    assert_true(is_shut(pair[1]));
    assert_int_equal(connections_sweep(connections, now + 22, false), 0);
    connections_leave(connections, entry);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static void idle_connections_can_be_shut_at_once(void **state)
{
    const struct connections_limits limits = {
        .total = 9, .per_ip = 9, .head_seconds = 10, .body_seconds = 20};
    AUTO(connections) connections = connections_new(&limits);
    (void)join(connections, 1, -1);
    assert_int_equal(connections_sweep(connections, clock_steady_seconds(), true), 1);
}

/* ---- long polls ---- */

static void count_ready(struct long_poll *poll)
{
    poll->until_seconds = -1;
}

static void a_poll_is_ready_when_its_task_ended_or_its_time(void **state)
{
    AUTO(long_polls) polls = long_polls_new(2);
    double now = clock_steady_seconds();
    struct long_poll a = {
        .task_id = "a", .since_seconds = now, .until_seconds = now + 100, .ready = count_ready};
    struct long_poll b = {
        .task_id = "b", .since_seconds = now, .until_seconds = now - 1, .ready = count_ready};
    struct long_poll c = a;
    struct task tasks[] = {{.id = "a", .state = "running"}, {.id = "b", .state = "running"}};
    assert_true(long_polls_add(polls, &a));
    assert_true(long_polls_add(polls, &b));
    assert_false(long_polls_add(polls, &c));
    long_polls_look(polls, tasks, 2, now + 1);
    assert_true(a.until_seconds > 0 && b.until_seconds < 0);
    tasks[0].state = "failed";
    long_polls_look(polls, tasks, 2, now - 1); /* read before it began to wait */
    assert_true(a.until_seconds > 0);
    long_polls_look(polls, tasks, 2, now + 1);
    assert_true(a.until_seconds < 0);
    assert_true(long_polls_add(polls, &c));
    long_polls_look(polls, NULL, 0, now + 1); /* what is not listed has ended */
    assert_true(c.until_seconds < 0);
}

static void at_the_end_all_polls_are_ready(void **state)
{
    AUTO(long_polls) polls = long_polls_new(2);
    double now = clock_steady_seconds();
    struct long_poll a = {
        .task_id = "a", .since_seconds = now, .until_seconds = now + 100, .ready = count_ready};
    assert_true(long_polls_add(polls, &a));
    long_polls_end(polls);
    assert_true(a.until_seconds < 0);
    assert_false(long_polls_add(polls, &a));
}

/* ---- the pool ---- */

struct counted_job {
    struct pool_job job;
    atomic_int *count;
    atomic_bool *gate;
    bool had_db;
};

static void run_job(struct pool_job *job, struct api *api)
{
    struct counted_job *counted = (struct counted_job *)(void *)job;
    while (counted->gate && !atomic_load(counted->gate))
        clock_sleep_ms(1);
    counted->had_db = api->db != NULL;
    atomic_fetch_add(counted->count, 1);
}

static void the_pool_runs_what_it_took_and_refuses_what_is_too_much(void **state)
{
    char folder[TEMP_PATH_BYTES], url[TEMP_PATH_BYTES + 32];
    struct error err = {0};
    struct api api = {0};
    struct request_pool *pool = NULL;
    atomic_int count = 0;
    atomic_bool gate = false;
    struct counted_job jobs[4];
    temp_folder_make(folder);
    (void)snprintf(url, sizeof(url), "sqlite:%s/x.db", folder);
    assert_true(db_open(url, &api.db, &err));
    assert_true(request_pool_start(&api, 1, &pool, &err));
    for (size_t i = 0; i < 4; i++)
        jobs[i] =
            (struct counted_job){.job = {.run = run_job}, .count = &count, .gate = i == 0 ? &gate : NULL};
    assert_true(request_pool_submit(pool, &jobs[0].job, 2));
    while (request_pool_waiting(pool) > 0)
        clock_sleep_ms(1);
    assert_true(request_pool_submit(pool, &jobs[1].job, 2));
    assert_true(request_pool_submit(pool, &jobs[2].job, 2));
    assert_false(request_pool_submit(pool, &jobs[3].job, 2));
    atomic_store(&gate, true);
    request_pool_end(pool);
    assert_int_equal(atomic_load(&count), 3);
    assert_true(jobs[0].had_db && jobs[2].had_db);
    assert_false(request_pool_submit(pool, &jobs[3].job, 2));
    pool = request_pool_free(pool);
    api.db = db_free(api.db);
    temp_folder_remove(folder);
}

static void a_private_database_is_refused(void **state)
{
    struct error err = {0};
    struct api api = {0};
    struct request_pool *pool = NULL;
    assert_true(db_open("sqlite::memory:", &api.db, &err));
    assert_false(request_pool_start(&api, 2, &pool, &err));
    assert_int_equal(err.code, ERR_INVALID);
    api.db = db_free(api.db);
}

/* ---- metrics, gzip ---- */

static void metrics_count_by_route_status_and_time(void **state)
{
    AUTO(http_metrics) metrics = http_metrics_new();
    AUTO_BUFFER(text, 1024 * 1024);
    struct error err = {0};
    const struct http_gauge gauges[] = {{"trommel_x", "Xs.", 2.5}, {NULL, NULL, 0}};
    http_metrics_request(metrics, all_routes[0], 200, 0.001);
    http_metrics_request(metrics, all_routes[0], 404, 0.2);
    http_metrics_request(metrics, NULL, 404, 99);
    http_metrics_request(metrics, server_routes[0], 0, 0);
    assert_true(http_metrics_write(metrics, gauges, &text, &err));
    static const char *const lines[] = {
        "trommel_http_requests_total{route=\"model.import\",status=\"2xx\"} 1\n",
        "trommel_http_requests_total{route=\"model.import\",status=\"4xx\"} 1\n",
        "trommel_http_requests_total{route=\"none\",status=\"4xx\"} 1\n",
        "trommel_http_requests_total{route=\"health.live\",status=\"5xx\"} 1\n",
        "trommel_http_request_duration_seconds_bucket{route=\"model.import\",le=\"0.005\"} 1\n",
        "trommel_http_request_duration_seconds_bucket{route=\"model.import\",le=\"0.25\"} 2\n",
        "trommel_http_request_duration_seconds_bucket{route=\"none\",le=\"30\"} 0\n",
        "trommel_http_request_duration_seconds_bucket{route=\"none\",le=\"+Inf\"} 1\n",
        "trommel_http_request_duration_seconds_count{route=\"model.import\"} 2\n",
        "# TYPE trommel_x gauge\ntrommel_x 2.5\n"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (!strstr(text.data, lines[i]))
            fail_msg("missing: %s", lines[i]);
}

static void what_was_compressed_reads_back(void **state)
{
    AUTO_BUFFER(small, 1024 * 1024);
    struct error err = {0};
    static char text[50000], back[sizeof(text) + 1];
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)("abcdefgh"[(i * i / 7) % 8]);
    assert_true(http_gzip((struct bytes){text, sizeof(text)}, &small, &err));
    assert_true(small.size < sizeof(text) / 2);
    z_stream stream = {.next_in = (Bytef *)small.data, .avail_in = (uInt)small.size};
    stream.next_out = (Bytef *)back;
    stream.avail_out = sizeof(back);
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, sizeof(text));
    assert_memory_equal(text, back, sizeof(text));
    (void)inflateEnd(&stream);
    AUTO_BUFFER(tiny, 10);
    assert_false(http_gzip((struct bytes){text, sizeof(text)}, &tiny, &err));
    assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_end_at_the_limit_of_all_and_of_one_address),
        cmocka_unit_test(who_takes_too_long_is_shut),
        cmocka_unit_test(idle_connections_can_be_shut_at_once),
        cmocka_unit_test(a_poll_is_ready_when_its_task_ended_or_its_time),
        cmocka_unit_test(at_the_end_all_polls_are_ready),
        cmocka_unit_test(the_pool_runs_what_it_took_and_refuses_what_is_too_much),
        cmocka_unit_test(a_private_database_is_refused),
        cmocka_unit_test(metrics_count_by_route_status_and_time),
        cmocka_unit_test(what_was_compressed_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
