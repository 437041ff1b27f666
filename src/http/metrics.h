/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics: what the server counts about itself, written as Prometheus text. Threads: all functions may be
 * called by any. */
#ifndef HTTP_METRICS_H
#define HTTP_METRICS_H

#include "api/api.h"

struct http_metrics;
struct http_metrics *http_metrics_new(void); /* NULL: memory is out */
struct http_metrics *http_metrics_free(struct http_metrics *metrics);
/* `route` NULL: the request met none. */
void http_metrics_request(struct http_metrics *metrics, const struct route *route, int status,
                          double seconds);

struct http_gauge {
    const char *name, *help;
    double value;
};
/* `gauges` ends with a NULL name. */
MUST_CHECK bool http_metrics_write(const struct http_metrics *metrics, const struct http_gauge *gauges,
                                   struct buffer *into, struct error *err);

DEFINE_AUTO(http_metrics)

#endif
