/* SPDX-License-Identifier: Apache-2.0 */
#include "http/metrics.h"

#include "base/text.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { CLASSES = 5, BUCKETS = 8 };

static const double bucket_seconds[BUCKETS] = {0.005, 0.02, 0.1, 0.25, 0.5, 1, 5, 30};

struct route_counts {
    const struct route *route; /* NULL: none */
    atomic_uint_fast64_t by_class[CLASSES], by_bucket[BUCKETS + 1], microseconds;
};

struct http_metrics {
    size_t count;
    struct route_counts routes[]; /* the first: no route */
};

static size_t table_size(const struct route *const *table)
{
    size_t count = 0;
    while (table[count])
        count++;
    return count;
}

struct http_metrics *http_metrics_new(void)
{
    size_t native = table_size(all_routes), own = table_size(server_routes), count = 1 + native + own;
    struct http_metrics *metrics = calloc(1, sizeof(*metrics) + count * sizeof(struct route_counts));
    if (!metrics)
        return NULL;
    metrics->count = count;
    for (size_t i = 0; i < native; i++)
        metrics->routes[1 + i].route = all_routes[i];
    for (size_t i = 0; i < own; i++)
        metrics->routes[1 + native + i].route = server_routes[i];
    return metrics;
}

struct http_metrics *http_metrics_free(struct http_metrics *metrics)
{
    free(metrics);
    return NULL;
}

void http_metrics_request(struct http_metrics *metrics, const struct route *route, int status, double seconds)
{
    size_t at = 0, bucket = 0;
    while (at + 1 < metrics->count && metrics->routes[at].route != route)
        at++;
    while (bucket < BUCKETS && seconds > bucket_seconds[bucket])
        bucket++;
    int class = status >= 100 && status < 600 ? status / 100 - 1 : 4;
    struct route_counts *counts = &metrics->routes[at];
    atomic_fetch_add(&counts->by_class[class], 1);
    atomic_fetch_add(&counts->by_bucket[bucket], 1);
    atomic_fetch_add(&counts->microseconds, (uint64_t)(seconds * 1e6));
}

static const char *name_of(const struct route_counts *counts)
{
    return counts->route ? counts->route->name : "none";
}

static void write_requests(const struct http_metrics *metrics, struct buffer *into)
{
    (void)buffer_add_text(into, "# HELP trommel_http_requests_total Requests answered.\n"
                                "# TYPE trommel_http_requests_total counter\n");
    for (size_t i = 0; i < metrics->count; i++)
        for (int class = 0; class < CLASSES; class ++) {
            uint64_t count = atomic_load(&metrics->routes[i].by_class[class]);
            if (count > 0)
                (void)buffer_printf(into, "trommel_http_requests_total{route=\"%s\",status=\"%dxx\"} %llu\n",
                                    name_of(&metrics->routes[i]), class + 1, (unsigned long long)count);
        }
}

static void write_histogram(const struct route_counts *counts, struct buffer *into)
{
    static const char name[] = "trommel_http_request_duration_seconds";
    uint64_t sum = 0;
    char text[TEXT_NUMBER_BYTES];
    for (size_t i = 0; i <= BUCKETS; i++)
        sum += atomic_load(&counts->by_bucket[i]);
    if (sum == 0)
        return;
    sum = 0;
    for (size_t i = 0; i <= BUCKETS; i++) {
        sum += atomic_load(&counts->by_bucket[i]);
        (void)buffer_printf(into, "%s_bucket{route=\"%s\",le=\"%s\"} %llu\n", name, name_of(counts),
                            i < BUCKETS ? text_of_double(bucket_seconds[i], text) : "+Inf",
                            (unsigned long long)sum);
    }
    (void)buffer_printf(into, "%s_sum{route=\"%s\"} %s\n%s_count{route=\"%s\"} %llu\n", name, name_of(counts),
                        text_of_double((double)atomic_load(&counts->microseconds) / 1e6, text), name,
                        name_of(counts), (unsigned long long)sum);
}

bool http_metrics_write(const struct http_metrics *metrics, const struct http_gauge *gauges,
                        struct buffer *into, struct error *err)
{
    char text[TEXT_NUMBER_BYTES];
    write_requests(metrics, into);
    (void)buffer_add_text(into,
                          "# HELP trommel_http_request_duration_seconds From the head to the end of the "
                          "reply.\n# TYPE trommel_http_request_duration_seconds histogram\n");
    for (size_t i = 0; i < metrics->count; i++)
        write_histogram(&metrics->routes[i], into);
    for (; gauges->name; gauges++)
        (void)buffer_printf(into, "# HELP %s %s\n# TYPE %s gauge\n%s %s\n", gauges->name, gauges->help,
                            gauges->name, gauges->name, text_of_double(gauges->value, text));
    (void)buffer_printf(into,
                        "# HELP trommel_build_info The program.\n# TYPE trommel_build_info gauge\n"
                        "trommel_build_info{version=\"%s\"} 1\n",
                        TROMMEL_VERSION);
    return buffer_check(into, "the metrics", err);
}
